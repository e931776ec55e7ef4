"""Devices that are not there: for people without a GPU who want to see what this does.

Every Reading is marked ``simulated``. The figures are a function of the time and the scenario alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

import msgspec

from . import scenarios
from .reading import Device, Process, Reading

_SHARE = 2 << 30
"""Bytes that a running kernel is shown with."""

SCENARIOS = {name: scenario.what for name, scenario in scenarios.SCENARIOS.items()}
"""Names that ``SimulatedSource`` takes, each with a line that says what it shows."""


class UnknownScenario(ValueError):
    """There is no such scenario; the text names those there are."""


class SimulatedSource:
    """A Source of invented Readings. ``scenario``: one of :data:`SCENARIOS`.

    ``holders``: pids (of running kernels) that are shown with 2 GiB each on the last whole device.
    ``clock``: seconds since the epoch. ``wait``: called with the seconds that the driver of a scenario
    keeps its caller waiting, as a real one does that hangs. Raises UnknownScenario.
    """

    def __init__(
        self,
        scenario: str = "default",
        *,
        holders: Callable[[], Iterable[int]] | None = None,
        clock: Callable[[], float] = time.time,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        if scenario not in SCENARIOS:
            raise UnknownScenario(f"no simulation {scenario!r}; there are: {', '.join(SCENARIOS)}")
        self._scenario = scenarios.SCENARIOS[scenario]
        self._holders = holders or tuple
        self._clock = clock
        self._wait = wait

    def read(self) -> Reading:
        asked = self._clock()
        now = self._scenario.answers_at(asked)
        if now > asked:
            self._wait(now - asked)
        state, devices = self._scenario.make(now)
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
    others = chosen.processes or ()
    said = _SHARE if all(process.memory is not None for process in others) else None
    added = tuple(Process(pid=pid, memory=said) for pid in pids)[: chosen.memory.free // _SHARE]
    taken = _SHARE * len(added)
    memory = msgspec.structs.replace(
        chosen.memory, used=chosen.memory.used + taken, free=chosen.memory.free - taken
    )
    changed = msgspec.structs.replace(chosen, memory=memory, processes=(*others, *added))
    return (*devices[: whole[-1]], changed, *devices[whole[-1] + 1 :])
