"""Changes to kernelspecs and pins of which all are made or, where one fails, none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..kernels import PinError, PinStore, SpecError, SpecStore, parse_pin
from ..kernels.pins.targets import make_target
from .errors import Conflict
from .fix_records import PinRecord


class Doing:
    """Changes that were made, and how each is taken back."""

    def __init__(self, specs: SpecStore, pins: PinStore) -> None:
        self._specs = specs
        self._pins = pins
        self._reverts: list[Callable[[], object]] = []

    def replace(self, folder: str, before: bytes, after: bytes) -> None:
        """Puts a kernel.json in place of another."""
        self._specs.replace(Path(folder), before, after)
        self._reverts.append(lambda: self._specs.replace(Path(folder), after, before))

    def pin(self, kept: PinRecord, set_again: bool) -> None:
        """Sets a pin again, or clears it."""
        target, pin = make_target(kept.kind, kept.key), parse_pin(kept.before)
        changes: list[Callable[[], object]] = [
            lambda: self._pins.clear(target),
            lambda: self._pins.set(target, pin),
        ]
        if set_again:
            changes.reverse()
        changes[0]()
        self._reverts.append(changes[1])

    def revert(self) -> None:
        for revert in reversed(self._reverts):
            with suppress(SpecError, PinError):
                revert()


@contextmanager
def all_or_none(specs: SpecStore, pins: PinStore) -> Iterator[Doing]:
    """What is done under it is taken back where it raises. Raises Conflict for what they refuse."""
    doing = Doing(specs, pins)
    try:
        with refusing():
            yield doing
    except BaseException:
        doing.revert()
        raise


@contextmanager
def refusing() -> Iterator[None]:
    """What kernelspecs and pins refuse is a conflict."""
    try:
        yield
    except (SpecError, PinError) as error:
        raise Conflict(str(error), reason=error.reason) from None
