"""Asking a disk that may never answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Patience(Generic[Answer]):
    """Asks in a thread, and gives the last answer again where a new one takes too long.

    A call that hangs in a network disk whose server is gone cannot be ended: its thread is left behind, and
    no second one is begun before it has come back. Thread-safe; one caller asks at a time.
    """

    def __init__(self, ask: Callable[[], Answer], first: Answer, limit: float = 3.0) -> None:
        self._ask = ask
        self._last = first
        self._limit = limit
        self._turn = threading.Lock()
        self._thread: threading.Thread | None = None
        self._failure: Exception | None = None

    @property
    def hanging(self) -> bool:
        """Whether the last answer is an old one, because the disk does not answer."""
        return self._thread is not None and self._thread.is_alive()

    def answer(self) -> Answer:
        """The answer, after ``limit`` seconds at most. Raises what asking raises."""
        with self._turn:
            if not self.hanging:
                self._failure = None
                self._thread = threading.Thread(target=self._run, name="tfgpu-kernelspecs", daemon=True)
                self._thread.start()
                self._thread.join(self._limit)
            if self._failure is not None:
                raise self._failure
            return self._last

    def _run(self) -> None:
        try:
            self._last = self._ask()
        except Exception as error:
            self._failure = error
