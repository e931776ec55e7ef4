"""Running kernels: from this program's own starts, from the files of other servers, and as answers."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import msgspec
import psutil

from ..devices import Reading
from ..doctor.report import Verdict
from ..environments import environment_id
from ..kernels import DeviceHolders, LaunchFile, Pin, PinFrom, StartedKernel, parse_pin
from ..kernels.resolve import Allocation
from .wire import KernelAnswer, KernelDevice

CONNECTION_FILE = re.compile(r"kernel-([0-9A-Za-z-]+)\.json$")


class RunningKernel(msgspec.Struct, frozen=True, kw_only=True):
    """What a server knows of a kernel. ``path``: its notebook's contents path; ``file``: that file."""

    id: str
    kernelspec: str | None = None
    state: str | None = None
    path: str | None = None
    file: str | None = None


def started_elsewhere(runtime_dir: Path) -> tuple[StartedKernel, ...]:
    """The kernels of this user that run with our part in them, whichever server started them.

    Read from the launch files in the Jupyter runtime folder; the pid is that of the process whose
    command names the kernel's connection file.
    """
    launches = []
    for path in sorted(runtime_dir.glob("tfgpu-launch-*.json")):
        # A file may just have been removed, or be none of ours.
        with suppress(OSError, msgspec.DecodeError):
            launches.append(msgspec.json.decode(path.read_bytes(), type=LaunchFile))
    # Looking through all processes is dear: only where there is a kernel to look for.
    pids = _kernel_pids() if launches else {}
    return tuple(_started(launch, pids[launch.kernel_id]) for launch in launches if launch.kernel_id in pids)


def _started(launch: LaunchFile, pid: int) -> StartedKernel:
    return StartedKernel(
        kernel_id=launch.kernel_id,
        pin=parse_pin(launch.pin),
        pin_from=launch.pin_from,
        allocation=Allocation(uuids=launch.given, note=launch.note),
        pid=pid,
        notebook=launch.notebook,
        kernelspec=launch.kernelspec,
        report=Path(launch.report),
    )


def _kernel_pids() -> dict[str, int]:
    pids = {}
    for process in psutil.process_iter(["cmdline"]):
        for word in process.info["cmdline"] or ():
            match = CONNECTION_FILE.search(word)
            if match is not None:
                pids[match[1]] = process.pid
    return pids


def kernel_answer(
    kernel: RunningKernel,
    started: StartedKernel | None,
    counts: tuple[Pin, PinFrom],
    reading: Reading | None,
    held: Mapping[str, DeviceHolders],
    verdict: Verdict | None,
) -> KernelAnswer:
    """``counts``: the pin that this kernel would start with now, and who chose it."""
    pin, pin_from = counts
    return KernelAnswer(
        id=kernel.id,
        server=None,
        notebook=kernel.path or kernel.file or (started.notebook if started else None),
        kernelspec=kernel.kernelspec or (started.kernelspec if started else None),
        environment=environment_id(started.prefix) if started and started.prefix else None,
        pin=str(pin),
        state=kernel.state,
        devices=tuple(_devices(kernel.id, reading, held)),
        last_used=None,
        verdict=verdict,
        pin_from=pin_from,
        given=started.allocation.uuids if started else None,
        note=started.allocation.note if started else None,
        restart_needed=started is not None and str(started.pin) != str(pin),
    )


def _devices(
    kernel_id: str, reading: Reading | None, held: Mapping[str, DeviceHolders]
) -> Iterable[KernelDevice]:
    for device in reading.devices if reading else ():
        mine = (
            [one for one in held[device.uuid].holders if one.kernel_id == kernel_id]
            if device.uuid in held
            else []
        )
        if mine:
            amounts = [one.memory for one in mine]
            known = [amount for amount in amounts if amount is not None]
            yield KernelDevice(uuid=device.uuid, memory=sum(known) if len(known) == len(amounts) else None)


def notebook_file(kernel: RunningKernel) -> str | None:
    """The notebook's file with its links followed, as pins are kept."""
    return os.path.realpath(kernel.file) if kernel.file else None
