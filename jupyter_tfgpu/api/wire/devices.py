"""Devices and who holds them."""

from __future__ import annotations

from typing import Literal

import msgspec

from ...devices.reading import (
    Clocks,
    ComputeMode,
    DeviceState,
    DriverState,
    Ecc,
    LinkRates,
    Memory,
    Power,
    Rates,
    Utilization,
)
from ...kernels.holders.holders import Holder
from ...kernels.holders.regime import Attribution


class DeviceAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A device as everybody sees it. ``allotted``: the server was given this device.

    ``performance_state``: 0 (fastest) to 15. ``energy``: used since the driver was loaded.
    """

    index: int | None
    uuid: str
    name: str | None
    compute_capability: str | None
    parent: str | None
    allotted: bool
    host_memory: bool
    state: DeviceState
    memory: Memory | None
    utilization: Utilization | None
    temperature: int | None
    power: Power | None
    clocks: Clocks | None
    throttle: tuple[str, ...] | None
    performance_state: int | None
    compute_mode: ComputeMode | None
    energy: int | None
    fan: float | None
    ecc: Ecc | None
    pcie: Rates | None
    nvlink: tuple[LinkRates, ...] | None
    mig: bool
    holders: tuple[Holder, ...]
    unattributed_memory: int | None


class ReadingAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """``devices``. ``age``: seconds since the reading was taken. ``attribution``: how far the driver says
    whose memory it is; None where it has not been looked at."""

    schema: Literal["tfgpu.reading/1"] = "tfgpu.reading/1"
    taken_at: str
    age: float
    simulated: bool
    driver: DriverState
    devices: tuple[DeviceAnswer, ...]
    attribution: Attribution | None = None
