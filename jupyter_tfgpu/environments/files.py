"""Reading other people's folders without being hurt by what lies in them.

A file is read only if it is a regular one (a FIFO called ``pyvenv.cfg`` would block for ever), and only
its beginning; a folder that cannot be read is an empty one.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

READ_LIMIT = 1 << 20
"""Bytes read of one file at most. The largest that we read, conda's environments.txt, holds a line an
environment; 1 MiB of it is some 15,000 environments."""

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


def read_text(path: Path, limit: int = READ_LIMIT) -> str | None:
    """The first ``limit`` bytes as UTF-8, undecodable bytes replaced. None: not there, or cannot be read."""
    try:
        descriptor = os.open(path, _FLAGS)
    except (OSError, ValueError):
        return None
    with os.fdopen(descriptor, "rb") as file:
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return None
            return file.read(limit).decode("utf-8", "replace")
        except OSError:
            return None


def names(folder: Path) -> list[str]:
    """The names in a folder, in no order. Empty where there is no folder, or none that may be read."""
    try:
        return os.listdir(folder)
    except (OSError, ValueError):
        return []


def is_file(path: Path) -> bool:
    """Whether a regular file is there. What cannot be looked at is not."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except (OSError, ValueError):
        return False


def is_folder(path: Path) -> bool:
    """Whether a folder is there. What cannot be looked at (no permission, a symlink loop) is not."""
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except (OSError, ValueError):
        return False


def subfolders(folder: Path) -> list[Path]:
    """The folders directly in a folder, links to folders included, by name."""
    try:
        with os.scandir(folder) as entries:
            found = [entry.name for entry in entries if _is_folder_entry(entry)]
    except (OSError, ValueError):
        return []
    return [folder / name for name in sorted(found)]


def _is_folder_entry(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads in a circle
        return False


def modified(path: Path) -> int | None:
    """When a file or folder was last changed, in nanoseconds. None: not there."""
    try:
        return path.stat().st_mtime_ns
    except (OSError, ValueError):
        return None
