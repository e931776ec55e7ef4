"""Keeps the state file of a server: what its kernels can know of the devices before a cell runs."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from ..devices import Reading
from ..devices.reading import Device
from ..kernels import (
    DeviceHolders,
    DevicesState,
    StateDevice,
    StateHolder,
    StateMemory,
    allotted,
    write_state,
)

EVERY = 5.0
"""Seconds between two writings at least: kernels take what is up to three times as old."""


class StateKeeper:
    """Writes what readings show to ``path``, until :meth:`close`. Thread-safe.

    ``given``: this program's own CUDA_VISIBLE_DEVICES.
    """

    def __init__(self, path: Path, given: str | None, log: logging.Logger) -> None:
        self._path = path
        self._given = given
        self._log = log
        self._lock = threading.Lock()
        self._written_at = -EVERY
        self._taken_at = 0.0
        self._closed = self._failed = False

    def offer(self, reading: Reading, held: Mapping[str, DeviceHolders]) -> None:
        """A reading and who holds what in it; it is written where the last one is old enough. On the disk:
        not for the event loop. Raises nothing."""
        with self._lock:
            now = time.monotonic()
            if self._closed or now - self._written_at < EVERY or reading.taken_at <= self._taken_at:
                return
            try:
                write_state(self._path, devices_state(reading, held, self._given))
            except OSError as error:
                if not self._failed:
                    self._log.warning("tfgpu: kernels are not told the state of the devices: %s", error)
                self._failed = True
            self._written_at, self._taken_at = now, reading.taken_at

    def close(self) -> None:
        """Removes the file; none is written any more."""
        with self._lock:
            self._closed = True
            try:
                self._path.unlink(missing_ok=True)
            except OSError as error:
                self._log.warning("tfgpu: the state file is not removed: %s", error)


def devices_state(reading: Reading, held: Mapping[str, DeviceHolders], given: str | None) -> DevicesState:
    """What kernels are told of a reading. ``given``: as for :class:`StateKeeper`."""
    ours = {device.uuid for device in allotted(reading.devices, given)}
    return DevicesState(
        taken_at=reading.taken_at,
        driver=reading.driver.status,
        simulated=reading.simulated,
        devices=tuple(
            _device(one, held.get(one.uuid, DeviceHolders()), one.uuid in ours) for one in reading.devices
        ),
    )


def _device(device: Device, held: DeviceHolders, ours: bool) -> StateDevice:
    memory = device.memory
    return StateDevice(
        uuid=device.uuid,
        parent=device.parent,
        index=device.index,
        name=device.name,
        state=device.state,
        allotted=ours,
        memory=None
        if memory is None or device.host_memory
        else StateMemory(total=memory.total, used=memory.used, free=memory.free),
        holders=tuple(
            StateHolder(kernel_id=one.kernel_id, notebook=one.notebook, pid=one.pid, memory=one.memory)
            for one in held.holders
            if one.kernel_id is not None
        ),
        others=sum(one.memory or 0 for one in held.holders if one.kernel_id is None),
    )
