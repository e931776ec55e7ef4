"""Facts of processes, for saying whose memory is on a device. Read off the event loop: it asks /proc."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Literal

import msgspec
import psutil

ANCESTORS = 32
"""Generations followed upwards at most."""

SAME_TIME = 2.0
"""Seconds by which two answers on when a process began may differ."""


class ProcessFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A process: its session, its ancestors (nearest first), its owner, when it began (epoch seconds).

    ``command`` is None for the processes of other users, whose command lines are not shown.
    """

    pid: int
    session: int | None = None
    ancestors: tuple[int, ...] = ()
    user: Literal["me", "other"] | None = None
    command: str | None = None
    began: float | None = None


def read_processes(pids: Iterable[int]) -> dict[int, ProcessFacts]:
    """The facts of those that are there and may be looked at; the others are left out."""
    facts = {}
    for pid in sorted(set(pids)):
        try:
            facts[pid] = _read(psutil.Process(pid))
        except (psutil.Error, OSError, ValueError):
            continue  # ended, in another container, or not to be looked at
    return facts


def began(pid: int) -> float | None:
    """When this process began (epoch seconds); None where it cannot be seen."""
    try:
        return psutil.Process(pid).create_time()
    except (psutil.Error, OSError, ValueError):
        return None


def is_running(pid: int, began: float | None, mark: str | None = None) -> bool:
    """Whether the process with this pid that began then (epoch seconds; None: not known) is still there.

    ``mark``: how a word of its command ends. It decides where the times differ: the pid may have been
    used again, or the clock been set, which moves the beginning of every process.
    """
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


def _read(process: psutil.Process) -> ProcessFacts:
    with process.oneshot():
        user = _user(process)
        return ProcessFacts(
            pid=process.pid,
            session=_session(process.pid),
            ancestors=_ancestors(process),
            user=user,
            command=process.name() if user == "me" else None,
            began=process.create_time(),
        )


def _user(process: psutil.Process) -> Literal["me", "other"] | None:
    try:
        if hasattr(os, "getuid"):
            return "me" if process.uids().real == os.getuid() else "other"
        return "me" if process.username() == psutil.Process().username() else "other"
    except (psutil.Error, OSError):
        return None


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid) if hasattr(os, "getsid") else None
    except OSError:
        return None


def _ancestors(process: psutil.Process) -> tuple[int, ...]:
    found: list[int] = []
    try:
        parent = process.parent()  # checks that it is older, so not a pid used again
        while parent is not None and len(found) < ANCESTORS:
            found.append(parent.pid)
            parent = parent.parent()
    except (psutil.Error, OSError):
        pass  # as far as could be seen
    return tuple(found)
