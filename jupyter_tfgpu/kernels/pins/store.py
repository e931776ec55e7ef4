"""The pins on disk: one small file, shared by servers, command line and magic.

``{"schema": "tfgpu.pins/1", "machines": {MACHINE: {"kernel"|"notebook"|"kernelspec": {KEY: PIN}}}}``,
mode 0600. It is replaced as a whole, so a reader needs no lock and a crash leaves the old or the new.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec

from ...machine import Machine
from ..disk import drafts, locked, replace_file
from .identity import machine_name
from .pin import Pin, PinError, parse_pin
from .targets import Target, TargetKind, make_target

log = logging.getLogger(__name__)

LOCK_TIMEOUT = 2.0
"""Seconds to wait for another writer; a write takes a few milliseconds."""

DRAFT_AGE = 60.0
"""Seconds after which what a program has begun to write is taken for left behind."""

Pins = dict[TargetKind, dict[str, str]]


class _File(msgspec.Struct, kw_only=True):
    schema: Literal["tfgpu.pins/1"] = "tfgpu.pins/1"
    machines: dict[str, Pins] = {}


class PinStore:
    """The pins of this machine in one file. Thread-safe; reads are cached by the file's state."""

    def __init__(self, path: Path, machine: Machine | None = None) -> None:
        self.path = path
        self.problem: str | None = None
        """A sentence where the file was damaged and moved aside, or a pin in it could not be read."""
        self.machine = machine_name(machine or Machine())
        """By what name this machine's pins are kept."""
        self._lock = threading.Lock()
        self._state: tuple[int, int, int] | None = None
        self._cached = _File()
        self._unread: str | None = None

    def get(self, target: Target) -> Pin | None:
        """The pin of this target; None where it has none."""
        return self._parse(target, self._ours().get(target.kind, {}).get(target.key))

    def all(self) -> tuple[tuple[Target, Pin], ...]:
        """Every pin of this machine, by kind and name."""
        found = []
        for kind, pins in sorted(self._ours().items()):
            for key, text in sorted(pins.items()):
                target = make_target(kind, key)
                pin = self._parse(target, text)
                if pin is not None:
                    found.append((target, pin))
        return tuple(found)

    def set(self, target: Target, pin: Pin) -> None:
        """Stores the pin. Raises :class:`PinError` (``pin-store``) where the file cannot be written."""
        self._change(lambda pins: pins.setdefault(target.kind, {}).__setitem__(target.key, str(pin)))

    def clear(self, target: Target) -> bool:
        """Removes the target's pin; says whether there was one. Raises as :meth:`set` does."""
        if target.key not in self._ours().get(target.kind, {}):
            return False
        self._change(lambda pins: pins.get(target.kind, {}).pop(target.key, None))
        return True

    def move(self, old: str, new: str) -> int:
        """Follows a notebook, or a folder with all in it, to its new path; says how many pins moved."""
        moves = {
            key: new + key[len(old) :]
            for key in self._ours().get("notebook", {})
            if key == old or key.startswith(old.rstrip(os.sep) + os.sep)
        }

        def change(pins: Pins) -> None:
            notebooks = pins.get("notebook", {})
            for before, after in moves.items():
                if before in notebooks:
                    notebooks[after] = notebooks.pop(before)

        if moves:
            self._change(change)
        return len(moves)

    def _parse(self, target: Target, text: str | None) -> Pin | None:
        if text is None:
            return None
        try:
            return parse_pin(text)
        except PinError as error:
            self.problem = f"The pin of {target.kind} {target.key} in {self.path} is passed over: {error}"
            log.warning("%s", self.problem)
            return None

    def _ours(self) -> Pins:
        with self._lock:
            try:
                pins = self._read().machines.get(self.machine, {})
            except OSError as error:
                self._unread = f"The pins in {self.path} cannot be read, so none counts: {_why(error)}."
                self._report(self._unread)
                return {}
            if self._unread is not None and self.problem == self._unread:
                self.problem = self._unread = None
            return pins

    def _read(self) -> _File:
        """The file's content, from the cache where the file has not changed. Called with the lock held.

        Raises OSError where there is a file that cannot be read.
        """
        try:
            status = self.path.stat()
            state = (status.st_mtime_ns, status.st_size, status.st_ino)
            if state != self._state:
                self._state = None
                self._cached = msgspec.json.decode(self.path.read_bytes(), type=_File)
                self._state = state
        except FileNotFoundError:
            self._cached, self._state = _File(), None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            self._cached = _File()
            self._move_aside(error, state)
        return self._cached

    def _move_aside(self, error: Exception, state: tuple[int, int, int]) -> None:
        """Keeps a damaged file under another name, so that nothing is lost and the next write succeeds."""
        aside = self.path.with_name(f"{self.path.name}.damaged")
        number = 1
        while os.path.lexists(aside):
            number += 1
            aside = self.path.with_name(f"{self.path.name}.damaged-{number}")
        try:
            status = self.path.stat()
            if (status.st_mtime_ns, status.st_size, status.st_ino) != state:
                return  # another program was first, and has written a new one
            self.path.rename(aside)
        except FileNotFoundError:
            return  # another program was first
        except OSError as failure:
            self._report(f"The damaged pins in {self.path} cannot be moved aside: {_why(failure)}.")
            return
        self._report(f"The pins were damaged ({error}) and count no more; the file is kept as {aside}.")

    def _report(self, problem: str) -> None:
        if problem != self.problem:
            log.warning("%s", problem)
        self.problem = problem

    def _change(self, change: Callable[[Pins], object]) -> None:
        try:
            with self._lock, locked(Path(f"{self.path}.lock"), LOCK_TIMEOUT):
                self._state = None  # what another program wrote since counts, whatever its time stamp
                try:
                    # Not written anew where it cannot be read: all pins in it would be lost.
                    content = self._read()
                    change(content.machines.setdefault(self.machine, {}))
                    self._write(content)
                finally:
                    self._state = None  # what is in the cache now may not have been stored
        except TimeoutError as error:
            message = f"The pin was not stored. {error}"
            raise PinError(message, "pin-store") from error
        except OSError as error:
            message = f"The pin could not be stored in {self.path}: {_why(error)}."
            raise PinError(message, "pin-store") from error

    def _write(self, content: _File) -> None:
        data = msgspec.json.format(msgspec.json.encode(content), indent=1)
        replace_file(self.path, data, 0o600)
        for draft in drafts(self.path):
            with contextlib.suppress(OSError):
                if time.time() - draft.stat().st_mtime > DRAFT_AGE:
                    draft.unlink()


def _why(error: OSError) -> str:
    return error.strerror or str(error)
