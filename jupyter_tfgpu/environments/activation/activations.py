"""The activations of this machine's environments: found once, kept, and looked up."""

from __future__ import annotations

import logging
import os
import re
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from ...machine import Machine
from .. import files
from . import cmd, shell
from .activation import Activation, activated, changes
from .active import plan_for
from .cache import Cache, Entry, digest, digests
from .capture import LIMIT, Captured
from .files_only import from_files, stated
from .plan import Plan

_log = logging.getLogger(__name__)

_OF_ONE_START = re.compile(r"(?:JPY_|JUPYTER_|KERNEL_).*|_|SHLVL|PWD|OLDPWD|PYDEVD_USE_FRAME_EVAL")
"""Variables that are another at each start of a kernel, or of the program that starts it, and on which
scripts do not depend."""


class _Known(msgspec.Struct, frozen=True):
    """What was answered for variables of this digest, while the files have these times."""

    base: str
    files: tuple[Path, ...]
    times: tuple[int | None, ...]
    activation: Activation


class Activations:
    """What activating any prefix changes. Thread-safe.

    ``folder``: where what scripts set is kept. It holds while the files that it comes from have the same
    modification times and the variables before are the same.
    """

    def __init__(self, machine: Machine, folder: Path) -> None:
        self._machine = machine
        self._cache = Cache(folder)
        self._separator = ";" if machine.platform == "win32" else os.pathsep
        self._lock = threading.Lock()
        self._turns: dict[Path, threading.Lock] = defaultdict(threading.Lock)
        self._known: dict[Path, _Known] = {}
        self._digested: tuple[dict[str, str], str] = ({}, "")

    def run(self, prefix: Path, base: Mapping[str, str], *, again: bool = False) -> Activation:
        """What activating this prefix changes where ``base`` are the variables.

        Runs its scripts, for 5 s at most, where that is not known yet; so never on an event loop. Scripts
        that failed are not run again before they change, or ``again`` asks for it.
        """
        with self._lock:
            turn = self._turns[prefix]
        with turn:  # of two kernels that start at once the second takes what the first finds
            plan = plan_for(self._machine, prefix, base)
            if not plan.scripts:
                return from_files(plan, base, self._separator)
            times = _times_digest(plan)
            before = self._digest(base)
            for entry in self._entries(prefix, times):
                # A failure is not tried again for other variables: that would cost its 5 s for each.
                if entry.base == before if not entry.failed else not again:
                    return self._taken(entry, plan, base)
            return self._find(prefix, plan, base, times)

    def known(self, prefix: Path, base: Mapping[str, str]) -> Activation:
        """The same without running anything: what was found before, else what files tell."""
        before = self._digest(base)
        with self._lock:
            known = self._known.get(prefix)
        if known is not None and known.base == before and known.times == _times(known.files):
            return known.activation
        kept = self._cache.path(prefix)
        kept_time = files.modified(kept)  # before it is read: a change meanwhile shows the next time
        plan = plan_for(self._machine, prefix, base)
        watched = (prefix / "conda-meta", prefix / "pyvenv.cfg", *plan.sources)
        times = _times(watched)
        activation = self._look_up(prefix, plan, base, before)
        with self._lock:
            self._known[prefix] = _Known(before, (kept, *watched), (kept_time, *times), activation)
        return activation

    def state(self, prefix: Path) -> str:
        """A digest of the files that activating this prefix depends on, as they are now: another one, and
        what was found before may no longer hold."""
        return _times_digest(plan_for(self._machine, prefix, {}))

    def scripts(self, prefix: Path) -> tuple[str, ...]:
        """The names of the scripts that activating this prefix runs, in order."""
        return tuple(script.name for script in plan_for(self._machine, prefix, {}).scripts)

    def _look_up(self, prefix: Path, plan: Plan, base: Mapping[str, str], before: str) -> Activation:
        if plan.scripts:
            entries = list(self._entries(prefix, _times_digest(plan)))
            exact = [entry for entry in entries if entry.failed or entry.base == before]
            # Else for other variables before, but not for those that it is about.
            near = [entry for entry in entries if entry.touched == digests(entry.touched, base)]
            for entry in (*exact, *near):
                return self._taken(entry, plan, base)
        return from_files(plan, base, self._separator)

    def _entries(self, prefix: Path, times: str) -> Iterator[Entry]:
        return (entry for entry in self._cache.entries(prefix) if entry.sources == times)

    def _taken(self, entry: Entry, plan: Plan, base: Mapping[str, str]) -> Activation:
        if not entry.failed:
            return entry.activation
        told = from_files(plan, base, self._separator)
        return msgspec.structs.replace(told, problem=entry.activation.problem)

    def _find(self, prefix: Path, plan: Plan, base: Mapping[str, str], times: str) -> Activation:
        begun = activated(Activation(path=plan.path, removed=plan.removed), base, self._separator)
        done = self._capture(plan, begun)
        if done.variables is None:
            found = from_files(plan, base, self._separator)
        else:
            found = changes(base, done.variables, stated(plan), self._separator)
        found = msgspec.structs.replace(found, problem=done.problem or plan.problem)
        entry = Entry(
            sources=times,
            base=self._digest(base),
            touched=digests((*found.variables, *found.unset), base),
            activation=found,
            failed=done.variables is None,
        )
        try:
            self._cache.put(prefix, entry)
        except OSError as error:
            _log.warning("What activating %s sets could not be kept: %s", prefix, error)
        return found

    def _capture(self, plan: Plan, base: Mapping[str, str]) -> Captured:
        if self._machine.platform == "win32":
            return cmd.capture(plan, base, LIMIT)
        return shell.capture(self._machine, plan, base, LIMIT)

    def _digest(self, base: Mapping[str, str]) -> str:
        """Of the variables that scripts may depend on. A listing asks for the same ones many times."""
        last, known = self._digested
        if known and base == last:
            return known
        told = digest(
            sorted((name, value) for name, value in base.items() if not _OF_ONE_START.fullmatch(name))
        )
        self._digested = (dict(base), told)
        return told


def _times(paths: tuple[Path, ...]) -> tuple[int | None, ...]:
    return tuple(files.modified(path) for path in paths)


def _times_digest(plan: Plan) -> str:
    return digest([[str(path), time] for path, time in zip(plan.sources, _times(plan.sources), strict=True)])
