"""GPUs that NVML does not list: AMD's, as the kernel driver amdkfd tells them, Apple's, and that of a Jetson
before R36, which has no NVML.

AMD's: https://docs.kernel.org/gpu/amdgpu/index.html, ``/sys/class/kfd/kfd/topology/nodes/<n>/properties``;
``gfx_target_version`` is major · 10000 + minor · 100 + stepping, the latter two hexadecimal in the name.
"""

from __future__ import annotations

import re

from ...machine import Machine
from ..snapshot import Gpu, Host

_NODES = "/sys/class/kfd/kfd/topology/nodes"
_PROPERTY = re.compile(r"^(\w+) (\d+)$", re.MULTILINE)
_LOCAL_MEMORY = (1, 2)
"""Kinds of memory banks on the device itself, visible to the host or not (kfd_topology.h)."""

_INTEGRATED = re.compile(r"gfx(?:700|801|902|909|90c|1013|103[356]|1103|115[0-3])")
"""Targets that are parts of processors (https://llvm.org/docs/AMDGPUUsage.html#processors, "APU"): every
newer Ryzen has one, and who has no other means to train on the processor."""

_BOARDS = {
    "tegra124": ("Tegra K1", "3.2"),
    "tegra210": ("NVIDIA Tegra X1", "5.3"),
    "tegra186": ("NVIDIA Tegra X2", "6.2"),
    "tegra194": ("Xavier", "7.2"),
    "tegra234": ("Orin", "8.7"),
}
"""The processors of Jetson boards by their names in the device tree (the kernel's
Documentation/devicetree/bindings/arm/tegra.yaml): the GPU, and its compute capability
(https://developer.nvidia.com/cuda-legacy-gpus, https://developer.nvidia.com/cuda-gpus)."""


def other_gpus(machine: Machine, host: Host) -> tuple[Gpu, ...]:
    """Those of AMD on Linux, and that of an Apple processor; their indices begin at 0."""
    if host.os == "macos":
        return (Gpu(index=0, vendor="apple"),) if host.arch == "arm64" else ()
    return (amd_gpus(machine) or ()) if host.os == "linux" else ()


def amd_gpus(machine: Machine) -> tuple[Gpu, ...] | None:
    """AMD's cards, without what is part of a processor. None: amdkfd does not say."""
    nodes = machine.listdir(_NODES)
    if nodes is None:
        return None
    folders = [f"{_NODES}/{name}" for name in sorted((name for name in nodes if name.isdigit()), key=int)]
    targets = [(folder, _gfx(_properties(machine, folder))) for folder in folders]
    cards = [(folder, gfx) for folder, gfx in targets if gfx and not _INTEGRATED.fullmatch(gfx)]
    return tuple(
        Gpu(index=index, vendor="amd", gfx=gfx, memory_total=_memory(machine, folder))
        for index, (folder, gfx) in enumerate(cards)
    )


def jetson_gpu(machine: Machine, host: Host) -> tuple[Gpu, ...]:
    """The GPU of the board. Empty: it is none, or one that is not known."""
    board = (machine.read_text("/proc/device-tree/compatible") or "") if host.jetson else ""
    known = (_BOARDS[name] for name in _BOARDS if f"nvidia,{name}" in board)
    return tuple(
        Gpu(index=0, vendor="nvidia", name=name, compute_capability=capability) for name, capability in known
    )


def _properties(machine: Machine, folder: str) -> dict[str, int]:
    text = machine.read_text(f"{folder}/properties") or ""
    return {name: int(value) for name, value in _PROPERTY.findall(text)}


def _gfx(properties: dict[str, int]) -> str | None:
    """``gfx1031`` of 100301, ``gfx90a`` of 90010. None: the node is a processor."""
    version = properties.get("gfx_target_version", 0)
    if not version:
        return None
    major, minor, stepping = version // 10_000, version // 100 % 100, version % 100
    return f"gfx{major}{minor:x}{stepping:x}"


def _memory(machine: Machine, folder: str) -> int | None:
    """Bytes of memory on the device."""
    banks = (
        _properties(machine, f"{folder}/mem_banks/{name}")
        for name in machine.listdir(f"{folder}/mem_banks") or ()
    )
    sizes = [bank.get("size_in_bytes", 0) for bank in banks if bank.get("heap_type") in _LOCAL_MEMORY]
    return sum(sizes) or None
