"""One look at a process: what tells it from another of its pid, whose it is, what it runs."""

from __future__ import annotations

import os
from typing import NamedTuple


def unseen() -> tuple[type[Exception], ...]:
    """What is raised where a process cannot be seen. psutil takes long to load: not at a server's start."""
    import psutil

    return (psutil.Error, OSError, ValueError)


class Glance(NamedTuple):
    """What is looked at each time. ``name``, ``owner``: as the system has them, to see that they change."""

    born: float
    parent: int
    session: int | None
    name: bytes | str
    owner: int | None


def look_at(pid: int) -> Glance:
    """Raises OSError, ValueError or psutil.Error where the process cannot be seen."""
    import psutil

    if not psutil.LINUX:
        process = psutil.Process(pid)
        with process.oneshot():
            return Glance(process.create_time(), process.ppid(), _session(pid), process.name(), None)
    file = os.open(f"/proc/{pid}/stat", os.O_RDONLY | os.O_CLOEXEC)
    try:
        text, owner = os.read(file, 4096), os.fstat(file).st_uid
    finally:
        os.close(file)
    # "pid (name) state parent group session …", see proc_pid_stat(5). A name may have any character in it.
    head, _, rest = text.rpartition(b")")
    fields = rest.split(None, 20)
    return Glance(int(fields[19]), int(fields[1]), int(fields[3]), head.partition(b"(")[2], owner)


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid) if hasattr(os, "getsid") else None
    except OSError:
        return None


def real_owner(pid: int, glance: Glance) -> int | None:
    """The user whose process it is. The files of a process that may not be dumped are root's, see proc(5)."""
    if glance.owner != 0:
        return glance.owner
    file = os.open(f"/proc/{pid}/status", os.O_RDONLY | os.O_CLOEXEC)
    try:
        _, _, rest = os.read(file, 4096).partition(b"\nUid:")  # the name, in the first line, has no newline
    finally:
        os.close(file)
    return int(rest.split(None, 1)[0]) if rest else None


_LONGEST_NAME = 15
"""Characters of a name as the kernel keeps it."""


def shown_name(pid: int, glance: Glance) -> str:
    """Its program's name, uncut, as a text that can be sent. Linux only, as the owner is."""
    assert isinstance(glance.name, bytes)
    if len(glance.name) < _LONGEST_NAME:
        return glance.name.decode("utf-8", "replace")
    import psutil

    # Looks for the rest in the command line, and keeps bytes that are no text as what cannot be sent.
    return psutil.Process(pid).name().encode("utf-8", "replace").decode()
