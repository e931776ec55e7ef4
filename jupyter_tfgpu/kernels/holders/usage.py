"""Which kernel used which device when, noted from one Reading to the next."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ...devices.reading import Device, Reading
from .holders import DeviceHolders, Holder

GAP = 120.0
"""Seconds between two Readings after which nothing is concluded of the time between them: it counts as
use, so the count begins anew with the second. Twice the longest interval between Readings."""


class UsageLog:
    """What was seen of the kernels that run: as much as they are, whatever the number of Readings.
    Thread-safe.

    A kernel uses a device where one of its processes does. Where the driver does not say that, a device
    at 0 is used by nobody, and one that is busy by all who hold memory on it: no kernel shall be said to
    waste what it may be using.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken_at: float | None = None
        self._counts: dict[tuple[str, str], _Count] = {}
        self._last_used: dict[str, float] = {}

    def add(self, reading: Reading, held: Mapping[str, DeviceHolders], running: Iterable[str]) -> None:
        """Notes a Reading. ``held``: its holders by UUID; ``running``: the ids of the kernels there are,
        all others are forgotten. One that was noted before, or is older than the last, changes nothing."""
        with self._lock:
            last, now = self._taken_at, reading.taken_at
            if not reading.answered or (last is not None and last - GAP < now <= last):
                return
            before = self._counts if last is not None and last < now <= last + GAP else {}
            self._taken_at = now
            self._counts = {}
            for device in reading.devices:
                for kernel_id, mine in _by_kernel(held.get(device.uuid)).items():
                    self._note(device, kernel_id, mine, held[device.uuid], before)
            ids = set(running)
            self._last_used = {one: at for one, at in self._last_used.items() if one in ids}

    def unused_since(self, kernel_id: str, uuid: str) -> float | None:
        """Since when (epoch seconds) the kernel has held memory there without using the device.

        The time of the last Reading where it used it then. None where it holds none, where its use is not
        known, and where it was only seen once.
        """
        with self._lock:
            count = self._counts.get((kernel_id, uuid))
            if count is None or count.since is None or self._taken_at is None:
                return None
            return count.since if count.used or self._taken_at > count.since else None

    def last_used(self, kernel_id: str) -> float | None:
        """When the kernel was last seen using a device (epoch seconds); None: not while we looked."""
        with self._lock:
            return self._last_used.get(kernel_id)

    def _note(
        self,
        device: Device,
        kernel_id: str,
        mine: list[Holder],
        held: DeviceHolders,
        before: Mapping[tuple[str, str], _Count],
    ) -> None:
        assert self._taken_at is not None
        used, certain = _used(device, mine, alone=len(mine) == len(held.holders))
        pids = frozenset(holder.pid for holder in mine)
        since: float | None = None if used is None else self._taken_at
        count = before.get((kernel_id, device.uuid))
        if used is False and count is not None and count.since is not None and pids & count.pids:
            since = count.since  # of none of these processes: the kernel was restarted
        self._counts[kernel_id, device.uuid] = _Count(pids, since, used is True)
        if used and certain:
            self._last_used[kernel_id] = self._taken_at


class _Count(NamedTuple):
    """``since``: when the device was last used or the memory first seen; None: use is not known."""

    pids: frozenset[int]
    since: float | None
    used: bool


def share(holders: Iterable[Holder]) -> float | None:
    """What these processes use of a device, 0-1; None where it is not known of each."""
    shares = [holder.utilization for holder in holders]
    known = [one for one in shares if one is not None]
    return min(1.0, round(sum(known), 4)) if len(known) == len(shares) else None


def _used(device: Device, mine: list[Holder], *, alone: bool) -> tuple[bool | None, bool]:
    """Whether these use the device (None: not known), and whether that is certain."""
    shares = [holder.utilization for holder in mine]
    if any(shares):
        return True, True
    if None not in shares:
        return False, True
    busy = device.utilization.gpu if device.utilization else None
    return (None, False) if busy is None else (busy > 0, alone)


def _by_kernel(held: DeviceHolders | None) -> Mapping[str, list[Holder]]:
    found: defaultdict[str, list[Holder]] = defaultdict(list)
    for holder in held.holders if held else ():
        if holder.kernel_id is not None:
            found[holder.kernel_id].append(holder)
    return found
