"""One Reading of 8 devices with 4 processes each, against the same calls in a bare loop.

Prints the median of both in milliseconds, and the ratio. Both ask the stand-in driver through
nvidia-ml-py, in turns, in one process; the scenario is not looked at again (TFGPU_STANDIN_FIXED). What a
Reading asks for only now and then (limits, error counters, MIG mode, video engines) is not in the bare loop.
Run by ``make bench ARGS=bench_reading``. The aim: at most 1.5 times the bare loop, and under 1 ms.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_tfgpu.devices import NvmlSource
from jupyter_tfgpu.machine import Machine
from tests.standin import driver

ROOT = Path(__file__).parents[2]
DEVICES, PROCESSES, ROUNDS = 8, 4, 300
FIELDS = (197, 198, 83)
"""PCIe's byte counters and that of energy, as the Reading asks for them."""


def bare_loop(pynvml: Any, handles: list[Any]) -> None:
    """The calls of a Reading through nvidia-ml-py, their answers thrown away."""
    since = int((time.time() - 0.1) * 1e6)
    pynvml.nvmlDeviceGetCount()
    for handle in handles:
        pynvml.nvmlDeviceGetMemoryInfo(handle, pynvml.nvmlMemory_v2)
        pynvml.nvmlDeviceGetUtilizationRates(handle)
        pynvml.nvmlDeviceGetTemperatureV(handle, pynvml.NVML_TEMPERATURE_GPU)
        pynvml.nvmlDeviceGetPowerUsage(handle)
        pynvml.nvmlDeviceGetClockInfo(handle, pynvml.NVML_CLOCK_SM)
        pynvml.nvmlDeviceGetClockInfo(handle, pynvml.NVML_CLOCK_MEM)
        try:
            pynvml.nvmlDeviceGetFanSpeed(handle)
        except pynvml.NVMLError:
            pass  # an A100 has none
        pynvml.nvmlDeviceGetCurrentClocksEventReasons(handle)
        pynvml.nvmlDeviceGetPerformanceState(handle)
        pynvml.nvmlDeviceGetComputeRunningProcesses(handle)
        pynvml.nvmlDeviceGetGraphicsRunningProcesses(handle)
        pynvml.nvmlDeviceGetMPSComputeRunningProcesses(handle)
        try:
            pynvml.nvmlDeviceGetProcessUtilization(handle, since)
        except pynvml.NVMLError:
            pass  # no sample since then
        pynvml.nvmlDeviceGetFieldValues(handle, FIELDS)


def milliseconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


def measure(machine: Path) -> None:
    import pynvml

    source = NvmlSource(Machine(root=machine, environ={}))
    found = source.read()
    assert len(found.devices) == DEVICES, found.driver
    assert all(len(device.processes or ()) == PROCESSES for device in found.devices)
    pynvml.nvmlInit()
    handles = [pynvml.nvmlDeviceGetHandleByIndex(index) for index in range(DEVICES)]
    ours, bare = [], []
    for _ in range(ROUNDS):
        ours.append(milliseconds(source.read))
        bare.append(milliseconds(lambda: bare_loop(pynvml, handles)))
    figure, reference = statistics.median(ours), statistics.median(bare)
    print(f"a reading of {DEVICES} devices with {PROCESSES} processes each: {figure:.3f} ms")
    print(f"the same calls through nvidia-ml-py in a bare loop: {reference:.3f} ms")
    print(f"ratio: {figure / reference:.2f}")


def main() -> int:
    if len(sys.argv) > 1:
        measure(Path(sys.argv[1]))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        running = [driver.Process(1000 + number, use=10) for number in range(PROCESSES)]
        devices = [driver.device(index, processes=running) for index in range(DEVICES)]
        scenario = driver.write_scenario(
            Path(folder, "scenario.txt"), devices=devices, lines=["pcie-counter 64"]
        )
        machine = driver.write_machine_tree(Path(folder, "machine"), pci_devices=DEVICES)
        variables = driver.environment(scenario) | {"TFGPU_STANDIN_FIXED": "1"}
        command = [sys.executable, "-m", "tests.benchmarks.bench_reading", str(machine)]
        return subprocess.run(command, cwd=ROOT, env=variables, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
