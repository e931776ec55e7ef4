"""Readings while no page is open: for kernels of ours that hold memory, and for who scrapes the metrics."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

import msgspec

from ..devices import Reading, Subscription
from ..kernels import DeviceHolders, StartedKernel
from .watching import Watching

KERNEL_INTERVAL = 30.0
"""Seconds between two readings while nobody looks and a kernel of ours holds memory on a device."""
LEASE = 120.0
"""Seconds for which a scrape counts as a subscriber."""


class Scrape(msgspec.Struct, frozen=True, kw_only=True):
    """What is at hand for a scrape. ``reading``: the last; ``age``: seconds since it was taken.

    ``fresh``: it is of now. One from before the sampling began is not, nor the last one of a driver
    that hangs; it says nothing of the devices any more. ``kernels``: bytes that each kernel started
    here holds, by kernel id and UUID, where that is known.
    """

    reading: Reading
    age: float
    fresh: bool
    kernels: Mapping[tuple[str, str], int]


class Background:
    """Decides whether the sampling goes on while no page is open, and how often.

    At ``interval`` (seconds) for two minutes after a scrape; every 30 s while the last reading that was
    looked at shows memory of a kernel started here (``started``), unless ``watch_kernels`` is False; else
    not at all. It is told by :meth:`look` that a reading was made or that a page or a kernel has gone.
    All methods may be called from any thread, the event loop included: what asks the operating system is
    done in ``executor``.
    """

    def __init__(
        self,
        watching: Watching,
        started: Callable[[], Iterable[StartedKernel]],
        executor: ThreadPoolExecutor,
        *,
        interval: float,
        watch_kernels: bool,
        log: logging.Logger,
    ) -> None:
        self._watching = watching
        self._started = started
        self._executor = executor
        self._interval = interval
        self._watch_kernels = watch_kernels
        self._log = log
        self._lock = threading.Lock()
        self._subscription: Subscription | None = None
        self._lease_ends = 0.0
        self._holding = False
        self._kernels: Mapping[tuple[str, str], int] = {}
        self._joined_at = 0.0
        self._looking = False
        self._closed = False

    def look(self) -> None:
        """Looks at the last reading again, off the caller's thread; the driver is not asked."""
        with self._lock:
            if self._closed or self._looking:
                return
            self._looking = True
        try:
            self._executor.submit(self._look)
        except RuntimeError:  # the server is stopping
            self._looking = False

    def scrape(self) -> Scrape | None:
        """The last reading, at once; None before the first. The sampling runs for two minutes more."""
        with self._lock:
            self._lease_ends = time.monotonic() + LEASE
            self._apply()
            kernels, joined_at = self._kernels, self._joined_at
        reading = self._watching.monitor.latest
        if reading is None:
            return None
        age = max(0.0, time.time() - reading.taken_at)
        limit = max(10.0, 2 * self._interval)
        known = abs(reading.taken_at - joined_at) <= limit
        return Scrape(reading=reading, age=age, fresh=age <= limit, kernels=kernels if known else {})

    def close(self) -> None:
        """Asks for no more readings."""
        with self._lock:
            self._closed = True
            self._apply()

    def _look(self) -> None:
        self._looking = False  # whoever comes from here on may know more than is looked at below
        try:
            reading = self._watching.monitor.latest
            if reading is None:
                return
            here = {kernel.kernel_id for kernel in self._started()}
            held = self._watching.held(reading) if here else {}
            with self._lock:
                self._kernels = _memory(held, here)
                self._holding = any(one.kernel_id in here for each in held.values() for one in each.holders)
                self._joined_at = reading.taken_at
                self._apply()
        except Exception:  # nobody waits for this: it would be lost in the executor
            self._log.exception("tfgpu: who holds what could not be said")

    def _apply(self) -> None:
        """Subscribes, changes the interval or ends it, as things are. The lock is held."""
        monitor, subscription = self._watching.monitor, self._subscription
        leased = time.monotonic() < self._lease_ends
        if self._closed or not (leased or (self._holding and self._watch_kernels)):
            self._subscription = None
            if subscription is not None:
                subscription.close()
            return
        wanted = monitor.clamp(self._interval if leased else KERNEL_INTERVAL)
        if subscription is None:
            self._subscription = monitor.subscribe(lambda _: self.look(), wanted)
        elif subscription.interval != wanted:
            subscription.set_interval(wanted)


def _memory(held: Mapping[str, DeviceHolders], here: set[str]) -> dict[tuple[str, str], int]:
    """Bytes by kernel and device, for the kernels ``here``; left out where a part of it is not known."""
    amounts: dict[tuple[str, str], list[int | None]] = {}
    for uuid, each in held.items():
        for holder in each.holders:
            if holder.kernel_id in here:
                amounts.setdefault((holder.kernel_id, uuid), []).append(holder.memory)
    return {
        key: sum(amount for amount in known if amount is not None)
        for key, known in amounts.items()
        if None not in known
    }
