"""Fixes on the host of a container: how it is started with a GPU, by the program that runs it."""

from __future__ import annotations

from ..report import Fix
from ..subject import Subject

TOOLKIT = "NVIDIA's container toolkit (docs.nvidia.com/datacenter/cloud-native/container-toolkit)"


def start_with_gpu(subject: Subject) -> tuple[Fix, ...]:
    """A container that was started without GPUs."""
    kind = (subject.host.container or "").lower()
    return _BY_KIND.get(kind, _in_other)(subject)


def _in_docker(subject: Subject) -> tuple[Fix, ...]:
    start = Fix(
        title="On the host, start the container anew with the GPUs",
        commands=("docker run --gpus all IMAGE",),
        where="host",
    )
    compose = Fix(
        title=(
            "With Docker Compose: give the service `deploy: {resources: {reservations: {devices: [{driver: "
            "nvidia, count: all, capabilities: [gpu]}]}}}`, then make it anew"
        ),
        commands=("docker compose up --force-recreate",),
        where="host",
    )
    if subject.host.wsl:
        desktop = Fix(
            title=(
                "Docker Desktop has to use its WSL 2 backend (Settings, General), and Windows an NVIDIA "
                "driver"
            ),
            where="host",
        )
        return (start, compose, desktop)
    return (start, compose, _install_toolkit("docker"))


def _install_toolkit(runtime: str) -> Fix:
    return Fix(
        title=(
            f"Where {runtime} then knows no such device or driver, the host lacks {TOOLKIT}: install it, "
            f"tell {runtime} of it, and start {runtime} again"
        ),
        commands=(
            f"sudo nvidia-ctk runtime configure --runtime={runtime}",
            f"sudo systemctl restart {runtime}",
        ),
        where="host",
    )


def _in_podman(subject: Subject) -> tuple[Fix, ...]:
    return (
        Fix(
            title="On the host, start the container anew with the GPUs",
            commands=("podman run --device nvidia.com/gpu=all --security-opt=label=disable IMAGE",),
            where="host",
        ),
        Fix(
            title=(
                f"Where podman knows no such device, the host lacks {TOOLKIT} or its list of devices, which "
                "is made anew after each update of the driver"
            ),
            commands=("sudo nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml",),
            where="host",
        ),
    )


def _in_kubernetes(subject: Subject) -> tuple[Fix, ...]:
    return (
        Fix(
            title=(
                'Ask for a GPU in the pod\'s resources (`limits: {"nvidia.com/gpu": 1}`); in JupyterHub '
                "choose a profile with a GPU, or its administrator sets "
                'c.KubeSpawner.extra_resource_limits = {"nvidia.com/gpu": "1"}'
            ),
            where="host",
        ),
        Fix(
            title="Where no node offers any, NVIDIA's device plugin or GPU operator is missing on the nodes",
            commands=("kubectl describe nodes | grep nvidia.com/gpu",),
            where="host",
        ),
    )


def _in_apptainer(subject: Subject) -> tuple[Fix, ...]:
    program = (subject.host.container or "apptainer").lower()
    return (
        Fix(
            title="On the host, start the container with --nv, which takes the host's driver into it",
            commands=(f"{program} exec --nv IMAGE.sif jupyter lab",),
            where="host",
        ),
        Fix(title="On a cluster, the job itself has to ask the scheduler for a GPU", where="host"),
    )


def _in_other(subject: Subject) -> tuple[Fix, ...]:
    return (
        Fix(
            title=(
                "On the host, start the container with the GPU's device nodes (/dev/nvidia*) and the "
                f"driver's libraries; {TOOLKIT} does both"
            ),
            where="host",
        ),
    )


_BY_KIND = {
    "docker": _in_docker,
    "containerd": _in_docker,
    "podman": _in_podman,
    "kubernetes": _in_kubernetes,
    "apptainer": _in_apptainer,
    "singularity": _in_apptainer,
}


def give_capabilities(subject: Subject) -> tuple[Fix, ...]:
    """A container that got the device, but not the driver's libraries for computing."""
    kind = (subject.host.container or "").lower()
    if kind in ("apptainer", "singularity"):
        return _in_apptainer(subject)
    image = Fix(
        title="Or say so in the image itself",
        commands=(
            "ENV NVIDIA_VISIBLE_DEVICES=all",
            "ENV NVIDIA_DRIVER_CAPABILITIES=compute,utility",
        ),
        where="host",
    )
    if kind == "kubernetes":
        pod = Fix(
            title=(
                "Set NVIDIA_DRIVER_CAPABILITIES=compute,utility in the pod's environment, and start it anew"
            ),
            where="host",
        )
        return (pod, image)
    if kind == "podman":
        return (*_in_podman(subject), image)
    start = Fix(
        title=(
            "On the host, start the container anew with the GPUs and the driver's libraries for computing; a "
            "device alone (--device, --privileged) brings none"
        ),
        commands=("docker run --gpus all -e NVIDIA_DRIVER_CAPABILITIES=compute,utility IMAGE",),
        where="host",
    )
    return (start, image, _install_toolkit("docker")) if kind == "docker" else (start, image)


def update_toolkit(subject: Subject, toolkit: str, desktop: str) -> tuple[Fix, ...]:
    """``toolkit``, ``desktop``: the first releases of the container toolkit and Docker Desktop that know all
    of the driver's libraries."""
    return (
        Fix(
            title=f"Update Docker Desktop to {desktop} or newer and start the container anew",
            where="host",
        ),
        Fix(
            title=f"Without Docker Desktop: update NVIDIA's container toolkit in WSL2 to {toolkit} or newer",
            commands=(
                "sudo apt-get update && sudo apt-get install --only-upgrade nvidia-container-toolkit",
                "sudo systemctl restart docker",
            ),
            where="host",
        ),
    )


def open_nodes(subject: Subject) -> tuple[Fix, ...]:
    """A container whose user may not open the nodes that it was given."""
    if (subject.host.container or "").lower() == "podman":
        return (
            Fix(
                title="On the host, start the container anew without SELinux labels, with its user's groups",
                commands=(
                    "podman run --device nvidia.com/gpu=all --security-opt=label=disable"
                    " --group-add keep-groups IMAGE",
                ),
                where="host",
            ),
        )
    return (*start_with_gpu(subject)[:1], *restart_container(subject)[:1])


def restart_container(subject: Subject) -> tuple[Fix, ...]:
    """A running container that lost its right to the GPUs, as when systemd reloads its units (NVIDIA's
    container toolkit, troubleshooting)."""
    return (
        Fix(title="Start the container again: a running one cannot get its GPUs back", where="host"),
        Fix(
            title=(
                "So that it does not happen again: let Docker's cgroups be kept by cgroupfs "
                '("exec-opts": ["native.cgroupdriver=cgroupfs"] in /etc/docker/daemon.json), or name each '
                "node with --device as well"
            ),
            where="host",
        ),
    )
