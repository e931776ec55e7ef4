"""Device nodes: missing, closed, or not there in WSL."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tfgpu.doctor import Finding, diagnose
from tests.doctor.made import NO_GPU, snapshot

ALL = ["/dev/nvidia0", "/dev/nvidiactl", "/dev/nvidia-uvm"]
NOT_LOADED = {"status": "not-loaded", "message": "Driver Not Loaded"}


def findings(**changes: Any) -> dict[str, Finding]:
    return {each.code: each for each in diagnose(snapshot(**changes)).findings}


def test_a_service_with_a_dev_of_its_own_sees_no_gpu() -> None:
    found = findings(host={"device_nodes": []}, driver=NOT_LOADED, gpus=None)
    assert list(found) == ["device-nodes-missing"]
    assert "PrivateDevices=no" in found["device-nodes-missing"].fixes[0].title


def test_cuda_does_not_start_without_the_memory_modules_node() -> None:
    found = findings(host={"device_nodes": ALL[:2]})
    assert list(found) == ["device-nodes-missing"]
    commands = [command for fix in found["device-nodes-missing"].fixes for command in fix.commands]
    assert "sudo modprobe nvidia-uvm" in commands and "sudo apt install nvidia-modprobe" in commands


def test_a_node_that_is_made_when_a_program_first_asks_is_not_missing() -> None:
    assert findings(host={"device_nodes": ALL[:2], "nodes_on_demand": True}) == {}
    assert "device-nodes-missing" in findings(host={"device_nodes": ALL[:2], "nodes_on_demand": False})


@pytest.mark.parametrize("denied", [["/dev/nvidiactl"], ["/dev/nvidia-uvm"], ["/dev/nvidia0"], ALL])
def test_nodes_that_this_user_may_not_open_are_named(denied: list[str]) -> None:
    found = findings(host={"device_nodes_denied": denied})
    assert list(found) == ["device-nodes-missing"]
    assert all(node in found["device-nodes-missing"].detail for node in denied)


def test_a_driver_that_refuses_this_user_says_so() -> None:
    found = findings(driver={"status": "no-permission", "message": "Insufficient Permissions"}, gpus=None)
    assert list(found) == ["device-nodes-missing"]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"host": {"device_nodes": None}},
        {"host": {"device_nodes": [*ALL, "/dev/nvidia1"], "device_nodes_denied": ["/dev/nvidia1"]}},
        {"host": {"device_nodes_denied": ["/dev/nvidia-uvm-tools"]}},
        {"host": {"os": "windows", "device_nodes": None}},
        {"host": {"wsl": True, "device_nodes": ["/dev/dxg"], "nvidia_pci_devices": 0}},
        {"host": {"jetson": "R35.4.1", "device_nodes": ["/dev/nvmap"], "nvidia_pci_devices": 0}},
        {"host": {"device_nodes": []}, "driver": {"status": "not-loaded", "kernel_module_version": None}},
        {**NO_GPU},
    ],
    ids=["all", "unknown", "anothers", "tools", "windows", "wsl", "jetson", "not-loaded", "no-gpu"],
)
def test_where_nothing_lacks_or_nothing_is_known_it_is_silent(changes: dict[str, Any]) -> None:
    assert "device-nodes-missing" not in findings(**changes)


def test_on_a_jetson_the_group_video_opens_the_gpu() -> None:
    host = {"jetson": "R35.4.1", "device_nodes": ["/dev/nvmap"], "device_nodes_denied": ["/dev/nvmap"]}
    fixes = findings(host={**host, "nvidia_pci_devices": 0})["device-nodes-missing"].fixes
    assert fixes[0].commands == ('sudo usermod -aG video "$USER"',)


def test_wsl_1_has_no_gpu() -> None:
    host = {"wsl": True, "device_nodes": [], "nvidia_pci_devices": 0}
    found = findings(host=host, driver={"status": "error", "kernel_module_version": None})
    assert "device-nodes-missing" in found
    assert "wsl --update" in found["device-nodes-missing"].fixes[0].commands


def test_a_container_whose_user_may_not_open_them_is_started_otherwise() -> None:
    host = {"container": "podman", "device_nodes_denied": ["/dev/nvidiactl"]}
    [fix] = findings(host=host)["device-nodes-missing"].fixes
    assert "--group-add keep-groups" in fix.commands[0] and fix.where == "host"
    host = {**host, "container": "docker"}
    fixes = findings(host=host)["device-nodes-missing"].fixes
    assert fixes[0].commands == ("docker run --gpus all IMAGE",)


def test_a_running_container_that_lost_its_nodes_is_started_again() -> None:
    driver = {"status": "error", "message": "Failed to initialize NVML: Unknown Error"}
    found = findings(host={"container": "docker"}, driver=driver, gpus=None)
    assert list(found) == ["device-nodes-missing"]
    assert all(fix.where == "host" for fix in found["device-nodes-missing"].fixes)
    assert "device-nodes-missing" not in findings(driver=driver, gpus=None)
