"""Looking at the disk, with a note of what it was like: while that is so, a second look finds the same."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

from . import files
from .files import MOST_FOLDERS, Mark

RECENT = 2_000_000_000
"""Nanoseconds. What changed so shortly before it was read may change again under the same modification
time: file systems count in ticks of up to 2 s (FAT)."""


class Disk:
    """What one look reads of the disk.

    ``place``: what is being looked at. ``marks``: by path, as they were before it was read; ``places``: for
    the sake of which place it was.
    """

    def __init__(self) -> None:
        self.place = ""
        self.marks: dict[str, Mark | None] = {}
        self.places: dict[str, str] = {}

    def mark(self, path: str) -> Mark | None:
        """The mark of what a path leads to, as it was when this was first asked."""
        if path not in self.marks:
            self.places[path] = self.place
            self.marks[path] = files.mark(path)
        return self.marks[path]

    def names(self, folder: Path) -> list[str]:
        """The names in a folder: :func:`files.names`."""
        self.mark(str(folder))
        return files.names(folder)

    def folder_paths(self, folder: str, most: int, hidden: bool = True) -> list[str]:
        """The folders in a folder: :func:`files.folder_paths`."""
        self.mark(folder)
        # What a link leads to may come and go while the folder that the link lies in stays as it is.
        return files.folder_paths(folder, most, self.mark, hidden)

    def subfolders(self, folder: Path) -> list[Path]:
        """The same as paths, no more than MOST_FOLDERS."""
        return [Path(path) for path in self.folder_paths(str(folder), MOST_FOLDERS)]

    def watched(self, began: int) -> dict[str, Mark | None]:
        """The marks of paths that stand for all that was read. ``began``: when, as ``time.time_ns``.

        For a path where nothing was stands the folder above, whose modification time changes when something
        appears there: one folder for the many places in it in which most people have nothing. Not so where
        one has changed shortly before.
        """
        plain = dict(self.marks)
        found: dict[str, Mark | None] = {}
        for path, mark in list(self.marks.items()):
            self.place = self.places[path]
            while mark is None:
                above = os.path.dirname(path)  # noqa: PTH120 - a Path costs more than the look
                beside = self.mark(above)
                if above == path or (beside is not None and os.path.lexists(path)):
                    break  # a link that leads nowhere: what it leads to may appear
                path, mark = above, beside
            found[path] = mark
        return found if settled(found.values(), began) else plain


def settled(marks: Iterable[Mark | None], began: int) -> bool:
    """Whether none of this changed shortly before it was read, which began then."""
    until = time.time_ns() + RECENT
    return not any(mark and began - RECENT <= mark[0] <= until for mark in marks)
