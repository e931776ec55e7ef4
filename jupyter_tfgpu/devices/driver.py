"""The states that a driver can be in, each with what it means and what to do, for a person.

The codes are NVML's (``nvmlReturn_t`` in nvml.h). What the machine's files say decides between causes
that NVML answers alike.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..machine import Machine
from .host import DriverFiles, driver_files
from .reading import Device, DriverState, DriverStatus

UNINITIALIZED = 1
NOT_SUPPORTED = 3
NO_PERMISSION = 4
NOT_FOUND = 6
DRIVER_NOT_LOADED = 9
LIBRARY_NOT_FOUND = 12
FUNCTION_NOT_FOUND = 13
GPU_IS_LOST = 15
RESET_REQUIRED = 16
OPERATING_SYSTEM = 17
LIBRARY_MISMATCH = 18
UNKNOWN = 999

_INSTALL = {
    "ubuntu": "Install it with `sudo ubuntu-drivers install`, then reboot.",
    "debian": "Install it with `sudo apt install nvidia-driver` (from non-free), then reboot.",
    "fedora": "Install it with `sudo dnf install akmod-nvidia` (from RPM Fusion), then reboot.",
    "arch": "Install it with `sudo pacman -S nvidia`, then reboot.",
}
_INSTALL_ELSEWHERE = "Install NVIDIA's driver with the distribution's package manager, then reboot."
_RELOAD = (
    "Reboot. Or, with every program that uses the GPU stopped: "
    "`sudo rmmod nvidia_drm nvidia_modeset nvidia_uvm nvidia`, then `sudo modprobe nvidia`."
)
_WITH_GPUS = {
    "docker": "Start the container with `--gpus all` (needs NVIDIA's container toolkit on the host).",
    "podman": "Start the container with `--device nvidia.com/gpu=all` (needs NVIDIA's container toolkit on "
    "the host).",
    "kubernetes": "Ask for a GPU in the pod's limits: `nvidia.com/gpu: 1`. On JupyterHub choose a profile "
    "with a GPU, or ask its administrator.",
    "apptainer": "Start the container with `--nv`.",
}
_WITH_GPUS_ELSEWHERE = "Start the container with its GPUs passed in; that is done on the host."


def from_init_error(code: int, machine: Machine) -> DriverState:
    """The state behind an error of ``nvmlInit``. Reads the machine's files."""
    files = driver_files(machine)
    if code == LIBRARY_NOT_FOUND:
        return _absent(files)
    if code == DRIVER_NOT_LOADED:
        return _not_loaded(files)
    if code == LIBRARY_MISMATCH:
        return mismatch(files)
    if code in (NO_PERMISSION, OPERATING_SYSTEM):
        return no_permission(files)
    if code in (GPU_IS_LOST, RESET_REQUIRED):
        return _state("gpu-lost", files.library, "The driver says that a GPU is lost.", _LOST)
    if code == FUNCTION_NOT_FOUND:
        return _state(
            "error",
            files.library,
            "The installed driver is too old to be asked: its library has no nvmlInitWithFlags.",
            "Update NVIDIA's driver to 396 or later.",
        )
    return failed(code, files)


def without_binding(machine: Machine) -> DriverState:
    """nvidia-ml-py is not there: a broken installation of this package."""
    return _state(
        "error",
        driver_files(machine).library,
        "The Python package nvidia-ml-py, through which the driver is asked, cannot be imported.",
        "Install it where the server runs: `pip install nvidia-ml-py`.",
    )


def ok(version: str | None, cuda_version: str | None) -> DriverState:
    return DriverState(status="ok", version=version, cuda_version=cuda_version)


def mismatch(files: DriverFiles, loaded: str | None = None) -> DriverState:
    """Libraries and kernel module differ. ``loaded``: the library that this process has loaded."""
    library = loaded or files.library
    if library and files.kernel_module and library != files.kernel_module:
        message = (
            f"The driver's libraries are {library}, its loaded kernel module is {files.kernel_module}. "
            "They only work together when they are the same."
        )
    else:
        message = "The driver's libraries and its loaded kernel module are of different versions."
    if files.kernel_module and files.library == files.kernel_module:
        advice = "The driver was updated while this server ran: restart the Jupyter server."
    elif files.container:
        advice = "The host's driver was updated: restart this container, so that it gets the new libraries."
    else:
        advice = f"The driver was updated and its old module is still loaded. {_RELOAD}"
    return _state("library-mismatch", library, message, advice)


def no_permission(files: DriverFiles) -> DriverState:
    """The driver is there and this user may not open its devices."""
    if files.container:
        advice = _with_gpus(files)
    else:
        advice = (
            "Look at `ls -l /dev/nvidia*`: the user that runs Jupyter needs to read and write these files. "
            "Some systems ask for the group `video` (`sudo usermod -aG video USER`, then log in again); "
            "under a scheduler ask for a GPU."
        )
    return _state("no-permission", files.library, "The driver does not let this user open the GPUs.", advice)


_LOST = (
    "Look at `sudo dmesg | grep -i xid` for the cause. A reboot brings the GPU back in most cases; if it is "
    "lost again, check its power supply, seating and cooling."
)
_RESET = "Stop the programs on it and run `sudo nvidia-smi --gpu-reset -i INDEX`, or reboot."


def lost(
    devices: Iterable[Device], unseen: int, version: str | None, cuda_version: str | None
) -> DriverState:
    """A GPU fell off the bus or needs a reset. ``unseen``: lost ones that were never identified."""
    bad = [device for device in devices if device.state in ("lost", "reset-required")]
    names = [f"GPU {device.index} ({device.name or device.uuid})" for device in bad if device.parent is None]
    names += [f"{unseen} more that cannot be opened"] if unseen and names else []
    who = ", ".join(names) or ("A GPU" if unseen <= 1 else f"{unseen} GPUs")
    plural = len(names) > 1 or (not names and unseen > 1)
    only_reset = bool(bad) and not unseen and all(device.state == "reset-required" for device in bad)
    if only_reset:
        message = f"{who} {'need' if plural else 'needs'} a reset before use."
    else:
        message = f"{who} {'do' if plural else 'does'} not answer any more: fallen off the bus, or lost."
    advice = _RESET if only_reset else _LOST
    return DriverState(
        status="gpu-lost", version=version, cuda_version=cuda_version, message=message, advice=advice
    )


def not_answering(seconds: float, last: DriverState | None) -> DriverState:
    """A call has not come back for so many seconds. ``last``: the state before, None: there is none."""
    shown = "What is shown is the last that it said." if last else "It has said nothing before."
    return DriverState(
        status="not-answering",
        version=last.version if last else None,
        cuda_version=last.cuda_version if last else None,
        message=f"The driver has not answered for {seconds:.0f} s. {shown}",
        advice="It may be busy and come back. If it does not, a GPU or the driver hangs: look at "
        "`sudo dmesg | grep -iE 'xid|nvrm'`; a reboot helps in most cases.",
    )


def failed(code: int, files: DriverFiles, version: str | None = None) -> DriverState:
    """Any other error of NVML."""
    if files.container:
        advice = (
            "In a container this mostly means that it lost its devices while it ran (a `systemctl "
            "daemon-reload` on the host does that): restart the container."
        )
    else:
        advice = "See what `nvidia-smi` and `sudo dmesg | grep -i nvrm` say; after a suspend a reboot helps."
    message = f"The driver is there, but answers with an error (NVML code {code})."
    return _state("error", version or files.library, message, advice)


def vanished(names: list[str], state: DriverState) -> DriverState:
    """Devices that were lost, and that the driver does not list since."""
    one = len(names) == 1
    message = (
        f"{', '.join(names)} {'was' if one else 'were'} lost, and the driver does not list "
        f"{'it' if one else 'them'} any more."
    )
    return DriverState(
        status="gpu-lost",
        version=state.version,
        cuda_version=state.cuda_version,
        message=message,
        advice=_LOST,
    )


def updated(library: str, state: DriverState) -> DriverState:
    """The driver's files were replaced; this process still works with those that it has loaded."""
    message = (
        f"The driver's libraries were updated to {library}, but {state.version} is loaded. What runs goes "
        "on; kernels that start now cannot use the GPU."
    )
    return DriverState(
        status="ok",
        version=state.version,
        cuda_version=state.cuda_version,
        message=message,
        advice=f"Save the work and stop the kernels. {_RELOAD}",
    )


def is_cut_off(code: int | None, state: DriverState) -> bool:
    """Whether an error, after all was well, is what a program sees whose devices were taken from it."""
    return code in (NO_PERMISSION, OPERATING_SYSTEM, UNKNOWN) and state.status in ("error", "no-permission")


def cut_off(code: int | None, files: DriverFiles, state: DriverState) -> DriverState:
    """A driver that worked and now refuses this process. In a container: it lost its devices.

    https://github.com/NVIDIA/nvidia-container-toolkit/issues/48
    """
    if not files.container:
        return state
    message = f"This container had access to the GPUs and has lost it while it ran (NVML code {code})."
    advice = (
        "Restart the container: a `systemctl daemon-reload` on the host takes the devices away, and only a "
        "new start gives them back. So that it does not happen again: on the host run `sudo nvidia-ctk "
        "system create-dev-char-symlinks --create-all`, or let Docker use the cgroup driver cgroupfs."
    )
    return _state(state.status, state.version or files.library, message, advice)


def _absent(files: DriverFiles) -> DriverState:
    if files.wsl:
        message = "No NVIDIA driver is visible in this WSL2 distribution."
        if files.wsl_library:
            advice = (
                "Its libraries lie in /usr/lib/wsl/lib, where the loader does not look: start Jupyter with "
                "LD_LIBRARY_PATH=/usr/lib/wsl/lib, or run `sudo ldconfig /usr/lib/wsl/lib`."
            )
        else:
            advice = (
                "Install NVIDIA's driver for Windows (not one inside Linux), then run `wsl --update` and "
                "`wsl --shutdown` in Windows."
            )
    elif files.container and (files.kernel_module or files.pci_devices):
        message = "This container has no access to the host's GPU: the driver's libraries are not in it."
        advice = _with_gpus(files)
    elif files.kernel_module:
        message = (
            f"The driver's kernel module {files.kernel_module} is loaded, but its library "
            "libnvidia-ml.so.1 was not found."
        )
        advice = f"Install the driver's user-space libraries of version {files.kernel_module}."
    elif files.pci_devices:
        message = "This machine has an NVIDIA GPU, but no NVIDIA driver is installed."
        advice = _INSTALL.get(files.distribution or "", _INSTALL_ELSEWHERE)
    elif files.container:
        message = "No NVIDIA driver and no NVIDIA GPU is visible in this container."
        advice = f"If the host has a GPU: {_with_gpus(files)}"
    else:
        message = "This machine has no NVIDIA GPU and no NVIDIA driver."
        advice = "Training runs on the CPU. If there is a GPU, check that it is seated and powered."
    return _state("absent", files.library, message, advice)


def _not_loaded(files: DriverFiles) -> DriverState:
    message = "The NVIDIA driver is installed, but its kernel module is not loaded."
    if files.container:
        message = "The driver's libraries are in this container, but it cannot reach the host's driver."
        advice = _with_gpus(files)
    elif files.kernel_module:
        message = f"The kernel module {files.kernel_module} is loaded, but its device files cannot be used."
        advice = (
            "Create them with `sudo nvidia-modprobe -u -c=0`. A service that runs with PrivateDevices (as "
            "JupyterHub's systemd spawner can) does not see them: allow /dev/nvidia* there."
        )
    elif files.nouveau:
        advice = (
            "The module nouveau is loaded in its place: blacklist nouveau, rebuild the initramfs, reboot."
        )
    elif files.wsl:
        advice = "Run `wsl --shutdown` in Windows and start again; if that does not help, update its driver."
    elif not files.pci_devices:
        message = "The NVIDIA driver is installed, but this machine shows no NVIDIA GPU."
        advice = "Training runs on the CPU. If there is a GPU, check that it is seated and powered."
    else:
        advice = (
            "Try `sudo modprobe nvidia`. If that fails, the module was not built for the running kernel "
            "(`dkms status`; reinstall the driver), or Secure Boot refuses it (`mokutil --sb-state`)."
        )
    return _state("not-loaded", files.library, message, advice)


def _with_gpus(files: DriverFiles) -> str:
    return _WITH_GPUS.get(files.container or "", _WITH_GPUS_ELSEWHERE)


def _state(status: DriverStatus, version: str | None, message: str, advice: str) -> DriverState:
    return DriverState(status=status, version=version, message=message, advice=advice)
