"""Fixes outside the environment: the driver and its kernel module. They need the machine's administrator."""

from __future__ import annotations

from ..report import Fix
from ..subject import Subject

_INSIDE = " (on the host, not in the container)"


def _place(subject: Subject) -> str:
    return _INSIDE if subject.host.container else ""


def _driver_commands(subject: Subject) -> tuple[str, ...]:
    """The distribution's own way to its driver. Empty: none that is the same for everybody."""
    system = (subject.host.os_version or "").lower()
    if subject.host.os != "linux" or subject.host.wsl or subject.host.container:
        return ()
    if system.startswith(("ubuntu", "kubuntu", "linux mint")):
        return ("sudo ubuntu-drivers install", "sudo reboot")
    if system.startswith("debian"):
        return ("sudo apt install linux-headers-amd64 nvidia-driver", "sudo reboot")
    if system.startswith("pop!_os"):
        return ("sudo apt install system76-driver-nvidia", "sudo reboot")
    return ()


def install_driver(subject: Subject) -> tuple[Fix, ...]:
    commands = _driver_commands(subject)
    title = "Install the NVIDIA driver and restart the machine"
    if not commands:
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


def load_driver(subject: Subject) -> tuple[Fix, ...]:
    if subject.host.os != "linux" or subject.host.wsl:
        return (Fix(title="Restart the machine", where="host"),)
    return (
        Fix(
            title=f"Load the kernel module{_place(subject)}; where that fails, the kernel's log says why",
            commands=("sudo modprobe nvidia", "sudo dmesg | grep -iE 'nvidia|nvrm'"),
            where="host",
        ),
        Fix(
            title=f"Where it fails, restart the machine or install the driver again{_place(subject)}",
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
    first = Fix(title=title, commands=("sudo reboot",) if subject.host.os == "linux" else (), where="host")
    return (first, reload) if subject.host.os == "linux" and not subject.host.container else (first,)
