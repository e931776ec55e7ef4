"""Devices, who holds them, and the running kernels: one reading, joined once."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping

import msgspec

from ..devices import History, Monitor, Reading
from ..doctor.report import Verdict
from ..kernels import (
    DeviceHolders,
    Joined,
    Joiner,
    LaunchServices,
    StartedKernel,
    Subject,
    UsageLog,
    allotted,
    device_warnings,
    full_devices,
)
from ..machine import Machine
from .devices import reading_answer
from .errors import BadInput
from .kernels import RunningKernel, counting_pin, kernel_answer, kernels_elsewhere, verdict_on_disk
from .state import StateKeeper
from .wire import KernelsAnswer, ReadingAnswer


class State(msgspec.Struct, frozen=True, kw_only=True):
    """Devices and kernels of one moment."""

    devices: ReadingAnswer
    kernels: KernelsAnswer


class Watching:
    """Answers from the monitor's reading. ``patience``: seconds that an answer waits for the driver.

    ``keeper``: is told what each reading shows; None: nobody is.
    """

    def __init__(
        self,
        monitor: Monitor,
        launches: LaunchServices,
        started: Callable[[], Iterable[StartedKernel]],
        verdict: Callable[[str], Verdict | None],
        machine: Machine,
        patience: float,
        keeper: StateKeeper | None = None,
    ) -> None:
        self.monitor = monitor
        self._launches = launches
        self._started = started
        self._verdict = verdict
        self._patience = patience
        self._keeper = keeper
        self._joiner = Joiner(machine, launches.given)
        self._usage = UsageLog()

    def reading(self) -> Reading:
        """A fresh reading; where the driver does not answer in time, one that says so."""
        reading = self.monitor.reading(timeout=self._patience)
        if reading is None:
            # Where it hangs for long, the monitor says since when, with the last that the driver said.
            reading = self.monitor.latest
        if reading is None or (reading.answered and time.time() - reading.taken_at > self._patience):
            return self.monitor.unanswered(self._patience)
        return reading

    def held(self, reading: Reading) -> Mapping[str, DeviceHolders]:
        """The holders of each device, by UUID. Whoever handles a reading asks here: who used what is
        noted on the way. Not for the event loop."""
        return self._join(reading, tuple(self._started())).held

    def devices(self) -> ReadingAnswer:
        """``devices`` of the contract."""
        reading = self.reading()
        return self._devices(reading, self._join(reading, tuple(self._started())))

    def kernels(self, running: Iterable[RunningKernel]) -> KernelsAnswer:
        """``kernels`` of the contract, those of other programs last, without waiting for the driver."""
        reading, starts = self.monitor.latest, tuple(self._started())
        held = {} if reading is None else self._join(reading, starts).held
        return self._kernels(reading, held, starts, running)

    def state(self, reading: Reading, running: Iterable[RunningKernel]) -> State:
        """Both, from one reading."""
        starts = tuple(self._started())  # looks at the launch files on disk: once a reading
        joined = self._join(reading, starts)
        kernels = self._kernels(reading, joined.held, starts, running)
        return State(devices=self._devices(reading, joined), kernels=kernels)

    def history(self, seconds: str) -> History:
        """What was seen over so many seconds. Raises BadInput where that is no number of seconds."""
        try:
            span = float(seconds)
        except ValueError:
            span = math.nan
        if not 0 < span < math.inf:
            raise BadInput(
                f"“{seconds[:40]}” is no number of seconds above 0.",
                reason="bad-seconds",
                detail={"field": "seconds"},
            )
        return self.monitor.history(span)

    def _join(self, reading: Reading, starts: tuple[StartedKernel, ...]) -> Joined:
        joined = self._joiner.join(reading, starts)
        self._usage.add(reading, joined.held, (start.kernel_id for start in starts))
        if self._keeper is not None:
            self._keeper.offer(reading, joined.held)
        return joined

    def _devices(self, reading: Reading, joined: Joined) -> ReadingAnswer:
        ours = {device.uuid for device in allotted(reading.devices, self._launches.given)}
        return reading_answer(reading, joined, ours, time.time())

    def _kernels(
        self,
        reading: Reading | None,
        held: Mapping[str, DeviceHolders],
        starts: Iterable[StartedKernel],
        running: Iterable[RunningKernel],
    ) -> KernelsAnswer:
        by_id = {start.kernel_id: start for start in starts}
        running = tuple(running)
        known = {kernel.id for kernel in running}
        ours = allotted(reading.devices, self._launches.given) if reading else ()
        full = full_devices(reading, held) if reading else {}
        answers = []
        for kernel in (*running, *kernels_elsewhere(by_id.values(), known)):
            start = by_id.get(kernel.id)
            counts = counting_pin(self._launches, kernel, start)
            verdict = self._verdict(kernel.id)
            if verdict is None and start is not None:
                verdict = verdict_on_disk(start)
            said: tuple[str, ...] = ()
            if reading is not None and start is not None:
                subject = Subject({start.kernel_id}, start.allocation.uuids, start.variables or None)
                said = device_warnings(subject, reading, held, full, ours)
            answers.append(kernel_answer(kernel, start, counts, reading, held, verdict, self._usage, said))
        return KernelsAnswer(kernels=tuple(answers))
