"""Who holds what: the GPU processes of a Reading joined with the running kernels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from ...devices.reading import Device, Process, Reading
from ..running.processes import ProcessFacts, Relative
from ..running.started import StartedKernel


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """A process with memory (bytes) on a device, and the kernel it belongs to.

    ``utilization``: its share of the multiprocessors' time, 0-1. Other users' command lines and names
    are not shown.
    """

    pid: int
    memory: int | None = None
    utilization: float | None = None
    command: str | None = None
    kernel_id: str | None = None
    notebook: str | None = None
    user: Literal["me", "other"] | None = None


class DeviceHolders(msgspec.Struct, frozen=True, kw_only=True):
    """The holders on a device, most memory first.

    ``unattributed``: bytes in use that belong to no visible process; None where that cannot be said.
    """

    holders: tuple[Holder, ...] = ()
    unattributed: int | None = None


def attribute(
    reading: Reading, kernels: Iterable[StartedKernel], facts: Mapping[int, ProcessFacts]
) -> dict[str, DeviceHolders]:
    """The holders of each device, by UUID, from process facts at hand. Pure.

    A process belongs to the kernel that it is, that leads its session (kernels lead one of their own),
    or that is among its ancestors: the process that was started as that kernel, not another of its pid.
    """
    by_pid = {kernel.pid: kernel for kernel in kernels if kernel.pid is not None}
    # A pid that was used again since the Reading is nobody's.
    known = {pid: one for pid, one in facts.items() if one.began is None or one.began <= reading.taken_at}
    people = {pid: (one, owner(one, by_pid)) for pid, one in known.items()}
    return {device.uuid: _device(device, people) for device in reading.devices}


_People = Mapping[int, tuple[ProcessFacts, StartedKernel | None]]
"""By pid what is known of a process, and the kernel it belongs to."""


def _device(device: Device, people: _People) -> DeviceHolders:
    processes = _distinct(device.processes or ())
    holders = [_holder(process, people) for process in processes]
    return DeviceHolders(
        holders=tuple(sorted(holders, key=lambda one: (-(one.memory or 0), one.pid))),
        unattributed=_unattributed(device, processes),
    )


def _distinct(processes: Iterable[Process]) -> list[Process]:
    """Each pid once. Drivers may list one twice in containers (as compute and graphics too): never a sum."""
    largest: dict[int, Process] = {}
    for process in processes:
        known = largest.get(process.pid)
        if known is None or (process.memory or 0) > (known.memory or 0):
            largest[process.pid] = process
    return list(largest.values())


def _holder(process: Process, people: _People) -> Holder:
    facts, kernel = people.get(process.pid, (None, None))
    return Holder(
        pid=process.pid,
        memory=process.memory,
        utilization=process.utilization,
        command=facts.command if facts else None,
        kernel_id=kernel.kernel_id if kernel else None,
        notebook=kernel.notebook if kernel else None,
        user=facts.user if facts else None,
    )


def owner(facts: ProcessFacts, kernels: Mapping[int, StartedKernel]) -> StartedKernel | None:
    """The kernel that a process belongs to, of these by their pids; None: no kernel's."""
    for candidate in (Relative(facts.pid, facts.born), *facts.lineage):
        kernel = kernels.get(candidate.pid)
        if kernel is not None and kernel.born in (None, candidate.born):
            return kernel
    return None


def _unattributed(device: Device, processes: list[Process]) -> int | None:
    used = device.memory.used if device.memory else None
    if used is None or device.processes is None:
        return None
    amounts = [process.memory for process in processes]
    known = [amount for amount in amounts if amount is not None]
    return max(0, used - sum(known)) if len(known) == len(amounts) else None
