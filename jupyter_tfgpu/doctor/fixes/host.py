"""Fixes outside the environment: the driver, its kernel module and device nodes. They need the machine's
administrator. In a container they are for the host around it."""

from __future__ import annotations

from ..report import Fix
from ..subject import Subject

_INSIDE = " (on the host, not in the container)"


def _place(subject: Subject) -> str:
    return _INSIDE if subject.host.container else ""


def _on_this_linux(subject: Subject) -> bool:
    """Whether commands for a Linux system fit where they will be typed: not WSL2, whose driver is Windows',
    and not a container, whose host nobody knows."""
    host = subject.host
    return host.os == "linux" and not host.wsl and not host.container


def _system(subject: Subject) -> str:
    return (subject.host.os_version or "").lower()


def _driver_commands(subject: Subject) -> tuple[str, ...]:
    """The distribution's own way to its driver. Empty: none that is the same for everybody."""
    system = _system(subject)
    if not _on_this_linux(subject):
        return ()
    if system.startswith(_UBUNTU):
        return ("sudo ubuntu-drivers install", "sudo reboot")
    if system.startswith("debian"):
        return ("sudo apt install linux-headers-amd64 nvidia-driver", "sudo reboot")
    if system.startswith("pop!_os"):
        return ("sudo apt install system76-driver-nvidia", "sudo reboot")
    return ()


_UBUNTU = ("ubuntu", "kubuntu", "xubuntu", "lubuntu", "linux mint")
_APT = (*_UBUNTU, "debian", "pop!_os")


def install_driver(subject: Subject) -> tuple[Fix, ...]:
    commands = _driver_commands(subject)
    title = f"Install the NVIDIA driver{_place(subject)} and restart the machine"
    if subject.host.wsl:
        title = (
            "Install the NVIDIA driver in Windows, then `wsl --shutdown`: under WSL2 the driver is Windows' "
            "own, and none is installed inside"
        )
    elif not commands:
        title += ": from your distribution" if subject.host.os == "linux" else ": from NVIDIA's driver page"
    return (Fix(title=title, commands=commands, where="host"),)


def update_driver(subject: Subject, floor: str) -> tuple[Fix, ...]:
    """``floor``: the oldest version that serves."""
    if subject.host.wsl:
        title = (
            f"Update the NVIDIA driver of Windows to {floor} or newer, then `wsl --shutdown`; under WSL2 the "
            "driver is Windows' own, and none is installed inside"
        )
    else:
        title = f"Update the NVIDIA driver to {floor} or newer{_place(subject)} and restart the machine"
    return (Fix(title=title, commands=_driver_commands(subject), where="host"),)


def older_driver(subject: Subject, branch: int) -> tuple[Fix, ...]:
    """``branch``: the last one that serves the GPU, 470 for R470."""
    system = _system(subject)
    commands: tuple[str, ...] = ()
    if _on_this_linux(subject) and system.startswith(_UBUNTU):
        commands = (f"sudo ubuntu-drivers install nvidia:{branch}", "sudo reboot")
    elif _on_this_linux(subject) and system.startswith("fedora"):
        commands = (f"sudo dnf install --allowerasing akmod-nvidia-{branch}xx", "sudo reboot")
    where = " of Windows" if subject.host.wsl else ""
    return (
        Fix(
            title=(
                f"Install a driver of the R{branch} branch{where}{_place(subject)}, the last that serves "
                "this GPU, and restart the machine"
            ),
            commands=commands,
            where="host",
        ),
    )


def load_driver(subject: Subject) -> tuple[Fix, ...]:
    if subject.host.wsl:
        return enable_wsl_gpu(subject)
    if subject.host.os != "linux":
        return (Fix(title="Restart the machine", where="host"),)
    return (
        Fix(
            title=f"Load the kernel module{_place(subject)}; where that fails, the kernel's log says why",
            commands=("sudo modprobe nvidia", "sudo dmesg | grep -iE 'nvidia|nvrm'"),
            where="host",
        ),
        Fix(
            title=f"Where it fails, restart the machine or install the driver again{_place(subject)}",
            commands=_driver_commands(subject),
            where="host",
        ),
    )


def restart(subject: Subject) -> tuple[Fix, ...]:
    title = f"Restart the machine{_place(subject)}, so that the kernel module of the new driver is loaded"
    reload = Fix(
        title="Or, with no program on the GPU, load the new module without a restart",
        commands=("sudo rmmod nvidia_uvm nvidia_drm nvidia_modeset nvidia", "sudo modprobe nvidia"),
        where="host",
    )
    linux = _on_this_linux(subject)
    first = Fix(title=title, commands=("sudo reboot",) if linux else (), where="host")
    if subject.host.container:
        again = Fix(
            title=(
                "Then start the container again: it got the old libraries. Where the image holds a driver of "
                "its own (nvidia-driver, libnvidia-compute), take that out: a container uses the host's"
            ),
            where="host",
        )
        return (first, again)
    return (first, reload) if linux else (first,)


def wake_driver(subject: Subject) -> tuple[Fix, ...]:
    """A driver that answers but cannot compute: its memory module is loaded again, or the machine
    restarted."""
    first = Fix(
        title=f"Restart the machine{_place(subject)}",
        commands=("sudo reboot",) if _on_this_linux(subject) else (),
        where="host",
    )
    if subject.host.wsl:
        return enable_wsl_gpu(subject)
    if subject.host.os != "linux":
        return (first,)
    reload = Fix(
        title=f"With no program on the GPU, load the driver's memory module again{_place(subject)}",
        commands=("sudo rmmod nvidia_uvm", "sudo modprobe nvidia_uvm"),
        where="host",
    )
    return (reload, first)


def start_fabric_manager(subject: Subject) -> tuple[Fix, ...]:
    """NVSwitch systems (HGX, DGX) need it before any program can use a GPU."""
    version = (subject.driver.version or "").split(".")[0]
    return (
        Fix(
            title=(
                "Start NVIDIA's fabric manager of the driver's own "
                f"version{f' ({version})' if version else ''}"
                f"{_place(subject)}: GPUs joined by NVSwitch cannot be used without it"
            ),
            commands=("sudo systemctl enable --now nvidia-fabricmanager",),
            where="host",
        ),
    )


def recover_gpu(subject: Subject) -> tuple[Fix, ...]:
    """A GPU that fell off the bus, or waits for a reset."""
    log = Fix(
        title=f"The kernel's log says which GPU and why (Xid){_place(subject)}",
        commands=("sudo dmesg | grep -iE 'xid|nvrm'",) if subject.host.os == "linux" else (),
        where="host",
    )
    off = Fix(
        title=(
            f"Switch the machine off and on again{_place(subject)}; where the GPU gets lost again, look at "
            "its power, cooling and seat"
        ),
        where="host",
    )
    if subject.host.os != "linux" or subject.host.wsl:
        return (off,)
    reset = Fix(
        title=f"With no program on it, reset the GPU{_place(subject)}",
        commands=("sudo nvidia-smi --gpu-reset",),
        where="host",
    )
    return (reset, off, log)


def make_nodes(subject: Subject, *, uvm_only: bool) -> tuple[Fix, ...]:
    """Device nodes that nobody made. ``uvm_only``: all but /dev/nvidia-uvm are there."""
    install = ("sudo apt install nvidia-modprobe",) if _system(subject).startswith(_APT) else ()
    modprobe = Fix(
        title=f"Load the driver's memory module and make its device nodes{_place(subject)}",
        commands=("sudo modprobe nvidia-uvm", "sudo nvidia-modprobe -c=0 -u"),
        where="host",
    )
    lasting = Fix(
        title=(
            "So that it stays after a restart: install nvidia-modprobe, which makes the nodes when a program "
            "first asks for the GPU"
        ),
        commands=install if _on_this_linux(subject) else (),
        where="host",
    )
    service = Fix(
        title=(
            "Where Jupyter is a service with a /dev of its own, give it the GPU's nodes: PrivateDevices=no "
            "in its systemd unit (c.SystemdSpawner.isolate_devices = False in JupyterHub), then restart it"
        ),
        where="host",
    )
    return (modprobe, lasting) if uvm_only else (service, modprobe)


def allow_nodes(subject: Subject, group: str | None) -> tuple[Fix, ...]:
    """Device nodes that this user may not open. ``group``: the one that may, where it is known."""
    join = Fix(
        title=f"Join the group {group}, then log in again and start Jupyter again",
        commands=(f'sudo usermod -aG {group} "$USER"',),
        where="host",
    )
    everybody = Fix(
        title="Let every user open the GPUs, which is the driver's own default, then restart the machine",
        commands=(
            "echo 'options nvidia NVreg_DeviceFileMode=0666' | sudo tee /etc/modprobe.d/nvidia-mode.conf",
        ),
        where="host",
    )
    job = Fix(
        title="On a cluster, ask the scheduler for a GPU: a job may open none that it was not given",
    )
    return (join,) if group else (everybody, job)


def enable_wsl_gpu(subject: Subject) -> tuple[Fix, ...]:
    """/dev/dxg comes with WSL2 on Windows 10 21H2 and later, and with a driver in Windows."""
    return (
        Fix(
            title=(
                "In Windows (10 21H2 or later): update WSL, make this distribution a WSL 2 one, and start it "
                "again"
            ),
            commands=(
                "wsl --update",
                "wsl --set-default-version 2",
                "wsl --list --verbose",
                "wsl --shutdown",
            ),
            where="host",
        ),
        Fix(title="Install the NVIDIA driver in Windows; none is installed inside WSL2", where="host"),
    )
