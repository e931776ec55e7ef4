"""The machines that can be simulated, each as a function of the time alone.

A new one is a function here and a line in :data:`SCENARIOS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from . import driver
from .host import DriverFiles
from .reading import Clocks, Device, DriverState, Ecc, Memory
from .simulated_device import (
    A100,
    GIB,
    H100,
    REST,
    RTX_3060,
    RTX_4090,
    Load,
    Steady,
    Training,
    Typing,
    device,
    made_uuid,
    somebody,
)

_VERSION, _CUDA_VERSION = "570.124.06", "12.8"
_OLDER_VERSION = "570.86.15"
_WINDOWS_VERSION = "572.83"
"""Under WSL2 NVML says the version of the driver for Windows."""

_ROUND, _ANSWERS = 60.0, 30.0
"""The driver that hangs answers for so many seconds of each round: of every minute the first half."""

Machine = tuple[DriverState, tuple[Device, ...]]


def _answers_at_once(now: float) -> float:
    return now


@dataclass(frozen=True)
class Scenario:
    """``what``: a line for a person. ``make``: driver and devices at a time (seconds since the epoch).

    ``answers_at``: when a driver that is asked at a time comes back with its answer.
    """

    what: str
    make: Callable[[float], Machine]
    answers_at: Callable[[float], float] = _answers_at_once


def _ok() -> DriverState:
    return driver.ok(_VERSION, _CUDA_VERSION)


def _default(now: float) -> Machine:
    return _ok(), (device(0, A100, Training(), now, held=31 * GIB), device(1, A100, Typing(), now))


def _workstation(now: float) -> Machine:
    return _ok(), (
        device(0, RTX_4090, Training(7), now, held=17 * GIB),
        device(1, RTX_3060, Steady(0.04), now, held=GIB // 2),
    )


def _server(now: float) -> Machine:
    working = tuple(
        device(index, H100, Training(5.0 * index), now, held=62 * GIB, linked=True) for index in range(5)
    )
    return _ok(), working + tuple(device(index, H100, REST, now) for index in range(5, 8))


def _many(now: float) -> Machine:
    """Five at full load, three with one process for all, three in notebooks, the others free."""
    loads: list[tuple[Load, int, bool]] = [(Training(3.0 * index), 36 * GIB, True) for index in range(5)]
    loads += [(Steady(0.35 + 0.1 * index), (6 + 7 * index) * GIB, False) for index in range(3)]
    loads += [(Typing(8.0 * index), (2 + index) * GIB, False) for index in range(3)]
    loads += [(REST, 0, False)] * (16 - len(loads))
    return _ok(), tuple(
        device(index, A100, load, now, held=held, linked=linked)
        for index, (load, held, linked) in enumerate(loads)
    )


def _mig(now: float) -> Machine:
    parent = device(0, A100, REST, now)
    sizes = ((3, 20), (2, 10), (1, 5))
    instances = tuple(
        Device(
            uuid=f"MIG-{made_uuid(parent.uuid, number)}",
            parent=parent.uuid,
            name=f"{A100.name} MIG {slices}g.{size}gb",
            compute_capability=A100.compute_capability,
            memory=_part(size * GIB, held := (size - 2) * GIB if number == 0 else 0),
            processes=(somebody(number, held),) if held else (),
        )
        for number, (slices, size) in enumerate(sizes)
    )
    # NVML does not say how busy a GPU in instances is.
    parent = msgspec.structs.replace(parent, mig=True, utilization=None)
    return _ok(), (parent, *instances, device(1, A100, Typing(), now))


def _part(total: int, used: int) -> Memory:
    return Memory(total=total, used=used, reserved=0, free=total - used)


def _worn(now: float) -> Machine:
    """The first is too hot to run at its clocks, the second has memory that errs."""
    hot = device(0, A100, Training(), now, held=31 * GIB)
    hot = msgspec.structs.replace(
        hot,
        temperature=(hot.temperature or 0) + 20,
        throttle=("power", "thermal"),
        clocks=Clocks(sm=975, memory=A100.memory_clock, max_sm=A100.sm_clock_limit, max_memory=1215),
        ecc=Ecc(corrected=12, uncorrected=0),
    )
    erring = device(1, A100, Typing(), now, held=3 * GIB)
    return _ok(), (hot, msgspec.structs.replace(erring, ecc=Ecc(corrected=18_342, uncorrected=2)))


def _wsl2(now: float) -> Machine:
    """NVML's part in WSL2 says neither what a process holds nor what crosses the bus."""
    whole = device(0, RTX_4090, Training(), now, held=17 * GIB)
    said = msgspec.structs.replace(
        whole, processes=(somebody(0, None),), fan=None, pcie=None, energy=None, throttle=None
    )
    return driver.ok(_WINDOWS_VERSION, _CUDA_VERSION), (said,)


def _lost(now: float) -> Machine:
    _, (first, second) = _default(now)
    gone = Device(uuid=second.uuid, index=1, name=second.name, pci_bus_id=second.pci_bus_id, state="lost")
    return driver.lost([gone], 0, _VERSION, _CUDA_VERSION), (first, gone)


def _silent_at_times(now: float) -> float:
    phase = now % _ROUND
    return now if phase < _ANSWERS else now - phase + _ROUND


def _mismatch(now: float) -> Machine:
    files = DriverFiles(
        kernel_module=_OLDER_VERSION,
        library=_VERSION,
        pci_devices=2,
        nouveau=False,
        container=None,
        wsl=False,
        wsl_library=False,
        device_nodes=True,
        distribution="ubuntu",
    )
    return driver.mismatch(files), ()


def _none(now: float) -> Machine:
    message = "This machine has no NVIDIA GPU and no NVIDIA driver."
    return DriverState(status="absent", message=message, advice="Training runs on the CPU."), ()


SCENARIOS = {
    "default": Scenario("two A100: one trains, one is all but free", _default),
    "workstation": Scenario("an RTX 4090 that trains beside an RTX 3060 with a screen", _workstation),
    "server": Scenario("eight H100 over NVLink, five of them at work", _server),
    "many": Scenario("sixteen A100 under loads of every kind", _many),
    "mig": Scenario("an A100 in three MIG instances, and a whole one", _mig),
    "worn": Scenario("two A100: one slowed down by its heat, one with memory errors", _worn),
    "wsl2": Scenario("an RTX 4090 under WSL2, where the driver does not say all", _wsl2),
    "lost": Scenario("two A100, of which one has fallen off the bus", _lost),
    "hung": Scenario(
        f"a driver that hangs for the last {_ROUND - _ANSWERS:.0f} s of every minute",
        _default,
        _silent_at_times,
    ),
    "mismatch": Scenario("a driver that was updated while its old module runs", _mismatch),
    "none": Scenario("no GPU and no driver", _none),
}
