"""Which devices ``auto`` takes. Pure.

The one on which a kernel can expect the largest share: what is free there, less what kernels given it
before are known to take (``auto:1,8GiB``), divided among the others that were given it and this one. A
device that other people's processes fill is left alone for as long as sharing another one gives more, and
on equal devices kernels spread evenly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from ...devices.reading import Device


class Pending(msgspec.Struct, frozen=True):
    """Kernels that were given a device and hold no memory there yet.

    ``kernels``: how many. ``need``: bytes that those will take of which it is known, together.
    ``open``: how many of the others there are.
    """

    kernels: int = 0
    need: int = 0
    open: int = 0


_NONE = Pending()


def candidates(devices: Iterable[Device]) -> list[Device]:
    """Those that a kernel can compute on: no lost one, no GPU that is split (its instances are devices of
    their own), none whose compute mode forbids it."""
    return [one for one in devices if one.state == "ok" and not one.mig and one.compute_mode != "prohibited"]


def ranked(devices: Iterable[Device], pending: Mapping[str, Pending]) -> list[Device]:
    """The devices, best first: the largest expected share, then the fewest kernels that are still to take
    theirs, then the fewest processes, then the lowest index. Where free memory is not known the others
    come first; one that lets in a single process, and has it, comes last."""
    return sorted(devices, key=lambda one: _rank(one, pending.get(one.uuid, _NONE)))


def _rank(device: Device, waiting: Pending) -> tuple[bool, float, int, int, int, str]:
    processes = len({process.pid for process in device.processes or ()})
    alone = device.compute_mode in ("exclusive-process", "exclusive-thread")
    free = unclaimed(device, waiting)
    share = -1.0 if free is None else max(0, free) / (1 + waiting.open)
    index = device.index if device.index is not None else 1 << 30
    return alone and bool(processes + waiting.kernels), -share, waiting.kernels, processes, index, device.uuid


def unclaimed(device: Device, waiting: Pending) -> int | None:
    """Bytes free beside what kernels that were given the device are known to take; None: not known."""
    if device.memory is None or device.memory.free is None:
        return None
    return device.memory.free - waiting.need


def choose(
    devices: Iterable[Device], pending: Mapping[str, Pending], count: int, need: int | None
) -> tuple[tuple[Device, ...], tuple[Device, ...]]:
    """``count`` of the devices (fewer where there are not so many), and those of them that lack ``need``
    bytes (None: no matter how many): such are only taken where no other is left."""
    order = ranked(devices, pending)
    lacking = {one.uuid for one in order if need is not None and not _has(one, pending, need)}
    chosen = sorted(order, key=lambda one: one.uuid in lacking)[:count]
    return tuple(chosen), tuple(one for one in chosen if one.uuid in lacking)


def _has(device: Device, pending: Mapping[str, Pending], need: int) -> bool:
    return (unclaimed(device, pending.get(device.uuid, _NONE)) or 0) >= need
