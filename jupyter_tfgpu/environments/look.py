"""One look at the disk for environments: run in a thread, watched for a place that does not answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from ..machine import Machine
from . import files
from .describe import NotAnEnvironment, described
from .environment import Environment
from .locators import LOCATORS, Inside, Locator, Trouble


class Remembered(msgspec.Struct, frozen=True):
    """What a folder was, and the modification times that it was that at. ``environment`` None: none."""

    environment: Environment | None
    sources: tuple[Path, ...]
    times: tuple[int | None, ...]


class Look:
    """Runs the locators and describes what they name, once.

    ``remembered``: what the last look found; it holds this look's afterwards. ``skip``: places that are left
    out because an earlier look hangs in them.
    """

    def __init__(self, machine: Machine, remembered: dict[str, Remembered], skip: frozenset[str]) -> None:
        self.environments: list[Environment] = []
        self.problems: list[str] = []
        self.remembered: dict[str, Remembered] = {}
        self._machine = machine
        self._before = remembered
        self._skip = skip
        self._seen: set[tuple[int, int]] = set()
        self._done = threading.Event()
        self._at: tuple[str, float] = ("", time.monotonic())

    def wait(self, limit: float) -> str | None:
        """Waits until the look is done; returns the place where it is for more than ``limit`` seconds."""
        while not self._done.wait(timeout=max(0.01, self._at[1] + limit - time.monotonic())):
            place, since = self._at
            if time.monotonic() - since >= limit:
                return place
        return None

    def run(self) -> None:
        """The look itself. Whatever goes wrong with one place is noted in ``problems``."""
        try:
            for index, locator in enumerate(LOCATORS):
                for prefix in self._prefixes(locator):
                    if self._enter(str(prefix)):
                        self._take(prefix, LOCATORS[: index + 1])
        finally:
            self._done.set()

    def _enter(self, place: str) -> bool:
        """Notes where the look is now. False: this place is to be left out."""
        self._at = (place, time.monotonic())
        return place not in self._skip

    def _prefixes(self, locator: Locator) -> Iterator[Path]:
        name = f"The search for {locator.TITLE}"
        found = iter(locator.find(self._machine))
        while self._enter(name):
            try:
                place = next(found)
            except StopIteration:
                return
            except OSError as error:
                self.problems.append(f"{name} ended early: {error}.")
                return
            if isinstance(place, Trouble):
                self.problems.append(place.text)
            elif not isinstance(place, Inside):
                yield place
            elif self._enter(str(place.folder)):
                yield from files.subfolders(place.folder)

    def _take(self, prefix: Path, locators: tuple[Locator, ...]) -> None:
        """Describes a prefix, or takes what is remembered of it, once for each real folder.

        Only the locators up to the one that named it are asked what it is: a folder of the home with a
        standard library in it is no environment for being in the home.
        """
        try:
            status = prefix.stat()
        except (OSError, ValueError):  # deleted, a symlink loop, no permission: nothing to list
            return
        identity = (status.st_dev, status.st_ino)
        if identity in self._seen:
            return
        key = f"{len(locators)}:{prefix}"
        remembered = self._before.get(key)
        if remembered is None or _times(remembered.sources) != remembered.times:
            remembered = self._describe(prefix, locators)
        self.remembered[key] = remembered
        if remembered.environment is not None:
            self._seen.add(identity)
            self.environments.append(remembered.environment)

    def _describe(self, prefix: Path, locators: tuple[Locator, ...]) -> Remembered:
        # The times are taken first: a change while we read shows at the next look.
        here = _times((prefix,))
        try:
            before = described(self._machine, prefix, locators)
        except NotAnEnvironment:
            return Remembered(None, (prefix,), here)
        except OSError as error:
            self.problems.append(f"{prefix} could not be looked at: {error}.")
            return Remembered(None, (prefix,), here)
        return Remembered(before.environment, before.sources, _times(before.sources))


def _times(paths: tuple[Path, ...]) -> tuple[int | None, ...]:
    return tuple(files.modified(path) for path in paths)
