"""One sampler for everybody: who asks for readings, how often they are made, and what if none comes.

Two threads work here while somebody is subscribed. The *sampler* alone calls the Source and may hang in
the driver for good. The *timekeeper* asks it for readings, hands them to the subscribers, keeps the
history, and notices when the sampler does not come back; a second one may try meanwhile (pair.py).
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable

import msgspec

from . import driver
from .history import History, HistoryStore
from .pair import SECOND_TRY, SamplerPair
from .reading import Reading
from .source import Source

_log = logging.getLogger(__name__)

HANG_LIMIT = 6.0
"""Seconds after which a call counts as hung. Opening a driver that keeps no state between programs
takes some seconds with many GPUs (persistence mode off), so less would cry wolf."""
_STOP_LIMIT = 1.5
"""Seconds that ``close`` waits for the threads."""

Callback = Callable[[Reading], None]


class Subscription:
    """A wish for readings, until ``close``. Made by :meth:`Monitor.subscribe`."""

    def __init__(self, monitor: Monitor, callback: Callback, interval: float) -> None:
        self._monitor = monitor
        self.callback = callback
        self.interval = interval
        """Seconds between two readings for this subscriber, after clamping."""
        self.due = -math.inf
        """When (monotonic) it shall have the next one."""
        self.handed = -math.inf
        """When the reading began that it had last."""
        self.open = True

    def set_interval(self, seconds: float | None) -> float:
        """Changes the interval (None: the monitor's own). Returns what it became. Raises ValueError: NaN."""
        return self._monitor.set_interval(self, seconds)

    def close(self) -> None:
        """No callback after this returns, but for one that is under way."""
        self._monitor.unsubscribe(self)


class Monitor:
    """Reads a Source at the shortest interval that a subscriber wants; nothing without subscribers.

    ``source_factory`` is called in the sampling thread at the first reading. ``interval``,
    ``min_interval``, ``max_interval``: seconds; wishes outside the limits are clamped.
    ``hang_limit``: seconds after which a reading that does not come counts as "not-answering".
    ``second_try``: seconds between two attempts to read with another thread while one hangs.
    ``simulated``: the Source invents, which is said even while it has not answered yet.
    All methods may be called from any thread.
    """

    def __init__(
        self,
        source_factory: Callable[[], Source],
        *,
        interval: float = 2.0,
        min_interval: float = 0.5,
        max_interval: float = 60.0,
        hang_limit: float = HANG_LIMIT,
        second_try: float = SECOND_TRY,
        simulated: bool = False,
    ) -> None:
        self._interval, self._min, self._max = interval, min_interval, max_interval
        self._hang_limit = hang_limit
        self._simulated = simulated
        self._lock = threading.Condition()
        self._sampler = SamplerPair(source_factory, self._lock, second_try)
        self._store = HistoryStore(min_interval)
        self._subscriptions: list[Subscription] = []
        self._wanted_since: list[float] = []
        """For each caller of ``reading``: how old a reading it takes (monotonic)."""
        self._last: Reading | None = None
        self._last_began = self._last_done = -math.inf
        self._hung = False
        self._thread: threading.Thread | None = None
        self._closed = False

    # ------------------------------------------------------------------ for everybody

    def subscribe(self, callback: Callback, interval: float | None = None) -> Subscription:
        """Calls back with a reading at once (the last, where it is fresh) and then at the interval.

        ``callback`` runs in the timekeeper's thread: it should hand over and return. While the driver
        does not answer it gets the last devices with status "not-answering". Raises ValueError: NaN.
        """
        subscription = Subscription(self, callback, self.clamp(interval))
        with self._lock:
            self._subscriptions.append(subscription)
            self._wake()
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """What :meth:`Subscription.close` does."""
        with self._lock:
            subscription.open = False
            if subscription in self._subscriptions:
                self._subscriptions.remove(subscription)
                self._lock.notify_all()

    def set_interval(self, subscription: Subscription, seconds: float | None) -> float:
        """What :meth:`Subscription.set_interval` does."""
        interval = self.clamp(seconds)
        with self._lock:
            subscription.due += interval - subscription.interval
            subscription.interval = interval
            self._lock.notify_all()
        return interval

    def clamp(self, seconds: float | None) -> float:
        """The interval that a wish becomes. None: the default. Raises ValueError: NaN."""
        wish = self._interval if seconds is None else seconds
        if math.isnan(wish):
            raise ValueError("an interval has to be a number of seconds")
        return min(max(wish, self._min), self._max)

    @property
    def latest(self) -> Reading | None:
        """The last reading, however old (its ``taken_at`` says so); None before the first.

        While the driver hangs: its devices, with status and states "not-answering".
        """
        with self._lock:
            self._take()
            return self._view(time.monotonic())

    def reading(self, timeout: float = 1.0, max_age: float = 2.0) -> Reading | None:
        """A reading at most ``max_age`` seconds old, made now if there is none.

        None where the driver does not answer within ``timeout`` seconds, and after ``close``. Blocks.
        """
        with self._lock:
            oldest = time.monotonic() - max_age
            self._take()
            self._wanted_since.append(oldest)
            try:
                self._wake()
                self._lock.wait_for(
                    lambda: self._last_began >= oldest or self._closed or self._is_hung(), timeout
                )
            finally:
                self._wanted_since.remove(oldest)
                self._lock.notify_all()  # the timekeeper may have nothing left to do
            return self._last if self._last_began >= oldest else None

    def unanswered(self, seconds: float) -> Reading:
        """What stands for a reading that has not come for so many seconds: the last, said to be that."""
        with self._lock:
            last = self._last
        state = driver.not_answering(seconds, last.driver if last else None)
        if last is None:
            return Reading(taken_at=time.time() - seconds, driver=state, simulated=self._simulated)
        devices = tuple(
            msgspec.structs.replace(device, state="not-answering") if device.state == "ok" else device
            for device in last.devices
        )
        return msgspec.structs.replace(last, driver=state, devices=devices)

    def history(self, seconds: float) -> History:
        """The readings of the last ``seconds``, at most half an hour."""
        with self._lock:
            store = self._store.copy()
        return store.last(seconds, time.time())

    def close(self) -> None:
        """Ends everything within 2 s, a hung driver or not. No reading is made after it."""
        with self._lock:
            self._closed = True
            self._subscriptions.clear()
            self._sampler.stop(close=True)
            self._lock.notify_all()
            thread = self._thread
        end = time.monotonic() + _STOP_LIMIT
        if thread is not None and thread is not threading.current_thread():
            thread.join(max(0.0, end - time.monotonic()))
        self._sampler.join(max(0.0, end - time.monotonic()))

    # ------------------------------------------------------------------ the timekeeper

    def _wake(self) -> None:
        if self._closed:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="tfgpu-timekeeper", daemon=True)
            self._thread.start()
        self._lock.notify_all()

    def _run(self) -> None:
        while True:
            with self._lock:
                if self._closed or not (self._subscriptions or self._wanted_since):
                    self._thread = None
                    self._sampler.stop(close=self._closed)
                    return
                self._take()
                now = time.monotonic()
                view, due = self._view(now), self._due(now)
                if not due:
                    self._lock.wait(self._pause(now))
            for subscription in due:
                assert view is not None
                _call(subscription, view)

    def _take(self) -> None:
        """Makes what the sampler has brought the last reading."""
        done = self._sampler.take()
        if done is not None:
            self._last_began, self._last = done
            self._last_done = time.monotonic()
            self._store.add(self._last)
            self._lock.notify_all()

    def _due(self, now: float) -> list[Subscription]:
        """The subscribers to call now, and their next time."""
        hung, fresh = self._is_hung(), now - self._last_done <= self._interval
        # A reading made for a quicker subscriber serves one that is due within half its interval.
        early = min((each.interval for each in self._subscriptions), default=0.0) / 2
        due = []
        for each in self._subscriptions:
            if hung and now >= each.due:
                each.due = now + each.interval
                due.append(each)
            elif not hung and fresh and self._last_began > each.handed and now >= each.due - early:
                each.handed, each.due = self._last_began, self._last_began + each.interval
                due.append(each)
        return due

    def _pause(self, now: float) -> float | None:
        """Asks the sampler for a reading if it is time; returns the seconds to sleep at most."""
        busy_since = self._sampler.busy_since
        first_due = min((each.due for each in self._subscriptions), default=math.inf)
        if busy_since is not None:
            if not self._is_hung():
                return busy_since + self._hang_limit - now + 0.001
            if not self._hung:
                self._hung = True
                self._sampler.abandon()
            return _seconds(min(first_due, self._sampler.try_second(now)) - now)
        if self._hung or any(oldest > self._last_began for oldest in self._wanted_since):
            next_at = now
        else:
            # Not more often than the limit, and at most half the time, however slow the driver is.
            rest = self._last_done + (self._last_done - self._last_began)
            next_at = max(first_due, self._last_began + self._min, rest)
        if next_at > now:
            return _seconds(next_at - now)
        self._hung = False
        self._sampler.request()
        return self._hang_limit

    def _is_hung(self) -> bool:
        busy_since = self._sampler.busy_since
        return busy_since is not None and time.monotonic() - busy_since > self._hang_limit

    def _view(self, now: float) -> Reading | None:
        """The last reading, or what stands for it while the driver hangs."""
        busy_since = self._sampler.busy_since
        if busy_since is None or now - busy_since <= self._hang_limit:
            return self._last
        return self.unanswered(now - busy_since)


def _seconds(wait: float) -> float | None:
    """For Condition.wait: None is for ever."""
    return None if math.isinf(wait) else max(0.0, wait)


def _call(subscription: Subscription, reading: Reading) -> None:
    if not subscription.open:
        return
    try:
        subscription.callback(reading)
    except Exception:  # one page's trouble is not the others'
        _log.exception("a subscriber to device readings failed")
