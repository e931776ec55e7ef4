"""Running kernels: from this program's own starts, from the files of other servers, and as answers."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from ..devices import Reading
from ..doctor.report import Report, Verdict
from ..environments import environment_id
from ..kernels import (
    DeviceHolders,
    LaunchFile,
    LaunchServices,
    Pin,
    PinError,
    PinFrom,
    StartedKernel,
    UsageLog,
    as_written,
    born,
    choose_pin,
    kernel_runs,
    parse_pin,
    share,
    starter_name,
)
from ..kernels.pins.resolve import Allocation
from .times import iso_time
from .wire import KernelAnswer, KernelDevice


class RunningKernel(msgspec.Struct, frozen=True, kw_only=True):
    """What a server knows of a kernel. ``path``: its notebook's contents path; ``file``: that file."""

    id: str
    kernelspec: str | None = None
    state: str | None = None
    path: str | None = None
    file: str | None = None


@dataclass(frozen=True, kw_only=True)
class StartedElsewhere(StartedKernel):
    """A kernel of another program of this user's. ``server``: what is known of that, such as its address."""

    server: str


def repinned(own: Iterable[StartedKernel], launches: Iterable[LaunchFile]) -> tuple[StartedKernel, ...]:
    """Those of this program's kernels that were given another pin while they run, as they are now.

    A kernel asks our program for that itself, a child of its own; the launch file tells this one.
    """
    by_id = {start.kernel_id: start for start in own}
    changed = []
    for launch in launches:
        if launch.variables is not None and launch.kernel_id in by_id:
            with suppress(PinError):  # forged
                changed.append(as_written(by_id[launch.kernel_id], launch, parse_pin(launch.pin)))
    return tuple(start for start in changed if start is not None)


def started_elsewhere(
    runtime_dir: Path, launches: Iterable[LaunchFile], but: Set[str]
) -> tuple[StartedElsewhere, ...]:
    """The kernels of this user that our provisioner started, whichever program started them.

    ``launches``: this machine's launch files, of this folder. ``but``: the ids of kernels known already.
    """
    found = []
    names: dict[int | None, str] = {}
    for launch in launches:
        if launch.kernel_id not in but and kernel_runs(launch):
            if launch.starter not in names:
                names[launch.starter] = starter_name(runtime_dir, launch)
            with suppress(PinError):  # a file of another release, or forged
                found.append(_started(launch, names[launch.starter]))
    return tuple(found)


def _started(launch: LaunchFile, server: str) -> StartedElsewhere:
    return StartedElsewhere(
        server=server,
        kernel_id=launch.kernel_id,
        pin=parse_pin(launch.pin),
        pin_from=launch.pin_from,
        allocation=Allocation(uuids=launch.given, note=launch.note),
        pid=launch.pid,
        born=born(launch.pid) if launch.born is None and launch.pid is not None else launch.born,
        notebook=launch.notebook,
        kernelspec=launch.kernelspec,
        prefix=Path(launch.prefix) if launch.prefix else None,
        report=Path(launch.report) if launch.report else None,
    )


def kernels_elsewhere(starts: Iterable[StartedKernel], known: Set[str]) -> Iterable[RunningKernel]:
    """Those of other programs as plain kernels. ``known``: the ids of kernels that need not be added."""
    for start in starts:
        if isinstance(start, StartedElsewhere) and start.kernel_id not in known:
            yield RunningKernel(id=start.kernel_id, kernelspec=start.kernelspec, file=start.notebook)


def verdict_on_disk(started: StartedKernel) -> Verdict | None:
    """The verdict of the report that the kernel's own server has made; None: there is none (yet)."""
    if started.report is None:
        return None
    try:
        return msgspec.json.decode(started.report.read_bytes(), type=Report).verdict
    except (OSError, msgspec.DecodeError):
        return None


def counting_pin(
    launches: LaunchServices, kernel: RunningKernel, start: StartedKernel | None
) -> tuple[Pin, PinFrom]:
    """The pin that this kernel would start with now, and who chose it."""
    pin, pin_from = choose_pin(
        launches.pins,
        launches.default_pin,
        kernel_id=kernel.id,
        notebook=notebook_file(kernel) or (start.notebook if start else None),
        kernelspec=kernel.kernelspec,
    )
    if pin_from == "default" and isinstance(start, StartedElsewhere) and start.pin_from == "default":
        return start.pin, pin_from  # its own program's default, which need not be ours
    return pin, pin_from


def kernel_answer(
    kernel: RunningKernel,
    started: StartedKernel | None,
    counts: tuple[Pin, PinFrom],
    reading: Reading | None,
    held: Mapping[str, DeviceHolders],
    verdict: Verdict | None,
    usage: UsageLog,
    warnings: tuple[str, ...] = (),
) -> KernelAnswer:
    """``counts``: the pin that this kernel would start with now, and who chose it."""
    pin, pin_from = counts
    last_used = usage.last_used(kernel.id)
    return KernelAnswer(
        id=kernel.id,
        server=started.server if isinstance(started, StartedElsewhere) else None,
        notebook=kernel.path or kernel.file or (started.notebook if started else None),
        kernelspec=kernel.kernelspec or (started.kernelspec if started else None),
        environment=environment_id(started.prefix) if started and started.prefix else None,
        pin=str(pin),
        state=kernel.state,
        devices=tuple(_devices(kernel.id, reading, held, usage)),
        last_used=None if last_used is None else iso_time(last_used),
        verdict=verdict,
        pin_from=pin_from,
        given=started.allocation.uuids if started else None,
        note=started.allocation.note if started else None,
        restart_needed=started is not None and str(started.pin) != str(pin),
        warnings=warnings,
    )


def _devices(
    kernel_id: str, reading: Reading | None, held: Mapping[str, DeviceHolders], usage: UsageLog
) -> Iterable[KernelDevice]:
    for device in reading.devices if reading else ():
        holders = held[device.uuid].holders if device.uuid in held else ()
        mine = [one for one in holders if one.kernel_id == kernel_id]
        if mine:
            amounts = [one.memory for one in mine]
            known = [amount for amount in amounts if amount is not None]
            since = usage.unused_since(kernel_id, device.uuid)
            yield KernelDevice(
                uuid=device.uuid,
                memory=sum(known) if len(known) == len(amounts) else None,
                utilization=share(mine),
                unused_since=None if since is None else iso_time(since),
            )


def notebook_file(kernel: RunningKernel) -> str | None:
    """The notebook's file with its links followed, as pins are kept."""
    return os.path.realpath(kernel.file) if kernel.file else None
