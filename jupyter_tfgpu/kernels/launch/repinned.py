"""A running kernel, in which nothing has touched a GPU yet, is given another pin."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from dataclasses import replace

import msgspec

from ...devices.reading import Reading
from ..disk import locked
from ..pins.pin import Pin
from ..pins.resolve import Allocation
from ..running import launchfile
from ..running.started import StartedKernel
from .begun import Plan, allocate
from .services import LaunchServices
from .turns import LOCK_TIMEOUT, TURNS_FILE


def repin(
    served: LaunchServices, started: launchfile.LaunchFile, pin: Pin, reading: Reading | None
) -> launchfile.LaunchFile | None:
    """Chooses devices for the kernel as at a start, and writes it down; ``variables`` are what it has to set.

    None: the program that started the kernel has not written down what it would be without a pin.
    Raises OSError where the launch file cannot be written.
    """
    if started.unpinned is None:
        return None
    unpinned = started.unpinned
    plan = Plan(
        kernel_id=started.kernel_id,
        command=(),
        variables={name: value for name, value in unpinned.items() if value is not None},
        pin=pin,
        pin_from="kernel",
    )
    with contextlib.ExitStack() as held:
        if pin.kind == "auto":
            with contextlib.suppress(OSError, NotImplementedError):  # as starts do that get no turn
                held.enter_context(locked(served.runtime_dir / TURNS_FILE, LOCK_TIMEOUT))
        allocation = allocate(served, plan, reading, others=True)
        changed = msgspec.structs.replace(
            started,
            pin=str(pin),
            pin_from="kernel",
            given=allocation.uuids,
            note=allocation.note,
            chosen_at=time.time(),
            variables={**unpinned, **allocation.variables},
        )
        launchfile.write_launch_file(served.runtime_dir, changed)
    return changed


def as_written(start: StartedKernel, written: launchfile.LaunchFile, pin: Pin) -> StartedKernel | None:
    """The kernel with what it was given after its start; None where it has that. ``pin``: the file's, parsed.

    Another program changed it: our own, run from within the kernel.
    """
    if written.variables is None or written.pid is None or written.pid != start.pid:
        return None
    if (pin, written.given) == (start.pin, start.allocation.uuids):
        return None
    return replace(
        start,
        pin=pin,
        pin_from=written.pin_from,
        allocation=Allocation(variables=_set(written.variables), uuids=written.given, note=written.note),
        variables={**_without(start.variables), **_set(written.variables)},
    )


def _set(variables: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in variables.items() if value is not None}


def _without(variables: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in variables.items() if name not in launchfile.PINNED}
