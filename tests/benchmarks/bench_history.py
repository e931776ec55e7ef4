"""What the history takes, and whether anything grows: 8 devices with 4 processes each.

Measured with tracemalloc is a history that is full (half an hour at the shortest interval), against the
limit of 8 MB. Then, in a process of its own over the stand-in driver, 10,000 readings are made, joined with
the processes, encoded as for a page and told to a scrape, after 4,000 that fill the history; the memory of
the process before and after is compared. ``make bench ARGS=bench_history``.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path

import msgspec
import psutil
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.registry import Collector

from jupyter_tfgpu.api.background import Scrape
from jupyter_tfgpu.api.metrics import metrics
from jupyter_tfgpu.api.service import SHORTEST_INTERVAL, Service
from jupyter_tfgpu.devices import Reading
from jupyter_tfgpu.devices.history import HistoryStore
from jupyter_tfgpu.kernels import surroundings
from tests.standin import driver

ROOT = Path(__file__).parents[2]
DEVICES, PROCESSES = 8, 4
LIMIT = 8e6
FILLING, READINGS = 4_000, 10_000


def history_bytes(reading: Reading) -> int:
    """Bytes of a history that was filled with this reading at ever later times."""
    gc.collect()
    tracemalloc.start()
    store = HistoryStore(SHORTEST_INTERVAL)
    for number in range(FILLING):
        store.add(msgspec.structs.replace(reading, taken_at=number * SHORTEST_INTERVAL))
    gc.collect()
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return taken


class Scraped(Collector):
    """The metrics of the last reading."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def collect(self) -> list[object]:  # type: ignore[override]
        latest = self.service.monitor.latest
        if latest is None:
            return []
        return list(metrics(Scrape(reading=latest, age=0.0, fresh=True, kernels={}), True))


def make_readings(service: Service, registry: CollectorRegistry, number: int) -> Reading:
    for _ in range(number):
        reading = service.monitor.reading(timeout=10, max_age=0)
        assert reading is not None and len(reading.devices) == DEVICES
        msgspec.json.encode(service.watching.state(reading, ()))
        generate_latest(registry)
    return reading


def measure(folder: Path) -> None:
    variables = {**os.environ, "JUPYTER_TFGPU_MACHINE_ROOT": str(folder / "machine")}
    service = Service(surroundings(variables), data_dir=folder / "data", runtime_dir=folder / "runtime")
    registry = CollectorRegistry()
    registry.register(Scraped(service))
    process = psutil.Process()
    subscription = service.monitor.subscribe(lambda _: None, 60)  # the threads stay
    reading = make_readings(service, registry, FILLING)
    gc.collect()
    before, began = process.memory_info().rss, time.perf_counter()
    make_readings(service, registry, READINGS)
    took = time.perf_counter() - began
    gc.collect()
    after = process.memory_info().rss
    subscription.close()
    service.close()
    taken = history_bytes(reading)
    print(
        f"a full history of {DEVICES} devices: {taken / 1e6:.2f} MB; ratio to the limit {taken / LIMIT:.2f}"
    )
    print(
        f"the process before {READINGS} readings: {before / 1e6:.1f} MB, after: {after / 1e6:.1f} MB; "
        f"ratio {after / before:.3f} ({1000 * took / READINGS:.2f} ms each, answer and metrics included)"
    )


def main() -> int:
    if len(sys.argv) > 1:
        measure(Path(sys.argv[1]))
        return 0
    sleeping = [subprocess.Popen(["sleep", "900"]) for _ in range(PROCESSES)]
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            running = [driver.Process(each.pid) for each in sleeping]
            devices = [driver.device(index, processes=running) for index in range(DEVICES)]
            scenario = driver.write_scenario(folder / "scenario.txt", devices=devices)
            driver.write_machine_tree(folder / "machine", pci_devices=DEVICES)
            variables = driver.environment(scenario) | {"TFGPU_STANDIN_FIXED": "1"}
            command = [sys.executable, "-m", "tests.benchmarks.bench_history", name]
            return subprocess.run(command, cwd=ROOT, env=variables, check=False).returncode
    finally:
        for each in sleeping:
            each.kill()
            each.wait()


if __name__ == "__main__":
    raise SystemExit(main())
