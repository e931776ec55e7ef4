"""Pins as answers: shown, set and cleared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from ..devices import Reading
from ..kernels import (
    DeviceHolders,
    LaunchFile,
    LaunchServices,
    Pin,
    PinError,
    StartedKernel,
    Subject,
    Target,
    allotted,
    device_warnings,
    find_device,
    full_devices,
    identify,
    needs_reading,
    notebook_target,
    parse_pin,
    read_launch_files,
    repin,
    resolve,
)
from .errors import BadInput, Conflict, NotFound
from .kernels import RunningKernel, counting_pin, notebook_file
from .wire import PinAnswer, PinnedNow, PinResolved, PinsAnswer, PinSet, SetPin


class Pinning:
    """Changes pins and says what a running kernel makes of it."""

    def __init__(
        self,
        launches: LaunchServices,
        reading: Callable[[], Reading],
        held: Callable[[Reading], Mapping[str, DeviceHolders]],
        started: Callable[[], Iterable[StartedKernel]],
        is_kernelspec: Callable[[str], bool],
    ) -> None:
        self._is_kernelspec = is_kernelspec
        self._launches = launches
        self._reading = reading
        self._held = held
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
            problem=self._launches.pins.problem,
        )

    def set(self, wanted: SetPin, running: Iterable[RunningKernel]) -> PinSet:
        """Stores a pin, its devices by UUID.

        Raises BadInput (no pin, no target, an ambiguous device), NotFound (no such device, kernel or
        kernelspec), Conflict (a device that was not allotted, a store that cannot be written).
        """
        if wanted.pin is None:
            raise BadInput("The field pin is missing.", reason="bad-pin", detail={"field": "pin"})
        running = tuple(running)
        target = self._target(wanted, running)
        try:
            reading = self._reading_for(wanted.pin)
            pin = identify(parse_pin(wanted.pin), reading, self._launches.given)
            self._launches.pins.set(target, pin)
        except PinError as error:
            raise _refused(error) from None
        warnings = () if reading is None else self._warnings(target, pin, reading, running)
        return msgspec.structs.replace(self._changed(target, str(pin), running), warnings=warnings)

    def set_now(self, wanted: SetPin, running: Iterable[RunningKernel]) -> PinnedNow:
        """Stores the pin of a running kernel that can still take it: nothing in it has touched a GPU.

        Raises as :meth:`set` does, and Conflict where the kernel's launch file cannot be written.
        """
        done = self.set(wanted, running)
        launch = next((one for one in self._launch_files() if one.kernel_id == wanted.kernel_id), None)
        pin = parse_pin(done.pin)
        if launch is not None:
            try:
                launch = repin(self._launches, launch, pin, self._reading_to_resolve(pin))
            except OSError as error:
                raise Conflict(
                    f"The pin could not be applied: {error.strerror}.", reason="pin-store"
                ) from None
        if launch is None:
            return PinnedNow(**msgspec.structs.asdict(done))
        return PinnedNow(
            pin=done.pin,
            restart_needed=False,
            warnings=done.warnings,
            variables=launch.variables,
            given=launch.given,
            note=launch.note,
        )

    def resolve(self, text: str) -> PinResolved:
        """What a pin comes to now, for no kernel in particular. Raises BadInput, NotFound and Conflict."""
        launches = self._launches
        try:
            pin = identify(parse_pin(text), self._reading_for(text), launches.given)
        except PinError as error:
            raise _refused(error) from None
        reading = self._reading_to_resolve(pin)
        found = resolve(pin, reading, launches.given, by_uuid=launches.names_by_uuid)
        return PinResolved(pin=str(pin), variables=found.variables, given=found.uuids, note=found.note)

    def _launch_files(self) -> tuple[LaunchFile, ...]:
        return read_launch_files(self._launches.runtime_dir, self._launches.pins.machine)

    def _reading_to_resolve(self, pin: Pin) -> Reading | None:
        return self._reading() if needs_reading(pin) else None

    def clear(self, wanted: SetPin, running: Iterable[RunningKernel]) -> PinSet:
        """Forgets a pin; what counts then is in the answer. Raises as :meth:`set` does."""
        running = tuple(running)
        target = _named(wanted)
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

    def gone(self, pins: Iterable[PinAnswer]) -> dict[str, tuple[str, ...]]:
        """By pin its devices that are not on this machine any more; nothing while the driver does not
        answer, which is asked only where a pin names a device."""
        named = {each.pin: parsed.devices for each in pins if (parsed := parse_pin(each.pin)).devices}
        reading = self._reading() if named else None
        if reading is None or not reading.answered:
            return {}
        found = {
            pin: tuple(entry for entry in entries if not _is_here(entry, reading))
            for pin, entries in named.items()
        }
        return {pin: entries for pin, entries in found.items() if entries}

    def _warnings(
        self, target: Target, pin: Pin, reading: Reading, running: Iterable[RunningKernel]
    ) -> tuple[str, ...]:
        """On the devices that were chosen. What the target's own kernel holds there is no concern; of a
        kernelspec every kernel is another notebook's."""
        own: set[str] = set()
        if target.kernelspec is None:
            own |= {kernel.id for kernel in running if _concerns(target, kernel)}
            own |= {
                start.kernel_id
                for start in self._started()
                if target.notebook is not None and start.notebook == target.notebook
            }
        ours = allotted(reading.devices, self._launches.given)
        held = self._held(reading)
        return device_warnings(Subject(own, pin.devices), reading, held, full_devices(reading, held), ours)

    def _changed(self, target: Target, pin: str | None, running: tuple[RunningKernel, ...]) -> PinSet:
        starts = {start.kernel_id: start for start in self._started()}
        counting = {
            kernel.id: counting_pin(self._launches, kernel, starts.get(kernel.id))[0]
            for kernel in running
            if _concerns(target, kernel)
        }
        waiting = [
            one for one, now in counting.items() if one not in starts or str(starts[one].pin) != str(now)
        ]
        return PinSet(
            pin=pin or str(next(iter(counting.values()), self._launches.default_pin)),
            restart_needed=bool(waiting),
            message=restart_message(waiting),
        )

    def _target(self, wanted: SetPin, running: tuple[RunningKernel, ...]) -> Target:
        """What is named, where it exists."""
        target = _named(wanted)
        known = {kernel.id for kernel in running} | {start.kernel_id for start in self._started()}
        if target.kernel_id is not None and target.kernel_id not in known:
            raise NotFound(f"No kernel {target.kernel_id[:60]} is running here.", reason="no-such-kernel")
        if target.kernelspec is not None and not self._is_kernelspec(target.kernelspec):
            raise NotFound(
                f"There is no kernelspec called {target.kernelspec[:60]}.", reason="no-such-kernelspec"
            )
        return target


def restart_message(waiting: Sequence[str]) -> str | None:
    """Which running kernels have to start anew for a change to count, by their ids; None: none."""
    if not waiting:
        return None
    if len(waiting) == 1:
        return f"The running kernel {waiting[0][:8]} has it after its next restart."
    return f"{len(waiting)} running kernels have it after their next restart."


def _named(wanted: SetPin) -> Target:
    named = [name for name in ("notebook", "kernel_id", "kernelspec") if getattr(wanted, name) is not None]
    if len(named) != 1:
        raise BadInput(
            f"Name one of notebook, kernel_id and kernelspec; {len(named)} are named.",
            reason="bad-target",
            detail={"field": ", ".join(named) or "notebook, kernel_id, kernelspec"},
        )
    value: str = getattr(wanted, named[0])
    if not value or "\0" in value:
        what = "is empty" if not value else "holds a character that no path can have"
        raise BadInput(f"The field {named[0]} {what}.", reason="bad-target", detail={"field": named[0]})
    if wanted.notebook is not None:
        return notebook_target(wanted.notebook)
    return Target(kernel_id=wanted.kernel_id, kernelspec=wanted.kernelspec)


def _concerns(target: Target, kernel: RunningKernel) -> bool:
    if target.kernel_id is not None:
        return kernel.id == target.kernel_id
    if target.notebook is not None:
        return notebook_file(kernel) == target.notebook
    return kernel.kernelspec == target.kernelspec


def _is_here(entry: str, reading: Reading) -> bool:
    try:
        find_device(entry, reading.devices)
    except PinError as error:
        return error.reason != "unknown-device"
    return True


def _refused(error: PinError) -> BadInput | Conflict | NotFound:
    if error.reason in ("not-allotted", "pin-store"):
        return Conflict(str(error), reason=error.reason)
    if error.reason == "unknown-device":
        return NotFound(str(error), reason=error.reason, detail={"field": "pin"})
    return BadInput(str(error), reason=error.reason, detail={"field": "pin"})
