"""A reading and its holders as the answer that everybody sees."""

from __future__ import annotations

from collections.abc import Mapping, Set
from datetime import datetime, timezone

from ..devices import Device, Reading
from ..kernels import DeviceHolders
from .wire import DeviceAnswer, Holder, ReadingAnswer


def reading_answer(
    reading: Reading, holders: Mapping[str, DeviceHolders], allotted: Set[str], now: float
) -> ReadingAnswer:
    """``devices`` of the contract. ``holders`` and ``allotted`` by UUID; ``now``: epoch seconds."""
    return ReadingAnswer(
        taken_at=datetime.fromtimestamp(reading.taken_at, timezone.utc).isoformat(timespec="milliseconds"),
        age=max(0.0, round(now - reading.taken_at, 3)),
        simulated=reading.simulated,
        driver=reading.driver,
        devices=tuple(
            _device_answer(device, holders.get(device.uuid), device.uuid in allotted)
            for device in reading.devices
        ),
    )


def _device_answer(device: Device, held: DeviceHolders | None, allotted: bool) -> DeviceAnswer:
    return DeviceAnswer(
        index=device.index,
        uuid=device.uuid,
        name=device.name,
        compute_capability=device.compute_capability,
        parent=device.parent,
        allotted=allotted,
        host_memory=device.host_memory,
        state=device.state,
        memory=device.memory,
        utilization=device.utilization,
        temperature=device.temperature,
        power=device.power,
        clocks=device.clocks,
        throttle=device.throttle,
        fan=device.fan,
        ecc=device.ecc,
        pcie=device.pcie,
        nvlink=device.nvlink,
        mig=device.mig,
        holders=()
        if held is None
        else tuple(
            Holder(
                pid=one.pid,
                memory=one.memory,
                command=one.command,
                kernel_id=one.kernel_id,
                notebook=one.notebook,
                user=one.user,
            )
            for one in held.holders
        ),
        unattributed_memory=None if held is None else held.unattributed,
    )
