"""The thread that calls a Source, and nothing else does."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from .reading import DriverState, Reading
from .source import Source

_log = logging.getLogger(__name__)


class Sampler:
    """Reads a Source when asked, in one daemon thread that may hang without taking anything with it.

    ``lock`` guards every field here and is the owner's; ``lock`` is notified when a reading is done.
    The thread is started by the first request and ends with ``stop``. A stopped sampler can be asked
    again: the Source is kept, since opening a driver over and over troubles it.
    """

    def __init__(
        self, factory: Callable[[], Source], lock: threading.Condition, *, name: str = "tfgpu-sampler"
    ) -> None:
        self._factory = factory
        self._name = name
        self._lock = lock
        self._source: Source | None = None
        self._thread: threading.Thread | None = None
        self._wanted = False
        self._stopping = False
        self._closing = False
        self.abandoned = False
        """Whether the running reading takes too long: what it brings is stale."""
        self.busy_since: float | None = None
        """When the running reading began (monotonic), None while there is none."""
        self.done: tuple[float, Reading] | None = None
        """The newest reading that nobody has taken yet, and when it began."""

    @property
    def ended(self) -> bool:
        """Whether no thread of it runs, nor hangs."""
        return self._thread is None

    def request(self) -> None:
        """Asks for a reading. Call with the lock held; does nothing while one is being made."""
        self._stopping = False
        if self.busy_since is None:
            self.busy_since = time.monotonic()
            self._wanted = True
            self._start()
            self._lock.notify_all()

    def abandon(self) -> None:
        """Gives the running reading up. When it comes back after all, the Source is reopened."""
        self.abandoned = True

    def stop(self, *, close: bool = False) -> None:
        """Ends the thread once it is free; ``close`` the Source too. Call with the lock held."""
        self._stopping = True
        self._closing = self._closing or close
        if close and self._source is not None:
            self._start()  # only the sampler's own thread calls the Source
        self._lock.notify_all()

    def join(self, timeout: float) -> None:
        """Waits for the thread's end. Call without the lock."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout)

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while self._wait():
            reading = self._read()
            with self._lock:
                stale = self.abandoned
            if stale:
                self._close_source()
            with self._lock:
                if not stale and self.busy_since is not None:
                    self.done = (self.busy_since, reading)
                self.busy_since = None
                self.abandoned = False
                self._lock.notify_all()

    def _wait(self) -> bool:
        """Whether there is something to read; False ends the thread."""
        with self._lock:
            while not self._wanted and not self._stopping:
                self._lock.wait()
            wanted, self._wanted = self._wanted, False
            if wanted and not self._closing:
                return True
            if not self._closing:
                self._thread = None
                return False
        self._close_source()
        with self._lock:
            self._thread = None
        return False

    def _read(self) -> Reading:
        try:
            if self._source is None:
                self._source = self._factory()
            return self._source.read()
        except Exception as error:  # a Source that breaks its promise must not end the thread
            _log.exception("reading the devices failed")
            state = DriverState(status="error", message=f"Reading the devices failed: {error}")
            return Reading(taken_at=time.time(), driver=state)

    def _close_source(self) -> None:
        source, self._source = self._source, None
        try:
            if source is not None:
                source.close()
        except Exception:
            _log.exception("closing the device source failed")
