"""Kernelspecs of ours that were removed, as they were: removing one can be undone."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Mapping
from pathlib import Path

import msgspec

from ..disk import private_mode, replace_file
from ..pins.pin import Pin
from .document import KERNEL_JSON

_MOST = 20
"""Removed kernelspecs that are remembered, the last ones."""
_MOST_FILES = 50
_LARGEST = 1 << 20
"""Bytes of a file that is kept: what lies beside a kernel.json is far smaller."""

Files = Mapping[str, bytes]


class RemovedSpec(msgspec.Struct, frozen=True, kw_only=True):
    """``key``: what it started, as a ``kernel_key``. ``files``: what its folder held, by name."""

    name: str
    key: str
    files: Files
    pin: Pin | None


class RemovedSpecs:
    """Those that this program has removed. A server's page takes a removal back by adding it again under its
    name; who adds a kernel without naming it gets a new one."""

    def __init__(self) -> None:
        self._removed: dict[str, RemovedSpec] = {}

    def put(self, removed: RemovedSpec) -> None:
        """Remembers one; of a name the last."""
        self.forget(removed.name)
        self._removed[removed.name] = removed
        for name in list(self._removed)[:-_MOST]:
            self.forget(name)

    def get(self, name: str, key: str) -> RemovedSpec | None:
        """The one of this name, where it started the same."""
        removed = self._removed.get(name)
        return removed if removed is not None and removed.key == key else None

    def forget(self, name: str) -> None:
        """There is one of this name again."""
        self._removed.pop(name, None)


def kept_files(folder: Path) -> Files:
    """The kernel.json, and other regular files that are not large; links and folders are left out.

    Raises OSError where the folder cannot be listed; a file that cannot be read is left out too.
    """
    kept: dict[str, bytes] = {}
    for name in sorted(os.listdir(folder), key=lambda name: name != KERNEL_JSON)[:_MOST_FILES]:
        with contextlib.suppress(OSError):
            status = (folder / name).lstat()
            if stat.S_ISREG(status.st_mode) and status.st_size <= _LARGEST:
                kept[name] = (folder / name).read_bytes()
    return kept


def put_back(folder: Path, files: Files) -> None:
    """Writes the files where there are none of these names, the kernel.json last. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in sorted(files, key=lambda name: name == KERNEL_JSON):
        file = folder / name
        if not os.path.lexists(file):
            replace_file(file, files[name], private_mode(file) if name == KERNEL_JSON else 0o666)
