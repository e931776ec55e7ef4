"""What is known of all devices at one moment. Plain frozen values; ``None`` is "not known", never 0 for it.

Units as in NVML: memory in bytes, power in milliwatts, energy in millijoules, temperature in °C,
clocks in MHz, utilization as a fraction 0-1, rates in bytes per second.
"""

from __future__ import annotations

from typing import Literal

import msgspec

DriverStatus = Literal[
    "ok", "absent", "not-loaded", "library-mismatch", "no-permission", "gpu-lost", "not-answering", "error"
]
DeviceState = Literal["ok", "lost", "reset-required", "not-answering", "error"]
ComputeMode = Literal["default", "exclusive-process", "exclusive-thread", "prohibited"]
"""How many processes the device lets compute: any, one, one (of the days before CUDA 8), none."""


class DriverState(msgspec.Struct, frozen=True, kw_only=True):
    """How the driver answered. ``message`` says what the state means, ``advice`` what to do about it."""

    status: DriverStatus
    version: str | None = None
    cuda_version: str | None = None
    message: str | None = None
    advice: str | None = None


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    total: int | None = None
    used: int | None = None
    free: int | None = None
    reserved: int | None = None


class Utilization(msgspec.Struct, frozen=True, kw_only=True):
    gpu: float | None = None
    memory: float | None = None
    encoder: float | None = None
    decoder: float | None = None
    """Of the video engines: looked at every 10 s."""


class Power(msgspec.Struct, frozen=True, kw_only=True):
    usage: int | None = None
    limit: int | None = None


class Clocks(msgspec.Struct, frozen=True, kw_only=True):
    """``max_``: what the device can reach, whatever it is set to."""

    sm: int | None = None
    memory: int | None = None
    max_sm: int | None = None
    max_memory: int | None = None


class Ecc(msgspec.Struct, frozen=True, kw_only=True):
    corrected: int | None = None
    uncorrected: int | None = None


class Rates(msgspec.Struct, frozen=True, kw_only=True):
    rx: int | None = None
    tx: int | None = None
    """Seen from the device: ``rx`` comes to it, ``tx`` goes from it. None at a device's first reading.

    The mean since the reading before. Where the driver's counter goes round too often for that (32 bits
    over a fast link), the rate during the reading itself, some milliseconds.
    """


class LinkRates(msgspec.Struct, frozen=True, kw_only=True):
    link: int
    rx: int | None = None
    tx: int | None = None
    """As in Rates, for an NVLink; always the mean since the reading before."""


class Process(msgspec.Struct, frozen=True, kw_only=True):
    """A process on a device. ``memory`` is None where the driver does not say (WSL2, WDDM).

    ``utilization``: its share of the multiprocessors' time, 0-1; None where it is not known.
    """

    pid: int
    memory: int | None = None
    utilization: float | None = None


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """A GPU, or a MIG instance (then ``parent`` is the GPU's UUID and ``index`` is None).

    ``minor``: the number of its file, ``/dev/nvidia<minor>``, or of its GPU's; None on other systems.
    ``performance_state``: 0 (fastest) to 15. ``energy``: what it used since the driver was loaded.
    """

    uuid: str
    index: int | None = None
    minor: int | None = None
    name: str | None = None
    compute_capability: str | None = None
    parent: str | None = None
    host_memory: bool = False
    state: DeviceState = "ok"
    memory: Memory | None = None
    utilization: Utilization | None = None
    temperature: int | None = None
    power: Power | None = None
    clocks: Clocks | None = None
    throttle: tuple[str, ...] | None = None
    performance_state: int | None = None
    compute_mode: ComputeMode | None = None
    energy: int | None = None
    fan: float | None = None
    ecc: Ecc | None = None
    pcie: Rates | None = None
    nvlink: tuple[LinkRates, ...] | None = None
    mig: bool = False
    pci_bus_id: str | None = None
    processes: tuple[Process, ...] | None = None


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """All devices and their processes at one moment (``taken_at``: seconds since the epoch, UTC)."""

    taken_at: float
    driver: DriverState
    devices: tuple[Device, ...] = ()
    simulated: bool = False

    @property
    def answered(self) -> bool:
        """Whether the driver listed its devices: a device that is not in this reading is not there."""
        return self.driver.status in ("ok", "gpu-lost")
