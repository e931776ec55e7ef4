"""Processes that cut themselves off from the kernel that started them: known by a variable they inherited.

A daemon leads a session of its own and its parents have ended, so nothing in the process table leads to
its kernel. But the name of the notebook's session, which jupyter_server gives a kernel, is in the
environment of all that it starts.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from ..running.processes import ProcessFacts, Relative
from ..running.started import StartedKernel
from .holders import owner

VARIABLE = "JPY_SESSION_NAME"


class _Name(NamedTuple):
    """A session's name as it was given, and as a path with its links followed, as a kernel's notebook is."""

    given: str
    real: str


_NOT_YET = _Name("", "")
"""Of a process that is just being started: its environment is empty until the system has laid it out."""


class Inherited:
    """Reads each environment once, as it was when the process began. Not thread-safe."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, float | None], _Name | None] = {}

    def joined(
        self, facts: Mapping[int, ProcessFacts], kernels: Iterable[StartedKernel]
    ) -> dict[int, ProcessFacts]:
        """The facts, with a kernel added to the lineage of this user's processes that no other way leads to.

        It is the only one of its notebook, and older than the process: not one that was started anew since.
        """
        by_pid = {kernel.pid: kernel for kernel in kernels if kernel.pid is not None}
        known, self._known = self._known, {}
        found = dict(facts)
        for pid, one in facts.items() if by_pid else ():
            if one.user != "me" or one.born is None or owner(one, by_pid) is not None:
                continue
            key = pid, one.born
            name = known[key] if key in known else _session_name(pid)
            if name is not _NOT_YET:
                self._known[key] = name
            leaders = [
                Relative(leader, kernel.born)
                for leader, kernel in by_pid.items()
                if name is not None and name is not _NOT_YET and _is_of(kernel, name, one.born)
            ]
            if len(leaders) == 1:
                found[pid] = msgspec.structs.replace(one, lineage=(*one.lineage, *leaders))
        return found


def _is_of(kernel: StartedKernel, name: _Name, born: float) -> bool:
    """Whether a process of this session's name that was born then may be the kernel's."""
    if kernel.notebook is None or kernel.born is None or kernel.born > born:
        return False
    return name.given == kernel.variables.get(VARIABLE) or name.real == kernel.notebook


def _session_name(pid: int) -> _Name | None:
    import psutil

    try:
        environ = psutil.Process(pid).environ()
    except (psutil.Error, OSError):
        return None
    if not environ:
        return _NOT_YET
    given = environ.get(VARIABLE)
    return _Name(given, os.path.realpath(given)) if given else None
