"""Devices, who holds them, and the running kernels: one reading, joined once."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping

import msgspec

from ..devices import DriverState, History, Monitor, Reading
from ..doctor.report import Verdict
from ..kernels import DeviceHolders, LaunchServices, StartedKernel, allotted, choose_pin, join
from .devices import reading_answer
from .errors import BadInput
from .kernels import RunningKernel, kernel_answer, notebook_file
from .wire import KernelsAnswer, ReadingAnswer


class State(msgspec.Struct, frozen=True, kw_only=True):
    """Devices and kernels of one moment."""

    devices: ReadingAnswer
    kernels: KernelsAnswer


class Watching:
    """Answers from the monitor's reading. ``patience``: seconds that an answer waits for the driver."""

    def __init__(
        self,
        monitor: Monitor,
        launches: LaunchServices,
        started: Callable[[], Iterable[StartedKernel]],
        verdict: Callable[[str], Verdict | None],
        patience: float,
    ) -> None:
        self.monitor = monitor
        self._launches = launches
        self._started = started
        self._verdict = verdict
        self._patience = patience

    def reading(self) -> Reading:
        """A fresh reading; where the driver does not answer in time, one that says so."""
        reading = self.monitor.reading(timeout=self._patience)
        if reading is not None:
            return reading
        return Reading(
            taken_at=time.time(),
            driver=DriverState(
                status="not-answering",
                message=f"The driver has not answered for {self._patience:g} s.",
                advice="If it stays so, see the kernel log (dmesg) for a line with NVRM and Xid; "
                "a GPU that fell off the bus needs a reset or a restart of the machine.",
            ),
        )

    def devices(self) -> ReadingAnswer:
        """``devices`` of the contract."""
        reading = self.reading()
        return self._devices(reading, join(reading, self._started()))

    def kernels(self, running: Iterable[RunningKernel]) -> KernelsAnswer:
        """``kernels`` of the contract, without waiting for the driver."""
        return self._kernels(self.monitor.latest, None, running)

    def state(self, reading: Reading, running: Iterable[RunningKernel]) -> State:
        """Both, from one reading."""
        held = join(reading, self._started())
        return State(devices=self._devices(reading, held), kernels=self._kernels(reading, held, running))

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

    def _devices(self, reading: Reading, held: Mapping[str, DeviceHolders]) -> ReadingAnswer:
        ours = {device.uuid for device in allotted(reading.devices, self._launches.given)}
        return reading_answer(reading, held, ours, time.time())

    def _kernels(
        self,
        reading: Reading | None,
        held: Mapping[str, DeviceHolders] | None,
        running: Iterable[RunningKernel],
    ) -> KernelsAnswer:
        starts = {start.kernel_id: start for start in self._started()}
        if held is None:
            held = {} if reading is None else join(reading, starts.values())
        answers = []
        for kernel in running:
            start = starts.get(kernel.id)
            counts = choose_pin(
                self._launches.pins,
                self._launches.default_pin,
                kernel_id=kernel.id,
                notebook=notebook_file(kernel) or (start.notebook if start else None),
                kernelspec=kernel.kernelspec,
            )
            answers.append(kernel_answer(kernel, start, counts, reading, held, self._verdict(kernel.id)))
        return KernelsAnswer(kernels=tuple(answers))
