"""The stand-in driver itself: what the other tests rest on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.devices.conftest import ROOT
from tests.standin import driver

ASK = """
import pynvml
pynvml.nvmlInit()
handle = pynvml.nvmlDeviceGetHandleByIndex(0)
"""


def ask(variables: dict[str, str], code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", ASK + code], env=variables, capture_output=True, text=True, timeout=60
    )


def test_builds_at_the_same_time_give_one_library() -> None:
    command = [
        sys.executable,
        "-c",
        "from tests.standin.driver import build; print(build(['nvmlDeviceGetName']))",
    ]
    with ThreadPoolExecutor(3) as pool:
        done = list(
            pool.map(lambda _: subprocess.run(command, cwd=ROOT, capture_output=True, text=True), range(3))
        )
    assert {each.returncode for each in done} == {0}, done
    assert {each.stdout.strip() for each in done} == {str(driver.build(["nvmlDeviceGetName"]))}


def test_a_missing_symbol_is_missing_to_ctypes(tmp_path: Path) -> None:
    variables = driver.environment(driver.write_scenario(tmp_path / "s"), missing=["nvmlDeviceGetName"])
    done = ask(variables, "pynvml.nvmlDeviceGetName(handle)")
    assert "NVMLError_FunctionNotFound" in done.stderr


def test_nvidias_own_binding_raises_the_mismatch_that_is_no_nvml_error(tmp_path: Path) -> None:
    variables = driver.environment(driver.write_scenario(tmp_path / "s"), missing=driver.BEFORE_510)
    done = ask(
        variables,
        "try:\n    pynvml.nvmlDeviceGetComputeRunningProcesses(handle)\n"
        "except Exception as error:\n    print(type(error).__name__, isinstance(error, pynvml.NVMLError))",
    )
    assert done.stdout.split() == ["NVMLLibraryMismatchError", "False"], done.stderr


def test_processes_are_listed_through_nvidias_own_binding(tmp_path: Path) -> None:
    running = [driver.Process(5, 1 << 30), driver.Process(6, None)]
    scenario = driver.write_scenario(tmp_path / "s", devices=[driver.device(0, processes=running)])
    code = "print([(p.pid, p.usedGpuMemory) for p in pynvml.nvmlDeviceGetComputeRunningProcesses(handle)])"
    done = ask(driver.environment(scenario), code)
    assert done.stdout.strip() == "[(5, 1073741824), (6, None)]", done.stderr


def test_a_line_that_is_not_understood_is_named_and_nothing_works(tmp_path: Path) -> None:
    scenario = driver.write_scenario(tmp_path / "s", lines=["device 0 temprature 40"])
    done = ask(driver.environment(scenario), "")
    assert "device 0 temprature 40" in done.stderr
    assert "NVMLError_InvalidArgument" in done.stderr


def test_without_a_scenario_there_is_no_driver_loaded(tmp_path: Path) -> None:
    done = ask(driver.environment(tmp_path / "nothing"), "")
    assert "NVMLError_DriverNotLoaded" in done.stderr


def test_the_command_lays_out_a_machine_and_prints_the_variables(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.standin.driver", str(tmp_path), "--devices", "3"]
    said = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)
    done = ask(dict(os.environ) | said["environment"], "print(pynvml.nvmlDeviceGetCount())")
    assert done.stdout.strip() == "3", done.stderr
    assert Path(said["machine"], "dev/nvidia2").exists()
    assert driver.count_calls(Path(said["environment"]["TFGPU_STANDIN_CALLS"])) > 0
