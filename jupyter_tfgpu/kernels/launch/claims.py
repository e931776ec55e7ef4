"""Which devices kernels of this user have been given and do not hold memory on yet, whoever started them.

``auto`` has to count them: what a kernel will take cannot be seen before it does. All programs of ours write
down what they give a kernel in its launch file, before the kernel runs.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import msgspec

from ...devices.reading import Device, Reading
from ..pins.freest import Pending
from ..pins.pin import PinError, parse_pin
from ..running.launchfile import LaunchFile, read_launch_files
from ..running.presence import is_there, session_leader
from ..running.started import StartedKernel

STARTING = 60.0
"""Seconds between the choice of a kernel's devices and its process, at most; it takes milliseconds. A start
that was broken off in between, and could not take its choice back, is passed over then."""


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """Devices that a kernel was given. ``need``: bytes that its pin asks for on each; None: not known.

    ``pid``: its process, None until it runs.
    """

    kernel_id: str
    uuids: tuple[str, ...]
    need: int | None = None
    pid: int | None = None


def running_claims(
    own: Iterable[StartedKernel], runtime_dir: Path | None, machine: str, but: str
) -> tuple[Claim, ...]:
    """What the kernels that run, or are about to, were given: this program's, and those in launch files.

    ``runtime_dir``: where these lie; None: this program's alone. ``machine``: as pins know it. ``but``: the
    kernel that asks, whose own earlier start does not count.
    Reads files and asks the operating system: not for the event loop.
    """
    found = {one.kernel_id: _own_claim(one) for one in own if one.kernel_id != but}
    for launch in read_launch_files(runtime_dir, machine) if runtime_dir else ():
        if launch.given and launch.kernel_id != but and launch.kernel_id not in found:
            found[launch.kernel_id] = _claim(launch)
    return tuple(claim for claim in found.values() if claim is not None)


def _own_claim(kernel: StartedKernel) -> Claim | None:
    if not kernel.allocation.uuids:
        return None
    there = _is_fresh(kernel.started_at) if kernel.pid is None else is_there(kernel.pid, kernel.born)
    if not there:
        return None
    return Claim(
        kernel_id=kernel.kernel_id, uuids=kernel.allocation.uuids, need=kernel.pin.need, pid=kernel.pid
    )


def _claim(launch: LaunchFile) -> Claim | None:
    if launch.pid is not None:
        there = is_there(launch.pid, launch.born)
    else:
        there = (
            launch.starter is not None
            and _is_fresh(launch.chosen_at)
            and is_there(launch.starter, launch.starter_born)
        )
    if not there:
        return None
    return Claim(kernel_id=launch.kernel_id, uuids=launch.given or (), need=_need(launch.pin), pid=launch.pid)


@lru_cache(64)
def _need(pin: str) -> int | None:
    try:
        return parse_pin(pin).need
    except PinError:
        return None  # in a file of another release


def _is_fresh(moment: float | None) -> bool:
    return moment is not None and abs(time.time() - moment) < STARTING  # the clock may be set back


def pending(claims: Sequence[Claim], reading: Reading) -> dict[str, Pending]:
    """Per UUID, the kernels whose memory the Reading does not show there, however long ago they started.

    A kernel's memory is what it or a process of its session holds. Asks the operating system for these.
    """
    given: dict[str, list[Claim]] = {}
    for claim in claims:
        for uuid in claim.uuids:
            given.setdefault(uuid, []).append(claim)
    found = {}
    for device in reading.devices:
        if device.uuid in given:
            seen = _seen(device, local=not reading.simulated)
            waiting = [claim for claim in given[device.uuid] if claim.pid is None or claim.pid not in seen]
            needs = [claim.need for claim in waiting if claim.need is not None]
            found[device.uuid] = Pending(len(waiting), sum(needs), len(waiting) - len(needs))
    return found


def _seen(device: Device, *, local: bool) -> set[int]:
    pids = {process.pid for process in device.processes or ()}
    return pids | {session_leader(pid) for pid in pids} if local else pids


def as_if_ended(reading: Reading, pid: int | None) -> Reading:
    """The Reading without what this process holds in it: it has ended since, and its memory is free again.

    A kernel that is started again is to find its own device as free as the others find it.
    """
    if pid is None:
        return reading
    devices = tuple(_without(device, pid) for device in reading.devices)
    return msgspec.structs.replace(reading, devices=devices)


def _without(device: Device, pid: int) -> Device:
    mine = [process.memory or 0 for process in device.processes or () if process.pid == pid]
    if not mine:
        return device
    others = tuple(process for process in device.processes or () if process.pid != pid)
    memory = device.memory
    if memory is not None and memory.free is not None:
        # Drivers may list a process twice, as compute and as graphics.
        memory = msgspec.structs.replace(memory, free=memory.free + max(mine))
    return msgspec.structs.replace(device, processes=others, memory=memory)
