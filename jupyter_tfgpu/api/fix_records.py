"""What automatic fixes have changed, kept so that it can be taken back: one small file of the user's.

``{"schema": "tfgpu.fixes/1", "machines": {MACHINE: [RECORD, …]}}``, mode 0600, for a kernel.json may hold
passwords. Servers and the command line share it; it is replaced as a whole, by one writer at a time.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec

from ..kernels.disk import locked, replace_file
from .errors import Conflict, NotFound
from .wire import FixChange

MOST = 20
"""Fixes that can be taken back, on one machine: the last ones."""
LOCK_TIMEOUT = 2.0
"""Seconds to wait for another writer; a write takes a few milliseconds."""

_log = logging.getLogger(__name__)
_DAMAGED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class SpecRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A kernel.json as it was and as it was made; ``before`` None: there was none. ``changes``: the entries
    of its ``env`` alone, as they stand in it, where nothing else was changed."""

    name: str
    folder: str
    before: bytes | None
    after: bytes
    changes: dict[str, tuple[str | None, str | None]] = {}


class PinRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A pin that was cleared. ``kind``, ``key``: of its target."""

    kind: Literal["kernel", "notebook", "kernelspec"]
    key: str
    before: str


class FixRecord(msgspec.Struct, frozen=True, kw_only=True):
    """An applied fix. ``shown``: its changes, in words. ``stays``: a sentence on what is not taken back."""

    id: str
    code: str
    title: str
    shown: tuple[FixChange, ...]
    specs: tuple[SpecRecord, ...] = ()
    pins: tuple[PinRecord, ...] = ()
    stays: str | None = None


class _File(msgspec.Struct, kw_only=True):
    schema: Literal["tfgpu.fixes/1"] = "tfgpu.fixes/1"
    machines: dict[str, list[FixRecord]] = {}


def new_id() -> str:
    return secrets.token_hex(6)


class FixRecords:
    """The fixes of this machine that can be taken back, in the file ``path``. ``machine``: its name."""

    def __init__(self, path: Path, machine: str) -> None:
        self.path = path
        self._machine = machine

    def get(self, fix_id: str | None) -> FixRecord:
        """The fix of this id; None: the last one. Raises NotFound, and Conflict where it cannot be read."""
        try:
            ours = self._read().machines.get(self._machine, [])
        except OSError as error:
            raise self._unread(error) from None
        found = [each for each in ours if fix_id in (None, each.id)]
        if found:
            return found[-1]
        if fix_id is None:
            raise NotFound("There is no fix to take back.", reason="nothing-to-undo")
        raise NotFound(
            f"There is no fix {fix_id[:40]} to take back (any more).",
            reason="no-such-fix",
            detail={"field": "id"},
        )

    def add(self, record: FixRecord) -> None:
        """Keeps it, as the last one. Raises Conflict where it cannot be stored."""
        self._change(lambda ours: [*ours, record][-MOST:])

    def remove(self, fix_id: str) -> None:
        """It was taken back. Raises Conflict where that cannot be stored."""
        self._change(lambda ours: [each for each in ours if each.id != fix_id])

    def _change(self, change: Callable[[list[FixRecord]], list[FixRecord]]) -> None:
        try:
            with locked(Path(f"{self.path}.lock"), LOCK_TIMEOUT):
                content = self._read()
                content.machines[self._machine] = change(content.machines.get(self._machine, []))
                replace_file(self.path, msgspec.json.encode(content), 0o600)
        except TimeoutError as error:
            raise Conflict(f"It could not be noted for undo. {error}", reason="fix-store") from None
        except OSError as error:
            raise self._unread(error) from None

    def _unread(self, error: OSError) -> Conflict:
        why = error.strerror or str(error)
        return Conflict(f"What was fixed is noted in {self.path}, which fails: {why}.", reason="fix-store")

    def _read(self) -> _File:
        """The content; of a damaged file nothing, and it is kept under another name. Raises OSError."""
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=_File)
        except FileNotFoundError:
            return _File()
        except _DAMAGED as error:
            aside = self.path.with_name(f"{self.path.name}.damaged")
            _log.warning("What was fixed can no longer be taken back: %s is damaged (%s).", self.path, error)
            with contextlib.suppress(OSError):
                self.path.replace(aside)
            return _File()
