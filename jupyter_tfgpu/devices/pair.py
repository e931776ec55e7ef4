"""The sampler, and at most one more that tries whether a driver which hangs answers somebody else."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

from .reading import Reading
from .sampler import Sampler
from .source import Source

SECOND_TRY = 60.0
"""Seconds between two attempts of a second thread while the first hangs."""


class SamplerPair:
    """Looks like one Sampler. While that hangs, a second with a Source of its own may try.

    If the second gets readings, it takes over; the first ends when its call comes back. No third thread
    is ever started: while both hang, nothing is tried. ``lock`` is the owner's, and held in all calls
    but ``join``.
    """

    def __init__(self, factory: Callable[[], Source], lock: threading.Condition, every: float) -> None:
        self._factory = factory
        self._lock = lock
        self._every = every
        self._leading = Sampler(factory, lock)
        self._other: Sampler | None = None
        self._tried_at = -math.inf

    @property
    def busy_since(self) -> float | None:
        """When the running reading began (monotonic), None while there is none."""
        return self._leading.busy_since

    def request(self) -> None:
        """Asks for a reading; does nothing while one is being made."""
        self._leading.request()

    def abandon(self) -> None:
        """The running reading takes too long: what it brings is stale, and the Source will be reopened."""
        self._leading.abandon()

    def take(self) -> tuple[float, Reading] | None:
        """The newest reading that nobody has taken yet, and when it began. Hands over to the second."""
        done, self._leading.done = self._leading.done, None
        other = self._other
        if other is not None and other.done is not None:
            found, other.done = other.done, None
            if self._leading.abandoned and found[1].answered:
                self._leading, self._other = other, self._leading
                done = found
            assert self._other is not None
            self._other.stop(close=True)
        return done

    def try_second(self, now: float) -> float:
        """Call while the sampler hangs: starts the second when it is time. Returns when to call again."""
        if self._other is not None and not self._other.ended:
            return math.inf
        due = max(self._tried_at, self._leading.busy_since or now) + self._every
        if now < due:
            return due
        self._tried_at = now
        self._other = Sampler(self._factory, self._lock, name="tfgpu-second-sampler")
        self._other.request()
        return math.inf

    def stop(self, *, close: bool = False) -> None:
        """Ends the threads once they are free; ``close`` the Source too. The second is always closed."""
        self._leading.stop(close=close)
        if self._other is not None:
            self._other.stop(close=True)

    def join(self, timeout: float) -> None:
        """Waits for the ends of both threads, so long in all. Call without the lock."""
        end = time.monotonic() + timeout
        for sampler in (self._leading, self._other):
            if sampler is not None:
                sampler.join(max(0.0, end - time.monotonic()))
