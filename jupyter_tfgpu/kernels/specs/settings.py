"""How the user wants kernelspecs named and kept, and kernels started: a small file in the data folder.

``{"schema": "tfgpu.settings/1", "label": TEMPLATE, "sync": "off"|"suggest"|"on", "share_politely": BOOL,
"removed": […], "written": […]}``; what is missing is the default. ``removed``: kernels
(``environments.kernel_key``) whose kernelspec the user removed, so that a sync does not write it again;
``written``: those that we wrote one for, by which a kernelspec is missed that another program removed.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Literal

import msgspec

from ...environments import LabelError, check_template
from ..disk import locked, replace_file
from .errors import SpecNotWritten

_log = logging.getLogger(__name__)
_LOCK_SECONDS = 2.0
_DAMAGED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

SyncWhen = Literal["off", "suggest", "on"]


class SpecSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the file says. ``label``, ``sync``, ``share_politely``: None where it says nothing."""

    schema: Literal["tfgpu.settings/1"] = "tfgpu.settings/1"
    label: str | None = None
    sync: SyncWhen | None = None
    share_politely: bool | None = None
    removed: tuple[str, ...] = ()
    written: tuple[str, ...] = ()

    def with_written(self, key: str) -> SpecSettings:
        """After a kernelspec was written for this kernel because somebody asked for it."""
        return self.with_all({*self.written, key}, self.removed)

    def with_removed(self, key: str) -> SpecSettings:
        """After the user removed the kernelspec of this kernel."""
        return self.with_all({*self.written} - {key}, {*self.removed, key})

    def with_all(self, written: Collection[str], removed: Collection[str]) -> SpecSettings:
        """With these; what is written counts as not removed."""
        left = sorted({*removed} - {*written})
        return msgspec.structs.replace(self, written=tuple(sorted(written)), removed=tuple(left))


class SpecSettingsFile:
    """The settings in one file, which several programs may write. Thread-safe; reads are cached."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._state: tuple[int, int, int] | None = None
        self._cached = SpecSettings()

    def get(self) -> SpecSettings:
        """What the file says now; a file that is damaged says nothing."""
        with self._lock:
            return self._read()

    def change(self, change: Callable[[SpecSettings], SpecSettings]) -> SpecSettings:
        """Writes what ``change`` makes of the settings, where that is something else.

        Raises :class:`SpecNotWritten`. A damaged file is kept beside the new one, as ``….damaged``.
        """
        try:
            with self._lock, locked(Path(f"{self.path}.lock"), _LOCK_SECONDS):
                self._state = None  # what another program wrote since counts, whatever its time stamp
                before = self._read()
                after = change(before)
                if after != before:
                    self._keep_damaged()
                    replace_file(self.path, msgspec.json.format(msgspec.json.encode(after), indent=1))
                    self._state = None
                return after
        except TimeoutError as error:
            raise self._failed(str(error)) from None
        except OSError as error:
            raise self._failed(f"{error}.") from error

    def _failed(self, why: str) -> SpecNotWritten:
        return SpecNotWritten(
            f"The settings in {self.path} could not be changed. {why}", {"file": str(self.path)}
        )

    def _read(self) -> SpecSettings:
        try:
            status = self.path.stat()
            state = (status.st_mtime_ns, status.st_size, status.st_ino)
            if state != self._state:
                self._cached = self._decoded()
                self._state = state
        except OSError:
            self._cached, self._state = SpecSettings(), None
        return self._cached

    def _decoded(self) -> SpecSettings:
        try:
            found = msgspec.json.decode(self.path.read_bytes(), type=SpecSettings)
            if found.label is not None:
                check_template(found.label)
        except LabelError as error:
            _log.warning("The label in %s is passed over: %s", self.path, error)
            return msgspec.structs.replace(found, label=None)
        except _DAMAGED as error:
            _log.warning("The settings in %s are damaged and do not count: %s", self.path, error)
            return SpecSettings()
        return found

    def _keep_damaged(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            data = self.path.read_bytes()
            try:
                msgspec.json.decode(data, type=SpecSettings)
            except _DAMAGED:
                replace_file(self.path.with_name(f"{self.path.name}.damaged"), data)
