"""Whether a process that was written down is still that process. Cheap, as a start asks it of many."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from .processes import born

_ENDED = (b"Z", b"X", b"x")
"""States in proc_pid_stat(5) of a process that has ended and was not waited for."""


def is_there(pid: int, born_at: float | None) -> bool:
    """Whether the process of this pid that was born then (:func:`.processes.born`; None: not known) is there.

    False for one that has ended and was not waited for, as in a container whose first process waits for none.
    """
    found = born(pid)
    return found is not None and born_at in (None, found) and not _ended(pid)


def _ended(pid: int) -> bool:
    if sys.platform != "linux":
        return False  # psutil, which `born` asks there, takes it for gone
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return True
    return stat.rpartition(b")")[2].split(None, 1)[0] in _ENDED


def session_leader(pid: int) -> int:
    """The leader of the process's session, such as a kernel; the process itself where that cannot be said."""
    try:
        return os.getsid(pid) if sys.platform != "win32" else pid
    except OSError:
        return pid
