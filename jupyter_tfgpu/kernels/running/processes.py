"""Facts of processes, for saying whose memory is on a device. Read off the event loop: it asks /proc."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from .glances import Glance, look_at, real_owner, shown_name, unseen

if TYPE_CHECKING:
    import psutil

ANCESTORS = 32
"""Generations followed upwards at most."""

SAME_TIME = 2.0
"""Seconds by which two answers on when a process began may differ."""


class Relative(NamedTuple):
    """A process above another: its pid, and when it was born (:func:`born`; None: gone already)."""

    pid: int
    born: float | None


class ProcessFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A process: when it was born (:func:`born`) and when that was (``began``, epoch seconds), its owner.

    ``lineage``: the leader of its session, then its ancestors, nearest first, those that have ended
    since they were seen included. ``command`` is None for the processes of other users, whose command
    lines are not shown.
    """

    pid: int
    born: float | None = None
    lineage: tuple[Relative, ...] = ()
    user: Literal["me", "other"] | None = None
    command: str | None = None
    began: float | None = None


class ProcessTable:
    """The facts of the processes that were asked for last. Thread-safe.

    Most never change. So each time only what tells a process from another of its pid, and that it runs
    another program or has another parent, is looked at: one small file. The rest is read once.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[int, tuple[Glance, ProcessFacts]] = {}

    def read(self, pids: Iterable[int]) -> dict[int, ProcessFacts]:
        """The facts of those that are there and may be looked at; the others are left out, and forgotten
        like all that are not asked for."""
        looks = _Looks()
        with self._lock:
            found = {}
            for pid in sorted(set(pids)):
                entry = self._look(pid, looks)
                if entry is not None:
                    found[pid] = entry
            self._known = found
        now = time.time()
        return {pid: _dated(facts, now) for pid, (_, facts) in found.items()}

    def _look(self, pid: int, looks: _Looks) -> tuple[Glance, ProcessFacts] | None:
        try:
            glance = looks.at(pid)
            known = self._known.get(pid)
            if known is not None and known[0] == glance:
                return known
            facts = _read(pid, glance, looks)
        except unseen():
            return None  # ended, in another container, or not to be looked at
        if known is not None and known[1].born == facts.born:
            # A process whose parent has ended is given another; where it comes from stays true.
            older = [one for one in known[1].lineage if one not in facts.lineage]
            lineage = (*older, *facts.lineage)[: 2 * ANCESTORS]
            facts = msgspec.structs.replace(facts, lineage=lineage)
        return glance, facts


def _dated(facts: ProcessFacts, now: float) -> ProcessFacts:
    """Without a beginning that is still to come: the clock was set back, and when that was is not known."""
    if facts.began is None or facts.began <= now:
        return facts
    return msgspec.structs.replace(facts, began=None)


def born(pid: int) -> float | None:
    """When this process was born, in a count of the system's that no clock being set changes.

    On Linux clock ticks since the machine's start, elsewhere epoch seconds: to be compared, no more.
    None where the process cannot be seen.
    """
    try:
        return look_at(pid).born
    except unseen():
        return None


def began(pid: int) -> float | None:
    """When this process began (epoch seconds); None where it cannot be seen."""
    import psutil

    try:
        return psutil.Process(pid).create_time()
    except (psutil.Error, OSError, ValueError):
        return None


def is_running(pid: int, began: float | None, mark: str | None = None) -> bool:
    """Whether the process with this pid that began then (epoch seconds; None: not known) is still there.

    ``mark``: how a word of its command ends. It decides where the times differ: the pid may have been
    used again, or the clock been set, which moves the beginning of every process.
    """
    import psutil

    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        if began is None or abs(process.create_time() - began) < SAME_TIME:
            return True
        return mark is not None and any(word.endswith(mark) for word in process.cmdline())
    except psutil.AccessDenied:
        return True  # there, and not ours to look at
    except (psutil.Error, OSError, ValueError):
        return False


def families(leaders: Mapping[int, float | None]) -> dict[int, tuple[int, ...]]:
    """By pid of these processes all that belong to them: themselves, their sessions, their descendants.

    ``leaders``: when each was born (:func:`born`; None: not known). A process belongs to the nearest one; one
    whose parents have ended is found by its session alone. Looks at every process there is, which takes some
    10 ms with 500 of them.
    """
    import psutil

    looks = _Looks()
    found: dict[int, list[int]] = {pid: [] for pid in leaders}
    for pid in psutil.pids() if leaders else ():
        try:
            glance = looks.at(pid)
        except unseen():
            continue
        for candidate in (Relative(pid, glance.born), *looks.lineage(glance)):
            if candidate.pid in leaders and leaders[candidate.pid] in (None, candidate.born):
                found[candidate.pid].append(pid)
                break
    return {pid: tuple(sorted(members, key=lambda one: (one != pid, one))) for pid, members in found.items()}


def _read(pid: int, glance: Glance, looks: _Looks) -> ProcessFacts:
    """The whole of it. Raises as :func:`look_at` does."""
    import psutil

    lineage = looks.lineage(glance)
    if not psutil.LINUX:
        process = psutil.Process(pid)
        with process.oneshot():
            user = _user(process)
            name = process.name() if user == "me" else None
            return ProcessFacts(
                pid=pid,
                born=glance.born,
                lineage=lineage,
                user=user,
                command=name,
                began=process.create_time(),
            )
    # psutil would open four more files for this, which takes five times as long.
    mine = real_owner(pid, glance) == os.getuid()
    return ProcessFacts(
        pid=pid,
        born=glance.born,
        lineage=lineage,
        user="me" if mine else "other",
        command=shown_name(pid, glance) if mine else None,
        began=looks.booted + glance.born / os.sysconf("SC_CLK_TCK"),
    )


def _user(process: psutil.Process) -> Literal["me", "other"] | None:
    import psutil

    try:
        if hasattr(os, "getuid"):
            return "me" if process.uids().real == os.getuid() else "other"
        return "me" if process.username() == psutil.Process().username() else "other"
    except (psutil.Error, OSError):
        return None


class _Looks:
    """What was looked at for one reading: each process and the clock once. Many have the same ancestors."""

    def __init__(self) -> None:
        self._glances: dict[int, Glance] = {}
        self._above: dict[int, tuple[Relative, ...]] = {}

    def at(self, pid: int) -> Glance:
        """Raises as :func:`look_at` does."""
        glance = self._glances.get(pid)
        if glance is None:
            glance = self._glances[pid] = look_at(pid)
        return glance

    def lineage(self, glance: Glance) -> tuple[Relative, ...]:
        """The leader of the session, then the ancestors as far as can be seen."""
        above = self._ancestors(glance)
        if not glance.session:
            return above
        return (Relative(glance.session, self._born(glance.session)), *above)

    @cached_property
    def booted(self) -> float:
        """When the machine was started (epoch seconds), as its clock is set now."""
        import psutil

        return psutil.boot_time()

    def _born(self, pid: int) -> float | None:
        try:
            return self.at(pid).born
        except unseen():
            return None

    def _ancestors(self, glance: Glance) -> tuple[Relative, ...]:
        found: list[Relative] = []
        child = glance
        while len(found) < ANCESTORS:
            try:
                parent = self.at(child.parent)
            except unseen():
                break
            if parent.born > child.born:
                break  # the parent has ended, and its pid is another's
            found.append(Relative(child.parent, parent.born))
            known = self._above.get(child.parent)
            if known is not None:
                found += known
                break
            child = parent
        if found and glance.parent not in self._above:
            self._above[glance.parent] = tuple(found[1:])
        return tuple(found[:ANCESTORS])
