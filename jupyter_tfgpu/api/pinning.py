"""Pins as answers: shown, set and cleared."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from ..devices import Reading
from ..kernels import (
    LaunchServices,
    Pin,
    PinError,
    StartedKernel,
    Target,
    choose_pin,
    identify,
    notebook_target,
    parse_pin,
)
from .errors import BadInput, Conflict, NotFound
from .kernels import RunningKernel, notebook_file
from .wire import PinAnswer, PinsAnswer, PinSet, SetPin


class Pinning:
    """Changes pins and says what a running kernel makes of it."""

    def __init__(
        self,
        launches: LaunchServices,
        reading: Callable[[], Reading],
        started: Callable[[], Iterable[StartedKernel]],
    ) -> None:
        self._launches = launches
        self._reading = reading
        self._started = started

    def all(self) -> PinsAnswer:
        """``pins`` of the contract."""
        return PinsAnswer(
            default=str(self._launches.default_pin),
            pins=tuple(
                PinAnswer(
                    pin=str(pin),
                    notebook=target.notebook,
                    kernel_id=target.kernel_id,
                    kernelspec=target.kernelspec,
                )
                for target, pin in self._launches.pins.all()
            ),
        )

    def set(self, wanted: SetPin, running: Iterable[RunningKernel]) -> PinSet:
        """Stores a pin, its devices by UUID.

        Raises BadInput (no pin, no target, unknown or ambiguous device), Conflict (not allotted, the
        store cannot be written), NotFound (no such kernel).
        """
        if wanted.pin is None:
            raise BadInput("The field pin is missing.", reason="bad-pin", detail={"field": "pin"})
        running = tuple(running)
        target = _target(wanted, running)
        try:
            pin = identify(parse_pin(wanted.pin), self._reading_for(wanted.pin), self._launches.given)
            self._launches.pins.set(target, pin)
        except PinError as error:
            raise _refused(error) from None
        return self._changed(target, str(pin), running)

    def clear(self, wanted: SetPin, running: Iterable[RunningKernel]) -> PinSet:
        """Forgets a pin; what counts then is in the answer. Raises as :meth:`set` does."""
        running = tuple(running)
        target = _target(wanted, running)
        try:
            self._launches.pins.clear(target)
        except PinError as error:
            raise _refused(error) from None
        return self._changed(target, None, running)

    def move(self, old: str, new: str) -> None:
        """Follows a renamed or moved notebook or folder, by its files' absolute paths."""
        # Links are followed as for a pin; the old name is gone, so only its folder can be.
        before = Path(old).parent.resolve() / Path(old).name
        self._launches.pins.move(str(before), str(Path(new).resolve()))

    def _reading_for(self, text: str) -> Reading | None:
        # all, none and auto name no device: the driver need not be asked.
        return self._reading() if parse_pin(text).kind == "devices" else None

    def _changed(self, target: Target, pin: str | None, running: tuple[RunningKernel, ...]) -> PinSet:
        starts = {start.kernel_id: start for start in self._started()}
        counting = self._launches.default_pin
        waiting = []
        for kernel in running:
            if not _concerns(target, kernel):
                continue
            start = starts.get(kernel.id)
            counting = self._counts(kernel, start)
            if start is None or str(start.pin) != str(counting):
                waiting.append(kernel.id)
        message = f"The running kernel {waiting[0][:8]} has it after its next restart." if waiting else None
        return PinSet(pin=pin or str(counting), restart_needed=bool(waiting), message=message)

    def _counts(self, kernel: RunningKernel, start: StartedKernel | None) -> Pin:
        return choose_pin(
            self._launches.pins,
            self._launches.default_pin,
            kernel_id=kernel.id,
            notebook=notebook_file(kernel) or (start.notebook if start else None),
            kernelspec=kernel.kernelspec,
        )[0]


def _target(wanted: SetPin, running: tuple[RunningKernel, ...]) -> Target:
    named = [name for name in ("notebook", "kernel_id", "kernelspec") if getattr(wanted, name) is not None]
    if len(named) != 1:
        raise BadInput(
            f"Name one of notebook, kernel_id and kernelspec; {len(named)} are named.", reason="bad-target"
        )
    if not getattr(wanted, named[0]):
        raise BadInput(f"The field {named[0]} is empty.", reason="bad-target", detail={"field": named[0]})
    if wanted.notebook is not None:
        return notebook_target(wanted.notebook)
    if wanted.kernel_id is not None and wanted.kernel_id not in {kernel.id for kernel in running}:
        raise NotFound(f"No kernel {wanted.kernel_id[:60]} is running here.", reason="no-such-kernel")
    return Target(kernel_id=wanted.kernel_id, kernelspec=wanted.kernelspec)


def _concerns(target: Target, kernel: RunningKernel) -> bool:
    if target.kernel_id is not None:
        return kernel.id == target.kernel_id
    if target.notebook is not None:
        return notebook_file(kernel) == target.notebook
    return kernel.kernelspec == target.kernelspec


def _refused(error: PinError) -> BadInput | Conflict:
    if error.reason in ("not-allotted", "pin-store"):
        return Conflict(str(error), reason=error.reason)
    return BadInput(str(error), reason=error.reason, detail={"field": "pin"})
