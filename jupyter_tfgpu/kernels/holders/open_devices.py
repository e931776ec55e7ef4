"""Which GPUs our kernels have open, as ``/proc`` says: no bytes, but an answer where the driver has none.

A CUDA process keeps ``/dev/nvidia<minor>`` open for each device that it uses, and for others that it was
given; under WSL2 ``/dev/dxg`` whatever the device.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from ...devices.reading import Device
from ...machine import Machine
from ..pins.allotment import find_device
from ..pins.pin import PinError
from ..running.processes import families
from ..running.started import StartedKernel

PATIENCE = 5.0
"""Seconds for which what was found is taken to be so."""

_WSL_NODE = "dxg"
_OF_GPUS = ("nv", _WSL_NODE)
"""How the files of GPUs in /dev begin: nvidia0, nvidiactl, nvidia-uvm; on a Jetson nvmap, nvhost-gpu."""


class Opened(NamedTuple):
    """A process of a kernel, and the names of the GPU files in ``/dev`` that it has open."""

    pid: int
    nodes: frozenset[str]


class OpenDevices:
    """What is open now, or was a few seconds ago. Reads ``/proc``: not for the event loop. Thread-safe."""

    def __init__(self, machine: Machine, clock: Callable[[], float] = time.monotonic) -> None:
        self._machine = machine
        self._clock = clock
        self._lock = threading.Lock()
        self._found: tuple[float, dict[tuple[str, int], tuple[Opened, ...]]] | None = None
        self._used: dict[tuple[int, float | None], tuple[float, bool | None]] = {}

    def of_kernels(self, kernels: Iterable[StartedKernel]) -> Mapping[str, tuple[Opened, ...]]:
        """By kernel id its processes with a GPU file open, its own first, then its children's."""
        by_pid = {kernel.pid: kernel for kernel in kernels if kernel.pid is not None}
        with self._lock:
            now = self._clock()
            if self._found is None or not 0 <= now - self._found[0] < PATIENCE:
                self._found = now, self._look(by_pid)
            found = self._found[1]
        # A kernel that was started anew since is another process: what the last had open is not its.
        keys = {kernel.kernel_id: (kernel.kernel_id, pid) for pid, kernel in by_pid.items()}
        return {kernel_id: found[key] for kernel_id, key in keys.items() if key in found}

    def used_by(self, processes: Mapping[int, float | None]) -> dict[int, bool | None]:
        """Whether each of these (pid, and when it was born) has a GPU file open; None: cannot be seen.

        One that has is not looked at again; all that are not asked for are forgotten.
        """
        with self._lock:
            now = self._clock()
            known, self._used = self._used, {}
            for pid, born in processes.items():
                at, used = known.get((pid, born), (None, None))
                if at is None or (not used and not 0 <= now - at < PATIENCE):
                    nodes = self._nodes(pid)
                    at, used = now, None if nodes is None else bool(nodes)
                self._used[pid, born] = at, used
            return {pid: used for (pid, _), (_, used) in self._used.items()}

    def _look(self, by_pid: Mapping[int, StartedKernel]) -> dict[tuple[str, int], tuple[Opened, ...]]:
        found = {}
        for pid, members in families({pid: kernel.born for pid, kernel in by_pid.items()}).items():
            opened = [Opened(member, nodes) for member in members if (nodes := self._nodes(member))]
            if opened:
                found[by_pid[pid].kernel_id, pid] = tuple(opened)
        return found

    def _nodes(self, pid: int) -> frozenset[str] | None:
        """The names in ``/dev`` of the GPU files that a process has open; None: cannot be seen."""
        folder = self._machine.path(f"/proc/{pid}/fd")
        try:
            names = os.listdir(folder)
        except OSError:
            return None
        found = set()
        for name in names:
            try:
                target = os.readlink(f"{folder}/{name}")  # noqa: PTH115 - thousands of them
            except OSError:
                continue  # closed since
            if target.startswith("/dev/") and target[5:].startswith(_OF_GPUS):
                found.add(target[5:])
        return frozenset(found)


def devices_open(
    nodes: frozenset[str], devices: Sequence[Device], given: Sequence[str] | None
) -> tuple[Device, ...]:
    """The devices that these files are, out of those that the kernel was given (None: all of them). Pure.

    A MIG instance has its GPU's file; it is named where the kernel was given no other on that GPU. Under
    WSL2 all devices have one file, so one is named only where it is the only one.
    """
    candidates = _given(devices, given)
    if _WSL_NODE in nodes:
        return candidates if len(candidates) == 1 else ()
    found = []
    for minor in sorted({device.minor for device in candidates if device.minor is not None}):
        here = [device for device in candidates if device.minor == minor]
        whole = here if len(here) == 1 else [device for device in here if device.parent is None]
        if f"nvidia{minor}" in nodes:
            found += whole
    return tuple(found)


def _given(devices: Sequence[Device], given: Sequence[str] | None) -> tuple[Device, ...]:
    if given is None:
        return tuple(devices)
    found: dict[str, Device] = {}
    for entry in given:
        try:
            device = find_device(entry, devices)
        except PinError:
            continue  # gone since
        found[device.uuid] = device
    return tuple(found.values())
