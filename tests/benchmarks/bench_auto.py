"""What choosing a device costs a start on ``auto``: our part of ``pre_launch`` with a Reading at hand.

Fifty kernels run, most of them started by other programs, as small processes; half of them hold memory in the
Reading. Reference: the same start with the pin ``all``, which chooses nothing, the two in turns; and reading
the launch files' bytes, which is the least that any choice has to do.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from jupyter_client.provisioning.factory import KernelProvisionerFactory

from jupyter_tfgpu.devices.reading import Reading
from jupyter_tfgpu.kernels import (
    PROVISIONER_NAME,
    Allocation,
    LaunchFile,
    LaunchServices,
    PinStore,
    StartedKernel,
    Target,
    born,
    parse_pin,
    set_services,
)
from jupyter_tfgpu.kernels.running.launchfile import write_launch_file
from tests.kernels.readings import device, process, reading
from tests.kernels.starter import manager

LIMIT = 0.010
"""Seconds that a start on ``auto`` may take of ours, as the median."""

KERNELS, DEVICES, OWN = 50, 8, 10


def run_kernels(stack: ExitStack) -> list[int]:
    """Small processes, each the leader of a session as a kernel is."""
    started = [
        stack.enter_context(subprocess.Popen(["sleep", "3600"], start_new_session=True))
        for _ in range(KERNELS)
    ]
    for one in started:
        stack.callback(one.kill)
    return [one.pid for one in started]


def record(served: LaunchServices, pids: Sequence[int]) -> None:
    """Launch files of them all, and this program's own records of some."""
    here = os.getpid()
    for number, pid in enumerate(pids):
        uuids = (f"GPU-{number % DEVICES}",)
        write_launch_file(
            served.runtime_dir,
            LaunchFile(
                kernel_id=f"kernel-{number}",
                module="ipykernel_launcher",
                report=None,
                interpreter=sys.executable,
                program=served.program,
                pin="auto",
                pin_from="notebook",
                given=uuids,
                note=None,
                notebook=f"/home/me/notebooks/{number}.ipynb",
                kernelspec="tfgpu-tf2",
                machine=served.pins.machine,
                pid=pid,
                born=born(pid),
                starter=here,
                starter_born=born(here),
                chosen_at=time.time(),
            ),
        )
        if number < OWN:
            pin = parse_pin("auto")
            given = Allocation(uuids=uuids)
            served.started.put(
                StartedKernel(
                    kernel_id=f"kernel-{number}", pin=pin, pin_from="notebook", allocation=given, pid=pid
                )
            )


def seen(pids: Sequence[int]) -> Reading:
    """Half of the kernels hold memory on their device."""
    held = {n: [pid for i, pid in enumerate(pids[::2]) if (2 * i) % DEVICES == n] for n in range(DEVICES)}
    return reading(
        *(device(n, f"GPU-{n}", processes=tuple(process(pid, 1) for pid in held[n])) for n in range(DEVICES))
    )


async def spans(served: LaunchServices, times: int) -> dict[str, list[float]]:
    """Our spans of starts on ``auto`` and on ``all``, in turns. No process is started: it is not ours."""
    measured: dict[str, list[float]] = {"auto": [], "all": [], "files": []}
    for number in range(times):
        for pin in ("auto", "all"):
            made = manager(f"bench-{number}-{pin}")
            served.pins.set(Target(kernelspec="small"), parse_pin(pin))
            await made._async_pre_start_kernel(env=dict(os.environ))
            measured[pin].append(made.provisioner.own_span)
            await made.provisioner.cleanup()
            made.cleanup_connection_file()
        begun = time.perf_counter()
        for path in served.runtime_dir.glob("tfgpu-launch-*.json"):
            path.read_bytes()
        measured["files"].append(time.perf_counter() - begun)
    return measured


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=100, help="starts that the medians are of")
    arguments = parser.parse_args()
    KernelProvisionerFactory.instance().default_provisioner_name = PROVISIONER_NAME
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        os.environ["JUPYTER_RUNTIME_DIR"] = str(folder)
        pids = run_kernels(stack)
        now = seen(pids)
        served = LaunchServices(
            pins=PinStore(folder / "pins.json"),
            reading=lambda timeout: now,
            runtime_dir=folder,
            given=None,
        )
        record(served, pids)
        set_services(served)
        asyncio.run(spans(served, 5))  # imports, file caches
        measured = asyncio.run(spans(served, arguments.starts))
    medians = {what: statistics.median(values) for what, values in measured.items()}
    for what, name in (
        ("auto", "pre_launch on auto"),
        ("all", "pre_launch on all"),
        ("files", "the files' bytes"),
    ):
        values = sorted(measured[what])
        low, high = values[len(values) // 20], values[-1 - len(values) // 20]
        print(
            f"{name}, {KERNELS} kernels running: median {1000 * medians[what]:.2f} ms of {len(values)} "
            f"(5 % to 95 %: {1000 * low:.2f} to {1000 * high:.2f} ms)"
        )
    print(
        f"auto: {medians['auto'] / medians['all']:.1f} times a start that chooses nothing, "
        f"{medians['auto'] / medians['files']:.1f} times reading the files, "
        f"{medians['auto'] / LIMIT:.2f} of the {1000 * LIMIT:.0f} ms allowed; "
        f"load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )
    return 0 if medians["auto"] < LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
