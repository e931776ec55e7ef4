"""Which processes use a device, and how much: the driver's samples of their share of the multiprocessors.

Asked of the driver's library itself: nvidia-ml-py calls twice, and fails where samples come up between.
"""

from __future__ import annotations

import ctypes
import struct
import time
from typing import Any

from .driver import NO_PERMISSION, NOT_FOUND, NOT_SUPPORTED
from .reading import Process

_SUCCESS = 0
_INVALID_ARGUMENT = 2
"""What some drivers answer for MIG."""
_INSUFFICIENT_SIZE = 7
_SAMPLE = struct.Struct("=I4xQIIII")
"""nvmlProcessUtilizationSample_t: pid, time (epoch, microseconds), then percent of the multiprocessors,
the memory's bandwidth, the encoder, the decoder."""
_ROOM = 64
_LASTS = 1.0
"""Seconds that a sample counts while no newer one is there: the driver takes them every 1/6 s to 1 s."""
_PAUSE = 60.0
"""Seconds after which a device that does not support this (as with MIG on, under WSL2) is asked again."""


class ProcessUse:
    """The samples of one device. For one thread."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._function = _function(library)
        self._room = _ROOM
        self._buffer = ctypes.create_string_buffer(self._room * _SAMPLE.size)
        self._count = ctypes.c_uint()
        self._count_pointer = ctypes.byref(self._count)
        self._seen: int | None = None
        """The newest sample's time: those after it are asked for."""
        self._shares: dict[int, float | None] = {}
        self._shares_at = 0.0
        self._ask_after = 0.0

    def read(
        self, handle: Any, processes: tuple[Process, ...], busy: bool, codes: list[int]
    ) -> tuple[Process, ...]:
        """The processes with their use since the last reading. ``busy``: the device may be in use.

        The driver has samples of those alone that used the device. So one without is at 0, but not known
        where its memory is not either, or where somebody uses the device who is not in this list: in
        containers some drivers give pids of the host here, and the container's there
        (https://github.com/Project-HAMi/HAMi-core/issues/112).
        """
        if self._function is None or time.monotonic() < self._ask_after:
            return processes
        if not self._take(handle, codes):
            return processes
        listed = {process.pid for process in processes}
        users = {pid for pid, share in self._shares.items() if share}
        known = users <= listed and (bool(users) or not busy)
        return tuple(
            Process(pid=process.pid, memory=process.memory, utilization=self._share(process, known))
            for process in processes
        )

    def _share(self, process: Process, known: bool) -> float | None:
        at_rest = 0.0 if known and process.memory is not None else None
        return self._shares.get(process.pid, at_rest)

    def _take(self, handle: Any, codes: list[int]) -> bool:
        """Whether the driver answered; ``_shares`` are those of now then."""
        now, clock = time.monotonic(), time.time()
        if self._seen is None or self._seen > (clock + _LASTS) * 1e6:  # the clock was set back
            self._seen = int((clock - _LASTS) * 1e6)
        code = self._fill(handle, self._seen)
        if code == _SUCCESS:
            found = self._samples(self._seen, int((clock + _LASTS) * 1e6))
            if found:
                self._shares, self._shares_at = found, now
                return True
        elif code != NOT_FOUND:
            if code in (NOT_SUPPORTED, NO_PERMISSION, _INVALID_ARGUMENT):
                self._ask_after = now + _PAUSE
            else:
                codes.append(code)
            return False
        if now - self._shares_at > _LASTS:
            self._shares = {}
        return True

    def _samples(self, since: int, until: int) -> dict[int, float | None]:
        """The largest share of each pid, None where there is only one of more than 100 percent.

        Drivers give such, and samples older than asked for (https://github.com/Syllo/nvtop/issues/110).
        """
        shares: dict[int, float | None] = {}
        for index in range(min(self._count.value, self._room)):
            pid, at, percent = _SAMPLE.unpack_from(self._buffer, index * _SAMPLE.size)[:3]
            if not since < at <= until:
                continue
            if percent > 100:
                shares.setdefault(pid, None)
                continue
            self._seen = max(at, self._seen or 0)
            shares[pid] = max(percent / 100, shares.get(pid) or 0.0)
        return {pid: share for pid, share in shares.items() if share != 0}

    def _fill(self, handle: Any, since: int) -> int:
        """Calls with the buffer; makes it larger, a few times at most, while samples come up."""
        for _ in range(4):
            self._count.value = self._room
            code = int(self._function(handle, self._buffer, self._count_pointer, ctypes.c_ulonglong(since)))
            if code != _INSUFFICIENT_SIZE:
                return code
            self._room = max(self._room, self._count.value * 2 + 5)
            self._buffer = ctypes.create_string_buffer(self._room * _SAMPLE.size)
        return code


def _function(library: ctypes.CDLL) -> Any:
    """None where the library has no such function. ``library[name]`` is a function object of our own."""
    try:
        return library["nvmlDeviceGetProcessUtilization"]
    except AttributeError:
        return None
