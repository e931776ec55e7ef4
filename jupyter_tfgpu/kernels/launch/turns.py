"""One start after the other chooses its devices, among all programs of this user on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from ..disk import locked

log = logging.getLogger(__name__)

TURNS_FILE = ".tfgpu-auto.lock"
"""In the Jupyter runtime folder: held by the program that chooses devices for a start."""

LOCK_TIMEOUT = 2.0
"""Seconds that a choice waits for those of other programs; each takes some milliseconds."""

TURN_TIMEOUT = 15.0
"""Seconds that a start waits for its turn in all: with many at once, or a disk that does not answer."""

LOCK_AGAIN = 60.0
"""Seconds in which a lock that could not be had is tried, but not waited for."""

POLL = 0.004
"""Seconds between two tries of the lock, about."""

Choice = TypeVar("Choice")


class Turns:
    """Hands out turns. A thread of its own takes them one by one, so this program needs no further lock;
    a file keeps others out meanwhile."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="tfgpu-choice")
        self._no_wait_until = 0.0

    async def take(self, path: Path, choose: Callable[[], Choice]) -> Choice:
        """What ``choose`` gives, called in a thread while no other start chooses under the lock ``path``.

        Where the lock cannot be had, ``choose`` is called all the same, and that is logged. Raises what it
        raises, and TimeoutError where the turn does not come: then it is not called, or has been for long.
        """
        given_up = threading.Event()
        turn = functools.partial(self._turn, path, choose, given_up)
        future = asyncio.get_running_loop().run_in_executor(self._thread, turn)
        try:
            return await asyncio.wait_for(future, TURN_TIMEOUT)
        except asyncio.TimeoutError:  # another class than TimeoutError before Python 3.11
            raise TimeoutError(f"The turn did not come within {TURN_TIMEOUT:g} s.") from None
        finally:
            given_up.set()

    def _turn(self, path: Path, choose: Callable[[], Choice], given_up: threading.Event) -> Choice:
        with self._others_kept_out(path):
            if given_up.is_set():
                raise TimeoutError("The start did not wait.")
            return choose()

    @contextlib.contextmanager
    def _others_kept_out(self, path: Path) -> Iterator[None]:
        with contextlib.ExitStack() as held:
            now = time.monotonic()
            patient = now >= self._no_wait_until
            try:
                _hold(held, path, now + LOCK_TIMEOUT if patient else now)
                self._no_wait_until = 0.0
            except (OSError, NotImplementedError) as error:  # TimeoutError is an OSError
                if patient:
                    self._no_wait_until = time.monotonic() + LOCK_AGAIN
                    log.warning("GPUs are chosen without regard to other programs' starts: %s", error)
            yield


def _hold(held: contextlib.ExitStack, path: Path, until: float) -> None:
    while True:
        try:
            held.enter_context(locked(path, 0))
            return
        except TimeoutError:
            if time.monotonic() >= until:
                raise
        time.sleep(POLL * random.uniform(0.5, 1.5))  # so that two programs do not go in step
