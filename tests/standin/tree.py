"""Machine trees: folders for ``Machine(root=…)`` that look like a machine with, or without, a driver."""

from __future__ import annotations

import platform
import struct
from pathlib import Path

GIB = 1 << 30

_ARM = platform.machine().lower() in ("aarch64", "arm64")
EMPTY_LIBRARY = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HH", 3, 0xB7 if _ARM else 0x3E) + bytes(44)
"""A shared object with nothing in it, for this machine's processor: its header alone."""


def pci_bus_id(index: int) -> str:
    return f"00000000:{index * 0x10 + 1:02X}:00.0"


_CPU = """processor\t: 0
vendor_id\t: GenuineIntel
model name\t: Intel(R) Xeon(R) Platinum 8358 CPU @ 2.60GHz
flags\t\t: fpu sse sse2 ssse3 sse4_1 sse4_2 fma avx avx2 avx512f
"""
_OS_RELEASE = """PRETTY_NAME="Ubuntu 22.04.4 LTS"
NAME="Ubuntu"
VERSION_ID="22.04"
ID=ubuntu
ID_LIKE=debian
"""


def write_machine_tree(
    folder: Path,
    *,
    driver: str | None = "550.54.14",
    kernel_module: str | None = "same",
    pci_devices: int = 2,
    container: str | None = None,
    wsl: bool = False,
    device_nodes: bool | None = None,
    os_release: str = _OS_RELEASE,
    memory: int = 64 * GIB,
) -> Path:
    """A folder for ``Machine(root=…)`` that fits a scenario of so many devices.

    ``driver``: version of the driver's libraries on disk, None: not installed. ``kernel_module``: version
    of the loaded module, None: none is loaded, ``"same"``: as the libraries. ``container``: ``docker``,
    ``podman`` or ``kubernetes``. ``device_nodes``: whether /dev/nvidia* are there (None: with the module).
    """
    module = driver if kernel_module == "same" else kernel_module
    nodes = (module is not None and not wsl) if device_nodes is None else device_nodes
    release = "5.15.153.1-microsoft-standard-WSL2" if wsl else "5.15.0-105-generic"
    files = {
        "proc/sys/kernel/osrelease": f"{release}\n",
        "proc/version": f"Linux version {release} (buildd@host) (gcc 11.4.0)\n",
        "proc/cpuinfo": _CPU,
        "proc/meminfo": f"MemTotal: {memory >> 10} kB\nMemFree: {memory >> 12} kB\n"
        f"MemAvailable: {memory >> 11} kB\n",
        "proc/1/cgroup": "0::/\n" if container else "0::/init.scope\n",
        "etc/os-release": os_release,
        "etc/machine-id": "5ca1ab1e00004000800000000000face\n",
    }
    files |= _module_files(module, pci_devices) if module and not wsl else {}
    files |= _pci_files(0 if wsl else pci_devices)
    files |= {f"dev/{name}": "" for name in _nodes(pci_devices)} if nodes else {}
    files |= {"dev/dxg": ""} if wsl else {}
    if container == "docker":
        files[".dockerenv"] = ""
    elif container == "podman":
        files["run/.containerenv"] = 'engine="podman-4.9.3"\n'
    elif container == "kubernetes":
        files["var/run/secrets/kubernetes.io/serviceaccount/namespace"] = "default\n"
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    if driver:
        _driver_libraries(folder / ("usr/lib/wsl/lib" if wsl else "usr/lib/x86_64-linux-gnu"), driver)
    return folder


def write_open_devices(folder: Path, pid: int, *nodes: str) -> None:
    """In the tree the process has these files of ``/dev`` open (``nvidia0``, ``dxg``), and a terminal."""
    opened = folder / "proc" / str(pid) / "fd"
    opened.mkdir(parents=True, exist_ok=True)
    for number, node in enumerate(("pts/0", *nodes)):
        (opened / str(number)).unlink(missing_ok=True)
        (opened / str(number)).symlink_to(f"/dev/{node}")


def _module_files(version: str, devices: int) -> dict[str, str]:
    line = f"NVRM version: NVIDIA UNIX x86_64 Kernel Module  {version}  Thu Feb 22 01:44:30 UTC 2024\n"
    return {
        "proc/driver/nvidia/version": f"{line}GCC version:  gcc version 11.4.0\n",
        "sys/module/nvidia/version": f"{version}\n",
        "proc/modules": "nvidia_uvm 1 0 - Live 0x0\nnvidia 2 1 nvidia_uvm, Live 0x0\n",
    } | {
        f"proc/driver/nvidia/gpus/{pci_bus_id(index).lower().removeprefix('0000')}/information": ""
        for index in range(devices)
    }


def _pci_files(count: int) -> dict[str, str]:
    files = {
        "sys/bus/pci/devices/0000:00:00.0/vendor": "0x8086\n",
        "sys/bus/pci/devices/0000:00:00.0/class": "0x060000\n",
    }
    for index in range(count):
        at = "sys/bus/pci/devices/" + pci_bus_id(index).lower().removeprefix("0000")
        files |= {f"{at}/vendor": "0x10de\n", f"{at}/class": "0x030200\n", f"{at}/device": "0x20b0\n"}
    return files


def _nodes(count: int) -> list[str]:
    return ["nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", *(f"nvidia{index}" for index in range(count))]


def _driver_libraries(folder: Path, version: str) -> None:
    """libcuda and libnvidia-ml as a driver's package lays them out; WSL2's have no version in their names."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("libcuda.so", "libnvidia-ml.so"):
        if "wsl" in folder.parts:
            (folder / f"{name}.1").write_bytes(EMPTY_LIBRARY)
            continue
        (folder / f"{name}.{version}").write_bytes(EMPTY_LIBRARY)
        for link, to in ((f"{name}.1", f"{name}.{version}"), (name, f"{name}.1")):
            if not (folder / link).is_symlink():
                (folder / link).symlink_to(to)
