"""The activations of this machine's environments: found once, kept, and looked up."""

from __future__ import annotations

import logging
import os
import re
import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import msgspec

from ...machine import Machine
from .. import files
from ..disk import Disk
from .activation import Activation, activated, changes
from .cache import Cache, Entry, digest, digests
from .capture import LIMIT, Captured
from .files_only import from_files, stated
from .plan import Expand, Plan

_log = logging.getLogger(__name__)

_OF_ONE_START = re.compile(r"(?:JPY_|JUPYTER_|KERNEL_).*|_|SHLVL|PWD|OLDPWD|PYDEVD_USE_FRAME_EVAL")
"""Variables that are another at each start of a kernel, or of the program that starts it, and on which
scripts do not depend."""


class _Known(msgspec.Struct, frozen=True):
    """What was answered for variables of this digest, while the files have these times. ``found``: by
    running the scripts, now or before, where there are any."""

    found: bool
    base: str
    watched: dict[str, files.Mark | None]
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
        self._answered: dict[Path, _Known] = {}
        self._digested: tuple[dict[str, str], str] = ({}, "")

    def run(self, prefix: Path, base: Mapping[str, str], *, again: bool = False) -> Activation:
        """What activating this prefix changes where ``base`` are the variables.

        Runs its scripts, for 5 s at most, where that is not known yet; so never on an event loop. Scripts
        that failed are not run again before they change, or ``again`` asks for it.
        """
        with self._lock:
            turn = self._turns[prefix]
        with turn:  # of two kernels that start at once the second takes what the first finds
            known = self._recall(prefix, base)
            if known is not None and known.found and not again:
                return known.activation
            return self._remember(prefix, base, run=True, again=again).activation

    def known(self, prefix: Path, base: Mapping[str, str]) -> Activation:
        """The same without running anything: what was found before, else what files tell."""
        known = self._recall(prefix, base)
        return (known or self._remember(prefix, base)).activation

    def _recall(self, prefix: Path, base: Mapping[str, str]) -> _Known | None:
        """What was answered before, where that still holds."""
        before = self._digest(base)
        with self._lock:
            known = self._answered.get(prefix)
        if known is None or known.base != before:
            return None
        mark = files.mark
        return known if all(mark(path) == was for path, was in known.watched.items()) else None

    def _remember(
        self, prefix: Path, base: Mapping[str, str], run: bool = False, again: bool = False
    ) -> _Known:
        began, disk, kept = time.time_ns(), Disk(), str(self._cache.path(prefix))
        kept_as = files.mark(kept)
        sources = self._plan(prefix, base).sources
        for path in (prefix / "conda-meta", prefix / "pyvenv.cfg", *sources):
            disk.mark(str(path))
        plan = self._plan(prefix, base)  # read after the times: a change meanwhile shows later
        activation = self._look_up(prefix, plan, base, near=not run, again=again)
        found = activation is not None
        if activation is None and run:
            activation, found = self._find(prefix, plan, base), True
            kept_as = files.mark(kept)
        known = _Known(
            found and (run or not plan.scripts),
            self._digest(base),
            {**disk.watched(began), kept: kept_as},
            activation or from_files(plan, base, self._separator),
        )
        with self._lock:
            self._answered[prefix] = known
        return known

    def state(self, prefix: Path) -> str:
        """A digest of the files that activating this prefix depends on, as they are now: another one, and
        what was found before may no longer hold."""
        return _times_digest(self._plan(prefix, {}))

    def scripts(self, prefix: Path) -> tuple[str, ...]:
        """The names of the scripts that activating this prefix runs, in order."""
        return tuple(script.name for script in self._plan(prefix, {}).scripts)

    def _plan(self, prefix: Path, base: Mapping[str, str]) -> Plan:
        # With the first question, not with the import: a Jupyter server starts without all that plans are
        # made of.
        from .active import plan_for

        return plan_for(self._machine, prefix, base)

    def _look_up(
        self, prefix: Path, plan: Plan, base: Mapping[str, str], *, near: bool, again: bool
    ) -> Activation | None:
        """What is kept of this plan; None: nothing. A plan without scripts is told by files alone.

        ``near``: also what was found for other variables before, where those that it changed are the same.
        ``again``: no failure. A failure counts for any variables: to try it for each would cost 5 s each.
        """
        if not plan.scripts:
            return from_files(plan, base, self._separator)
        times, before = _times_digest(plan), self._digest(base)
        entries = [entry for entry in self._cache.entries(prefix) if entry.sources == times]
        fit = [entry for entry in entries if (not again if entry.failed else entry.base == before)]
        if near:
            fit += [entry for entry in entries if entry.touched == digests(entry.touched, base)]
        return self._taken(fit[0], plan, base) if fit else None

    def _taken(self, entry: Entry, plan: Plan, base: Mapping[str, str]) -> Activation:
        if not entry.failed:
            return entry.activation
        told = from_files(plan, base, self._separator)
        return msgspec.structs.replace(told, problem=entry.activation.problem)

    def _find(self, prefix: Path, plan: Plan, base: Mapping[str, str]) -> Activation:
        """Runs the scripts, and keeps what they set."""
        times = _times_digest(plan)
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
        from . import cmd, shell

        if self._machine.platform == "win32":
            done = cmd.capture(plan, base, LIMIT)
        else:
            done = shell.capture(self._machine, plan, base, LIMIT)
        for step in plan.steps:
            if isinstance(step, Expand) and done.variables is not None:
                done.variables[step.name] = step.with_variables(done.variables)
        return done

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


def _times(paths: tuple[Path, ...]) -> tuple[files.Mark | None, ...]:
    return tuple(files.mark(str(path)) for path in paths)


def _times_digest(plan: Plan) -> str:
    return digest([[str(path), time] for path, time in zip(plan.sources, _times(plan.sources), strict=True)])
