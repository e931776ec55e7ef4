"""What the driver of the machine ``states`` says: ``python -m tests.ui.scenarios FILE NAME [PID...]``.

Each name is a state that a user may meet. The scenario file is replaced in one step, so a server that is
running sees one state or the other. PID: processes that shall hold memory, where the state has such.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.standin.driver import GIB, Device, Process, Scenario, device, with_instances

ELSEWHERE = 4_000_000
"""A pid of another container: the driver counts it, and no process here has it."""


def ok(pids: Sequence[int]) -> Scenario:
    return Scenario()


def flat(pids: Sequence[int]) -> Scenario:
    """Figures that stay as they are: no counter runs."""
    still = [device(index, temperature=33, pcie_tx=None, pcie_rx=None, energy=None) for index in range(2)]
    return Scenario(devices=still)


def holders(pids: Sequence[int]) -> Scenario:
    """Kernels, another process of this user, one that cannot be seen, and memory of nobody."""
    first, second, other = pids
    return Scenario(
        devices=[
            device(
                0,
                memory_used=24 * GIB,
                utilization_gpu=87,
                processes=[
                    Process(first, 11 * GIB),
                    Process(second, 5 * GIB),
                    Process(other, 4 * GIB),
                    Process(ELSEWHERE, 2 * GIB),
                ],
            ),
            device(1, memory_used=3 * GIB, processes=[Process(second, 3 * GIB)]),
        ]
    )


def resting(pids: Sequence[int]) -> Scenario:
    """Kernels that hold memory of devices on which nothing is computed."""
    first, second, third = pids
    held = [Process(first, 11 * GIB), Process(second, 5 * GIB)]
    return Scenario(
        devices=[
            device(0, memory_used=17 * GIB, utilization_gpu=0, processes=held),
            device(1, memory_used=5 * GIB, utilization_gpu=0, processes=[Process(third, 4 * GIB)]),
        ]
    )


def filled(pids: Sequence[int]) -> Scenario:
    """Nearly all of a device is held by one process."""
    [pid] = pids
    return Scenario(
        devices=[device(0, memory_used=39 * GIB, processes=[Process(pid, 38 * GIB)]), device(1)],
    )


def mismatch(pids: Sequence[int]) -> Scenario:
    """The driver was updated under the running server."""
    return Scenario(lines=["error nvmlInit 18", "error nvmlDeviceGetCount 18"])


def lost(pids: Sequence[int]) -> Scenario:
    return Scenario(lines=["error * 15 1"])


def hung(pids: Sequence[int]) -> Scenario:
    return Scenario(lines=["hang nvmlDeviceGetUtilizationRates 1"])


def mig(pids: Sequence[int]) -> Scenario:
    """An A100 cut into three instances, beside a whole one."""
    processes = [Process(pid, GIB // 8) for pid in pids]
    return Scenario(devices=[with_instances(device(0), 0, 3, processes=processes), device(1)])


def wsl(pids: Sequence[int]) -> Scenario:
    """As under WSL2: processes are named, their memory is not, and much else is not told either."""
    return Scenario(
        devices=[
            device(
                0,
                memory_reserved=None,
                utilization_memory=None,
                power_limit=None,
                fan=None,
                ecc_corrected=None,
                ecc_uncorrected=None,
                pcie_tx=None,
                pcie_rx=None,
                throttle=None,
                processes=[Process(pid, None) for pid in pids],
            )
        ]
    )


def one(pids: Sequence[int]) -> Scenario:
    return Scenario(devices=[device(0)])


def sixteen(pids: Sequence[int]) -> Scenario:
    """A DGX-2's number of devices, each with figures of its own."""
    return Scenario(devices=[_busy(index) for index in range(16)])


def _busy(index: int) -> Device:
    return device(
        index,
        memory_used=(2 + 2 * index) * GIB,
        utilization_gpu=(37 * index) % 101,
        temperature=40 + 2 * index,
        power=80_000 + 20_000 * index,
    )


def throttled(pids: Sequence[int]) -> Scenario:
    """Too hot, and at its power limit."""
    hot = device(0, temperature=91, power=400_000, utilization_gpu=99, throttle=0x44, clock_sm=765)
    return Scenario(devices=[hot, device(1)])


SCENARIOS: dict[str, Callable[[Sequence[int]], Scenario]] = {
    make.__name__: make
    for make in (ok, flat, holders, resting, filled, mismatch, lost, hung, mig, wsl, one, sixteen, throttled)
}


def main(arguments: list[str]) -> None:
    file, name, *pids = arguments
    SCENARIOS[name]([int(pid) for pid in pids]).write(Path(file))


if __name__ == "__main__":
    main(sys.argv[1:])
