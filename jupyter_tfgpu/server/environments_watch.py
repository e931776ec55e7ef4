"""What changes in the environments while pages are open: found by looking, every few seconds, in a thread.

The folders' modification times are looked at (the registry does that); no notification of the operating
system is used, for there is none on network disks, and none that reaches into an environment for one watch.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Protocol

import msgspec

from ..api.wire import EnvironmentsAnswer, EnvironmentsMessage

INTERVAL = 3.0
"""Seconds between the end of a look and the next one."""
THREAD = "tfgpu-environments-watch"


class Catalogue(Protocol):
    """What is asked of the service's catalogue."""

    def environments(self) -> EnvironmentsAnswer: ...

    def refresh_kernelspecs(self) -> bool: ...


class EnvironmentsWatch:
    """One thread for any number of pages; none before :meth:`start`, nor after :meth:`stop`.

    A look that hangs holds up the later ones and nothing else: no second thread is begun. ``tell`` is called
    in that thread with the encoded message whenever it is another than the pages have.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        tell: Callable[[bytes], None],
        log: logging.Logger,
        interval: float = INTERVAL,
    ) -> None:
        self._catalogue = catalogue
        self._tell = tell
        self._log = log
        self._interval = interval
        self._changed = threading.Condition()
        self._wanted = self._now = False
        self._thread: threading.Thread | None = None
        self._given: bytes | None = None
        self._refreshed: bytes | None = None
        self._failure = ""

    def start(self) -> None:
        """The first page has opened. It asks for the environments itself, so the first look can wait."""
        with self._changed:
            self._wanted, self._now = True, False
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=THREAD, daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """The last page has closed, or the server stops."""
        with self._changed:
            self._wanted, self._given = False, None
            self._changed.notify()

    def given(self, answer: EnvironmentsAnswer) -> None:
        """A page has got this answer to a question of its own; what it has is not sent to it again.

        It may ask before its socket is open. Where other pages are open, or have asked before it, the next
        look compares with what they have.
        """
        message = _encoded(answer)
        with self._changed:
            if self._given is None:
                self._given = message

    def look_now(self) -> None:
        """Something was changed by ourselves: the next look is at once."""
        with self._changed:
            self._now = True
            self._changed.notify()

    def _run(self) -> None:
        while self._wait():
            try:
                self._look()
                self._failure = ""
            except Exception as error:
                if str(error) != self._failure:  # a full disk is said once, not every few seconds
                    self._failure = str(error)
                    self._log.exception("tfgpu: the environments could not be looked at")

    def _wait(self) -> bool:
        """Waits for the next look. False: nobody wants one any more, and this thread is forgotten."""
        with self._changed:
            self._changed.wait_for(lambda: self._now or not self._wanted, self._interval)
            self._now = False
            if not self._wanted:
                self._thread = None
            return self._wanted

    def _look(self) -> None:
        message = _encoded(self._catalogue.environments())
        try:
            if message != self._refreshed:
                self._refreshed = message
                # Before the pages are told: they then ask Jupyter for the kernelspecs as they are now.
                if self._catalogue.refresh_kernelspecs():
                    message = self._refreshed = _encoded(self._catalogue.environments())
        finally:
            self._offer(message)

    def _offer(self, message: bytes) -> None:
        """Tells the pages, unless they have it."""
        with self._changed:
            if not self._wanted:
                return
            known, self._given = self._given, message
        if known is not None and known != message:
            self._tell(message)


def _encoded(answer: EnvironmentsAnswer) -> bytes:
    return msgspec.json.encode(EnvironmentsMessage(data=answer))
