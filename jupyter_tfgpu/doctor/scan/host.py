"""The machine: system, processor, container, PCI bus, device nodes. From /proc, /sys, /dev and /etc."""

from __future__ import annotations

import os
import platform
import re
import stat
from collections.abc import Mapping
from typing import Literal

import msgspec

from ...devices import container_of
from ...devices.reading import Reading
from ...machine import Machine
from ..snapshot import Host
from .other_gpus import amd_gpus

Os = Literal["linux", "windows", "macos"]
Arch = Literal["x86_64", "aarch64", "arm64"]

_NVIDIA = "0x10de"
_DISPLAY_CLASSES = ("0x0300", "0x0302")
"""PCI classes of VGA-compatible and 3D controllers; 0x0403 is the sound device of the same card."""

_NODES = re.compile(r"nvidia(\d+|ctl|-modeset|-uvm|-uvm-tools)|dxg|nvhost.*|nvmap")
_RENDER_NODES = re.compile(r"renderD\d+")
_FLAGS = re.compile(r"sse.*|ssse3|popcnt|aes|avx.*|fma|f16c|bmi[12]|asimd.*|sve.*")
_CPUINFO_BYTES = 1 << 16
"""Enough for the first processor's entry; the file has one a processor."""
_L4T = re.compile(r"#\s*(R\d+).*REVISION:\s*([\d.]+)")
_TEGRA = "nvidia,tegra"
_MODPROBE = ("/usr/bin/nvidia-modprobe", "/usr/sbin/nvidia-modprobe", "/run/wrappers/bin/nvidia-modprobe")
_CONTAINER_VARIABLES = ("NVIDIA_VISIBLE_DEVICES", "NVIDIA_DRIVER_CAPABILITIES", "NVIDIA_REQUIRE_CUDA")


def host_facts(machine: Machine, variables: Mapping[str, str] | None) -> Host:
    """What is known of the machine. ``variables``: the kernel's, where they are known."""
    system = _system(machine)
    if system != "linux":
        arch = _arch(machine, system)
        return Host(
            os=system,
            os_version=_os_version(machine),
            arch=arch,
            wsl=False,
            nvidia_pci_devices=0 if system == "macos" and arch == "arm64" else None,
        )
    container = container_of(machine)
    nodes = _device_nodes(machine)
    return Host(
        os=system,
        os_version=_os_version(machine),
        arch=_arch(machine, system),
        wsl=_wsl(machine),
        container=container,
        jetson=_jetson(machine),
        glibc=_glibc(machine),
        cpu_flags=_cpu_flags(machine),
        nvidia_pci_devices=_nvidia_pci_devices(machine),
        device_nodes=nodes,
        device_nodes_denied=_denied(machine, nodes),
        nodes_on_demand=None if container else _nodes_on_demand(machine),
        nvidia_container_variables=_container_variables(machine, variables) if container else None,
        groups=_groups(machine),
    )


def simulated_host(host: Host, reading: Reading) -> Host:
    """The machine with the simulated devices in place of its own, and no container around them.

    How many GPUs it has is not known where its driver is there and lists none, as one that hangs.
    """
    count = sum(1 for device in reading.devices if device.parent is None)
    nodes = tuple(f"/dev/nvidia{number}" for number in range(count))
    known = count > 0 or reading.driver.status in ("ok", "absent")
    return msgspec.structs.replace(
        host,
        wsl=False,
        container=None,
        jetson=None,
        nvidia_pci_devices=count if known else None,
        device_nodes=((*nodes, "/dev/nvidiactl", "/dev/nvidia-uvm") if nodes else ()) if known else None,
        device_nodes_denied=(),
        nvidia_container_variables=None,
    )


def _system(machine: Machine) -> Os | None:
    known: dict[str, Os] = {"linux": "linux", "win32": "windows", "darwin": "macos"}
    return known.get(machine.platform)


def _arch(machine: Machine, system: Os | None) -> Arch | None:
    """The processor that this program runs on: a tree handed in has none of its own.

    A program that Rosetta translates is told x86_64, while the kernel's version still names an ARM64.
    """
    name = platform.machine().lower()
    if name in ("aarch64", "arm64") or (system == "macos" and "_ARM64" in _darwin(machine)):
        return "aarch64" if system == "linux" else "arm64"
    return "x86_64" if name in ("x86_64", "amd64") else None


def _darwin(machine: Machine) -> str:
    return platform.version().upper() if machine.real else ""


def _os_version(machine: Machine) -> str | None:
    """``Ubuntu 22.04``, ``Windows 10 build 19045``, ``macOS 14.5``."""
    if machine.platform in ("win32", "darwin"):
        return _other_version() if machine.real else None
    text = machine.read_text("/etc/os-release") or machine.read_text("/usr/lib/os-release")
    if text:
        pairs = (line.partition("=") for line in text.splitlines())
        values = {key: value.strip().strip("\"'") for key, _, value in pairs}
        name = values.get("NAME", "").replace(" GNU/Linux", "")
        return f"{name} {values.get('VERSION_ID', '')}".strip() or None
    return platform.platform(terse=True) if machine.real else None


def _other_version() -> str | None:
    release, build = platform.release(), platform.version().rpartition(".")[2]
    if platform.system() == "Windows":
        return f"Windows {release} build {build}" if build.isdigit() else f"Windows {release}"
    version = platform.mac_ver()[0]
    return f"macOS {version}" if version else None


def _wsl(machine: Machine) -> bool | None:
    release = machine.read_text("/proc/sys/kernel/osrelease") or machine.read_text("/proc/version")
    return None if release is None else "microsoft" in release.lower()


def _jetson(machine: Machine) -> str | None:
    """The release. A container may have no file that says it: then the board says that it is one."""
    match = _L4T.search(machine.read_text("/etc/nv_tegra_release") or "")
    if match:
        return f"{match[1]}.{match[2]}"
    board = machine.read_text("/proc/device-tree/compatible") or ""
    return "release unknown" if _TEGRA in board else None


def _glibc(machine: Machine) -> str | None:
    """Of this machine's C library; a tree handed in does not tell."""
    if not machine.real:
        return None
    try:
        name, _, version = (os.confstr("CS_GNU_LIBC_VERSION") or "").partition(" ")
    except (AttributeError, ValueError, OSError):  # not glibc, or not Unix
        return None
    return version if name == "glibc" else None


def _cpu_flags(machine: Machine) -> tuple[str, ...] | None:
    """The first processor's instruction sets that builds ask for."""
    try:
        with machine.path("/proc/cpuinfo").open("rb") as file:
            text = file.read(_CPUINFO_BYTES).decode("ascii", "replace")
    except OSError:
        return None
    match = re.search(r"^(?:flags|Features)\s*:\s*(.*)$", text, re.MULTILINE)
    return tuple(flag for flag in match[1].split() if _FLAGS.fullmatch(flag)) if match else None


def _nvidia_pci_devices(machine: Machine) -> int | None:
    """NVIDIA's display and 3D controllers. A kernel that has buses, and no PCI bus among them, has none."""
    names = machine.listdir("/sys/bus/pci/devices")
    if names is None:
        return None if machine.listdir("/sys/bus") is None else 0
    count = 0
    for name in names:
        folder = f"/sys/bus/pci/devices/{name}"
        if (machine.read_text(f"{folder}/vendor") or "").strip().lower() != _NVIDIA:
            continue
        count += (machine.read_text(f"{folder}/class") or "").lower().startswith(_DISPLAY_CLASSES)
    return count


def _device_nodes(machine: Machine) -> tuple[str, ...] | None:
    """None: /dev may not be read. A machine without one has no nodes.

    amdkfd makes its node for a GPU that is part of the processor too: it is listed, with those that programs
    draw through, unless it is known that there is no other.
    """
    names = machine.listdir("/dev")
    if names is None:
        return None if machine.exists("/dev") else ()
    nodes = [f"/dev/{name}" for name in names if _NODES.fullmatch(name)]
    if "kfd" in names and amd_gpus(machine) != ():
        found = machine.listdir("/dev/dri") or ()
        nodes += ["/dev/kfd", *(f"/dev/dri/{name}" for name in found if _RENDER_NODES.fullmatch(name))]
    return tuple(nodes)


def _denied(machine: Machine, nodes: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if nodes is None:
        return None
    return tuple(node for node in nodes if not os.access(machine.path(node), os.R_OK | os.W_OK))


def _nodes_on_demand(machine: Machine) -> bool:
    """nvidia-modprobe serves every user where it runs as root: then /dev/nvidia-uvm may be missing until a
    program first asks for a GPU, and nothing is wrong."""
    for path in _MODPROBE:
        try:
            mode = machine.path(path).stat().st_mode
        except OSError:
            continue
        if stat.S_ISREG(mode) and mode & stat.S_ISUID:
            return True
    return False


def _container_variables(machine: Machine, variables: Mapping[str, str] | None) -> dict[str, str]:
    """As the container was started with: its first process has them, whatever a login has dropped since."""
    first = (text.partition("=") for text in (machine.read_text("/proc/1/environ") or "").split("\0"))
    source = {**{name: value for name, _, value in first}, **machine.environ, **(variables or {})}
    return {name: source[name] for name in _CONTAINER_VARIABLES if name in source}


def _groups(machine: Machine) -> tuple[str, ...] | None:
    """The names of this process's groups, from the machine's own list: no directory service is asked."""
    text = machine.read_text("/etc/group")
    if text is None or not hasattr(os, "getgroups"):
        return None
    ids = {str(number) for number in (*os.getgroups(), os.getegid())}
    entries = (line.split(":") for line in text.splitlines())
    return tuple(entry[0] for entry in entries if len(entry) >= 3 and entry[2] in ids)
