"""The machine as the rest of the program sees it, handed in so that tests can hand in another.

Everything that is read beside NVML and beside the environments themselves (``/proc``, ``/sys``,
``/dev``, ``/etc``, the loader's cache, environment variables, the home folder) is asked of a
:class:`Machine`. With ``root`` set to a folder, ``/proc/driver/nvidia/version`` means
``<root>/proc/driver/nvidia/version``: a tree on disk that fits a stand-in driver.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

READ_LIMIT = 1 << 20
"""Bytes read of one file at most. What we read (/proc, /sys, small configuration) is far smaller."""


@dataclass(frozen=True)
class Machine:
    """One machine: a root folder, the variables of this process, a home, a platform.

    ``platform`` has the values of ``sys.platform``.
    """

    root: Path = Path("/")
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    home: Path = field(default_factory=Path.home)
    platform: str = sys.platform

    @property
    def real(self) -> bool:
        """Whether this is the machine the program runs on, not a tree handed in."""
        return self.root == Path("/")

    def path(self, absolute: str) -> Path:
        """Where the machine's absolute path lies on this disk."""
        if self.real:
            return Path(absolute)
        return self.root / absolute.lstrip("/")

    def read_text(self, absolute: str) -> str | None:
        """The file's text, at most 1 MiB of it, undecodable bytes replaced. None: cannot be read."""
        try:
            with self.path(absolute).open("rb") as file:
                return file.read(READ_LIMIT).decode("utf-8", "replace")
        except OSError:
            return None

    def listdir(self, absolute: str) -> list[str] | None:
        """The names in a folder, sorted. None: cannot be read."""
        try:
            return sorted(os.listdir(self.path(absolute)))
        except OSError:
            return None

    def exists(self, absolute: str) -> bool:
        """Whether something is at this path."""
        try:
            return self.path(absolute).exists()
        except OSError:
            return False
