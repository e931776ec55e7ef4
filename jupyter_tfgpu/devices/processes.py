"""The processes on a device, asked of the driver's library itself.

nvidia-ml-py calls the third version of these functions only, twice each, and takes its entries to be
24 bytes. Drivers before 510.39 lack that version; those from 535.43 to 535.86 write 32 bytes an entry,
which nvidia-ml-py reads as wrong pids. So this asks through the library handle that it has loaded.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Iterable
from typing import Any

from .driver import NOT_FOUND, NOT_SUPPORTED
from .reading import Process

_SUCCESS = 0
_INSUFFICIENT_SIZE = 7
_NOT_AVAILABLE = (1 << 64) - 1
_ROOM = 64
_KINDS = ("Compute", "Graphics", "MPSCompute")
_V1 = struct.Struct("=I4xQ")
_V2 = struct.Struct("=I4xQII")
_V3_OF_535 = struct.Struct("=I4xQII8x")


class ProcessLists:
    """Which process functions this library has, and a buffer to call them with. For one thread."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._functions = [found for kind in _KINDS if (found := _function(library, kind)) is not None]
        self._room = 0
        self._make_room(_ROOM)
        self._count = ctypes.c_uint()
        self._count_pointer = ctypes.byref(self._count)

    def read(self, handle: Any, codes: list[int]) -> tuple[Process, ...] | None:
        """The device's processes by pid, None where the driver does not say. Errors go to ``codes``."""
        entries: list[tuple[int, int | None]] = []
        answered = False
        for function, entry in self._functions:
            code = self._fill(function, handle)
            if code == _SUCCESS:
                answered = True
                for index in range(self._count.value):
                    pid, memory = entry.unpack_from(self._buffer, index * entry.size)[:2]
                    entries.append((pid, None if memory == _NOT_AVAILABLE else memory))
            elif code not in (NOT_SUPPORTED, NOT_FOUND):
                codes.append(code)
        return merge(entries) if answered else None

    def _fill(self, function: Any, handle: Any) -> int:
        """Calls with the buffer; makes it larger, a few times at most, while processes come up."""
        for _ in range(4):
            self._count.value = self._room
            code = int(function(handle, self._count_pointer, self._buffer))
            if code != _INSUFFICIENT_SIZE:
                return code
            self._make_room(self._count.value * 2 + 5)
        return code

    def _make_room(self, entries: int) -> None:
        self._room = max(self._room, entries)
        self._buffer = ctypes.create_string_buffer(self._room * _V3_OF_535.size)


def merge(entries: Iterable[tuple[int, int | None]]) -> tuple[Process, ...]:
    """One Process a pid, in order of pids.

    A process that computes and draws is in both lists with the same memory, and some drivers repeat a
    pid within a list: the larger figure counts, nothing is added up.
    """
    memory: dict[int, int | None] = {}
    for pid, size in entries:
        known = memory.get(pid)
        memory[pid] = size if known is None else max(known, size or 0)
    return tuple(Process(pid=pid, memory=memory[pid]) for pid in sorted(memory))


def _function(library: ctypes.CDLL, kind: str) -> tuple[Any, struct.Struct] | None:
    """The newest version of a list that the library exports, and the layout of its entries.

    ``library[name]`` gives a function object of our own, so its types are not nvidia-ml-py's.
    """
    name = f"nvmlDeviceGet{kind}RunningProcesses"
    for suffix, entry in (("_v3", _v3_entry(library)), ("_v2", _V2), ("", _V1)):
        try:
            return library[name + suffix], entry
        except AttributeError:
            continue
    return None


def _v3_entry(library: ctypes.CDLL) -> struct.Struct:
    """32 bytes in the drivers that have the one function and not yet the other (535.43 to 535.86)."""
    has = [_exports(library, name) for name in ("ConfComputeMemSizeInfo", "RunningProcessDetailList")]
    return _V3_OF_535 if has == [True, False] else _V2


def _exports(library: ctypes.CDLL, name: str) -> bool:
    try:
        library[f"nvmlDeviceGet{name}"]
    except AttributeError:
        return False
    return True
