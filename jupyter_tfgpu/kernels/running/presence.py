"""Whether a process that was written down is still that process. Cheap, as a start asks it of many."""

from __future__ import annotations

import os
import sys

from .processes import born

_ENDED = (b"Z", b"X", b"x")
"""States in proc_pid_stat(5) of a process that has ended and was not waited for."""


def is_there(pid: int, born_at: float | None) -> bool:
    """Whether the process of this pid that was born then (:func:`.processes.born`; None: not known) is there.

    False for one that has ended and was not waited for, as in a container whose first process waits for none.
    """
    if sys.platform != "linux":
        found = born(pid)  # by psutil, which takes one that has ended for gone
        return found is not None and born_at in (None, found)
    try:
        file = os.open(f"/proc/{pid}/stat", os.O_RDONLY | os.O_CLOEXEC)
        try:
            text = os.read(file, 4096)
        finally:
            os.close(file)
    except OSError:
        return False
    # "pid (name) state …", the time of birth as the 22nd; a name may have any character in it.
    fields = text.rpartition(b")")[2].split(None, 20)
    return len(fields) > 20 and fields[0] not in _ENDED and born_at in (None, int(fields[19]))


def session_leader(pid: int) -> int:
    """The leader of the process's session, such as a kernel; the process itself where that cannot be said."""
    try:
        return os.getsid(pid) if sys.platform != "win32" else pid
    except OSError:
        return pid
