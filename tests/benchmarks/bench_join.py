"""Joining 64 kernels and 256 GPU processes, and reading the facts of these, which are real.

Each kernel is a process that leads a session and has three more in it. Printed, as medians in milliseconds:

- the facts of 256 pids that were never seen (8 fields each: pid, birth, owner, name, session and ancestors
  with their births, beginning), against opening and reading ``/proc/PID/stat`` of each once;
- the same a second later, when each is only looked at again;
- the join of a reading of 8 devices with these facts at hand, with the warnings of all kernels on top,
  against a plain walk over the same lists;
- how late the event loop is, at most of 99 in 100 times, while another thread joins such readings.

Run by ``make bench ARGS=bench_join``. The aims: facts under 15 ms, the join under 3 ms.
"""

from __future__ import annotations

import asyncio
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from jupyter_tfgpu.devices import Device, DriverState, Memory, Process, Reading
from jupyter_tfgpu.kernels import (
    ALL,
    Allocation,
    Joiner,
    StartedKernel,
    Subject,
    born,
    device_warnings,
    full_devices,
)
from jupyter_tfgpu.kernels.holders.holders import attribute
from jupyter_tfgpu.kernels.running.processes import ProcessTable
from jupyter_tfgpu.machine import Machine

KERNELS, EACH, DEVICES, ROUNDS = 64, 4, 8, 50
GIB = 1 << 30
FACTS_LIMIT, JOIN_LIMIT = 15.0, 3.0
FAMILY = f"for i in $(seq {EACH - 1}); do sleep 600 & echo $!; done; echo .; wait"


@contextmanager
def families() -> Iterator[list[list[int]]]:
    """The pids of each kernel, its own first."""
    running = [
        subprocess.Popen(["sh", "-c", FAMILY], stdout=subprocess.PIPE, text=True, start_new_session=True)
        for _ in range(KERNELS)
    ]
    try:
        yield [
            [each.pid, *map(int, iter(lambda one=each: one.stdout.readline().strip(), "."))]
            for each in running
        ]
    finally:
        for each in running:
            os.killpg(each.pid, signal.SIGKILL)
            each.wait()


def median(call: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Milliseconds."""
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        call()
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken)


def reading(pids: list[int]) -> Reading:
    """So many processes, spread over the devices, which are nearly full."""
    devices = tuple(
        Device(
            uuid=f"GPU-{number}",
            index=number,
            name="NVIDIA A100",
            memory=Memory(total=40 * GIB, used=39 * GIB, free=GIB),
            processes=tuple(Process(pid=pid, memory=GIB, utilization=0.1) for pid in pids[number::DEVICES]),
        )
        for number in range(DEVICES)
    )
    return Reading(taken_at=time.time() + 60, driver=DriverState(status="ok"), devices=devices)


def bare_stat(pids: list[int]) -> None:
    for pid in pids:
        Path(f"/proc/{pid}/stat").read_bytes()


def walk(seen: Reading) -> dict[int, int]:
    return {process.pid: process.memory or 0 for device in seen.devices for process in device.processes or ()}


async def delay(work: Callable[[], object]) -> float:
    """Milliseconds that the loop is late, at most of 99 in 100 times, while a thread does the work."""
    done = threading.Event()

    def busy() -> None:
        while not done.is_set():
            work()
            time.sleep(0.01)

    thread = threading.Thread(target=busy)
    thread.start()
    late = []
    for _ in range(400):
        begun = time.perf_counter()
        await asyncio.sleep(0.005)
        late.append((time.perf_counter() - begun - 0.005) * 1000)
    done.set()
    thread.join()
    return statistics.quantiles(late, n=100)[98]


def measure(folder: Path, members: list[list[int]]) -> bool:
    pids = [pid for family in members for pid in family]
    kernels = [
        StartedKernel(
            kernel_id=f"kernel-{number}",
            pin=ALL,
            pin_from="default",
            allocation=Allocation(uuids=(f"GPU-{number % DEVICES}",)),
            pid=family[0],
            born=born(family[0]),
            notebook=f"/n/{number}.ipynb",
            variables={"PATH": "/bin"},
        )
        for number, family in enumerate(members)
    ]
    seen, table = reading(pids), ProcessTable()
    facts = table.read(pids)
    held = attribute(seen, kernels, facts)
    assert all(one.kernel_id for each in held.values() for one in each.holders)

    def warn() -> None:
        full = full_devices(seen, held)
        for kernel in kernels:
            subject = Subject({kernel.kernel_id}, kernel.allocation.uuids, kernel.variables)
            device_warnings(subject, seen, held, full, seen.devices)

    cold = median(lambda: ProcessTable().read(pids))
    bare = median(lambda: bare_stat(pids))
    joined, walked = median(lambda: attribute(seen, kernels, facts)), median(lambda: walk(seen))
    joiner = Joiner(Machine(root=folder, environ={}))
    print(
        f"facts of {len(pids)} pids, never seen: {cold:.2f} ms, {cold / bare:.1f} of reading a file of each"
    )
    print(f"… seen before: {median(lambda: table.read(pids)):.2f} ms")
    print(f"join of {KERNELS} kernels with them: {joined:.2f} ms, {joined / walked:.0f} of a walk over them")
    print(f"warnings of all kernels: {median(warn):.2f} ms")
    print(f"facts and join of a next reading: {median(lambda: joiner.join(seen, kernels)):.2f} ms")
    late = asyncio.run(delay(lambda: joiner.join(seen, kernels)))
    still = asyncio.run(delay(lambda: None))
    print(f"event loop meanwhile: {late:.1f} ms late (99 %); with nothing to do {still:.1f} ms")
    return cold < FACTS_LIMIT and joined < JOIN_LIMIT


def main() -> int:
    if not sys.platform.startswith("linux"):
        print("reads /proc: Linux only")
        return 0
    with tempfile.TemporaryDirectory() as folder, families() as members:
        return 0 if measure(Path(folder), members) else 1


if __name__ == "__main__":
    raise SystemExit(main())
