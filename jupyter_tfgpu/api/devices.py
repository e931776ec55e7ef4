"""A reading and its holders as the answer that everybody sees."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from ..devices import Device, Reading
from ..kernels import DeviceHolders, Joined
from .times import iso_time
from .wire import DeviceAnswer, ReadingAnswer


def reading_answer(reading: Reading, joined: Joined, allotted: Set[str], now: float) -> ReadingAnswer:
    """``devices`` of the contract. ``allotted``: by UUID; ``now``: epoch seconds."""
    return ReadingAnswer(
        taken_at=iso_time(reading.taken_at),
        age=max(0.0, round(now - reading.taken_at, 3)),
        simulated=reading.simulated,
        driver=reading.driver,
        devices=tuple(
            _device_answer(device, joined.held.get(device.uuid), device.uuid in allotted)
            for device in reading.devices
        ),
        attribution=joined.attribution,
    )


ALIKE = tuple(name for name in DeviceAnswer.__struct_fields__ if name in Device.__struct_fields__)
"""What an answer says of a device just as the reading does."""


def _device_answer(device: Device, held: DeviceHolders | None, allotted: bool) -> DeviceAnswer:
    alike: dict[str, Any] = {name: getattr(device, name) for name in ALIKE}
    return DeviceAnswer(
        **alike,
        allotted=allotted,
        holders=() if held is None else held.holders,
        unattributed_memory=None if held is None else held.unattributed,
    )
