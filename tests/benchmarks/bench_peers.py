"""One snapshot of 8 devices with 4 processes each: ours beside those of nvitop and gpustat.

All ask the stand-in driver, each in a process of its own, once to warm up and then in a row. Printed are
the wall time (median) and the CPU time (mean) of a snapshot in milliseconds, and the ratios to ours. The
others look up each process's name and owner too, so what they are compared with is a Reading joined with
these. The aim: nvitop and gpustat at 5 times its CPU time at least, and at no less of its wall time.

The processes are real ones that sleep. The stand-in blocks 20 ms where a real driver does
(nvmlDeviceGetPcieThroughput, which nvitop calls twice a device); gpustat sleeps 0.1 s a device by itself.
Run by ``make bench ARGS=bench_peers``. The peers are installed once into the user's cache.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from scripts.common import Stop
from scripts.real_environments import Recipe, ensure
from tests.standin import driver

ROOT = Path(__file__).parents[2]
DEVICES, PROCESSES = 8, 4
PEERS = Recipe("peers", ("3.11", "3.12", "3.10", "3.13"), ("nvitop==1.7.2", "gpustat==1.1.1"))

MEASURE = """
import json, statistics, sys, time
rounds = int(sys.argv[1])
snapshot()
walls, cpu = [], time.process_time()
for _ in range(rounds):
    began = time.perf_counter()
    snapshot()
    walls.append(time.perf_counter() - began)
cpu = (time.process_time() - cpu) / rounds
print(json.dumps([statistics.median(walls) * 1000, cpu * 1000]))
"""

READING = """
import sys
from pathlib import Path
from jupyter_tfgpu.devices import NvmlSource
from jupyter_tfgpu.machine import Machine
source = NvmlSource(Machine(root=Path(sys.argv[2]), environ={}))
def check(reading):
    assert [len(each.processes) for each in reading.devices] == [4] * 8, reading.driver
    return reading
def snapshot():
    return check(source.read())
"""

HOLDERS = (
    READING
    + """
from jupyter_tfgpu.kernels import Joiner
joiner = Joiner(Machine(root=Path(sys.argv[2]), environ={}))
def snapshot():
    holders = joiner.join(check(source.read()), ()).held
    assert all(len(each.holders) == 4 and each.holders[0].command for each in holders.values())
"""
)

NVITOP = """
import nvitop
def snapshot():
    found = nvitop.take_snapshots()
    assert (len(found.devices), len(found.gpu_processes)) == (8, 32)
"""

GPUSTAT = """
import gpustat
def snapshot():
    found = gpustat.GPUStatCollection.new_query()
    assert [len(gpu.processes) for gpu in found.gpus] == [4] * 8
"""


def measure(
    python: str | Path, code: str, rounds: int, machine: Path, variables: dict[str, str]
) -> list[float]:
    """Wall and CPU time of a snapshot in milliseconds."""
    command = [str(python), "-c", code + MEASURE, str(rounds), str(machine)]
    done = subprocess.run(command, cwd=ROOT, env=variables, stdout=subprocess.PIPE, text=True, check=True)
    wall, cpu = json.loads(done.stdout)
    return [float(wall), float(cpu)]


def compare(peers: Path, machine: Path, variables: dict[str, str]) -> None:
    python = peers / "bin" / "python"
    rows = {
        "a Reading": measure(sys.executable, READING, 300, machine, variables),
        "a Reading, with the processes' names": measure(sys.executable, HOLDERS, 300, machine, variables),
        "nvitop, take_snapshots": measure(python, NVITOP, 10, machine, variables),
        "gpustat, new_query": measure(python, GPUSTAT, 10, machine, variables),
    }
    wall, cpu = rows["a Reading, with the processes' names"]
    print(f"a snapshot of {DEVICES} devices with {PROCESSES} processes each, ms:")
    for name, (their_wall, their_cpu) in rows.items():
        print(
            f"{name}: wall {their_wall:.2f}, CPU {their_cpu:.2f}; "
            f"ratio: wall {their_wall / wall:.1f}, CPU {their_cpu / cpu:.1f}"
        )


def main() -> int:
    try:
        peers = ensure(PEERS)
    except Stop as stop:
        print(stop, file=sys.stderr)
        return 1
    if peers is None:
        return 0
    sleeping = [subprocess.Popen(["sleep", "600"]) for _ in range(PROCESSES)]
    try:
        with tempfile.TemporaryDirectory() as folder:
            running = [driver.Process(each.pid, use=10) for each in sleeping]
            devices = [driver.device(index, processes=running) for index in range(DEVICES)]
            scenario = driver.write_scenario(Path(folder, "scenario.txt"), devices=devices)
            machine = driver.write_machine_tree(Path(folder, "machine"), pci_devices=DEVICES)
            compare(peers, machine, driver.environment(scenario) | {"TFGPU_STANDIN_FIXED": "1"})
    finally:
        for each in sleeping:
            each.kill()
            each.wait()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
