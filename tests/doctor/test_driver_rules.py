"""Is there a GPU, does its driver answer?"""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tfgpu.doctor import Finding, diagnose
from jupyter_tfgpu.doctor.rules.driver import driver_state
from jupyter_tfgpu.doctor.subject import Subject
from tests.doctor.made import LIBCUDA, NO_GPU, snapshot

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
        {"host": {"nvidia_pci_devices": 0, "os": "macos", "arch": "arm64", "device_nodes": None}},
        {
            "host": {"nvidia_pci_devices": 0, "device_nodes": []},
            "gpus": [{"index": 0, "vendor": "amd", "name": "AMD Radeon RX 6800"}],
        },
        {
            "host": {"nvidia_pci_devices": 0, "device_nodes": []},
            "gpus": [{"index": 0, "vendor": "intel", "name": "Intel Arc A770"}],
        },
        {"host": {"nvidia_pci_devices": 0, "device_nodes": None}, "gpus": None},
    ],
    ids=[
        "wsl",
        "wsl-without-dxg",
        "jetson",
        "amd-node",
        "bus-unknown",
        "macos",
        "amd",
        "intel-arc",
        "nothing-asked",
    ],
)
def test_where_a_gpu_may_be_all_the_same_none_is_denied(changes: dict[str, Any]) -> None:
    assert "no-gpu" not in findings(**{**NO_GPU, **changes})


def test_graphics_inside_a_processor_are_no_gpu_to_train_on() -> None:
    intel = [{"index": 0, "vendor": "intel", "name": "Intel UHD Graphics 630"}]
    assert "no-gpu" in findings(**{**NO_GPU, "gpus": intel})


def test_a_gpu_without_a_driver_gets_the_distributions_own_command() -> None:
    found = findings(driver=ABSENT, gpus=None)["driver-missing"]
    assert found.fixes[0].commands == ("sudo ubuntu-drivers install", "sudo reboot")
    assert found.fixes[0].where == "host"


@pytest.mark.parametrize(
    "changes",
    [
        {
            "driver": {**ABSENT, "kernel_module_version": "550.54.14"},
            "host": {"device_nodes": [], "container": "docker"},
        },
        {"host": {"container": "docker"}},
        {"host": {"jetson": "R35.4.1"}},
        {"host": {"os": "macos"}},
        {"host": {"nvidia_pci_devices": None, "device_nodes": []}},
        {"driver": {**ABSENT, "status": None}},
    ],
    ids=["module-loaded", "container", "jetson", "macos", "bus-unknown", "not-asked"],
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


def test_a_kernel_module_without_its_libraries_is_half_a_driver() -> None:
    driver = {**ABSENT, "kernel_module_version": "550.54.14"}
    found = findings(driver=driver, gpus=None)
    assert list(found) == ["driver-missing"]
    assert "550.54.14" in found["driver-missing"].detail


def test_under_wsl2_it_is_windows_driver_that_is_missing() -> None:
    host = {"wsl": True, "nvidia_pci_devices": 0, "device_nodes": ["/dev/dxg"]}
    gpus = [{"name": "NVIDIA GeForce RTX 3060", "vendor": "nvidia"}]
    changes = {"host": host, "driver": ABSENT, "gpus": gpus}
    found = findings(**changes, environment={"libraries": []})["driver-missing"]
    assert found.fixes[0].commands == () and "in Windows" in found.fixes[0].title
    unreached = {**LIBCUDA, "reachable": False, "path": "/usr/lib/wsl/lib/libcuda.so.1"}
    assert "driver-missing" not in findings(**changes, environment={"libraries": [unreached]})


def test_a_libcuda_of_another_version_than_the_module_is_an_update_half_done() -> None:
    libraries = [{**LIBCUDA, "version": "550.54.14"}]
    found = findings(environment={"libraries": libraries})["driver-library-mismatch"]
    assert "550.54.14" in found.detail and "570.124.06" in found.detail
    assert "550.54.14" in found.evidence[0]


@pytest.mark.parametrize(
    "changes",
    [
        {"environment": {"libraries": [{**LIBCUDA, "version": "570.124.06"}]}},
        {"environment": {"libraries": [{**LIBCUDA, "version": "570"}]}},
        {"environment": {"libraries": [{**LIBCUDA, "version": "1.1"}]}},
        {"environment": {"libraries": [{**LIBCUDA, "version": "550.54.14", "origin": "compat"}]}},
        {"environment": {"libraries": [{**LIBCUDA, "version": "550.54.14", "reachable": False}]}},
        {"environment": {"libraries": [{**LIBCUDA, "version": "572.16"}]}, "host": {"wsl": True}},
        {"environment": {"libraries": [{**LIBCUDA, "version": "36.4"}]}, "host": {"jetson": "R36.4"}},
    ],
    ids=["same", "shorter", "of-the-file", "compat", "out-of-reach", "wsl", "jetson"],
)
def test_a_libcuda_that_may_be_right_is_left_alone(changes: dict[str, Any]) -> None:
    assert "driver-library-mismatch" not in findings(**changes)


def test_the_mismatch_of_a_container_is_mended_on_its_host() -> None:
    driver = {"status": "library-mismatch", "version": "375.20", "kernel_module_version": "367.57"}
    found = findings(driver=driver, gpus=None, host={"container": "docker"})["driver-library-mismatch"]
    assert all(fix.where == "host" and fix.commands == () for fix in found.fixes)


@pytest.mark.parametrize(
    "driver",
    [
        {"status": "gpu-lost"},
        {"status": "error", "message": "GPU 00000000:01:00.0 has fallen off the bus"},
        {"status": "not-answering", "message": "Unable to determine the device handle: GPU is lost. Reboot"},
        {"status": "error", "message": "GPU requires reset"},
    ],
)
def test_a_lost_gpu_is_told_by_the_drivers_state_or_words(driver: dict[str, Any]) -> None:
    assert list(findings(driver=driver, gpus=None)) == ["gpu-lost"]


def test_a_driver_that_lists_none_of_the_gpus_on_the_bus_is_an_error() -> None:
    assert list(findings(gpus=[])) == ["gpu-lost"]


@pytest.mark.parametrize(
    "changes",
    [
        {"host": {"container": "docker"}},
        {"host": {"nvidia_pci_devices": None}},
        {"host": {"wsl": True}},
        {"gpus": None},
    ],
)
def test_gpus_that_are_not_listed_may_be_another_matter(changes: dict[str, Any]) -> None:
    assert "gpu-lost" not in findings(**{"gpus": [], **changes})


@pytest.mark.parametrize("status", ["not-answering", "error"])
def test_a_driver_that_does_not_answer_wants_a_restart(status: str) -> None:
    found = findings(driver={"status": status, "message": None}, gpus=None)
    assert list(found) == ["driver-state"]
    assert found["driver-state"].severity == "warning"
    assert found["driver-state"].fixes[0].commands == ("sudo rmmod nvidia_uvm", "sudo modprobe nvidia_uvm")


def test_windows_gets_no_command_of_linux_for_it() -> None:
    host = {"os": "windows", "device_nodes": None}
    found = findings(host=host, driver={"status": "error"}, gpus=None)["driver-state"]
    assert [fix.commands for fix in found.fixes] == [()]


def test_gpus_joined_by_nvswitch_wait_for_the_fabric_manager() -> None:
    found = findings(log="CUDA_ERROR_SYSTEM_NOT_READY: system not yet initialized")["driver-state"]
    assert found.fixes[0].commands == ("sudo systemctl enable --now nvidia-fabricmanager",)


def test_a_log_of_yesterday_is_no_proof_that_the_driver_does_not_work() -> None:
    log = "failed call to cuInit: CUDA_ERROR_UNKNOWN: unknown error"
    assert driver_state(Subject(snapshot(log=log))) is None


@pytest.mark.parametrize("status", ["not-loaded", "error"])
def test_under_wsl2_the_driver_is_mended_in_windows(status: str) -> None:
    host = {"wsl": True, "device_nodes": ["/dev/dxg"], "nvidia_pci_devices": 0}
    found = findings(host=host, driver={"status": status, "kernel_module_version": None}, gpus=None)
    [finding] = found.values()
    assert "wsl --update" in finding.fixes[0].commands
    assert not any("sudo" in command for fix in finding.fixes for command in fix.commands)
