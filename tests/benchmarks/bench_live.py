"""What open pages cost the server: 1, 8 and 32 of them at a 1 s interval, 8 devices with 4 processes each.

Two of the processes are kernels of the server. Measured in the server's own event loop is by how much a
task that sleeps 5 ms is late, without pages and with them in turn; further how long the loop was at work
at a time, the driver's calls and the server's CPU time a second. jupyterlab-nvdashboard is measured beside
it, with two of its charts open a page (utilization, memory) and with PCIe's too, at its own 100 ms. The
stand-in blocks 20 ms where a real driver does (nvmlDeviceGetPcieThroughput, which that chart calls on the
event loop).

Run by ``make bench ARGS=bench_live``. The aims: 99 of 100 times less than 2 ms later than without pages, and
as many calls of the driver for 32 pages as for one. The peer is installed once into the user's cache.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.common import Stop
from scripts.real_environments import Recipe, ensure
from tests.benchmarks._serving import PATIENCE, Server, open_pages, server
from tests.standin import driver

DEVICES, PROCESSES, KERNELS = 8, 4, 2
PAGES = (1, 8, 32)
SECONDS, ROUNDS = 4.0, 3
"""Each number of pages in turn, several times: what else the machine does weighs on all alike."""
PEER = Recipe("nvdashboard", ("3.11", "3.12", "3.13"), ("jupyterlab-nvdashboard==0.15.0",))
CHARTS = (("gpu_utilization", "gpu_usage"), ("gpu_utilization", "gpu_usage", "pci_stats"))


@dataclass(frozen=True)
class Costs:
    """``late``, ``busy``: milliseconds, each time. ``calls``: of the driver. ``cpu``: seconds."""

    late: list[float]
    busy: list[float]
    seconds: float
    calls: int
    cpu: float

    def text(self, reference: float) -> str:
        late = p99(self.late)
        return (
            f"late by {late:.2f} ms (p99: {late - reference:+.2f}, × {late / reference:.2f}), "
            f"at most {max(self.late, default=0):.1f} ms; "
            f"the loop at work for {p99(self.busy):.2f} ms of CPU in one nap (p99); "
            f"{self.calls / self.seconds:.0f} calls of the driver and "
            f"{1000 * self.cpu / self.seconds:.0f} ms of CPU a second"
        )


def p99(values: list[float]) -> float:
    """What 99 of 100 are below."""
    return statistics.quantiles(values, n=100, method="inclusive")[-1] if len(values) > 1 else float("inf")


def measure(served: Server, number: int, urls: list[str], hello: dict[str, Any]) -> Costs | None:
    """None: the server does not answer any more."""
    try:
        with open_pages(number, urls, hello):
            time.sleep(2)  # what opening costs is not what is measured
            served.ask("probe", patience=PATIENCE)
            calls = served.calls
            time.sleep(SECONDS)
            found = served.ask("probe", patience=PATIENCE)
            return Costs(found["late"], found["busy"], found["seconds"], served.calls - calls, found["cpu"])
    except (urllib.error.URLError, TimeoutError):
        return None


def compare(name: str, served: Server, urls: list[str], hello: dict[str, Any]) -> None:
    measured: dict[int, list[Costs | None]] = {number: [] for number in (0, *PAGES)}
    for _ in range(ROUNDS):
        for number, found in measured.items():
            if not found or found[-1] is not None:
                found.append(measure(served, number, urls, hello))
    reference = together(measured[0])
    assert reference is not None, "the server does not answer without pages"
    for number, found in measured.items():
        costs = together(found)
        said = f"no answer within {PATIENCE:.0f} s" if costs is None else costs.text(p99(reference.late))
        print(f"{name}, {number} page{'s' if number != 1 else ''}: {said}", flush=True)


def together(found: list[Costs | None]) -> Costs | None:
    """All rounds in one; None where one had no answer."""
    rounds = [each for each in found if each is not None]
    if len(rounds) < len(found):
        return None
    return Costs(
        late=[late for each in rounds for late in each.late],
        busy=[busy for each in rounds for busy in each.busy],
        seconds=sum(each.seconds for each in rounds),
        calls=sum(each.calls for each in rounds),
        cpu=sum(each.cpu for each in rounds),
    )


def write_scenario(folder: Path, pids: list[int]) -> None:
    running = [driver.Process(pid) for pid in pids]
    devices = [driver.device(index, processes=running) for index in range(DEVICES)]
    driver.write_scenario(folder / "scenario.txt", devices=devices)


def main() -> int:
    try:
        peer = ensure(PEER)
    except Stop as stop:
        print(stop, file=sys.stderr)
        return 1
    sleeping = [subprocess.Popen(["sleep", "900"]) for _ in range(PROCESSES)]
    pids = [each.pid for each in sleeping]
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name, "ours")
            write_scenario(folder, pids)
            with server(sys.executable, "jupyter_tfgpu", folder, DEVICES) as ours:
                kernels = [ours.start_kernel(f"{number}.ipynb") for number in range(KERNELS)]
                write_scenario(folder, [*kernels, *pids[KERNELS:]])
                time.sleep(5)  # the kernels have started, and the reports on them are made
                compare("jupyter-tfgpu", ours, [ours.socket("tfgpu/live")], {"interval": 1})
            if peer is not None:
                folder = Path(name, "theirs")
                write_scenario(folder, pids)
                with server(peer / "bin" / "python", "jupyterlab_nvdashboard", folder, DEVICES) as theirs:
                    for charts in CHARTS:
                        sockets = [theirs.socket(f"nvdashboard/{chart}") for chart in charts]
                        hello = {"updateFrequency": 100, "isPaused": False}
                        compare(f"jupyterlab-nvdashboard, {len(charts)} charts", theirs, sockets, hello)
    finally:
        for each in sleeping:
            each.kill()
            each.wait()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
