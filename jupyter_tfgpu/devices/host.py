"""What the machine's files say of NVIDIA's driver, beside NVML: the grounds for messages and advice."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from ..machine import Machine

_VERSION = re.compile(r"\d+\.\d+(?:\.\d+)?")
_LIBRARY = re.compile(r"libnvidia-ml\.so\.(\d+\.\d+(?:\.\d+)?)$")
_LIBRARY_FOLDERS = (
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/usr/lib64",
    "/usr/lib",
    "/usr/lib/x86_64-linux-gnu/nvidia/current",
    "/usr/lib/aarch64-linux-gnu/nvidia/current",
    "/usr/local/nvidia/lib64",
    "/run/opengl-driver/lib",
)
_WSL_LIBRARY = "/usr/lib/wsl/lib/libnvidia-ml.so.1"
_SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
_DISPLAY_CLASSES = ("0x0300", "0x0302", "0x0380")
"""PCI classes of VGA, 3D and other display controllers; audio and USB functions of a card have others."""


class DriverFiles(msgspec.Struct, frozen=True):
    """``kernel_module``: version of the loaded module. ``library``: of libnvidia-ml on this disk."""

    kernel_module: str | None
    library: str | None
    pci_devices: int
    nouveau: bool
    container: str | None
    wsl: bool
    wsl_library: bool
    device_nodes: bool
    distribution: str | None


class Surroundings(msgspec.Struct, frozen=True):
    """What changes on the disk when a driver or a GPU comes or goes. ``gpus``: bus ids, by the module."""

    kernel_module: str | None
    gpus: tuple[str, ...]
    library: str | None


def surroundings(machine: Machine) -> Surroundings:
    """Costs no call of NVML, and about a millisecond."""
    return Surroundings(
        kernel_module=kernel_module_version(machine),
        gpus=tuple(machine.listdir("/proc/driver/nvidia/gpus") or ()),
        library=library_version(machine),
    )


def driver_files(machine: Machine) -> DriverFiles:
    """Reads some ten small files; about a millisecond."""
    return DriverFiles(
        kernel_module=kernel_module_version(machine),
        library=library_version(machine),
        pci_devices=nvidia_pci_devices(machine),
        nouveau=machine.exists("/sys/module/nouveau"),
        container=container_of(machine),
        wsl=is_wsl(machine),
        wsl_library=machine.exists(_WSL_LIBRARY),
        device_nodes=machine.exists("/dev/nvidiactl"),
        distribution=_distribution(machine),
    )


def kernel_module_version(machine: Machine) -> str | None:
    """The version of the loaded kernel module, None where none is loaded. In a container: the host's.

    The first line reads ``NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.14  Thu …``, for the
    open module ``… Open Kernel Module for x86_64  570.86.15  Release Build …``.
    """
    text = machine.read_text("/proc/driver/nvidia/version")
    if text is not None:
        _, _, rest = text.partition("Kernel Module")
        found = _VERSION.search(rest.removeprefix(" for").replace("x86_64", " ").replace("aarch64", " "))
        if found:
            return found.group()
    said = machine.read_text("/sys/module/nvidia/version")
    return said.strip() or None if said is not None else None


def library_version(machine: Machine) -> str | None:
    """The version in the file name of libnvidia-ml, the newest where there are several."""
    return max(_libraries(machine), key=lambda text: [int(part) for part in text.split(".")], default=None)


def library_path(machine: Machine, version: str) -> Path | None:
    """Where libnvidia-ml of this version lies on this disk."""
    found = _libraries(machine).get(version)
    return None if found is None else machine.path(found)


def _libraries(machine: Machine) -> dict[str, str]:
    """Paths of libnvidia-ml by version."""
    return {
        match.group(1): f"{folder}/{name}"
        for folder in reversed(_LIBRARY_FOLDERS)
        for name in machine.listdir(folder) or ()
        if (match := _LIBRARY.search(name))
    }


def nvidia_pci_devices(machine: Machine) -> int:
    """NVIDIA display controllers on the PCI bus. 0 under WSL2 and on a Jetson, though a GPU is there."""
    return sum(
        (machine.read_text(f"/sys/bus/pci/devices/{name}/vendor") or "").strip() == "0x10de"
        and (machine.read_text(f"/sys/bus/pci/devices/{name}/class") or "").startswith(_DISPLAY_CLASSES)
        for name in machine.listdir("/sys/bus/pci/devices") or ()
    )


def container_of(machine: Machine) -> str | None:
    """What kind of container this is, by the marks that the engines leave. None: none found."""
    variables = machine.environ
    if "KUBERNETES_SERVICE_HOST" in variables or machine.exists(_SERVICE_ACCOUNT):
        return "kubernetes"
    if "APPTAINER_CONTAINER" in variables or "SINGULARITY_CONTAINER" in variables:
        return "apptainer"
    if machine.exists("/.singularity.d"):
        return "apptainer"
    if machine.exists("/run/.containerenv"):
        return "podman"
    if machine.exists("/.dockerenv"):
        return "docker"
    stated = variables.get("container") or (machine.read_text("/run/systemd/container") or "").strip()
    if stated and stated != "wsl":  # systemd counts WSL as one
        return stated
    groups = machine.read_text("/proc/1/cgroup") or ""
    for mark, name in (
        ("kubepods", "kubernetes"),
        ("docker", "docker"),
        ("libpod", "podman"),
        ("lxc", "lxc"),
        ("containerd", "containerd"),
    ):
        if mark in groups:
            return name
    return None


def is_wsl(machine: Machine) -> bool:
    """Whether this Linux runs under Windows. The kernel's release says ``…-microsoft-standard-WSL2``."""
    return "microsoft" in (machine.read_text("/proc/sys/kernel/osrelease") or "").lower()


def host_memory(machine: Machine) -> tuple[int, int] | None:
    """The host's memory in bytes: total, available."""
    said = dict(
        line.split(":", 1) for line in (machine.read_text("/proc/meminfo") or "").splitlines() if ":" in line
    )
    try:
        total, available = (int(said[key].split()[0]) << 10 for key in ("MemTotal", "MemAvailable"))
    except (KeyError, ValueError, IndexError):
        return None
    return total, available


def _distribution(machine: Machine) -> str | None:
    """``ID`` of os-release, such as ``ubuntu``."""
    for line in (machine.read_text("/etc/os-release") or "").splitlines():
        if line.startswith("ID="):
            return line[3:].strip().strip("\"'")
    return None
