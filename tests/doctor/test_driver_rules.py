"""Is there a GPU, does its driver answer, is it new enough?"""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tfgpu.doctor import Finding, diagnose
from jupyter_tfgpu.doctor.knowledge import driver_floors
from tests.doctor.made import NO_GPU, framework, snapshot

ABSENT = {"status": "absent", "version": None, "kernel_module_version": None, "cuda_version": None}


def findings(**changes: Any) -> dict[str, Finding]:
    return {each.code: each for each in diagnose(snapshot(**changes)).findings}


def test_a_machine_without_a_gpu_is_told_so() -> None:
    assert findings(**NO_GPU)["no-gpu"].severity == "info"


@pytest.mark.parametrize(
    "changes",
    [
        {"host": {"nvidia_pci_devices": 0, "wsl": True, "device_nodes": ["/dev/dxg"]}},
        {"host": {"nvidia_pci_devices": 0, "wsl": True, "device_nodes": []}},
        {"host": {"nvidia_pci_devices": 0, "jetson": "R35.4.1", "device_nodes": []}},
        {"host": {"nvidia_pci_devices": 0, "device_nodes": ["/dev/kfd"]}},
        {"host": {"nvidia_pci_devices": None, "device_nodes": []}},
        {"host": {"nvidia_pci_devices": 0, "os": "macos", "arch": "arm64"}},
        {"host": {"nvidia_pci_devices": 0}, "gpus": [{"index": 0, "vendor": "amd"}]},
        {"host": {"nvidia_pci_devices": 0, "device_nodes": None}, "gpus": None},
    ],
    ids=["wsl", "wsl-without-dxg", "jetson", "amd-node", "bus-unknown", "macos", "amd", "nothing-asked"],
)
def test_where_a_gpu_may_be_all_the_same_none_is_denied(changes: dict[str, Any]) -> None:
    assert findings(**{**NO_GPU, **changes}) == {}


def test_a_gpu_without_a_driver_gets_the_distributions_own_command() -> None:
    found = findings(driver=ABSENT, gpus=None)["driver-missing"]
    assert found.fixes[0].commands == ("sudo ubuntu-drivers install", "sudo reboot")
    assert found.fixes[0].where == "host"


@pytest.mark.parametrize(
    "changes",
    [
        {"driver": {**ABSENT, "kernel_module_version": "550.54.14"}},
        {"host": {"container": "docker"}},
        {"host": {"wsl": True}},
        {"host": {"nvidia_pci_devices": None}},
        {"driver": {**ABSENT, "status": None}},
    ],
    ids=["module-loaded", "container", "wsl", "bus-unknown", "not-asked"],
)
def test_a_missing_driver_is_not_guessed(changes: dict[str, Any]) -> None:
    assert "driver-missing" not in findings(**{"driver": ABSENT, "gpus": None, **changes})


def test_a_driver_that_is_not_loaded_is_named_with_its_version() -> None:
    driver = {"status": "not-loaded", "version": "550.54.14", "kernel_module_version": None}
    found = findings(driver=driver, gpus=None)
    assert list(found) == ["driver-not-loaded"]
    assert "550.54.14" in found["driver-not-loaded"].detail


def test_a_module_that_is_loaded_after_all_is_another_cause() -> None:
    driver = {"status": "not-loaded", "version": "550.54.14", "kernel_module_version": "550.54.14"}
    assert "driver-not-loaded" not in findings(driver=driver, gpus=None)


def test_libraries_and_module_of_different_versions_are_both_named() -> None:
    driver = {"status": "library-mismatch", "version": "550.54.14", "kernel_module_version": "535.86.05"}
    found = findings(driver=driver, gpus=None)
    assert list(found) == ["driver-library-mismatch"]
    assert "550.54.14" in found["driver-library-mismatch"].detail
    assert "535.86.05" in found["driver-library-mismatch"].detail


@pytest.mark.parametrize(
    ("system", "cuda", "driver", "old"),
    [
        ("linux", "12.5.1", "525.60.12", True),
        ("linux", "12.5.1", "525.60.13", False),
        ("linux", "12.5.1", "525.85", False),
        ("linux", "11.8", "450.51.06", True),
        ("linux", "11.8", "450.80.02", False),
        ("linux", "13.0", "575.57.08", True),
        ("linux", "13.0", "580.65.06", False),
        ("linux", "10.1", "410.104", True),
        ("linux", "10.1", "418.39", False),
        ("linux", "10", "410.48", False),
        ("windows", "11.2", "452.38", True),
        ("windows", "11.2", "452.39", False),
        ("windows", "12.0", "526.98", True),
        ("windows", "12.0", "527.41", False),
        ("wsl", "12.5.1", "525.60.13", True),
        ("wsl", "12.5.1", "528.33", False),
        ("linux", "7.5", "352.63", False),
        ("linux", None, "352.63", False),
    ],
)
def test_the_floor_is_that_of_the_cuda_major_release(system: str, cuda: str, driver: str, old: bool) -> None:
    host = {"os": "windows"} if system == "windows" else {"os": "linux", "wsl": system == "wsl"}
    build = framework(cuda=cuda, needs=None)
    found = findings(host=host, driver={"version": driver}, environment={"frameworks": [build]})
    assert ("driver-too-old" in found) is old


def test_the_runtimes_file_name_tells_the_minor_release_that_the_build_does_not_state() -> None:
    build = framework(version="2.0.0", cuda="10", needs=["libcudart.so.10.1"])
    found = findings(driver={"version": "410.104"}, environment={"frameworks": [build]})
    assert "CUDA 10.1" in found["driver-too-old"].title


@pytest.mark.parametrize("change", [{"jetson": "R36.4.0"}, {"os": "linux"}])
def test_the_driver_of_a_jetson_counts_otherwise(change: dict[str, Any]) -> None:
    found = findings(host=change, driver={"version": "36.4.0"})
    assert ("driver-too-old" in found) is ("jetson" not in change)


def test_a_compat_libcuda_may_lift_the_floor_so_nothing_is_said() -> None:
    compat = {"file": "libcuda.so.1", "origin": "compat", "reachable": True}
    driver = {"version": "470.57.02"}
    assert "driver-too-old" in findings(driver=driver, environment={"libraries": None})
    assert "driver-too-old" not in findings(driver=driver, environment={"libraries": [compat]})


def test_a_gpu_that_new_drivers_left_behind_is_not_sent_to_update() -> None:
    kepler = [{"index": 0, "name": "Tesla K80", "vendor": "nvidia", "compute_capability": "3.7"}]
    found = findings(driver={"version": "470.57.02"}, gpus=kepler)["driver-too-old"]
    assert "R470" in found.fixes[0].title and found.fixes[0].commands == ()


@pytest.mark.parametrize("system", ["linux", "windows"])
def test_no_driver_that_a_release_of_cuda_ships_with_is_too_old_for_it(system: str) -> None:
    for row in driver_floors():
        if not row.toolkit[system]:
            continue
        cuda = ".".join(str(part) for part in row.cuda)
        # The one exception is NVIDIA's own: 11.0's first two drivers lie below the floor of 11.x.
        if row.cuda == (11, 0):
            continue
        found = findings(
            host={"os": system},
            driver={"version": row.toolkit[system]},
            environment={"frameworks": [framework(cuda=cuda, needs=None)]},
        )
        assert "driver-too-old" not in found, (cuda, row.toolkit[system])
