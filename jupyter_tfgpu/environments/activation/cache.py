"""Activations kept on disk: one file a prefix, readable by its owner only, for values may be secrets."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from .. import files
from .activation import Activation

FILES, ENTRIES = 200, 6
"""Files in the folder, and activations in one (it is another for other variables before), at most."""
_SIZE = 1 << 20
_SCHEMA = "tfgpu.activation/1"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """An activation as it was found. ``sources``: digest of the files it came from and their times; ``base``:
    of the variables before; ``touched``: of those that it changed, each with what it was before. ``failed``:
    scripts hung or ended the shell, so it is what files tell."""

    sources: str
    base: str
    touched: dict[str, str | None]
    activation: Activation
    failed: bool = False


class _File(msgspec.Struct, frozen=True):
    schema: str
    prefix: str
    entries: tuple[Entry, ...] = ()


class Cache:
    """The files below ``folder``. What cannot be read is as if it were not there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, prefix: Path) -> Path:
        """Where a prefix's activations are."""
        return self._folder / f"{hashlib.sha256(os.fsencode(prefix)).hexdigest()[:24]}.json"

    def entries(self, prefix: Path) -> tuple[Entry, ...]:
        """What is kept for this prefix, the newest first."""
        found = _read(self.path(prefix))
        return found.entries if found is not None and found.prefix == str(prefix) else ()

    def put(self, prefix: Path, entry: Entry) -> None:
        """Keeps an activation in place of one for the same variables before. Raises OSError."""
        others = [
            each
            for each in self.entries(prefix)
            if each.sources == entry.sources and each.base != entry.base and each.failed == entry.failed
        ]
        kept = (entry, *others)[:ENTRIES]
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        content = msgspec.to_builtins(_File(_SCHEMA, str(prefix), kept))
        # Not msgspec's encoder: names and values may hold bytes that are no UTF-8, as surrogates.
        write_private(self.path(prefix), json.dumps(content).encode("ascii"))
        self._sweep(self.path(prefix))

    def _sweep(self, written: Path) -> None:
        """Removes the files of prefixes that are gone, and the oldest beyond :data:`FILES`."""
        found = [self._folder / name for name in files.names(self._folder) if name.endswith(".json")]
        kept = [written]
        for path in found:
            content = None if path == written else _read(path)
            if content is not None and files.is_folder(Path(content.prefix)):
                kept.append(path)
        kept.sort(key=lambda path: files.modified(path) or 0, reverse=True)
        for path in {*found} - {*kept[:FILES], written}:
            with contextlib.suppress(OSError):
                path.unlink()


def digest(parts: object) -> str:
    """A digest of texts and numbers in lists."""
    return hashlib.sha256(json.dumps(parts, separators=(",", ":")).encode("ascii")).hexdigest()


def digests(names: Iterable[str], base: Mapping[str, str]) -> dict[str, str | None]:
    """What these variables are in ``base``, not readable; None: not set."""
    return {name: digest(base[name]) if name in base else None for name in names}


def _read(path: Path) -> _File | None:
    text = files.read_text(path, _SIZE)
    if text is None:
        return None
    try:
        found = msgspec.convert(json.loads(text), _File)
    except (ValueError, RecursionError, msgspec.ValidationError):
        return None
    return found if found.schema == _SCHEMA else None


def write_private(path: Path, data: bytes) -> None:
    """Writes a file as a whole, readable by its owner only (0600). Raises OSError."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        # O_EXCL: neither a link nor a file of wider mode that somebody put there is written to.
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
