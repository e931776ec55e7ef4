"""One look at the disk for environments: run in a thread, watched for a place that does not answer."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from ..machine import Machine
from . import files
from .describe import NotAnEnvironment, described
from .disk import Disk, settled
from .environment import Environment
from .hanging import Hanging
from .layout import lib_folders
from .locators import LOCATORS, Found, Inside, Locator, Trouble, asked
from .locators.projects import working_folder

MOST = files.MOST_FOLDERS
"""Candidates taken from one search too."""
THREAD = "tfgpu-environments"

Key = tuple[int, str]
"""How many locators are asked what a folder is, and the folder."""


class Remembered(msgspec.Struct, frozen=True):
    """What a folder was, and the marks of its sources at which it was that.

    ``environment`` None: it was none. ``identity``: the folder's device and inode. ``settled``: nothing in it
    changed shortly before it was read. ``leads``: what it tells of further places.
    """

    environment: Environment | None
    identity: tuple[int, int]
    sources: tuple[str, ...]
    marks: tuple[files.Mark | None, ...]
    settled: bool
    leads: tuple[Found, ...] = ()


class Seen(msgspec.Struct, frozen=True):
    """What a whole look found, and the marks of all that it read, at which another look finds the same.

    ``depends``: what else it depends on. ``places``: by path, for the sake of which place it was read.
    """

    environments: list[Environment]
    problems: list[str]
    remembered: dict[Key, Remembered]
    depends: tuple[object, ...]
    marks: dict[str, files.Mark | None]
    places: dict[str, str]


class Look:
    """Runs the locators and describes what they name, once.

    ``before``: what earlier looks found, by key; ``remembered`` is what this one did, and ``reached`` what it
    came to. ``seen``: the last look, which is taken again where nothing has changed. ``hanging``: the places
    in which earlier looks hang; they are left out. ``patience``: seconds after which the look ends.
    """

    def __init__(
        self,
        machine: Machine,
        before: Mapping[Key, Remembered],
        hanging: Hanging,
        patience: float,
        seen: Seen | None = None,
    ) -> None:
        self.environments: list[Environment] = []
        self.problems: list[str] = []
        self.remembered: dict[Key, Remembered] = {}
        self.reached: set[Key] = set()
        self.complete = self._abandoned = self._left_out = False
        self.seen = seen
        self._places = seen.places if seen is not None else {}
        self._machine = machine
        self._before = before
        self._hanging = hanging
        self._patience = patience
        self._seen: set[tuple[int, int]] = set()
        self._taken: set[str] = set()
        self._leads: deque[Found] = deque()
        self._followed: set[Found] = set()
        self._disk = Disk()
        self._lasting = not hanging
        self._done = threading.Event()
        self._ends = time.monotonic() + patience
        self._at: tuple[str, float] = ("", time.monotonic())

    def wait(self, limit: float) -> str | None:
        """Waits until the look is done; returns the place where it is for more than ``limit`` seconds;
        when that answers in the end, nobody needs the rest."""
        while not self._done.wait(timeout=max(0.01, self._at[1] + limit - time.monotonic())):
            place, since = self._at
            if time.monotonic() - since >= limit:
                self._abandoned = True
                return self._places.get(place, place)
        return None

    def run(self) -> None:
        """The look itself. Whatever goes wrong with one place is noted in ``problems``."""
        began = time.time_ns()
        depends = (LOCATORS, dict(self._machine.environ), working_folder(self._machine))
        try:
            if self.seen is not None and self._unchanged(self.seen, depends):
                self.environments, self.problems = self.seen.environments, self.seen.problems
                self.remembered, self.complete = self.seen.remembered, True
                return
            self.seen = None
            self.complete = self._search()
            if self.complete and self._lasting:
                found = (self.environments, self.problems, self.remembered)
                watched = self._disk.watched(began)
                if settled(watched.values(), began):
                    self.seen = Seen(*found, depends, watched, self._disk.places)
        finally:
            self._done.set()

    def _unchanged(self, seen: Seen, depends: tuple[object, ...]) -> bool:
        """Whether all that was read is still as it was: one call of the operating system for each path."""
        if seen.depends != depends:
            return False
        mark, now = files.mark, time.monotonic
        for path, before in seen.marks.items():
            self._at = (path, now())
            if mark(path) != before:
                return False
        return True

    def _search(self) -> bool:
        """Says whether it got through."""
        for prefix, locators in self._named():
            if self._abandoned:
                return False
            if self._at[1] > self._ends:
                self.problems.append(
                    f"The look at the environments was ended after {self._patience:g} s, in "
                    f"{self._at[0]}; the next one gets further, for what was seen is remembered."
                )
                return False
            if self._enter(prefix):
                self._take(prefix, locators)
        return True

    def _named(self) -> Iterator[tuple[str, tuple[Locator, ...]]]:
        """The prefixes, each with the locators that are asked what it is."""
        for locator in LOCATORS:
            others = _asked_by(locator)
            for prefix in self._prefixes(locator):
                yield prefix, others
        if self._left_out:  # what a search found that hangs now may answer well
            for number, prefix in self._before:
                if self._before[number, prefix].environment is not None:
                    yield prefix, next(each for each in map(_asked_by, LOCATORS) if len(each) == number)

    def _enter(self, place: str) -> bool:
        """Notes where the look is now. False: this place is to be left out."""
        self._at = (place, time.monotonic())
        self._disk.place = place
        return place not in self._hanging

    def _prefixes(self, locator: Locator) -> Iterator[str]:
        name = f"The search for {locator.TITLE}"
        found = self._found(locator)
        for _ in range(MOST):
            if not self._enter(name):
                self._left_out = True
                return
            try:
                place = next(found)
            except StopIteration:
                return
            except Exception as error:  # of any kind: the other searches go on
                self.problems.append(f"{name} ended early: {_told(error)}.")
                self._lasting = False
                return
            if isinstance(place, Trouble):
                self.problems.append(place.text)
            elif isinstance(place, Inside):
                yield from self._inside(str(place.folder))
            else:
                yield str(place)
        self.problems.append(f"{name} named more than {MOST:,} places; the others were left out.")

    def _found(self, locator: Locator) -> Iterator[Found]:
        """What a locator names; and what the environments that were found meanwhile tell of further places,
        each once. Nothing is read before the first is asked for."""
        yield from locator.find(self._machine, self._disk)
        while self._leads:
            lead = self._leads.popleft()
            if lead not in self._followed:
                self._followed.add(lead)
                yield lead

    def _inside(self, folder: str) -> Iterator[str]:
        if self._enter(folder):
            found = self._disk.folder_paths(folder, MOST + 1)
            if len(found) > MOST:
                self.problems.append(f"{folder} holds more than {MOST:,} folders; the others were left out.")
            yield from found[:MOST]

    def _take(self, prefix: str, locators: tuple[Locator, ...]) -> None:
        """Describes a prefix, or takes what is remembered of it, once for each real folder.

        ``locators``: those that are asked what it is.
        """
        if prefix in self._taken:
            return
        key = (len(locators), prefix)
        self.reached.add(key)
        remembered = self._before.get(key)
        if remembered is None or not remembered.settled or self._changed(remembered):
            remembered = self._described(prefix, locators)
            if remembered is None:
                return
        self.remembered[key] = remembered
        if remembered.environment is not None:
            self._taken.add(prefix)
            if remembered.identity not in self._seen:
                self._seen.add(remembered.identity)
                self.environments.append(remembered.environment)
                self._leads.extend(remembered.leads)

    def _described(self, prefix: str, locators: tuple[Locator, ...]) -> Remembered | None:
        """What the folder is. None: nothing to list (deleted, a symlink loop, no permission), or another
        name of one that is listed already."""
        self._disk.mark(prefix)
        try:
            status = Path(prefix).stat()
        except (OSError, ValueError):
            return None
        identity = (status.st_dev, status.st_ino)
        if identity in self._seen:
            return None
        began = time.time_ns()
        environment: Environment | None = None
        leads: tuple[Found, ...] = ()
        try:
            found = described(self._machine, Path(prefix), locators)
            environment, leads = found.environment, found.leads
            sources = tuple(map(str, found.sources))
            if environment.prefix != prefix:  # it is reached by a link, which may lead elsewhere tomorrow
                sources += (prefix,)
        except NotAnEnvironment:
            # A Python that is being installed has a lib for a while before it has a standard library.
            libs = (Path(prefix, "lib"), *lib_folders(self._machine, Path(prefix)))
            sources = (prefix, *map(str, filter(files.is_folder, libs)))
        except Exception as error:  # of any kind: nobody's odd folder hides all the others
            self.problems.append(f"{prefix} could not be looked at: {_told(error)}.")
            self._lasting = False
            return None
        marks = tuple(map(self._disk.mark, sources))  # from before it was described, where they are at hand
        return Remembered(environment, identity, sources, marks, settled(marks, began), leads)

    def _changed(self, remembered: Remembered) -> bool:
        """Whether a source has another mark than then. Each is looked at once in a look: many environments
        share the user's own site-packages."""
        mark = self._disk.mark
        return any(mark(path) != was for path, was in zip(remembered.sources, remembered.marks, strict=True))


def _asked_by(locator: Locator) -> tuple[Locator, ...]:
    return asked(LOCATORS, locator)


def _told(error: Exception) -> str:
    return str(error) if isinstance(error, OSError) else f"{type(error).__name__}: {error}"
