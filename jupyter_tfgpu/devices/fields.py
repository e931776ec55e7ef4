"""Several figures of a device in one call: NVML's field values.

nvidia-ml-py builds new structures at each call. These are asked for at every reading, so the call is
prepared once and made through the library handle that nvidia-ml-py has loaded.
"""

from __future__ import annotations

import ctypes
import struct
import time
from collections.abc import Sequence
from typing import Any

import msgspec

from .driver import FUNCTION_NOT_FOUND, NOT_SUPPORTED

_SUCCESS = 0
_ENTRY = struct.Struct("=IIqqIiQ")
"""nvmlFieldValue_t: field, scope, timestamp, latency, type of the value, return code, value."""
_BITS = {1: 32, 2: 8 * ctypes.sizeof(ctypes.c_ulong), 3: 64}
"""Width of the unsigned types of nvmlValueType_t. What counts is never of another type."""


class Sample(msgspec.Struct, frozen=True):
    """A counter at one moment. ``bits``: it goes round at 2 to the power of this. ``at``: monotonic."""

    value: int
    bits: int
    at: float


class FieldCall:
    """A call for these fields. ``wanted``: pairs of NVML's field id and its scope (an NVLink, or 0)."""

    def __init__(self, library: ctypes.CDLL, wanted: Sequence[tuple[int, int]]) -> None:
        self._function = _function(library)
        self._count = len(wanted)
        self._blank = b"".join(_ENTRY.pack(field, scope, 0, 0, 0, 0, 0) for field, scope in wanted)
        self._buffer = ctypes.create_string_buffer(self._blank, len(self._blank))

    def ask(self, handle: Any, codes: list[int]) -> list[Sample | None]:
        """A Sample for each field, None for one that has none. Errors go to ``codes``."""
        if self._function is None or not self._count:
            return [None] * self._count
        ctypes.memmove(self._buffer, self._blank, len(self._blank))
        code = int(self._function(handle, ctypes.c_int(self._count), self._buffer))
        at = time.monotonic()
        if code != _SUCCESS:
            if code not in (NOT_SUPPORTED, FUNCTION_NOT_FOUND):
                codes.append(code)
            return [None] * self._count
        return [_sample(entry, at) for entry in _ENTRY.iter_unpack(self._buffer.raw)]


def _sample(entry: tuple[int, ...], at: float) -> Sample | None:
    kind, code, value = entry[4:]
    bits = _BITS.get(kind)
    if code != _SUCCESS or bits is None:
        return None
    return Sample(value & ((1 << bits) - 1), bits, at)


def _function(library: ctypes.CDLL) -> Any:
    """None where the library has no such function. ``library[name]`` is a function object of our own."""
    try:
        return library["nvmlDeviceGetFieldValues"]
    except AttributeError:
        return None
