"""Devices that are not there: for people without a GPU who want to see what this does.

Every Reading is marked ``simulated``. The figures are a function of the time and the scenario alone.
"""

from __future__ import annotations

import math
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import msgspec

from . import driver
from .reading import (
    Clocks,
    Device,
    DriverState,
    Ecc,
    Memory,
    Power,
    Process,
    Rates,
    Reading,
    Utilization,
)

GIB = 1 << 30
_VERSION, _CUDA_VERSION = "570.124.06", "12.8"


class UnknownScenario(ValueError):
    """There is no such scenario; the text names those there are."""


@dataclass(frozen=True)
class _Product:
    """A GPU that is sold. Memory in bytes, power in milliwatts, clocks in MHz."""

    name: str
    compute_capability: str
    memory: int
    power_limit: int
    idle_power: int
    sm_clock: int
    memory_clock: int
    fan: bool
    ecc: bool


_A100 = _Product("NVIDIA A100-SXM4-40GB", "8.0", 40 * GIB, 400_000, 52_000, 1410, 1215, False, True)
_H100 = _Product("NVIDIA H100 80GB HBM3", "9.0", 80 * GIB, 700_000, 70_000, 1980, 2619, False, True)
_RTX_4090 = _Product("NVIDIA GeForce RTX 4090", "8.9", 24 * GIB, 450_000, 22_000, 2520, 10501, True, False)
_RTX_3060 = _Product("NVIDIA GeForce RTX 3060", "8.6", 12 * GIB, 170_000, 14_000, 1837, 7501, True, False)


class SimulatedSource:
    """A Source of invented Readings. ``scenario``: one of :data:`SCENARIOS`.

    ``holders``: pids (of running kernels) that are shown with 2 GiB each on the last whole device.
    Raises UnknownScenario.
    """

    def __init__(
        self,
        scenario: str = "default",
        *,
        holders: Callable[[], Iterable[int]] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if scenario not in _SCENARIOS:
            raise UnknownScenario(f"no simulation {scenario!r}; there are: {', '.join(SCENARIOS)}")
        self._make = _SCENARIOS[scenario]
        self._holders = holders or tuple
        self._clock = clock

    def read(self) -> Reading:
        now = self._clock()
        state, devices = self._make(now)
        held = _with_holders(devices, self._holders())
        return Reading(taken_at=now, driver=state, devices=held, simulated=True)

    def close(self) -> None:
        """Nothing is held."""


def _with_holders(devices: tuple[Device, ...], pids: Iterable[int]) -> tuple[Device, ...]:
    """The devices with the pids on the last whole one that works, as many as its memory holds."""
    whole = [index for index, device in enumerate(devices) if device.memory and device.parent is None]
    if not whole:
        return devices
    chosen = devices[whole[-1]]
    assert chosen.memory is not None and chosen.memory.used is not None and chosen.memory.free is not None
    added = tuple(Process(pid=pid, memory=2 * GIB) for pid in pids)[: chosen.memory.free // (2 * GIB)]
    taken = 2 * GIB * len(added)
    memory = msgspec.structs.replace(
        chosen.memory, used=chosen.memory.used + taken, free=chosen.memory.free - taken
    )
    changed = msgspec.structs.replace(chosen, memory=memory, processes=(*(chosen.processes or ()), *added))
    return (*devices[: whole[-1]], changed, *devices[whole[-1] + 1 :])


def _uuid(kind: str, number: int) -> str:
    """The same for the same device in every run."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"simulated {kind} {number}"))


def _training(now: float, shift: float = 0.0) -> float:
    """Load of a training run: steps at full load, a pause for validation every 40 s, a slow drift."""
    phase = (now + shift) % 40
    busy = 0.25 if phase > 34 else 0.93
    return max(0.0, min(1.0, busy + 0.05 * math.sin(now / 1.7 + shift) + 0.02 * math.sin(now / 0.6)))


def _quiet(now: float) -> float:
    """Load of a notebook that somebody types in: a short burst now and then."""
    return 0.18 if now % 25 < 2 else 0.0


def _device(index: int, product: _Product, load: float, processes: tuple[Process, ...], now: float) -> Device:
    """A device whose figures follow from its load (0-1) and its processes."""
    used = sum(process.memory or 0 for process in processes) + GIB // 4
    reserved = product.memory // 80
    temperature = round(34 + 38 * load + 2 * math.sin(now / 30 + index))
    return Device(
        uuid=f"GPU-{_uuid(product.name, index)}",
        index=index,
        name=product.name,
        compute_capability=product.compute_capability,
        pci_bus_id=f"00000000:{index * 0x10 + 1:02X}:00.0",
        memory=Memory(
            total=product.memory, used=used, reserved=reserved, free=product.memory - used - reserved
        ),
        utilization=Utilization(gpu=round(load, 2), memory=round(load * 0.6, 2)),
        temperature=temperature,
        power=Power(
            usage=round(product.idle_power + (product.power_limit * 0.9 - product.idle_power) * load),
            limit=product.power_limit,
        ),
        clocks=Clocks(
            sm=product.sm_clock if load > 0 else 210, memory=product.memory_clock if load > 0 else 405
        ),
        throttle=(),
        fan=round(0.3 + 0.5 * load, 2) if product.fan else None,
        ecc=Ecc(corrected=0, uncorrected=0) if product.ecc else None,
        pcie=Rates(rx=round(2.1e9 * load), tx=round(0.3e9 * load)),
        processes=processes,
    )


def _ok() -> DriverState:
    return driver.ok(_VERSION, _CUDA_VERSION)


def _somebody(index: int, memory: int) -> Process:
    """A process of nobody: above the highest pid that Linux gives (4194304), so none is mistaken for it."""
    return Process(pid=4194305 + index, memory=memory)


def _default(now: float) -> tuple[DriverState, tuple[Device, ...]]:
    """An A100 that trains, and one that is all but free."""
    return _ok(), (
        _device(0, _A100, _training(now), (_somebody(0, 31 * GIB),), now),
        _device(1, _A100, _quiet(now), (), now),
    )


def _workstation(now: float) -> tuple[DriverState, tuple[Device, ...]]:
    return _ok(), (
        _device(0, _RTX_4090, _training(now, 7), (_somebody(0, 17 * GIB),), now),
        _device(1, _RTX_3060, 0.04, (_somebody(1, GIB // 2),), now),
    )


def _server(now: float) -> tuple[DriverState, tuple[Device, ...]]:
    """Eight H100, five of them at work."""
    return _ok(), tuple(
        _device(
            index,
            _H100,
            _training(now, 5.0 * index) if index < 5 else 0.0,
            (_somebody(index, 62 * GIB),) if index < 5 else (),
            now,
        )
        for index in range(8)
    )


def _mig(now: float) -> tuple[DriverState, tuple[Device, ...]]:
    """An A100 in three instances, and a whole one."""
    parent = _device(0, _A100, 0.0, (), now)
    sizes = ((3, 20), (2, 10), (1, 5))
    instances = tuple(
        Device(
            uuid=f"MIG-{_uuid(parent.uuid, number)}",
            parent=parent.uuid,
            name=f"{_A100.name} MIG {slices}g.{size}gb",
            compute_capability=_A100.compute_capability,
            memory=_part(size * GIB, held := (size - 2) * GIB if number == 0 else 0),
            processes=(_somebody(number, held),) if held else (),
        )
        for number, (slices, size) in enumerate(sizes)
    )
    parent = msgspec.structs.replace(parent, mig=True, utilization=None)
    return _ok(), (parent, *instances, _device(1, _A100, _quiet(now), (), now))


def _part(total: int, used: int) -> Memory:
    return Memory(total=total, used=used, reserved=0, free=total - used)


def _lost(now: float) -> tuple[DriverState, tuple[Device, ...]]:
    """The second GPU has fallen off the bus."""
    _, (first, second) = _default(now)
    gone = Device(uuid=second.uuid, index=1, name=second.name, pci_bus_id=second.pci_bus_id, state="lost")
    return driver.lost([gone], 0, _VERSION, _CUDA_VERSION), (first, gone)


def _none(now: float) -> tuple[DriverState, tuple[Device, ...]]:
    message = "This machine has no NVIDIA GPU and no NVIDIA driver."
    return DriverState(status="absent", message=message, advice="Training runs on the CPU."), ()


_SCENARIOS: dict[str, Callable[[float], tuple[DriverState, tuple[Device, ...]]]] = {
    "default": _default,
    "workstation": _workstation,
    "server": _server,
    "mig": _mig,
    "lost": _lost,
    "none": _none,
}
SCENARIOS = tuple(_SCENARIOS)
"""Names that ``SimulatedSource`` takes."""
