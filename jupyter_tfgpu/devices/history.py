"""The last half hour of every device, in columns of fixed size."""

from __future__ import annotations

import math
from array import array
from copy import copy

import msgspec

from .reading import Device, Reading

SPAN = 1800.0
"""Seconds that are kept."""
_MOST_DEVICES = 64
"""Devices kept at once, counting those that are gone; more only where more are listed."""
COLUMNS = ("memory", "utilization", "temperature", "power")


class DeviceHistory(msgspec.Struct, frozen=True, kw_only=True):
    """One device's columns, as long as ``History.times``; None where a figure was not known.

    ``memory``: used bytes. ``utilization``: 0-1. ``temperature``: °C. ``power``: milliwatts.
    """

    memory: tuple[float | None, ...]
    utilization: tuple[float | None, ...]
    temperature: tuple[float | None, ...]
    power: tuple[float | None, ...]


class History(msgspec.Struct, frozen=True, kw_only=True):
    """``times``: seconds since the epoch, ascending. ``devices``: by UUID."""

    times: tuple[float, ...] = ()
    devices: dict[str, DeviceHistory] = {}


class HistoryStore:
    """A ring of readings. ``interval``: the shortest between two of them, which settles its size.

    8 devices at 0.5 s take 0.9 MB. Not thread-safe: its owner holds a lock.
    """

    def __init__(self, interval: float) -> None:
        self._size = max(2, math.ceil(SPAN / interval))
        self._times = array("d", bytes(8 * self._size))
        self._columns: dict[str, dict[str, array[float]]] = {}
        self._last_seen: dict[str, float] = {}
        self._added = 0

    def add(self, reading: Reading) -> None:
        """Takes the reading in; the oldest goes out when the ring is full."""
        if self._added and reading.taken_at <= self._times[(self._added - 1) % self._size]:
            if reading.taken_at == self._times[(self._added - 1) % self._size]:
                return
            self._added = 0  # the clock was set back: times that do not ascend are of no use
            self._columns.clear()
            self._last_seen.clear()
        slot = self._added % self._size
        self._times[slot] = reading.taken_at
        self._added += 1
        for device in reading.devices:
            self._last_seen[device.uuid] = reading.taken_at
            if device.uuid not in self._columns:
                self._columns[device.uuid] = {name: array("d", [math.nan]) * self._size for name in COLUMNS}
        self._forget(reading.taken_at)
        now = {device.uuid: device for device in reading.devices}
        for uuid, columns in self._columns.items():
            for name, value in _figures(now.get(uuid)).items():
                columns[name][slot] = math.nan if value is None else value

    def copy(self) -> HistoryStore:
        """What is in it now, at the cost of copying memory: so ``last``, which takes long, needs no lock."""
        copied = copy(self)
        copied._times = self._times[:]
        copied._columns = {
            uuid: {name: column[:] for name, column in columns.items()}
            for uuid, columns in self._columns.items()
        }
        return copied

    def last(self, seconds: float, now: float) -> History:
        """What was taken in the last ``seconds`` before ``now``."""
        slots = [
            index % self._size
            for index in range(max(0, self._added - self._size), self._added)
            if self._times[index % self._size] >= now - min(seconds, SPAN)
        ]
        devices = {
            uuid: DeviceHistory(**{name: _known(column, slots) for name, column in columns.items()})
            for uuid, columns in self._columns.items()
        }
        return History(times=tuple(self._times[slot] for slot in slots), devices=devices)

    def _forget(self, now: float) -> None:
        """Drops devices that were not seen for the whole span, and the longest gone beyond the limit."""
        gone = sorted(
            (uuid for uuid, seen in self._last_seen.items() if seen != now), key=self._last_seen.__getitem__
        )
        too_many = len(self._last_seen) - _MOST_DEVICES
        for number, uuid in enumerate(gone):
            if number >= too_many and now - self._last_seen[uuid] <= SPAN:
                break
            del self._last_seen[uuid]
            self._columns.pop(uuid, None)


def _figures(device: Device | None) -> dict[str, float | None]:
    if device is None:
        return dict.fromkeys(COLUMNS)
    return {
        "memory": device.memory.used if device.memory else None,
        "utilization": device.utilization.gpu if device.utilization else None,
        "temperature": device.temperature,
        "power": device.power.usage if device.power else None,
    }


def _known(column: array[float], slots: list[int]) -> tuple[float | None, ...]:
    return tuple(None if math.isnan(column[slot]) else column[slot] for slot in slots)
