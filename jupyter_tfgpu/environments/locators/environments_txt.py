"""``~/.conda/environments.txt``: the prefixes that conda and mamba made, one a line; forgotten are few.

New ones are added at the end; some are deleted since. Where a tool that makes environments by the thousand
(conda-build) let the file grow, its beginning and its end are read.
"""

from __future__ import annotations

import stat
from functools import lru_cache
from pathlib import Path

from .. import files
from ..disk import Disk
from .recognised import Found, Trouble

LINES = 1000
"""Lines looked at from the beginning, and as many from the end. Each that leads to no folder costs a look
at the disk every time."""
_PART = 128 << 10
"""Bytes read from either end for that."""


def prefixes(disk: Disk, path: Path) -> tuple[Found, ...]:
    """What the file lists; with a sentence where not all of it is looked at."""
    disk.mark(str(path))
    try:
        status = path.stat()
    except (OSError, ValueError):
        return ()
    if not stat.S_ISREG(status.st_mode):
        return ()
    return _read(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=4)
def _read(path: Path, _modified: int, size: int) -> tuple[Found, ...]:
    beginning = files.read_text(path, _PART)
    if beginning is None:
        return (Trouble(f"{path} may not be read by this user, so conda's list of environments is missing."),)
    lines = beginning.splitlines()
    if size > _PART:
        # The last line of the one and the first of the other part may be cut off.
        ends = [*lines[:-1][:LINES], *_end(path, size)[1:][-LINES:]]
    elif len(lines) > 2 * LINES:
        ends = [*lines[:LINES], *lines[-LINES:]]
    else:
        return tuple(_listed(lines))
    trouble = Trouble(
        f"{path} is very long ({size:,} bytes): only its first and last {LINES:,} lines are looked at."
    )
    return (trouble, *_listed(ends))


def _end(path: Path, size: int) -> list[str]:
    try:
        with path.open("rb") as file:
            file.seek(max(0, size - _PART))
            return file.read(_PART).decode("utf-8", "replace").splitlines()
    except OSError:
        return []


def _listed(lines: list[str]) -> dict[Path, None]:
    """Each once. Lines that are no absolute path are rubbish; conda writes none."""
    paths = (Path(line) for line in lines if "\0" not in line)
    return dict.fromkeys(path for path in paths if path.is_absolute())
