"""Every state of the driver is told, with what it means and what to do."""

from __future__ import annotations

from typing import Any

import pytest

from tests.devices.conftest import Program, Start
from tests.standin.driver import device, device_uuid

UBUNTU_FREE: dict[str, Any] = {"driver": None, "kernel_module": None}


def state(program: Program) -> tuple[str, str, str]:
    said = program.read().driver
    assert said.message and said.advice, said
    return said.status, said.message, said.advice


def test_a_machine_without_gpu_and_driver_says_so(start: Start) -> None:
    status, message, advice = state(start(library=False, tree=UBUNTU_FREE | {"pci_devices": 0}))
    assert status == "absent"
    assert "no NVIDIA GPU" in message
    assert "CPU" in advice


def test_a_gpu_without_driver_is_told_how_to_install_one(start: Start) -> None:
    status, message, advice = state(start(library=False, tree=UBUNTU_FREE))
    assert status == "absent"
    assert message == "This machine has an NVIDIA GPU, but no NVIDIA driver is installed."
    assert "ubuntu-drivers install" in advice


@pytest.mark.parametrize(
    ("kind", "how"), [("docker", "--gpus all"), ("podman", "nvidia.com/gpu=all"), ("kubernetes", "limits")]
)
def test_a_container_without_gpus_names_the_way_to_start_it(start: Start, kind: str, how: str) -> None:
    tree = {"driver": None, "kernel_module": "550.54.14", "device_nodes": False, "container": kind}
    status, message, advice = state(start(library=False, tree=tree))
    assert status == "absent"
    assert "container" in message
    assert how in advice


def test_wsl_without_driver_points_to_windows(start: Start) -> None:
    status, _, advice = state(start(library=False, tree={"driver": None, "wsl": True}))
    assert status == "absent"
    assert "Windows" in advice


def test_a_driver_whose_module_is_not_loaded(start: Start) -> None:
    status, message, advice = state(start(lines=["error nvmlInit 9"], tree={"kernel_module": None}))
    assert status == "not-loaded"
    assert "not loaded" in message
    assert "modprobe nvidia" in advice


def test_a_module_that_is_loaded_but_out_of_reach(start: Start) -> None:
    tree = {"device_nodes": False}
    status, message, advice = state(start(lines=["error nvmlInit 9"], tree=tree))
    assert status == "not-loaded"
    assert "550.54.14" in message
    assert "PrivateDevices" in advice


def test_a_mismatch_names_both_versions(start: Start) -> None:
    tree = {"driver": "550.90.07", "kernel_module": "550.54.14"}
    program = start(lines=["error nvmlInit 18"], tree=tree)
    status, message, advice = state(program)
    assert status == "library-mismatch"
    assert "550.90.07" in message and "550.54.14" in message
    assert "Reboot" in advice
    assert program.read().driver.version == "550.90.07"


def test_a_mismatch_in_a_container_is_mended_by_its_restart(start: Start) -> None:
    tree = {"driver": "550.90.07", "kernel_module": "550.54.14", "container": "docker"}
    _, _, advice = state(start(lines=["error nvmlInit 18"], tree=tree))
    assert "restart this container" in advice


def test_a_driver_updated_under_the_running_server_asks_for_a_restart_of_the_server(start: Start) -> None:
    tree = {"driver": "550.90.07", "kernel_module": "550.90.07"}
    program = start(tree=tree)
    assert program.read().driver.status == "ok"
    program.write(lines=["error nvmlDeviceGetCount 999"])
    status, message, advice = state(program)
    assert status == "library-mismatch"
    assert "550.54.14" in message and "550.90.07" in message
    assert "restart the Jupyter server" in advice


def test_no_permission(start: Start) -> None:
    status, _, advice = state(start(lines=["error nvmlInit 4"]))
    assert status == "no-permission"
    assert "/dev/nvidia" in advice


def test_an_error_that_has_no_name_is_told_with_its_number(start: Start) -> None:
    status, message, _ = state(start(lines=["error nvmlInit 999"]))
    assert status == "error"
    assert "999" in message


@pytest.mark.parametrize(("code", "expected"), [(999, "error"), (4, "no-permission"), (17, "no-permission")])
def test_a_container_that_lost_its_devices_is_to_be_restarted(start: Start, code: int, expected: str) -> None:
    program = start(tree={"container": "docker"})
    assert program.read().driver.status == "ok"
    # What `systemctl daemon-reload` on the host does: the devices are out of reach, opening them anew too.
    program.write(lines=[f"error * {code}"])
    for _ in range(2):
        status, message, advice = state(program)
        assert status == expected
        assert "has lost it while it ran" in message
        assert "Restart the container" in advice and "daemon-reload" in advice
        program.write(lines=[f"error * {code}", f"error nvmlInit {code}"])
    program.write()
    assert program.read().driver.status == "ok"


def test_a_container_that_never_had_devices_is_not_said_to_have_lost_them(start: Start) -> None:
    _, message, advice = state(start(lines=["error nvmlInit 4"], tree={"container": "docker"}))
    assert "lost" not in message
    assert "--gpus all" in advice


def test_a_driver_that_failed_is_left_alone_for_a_while(start: Start) -> None:
    program = start(lines=["error nvmlInit 9"], retry=3600)
    assert [program.read().driver.status for _ in range(3)] == ["not-loaded"] * 3
    assert program.do("calls", name="nvmlInitWithFlags") == 1


def test_a_library_too_old_to_be_opened_is_told_as_such(start: Start) -> None:
    status, message, _ = state(start(missing=["nvmlInitWithFlags"]))
    assert status == "error"
    assert "too old" in message


def test_a_lost_gpu_is_named_and_the_others_go_on(start: Start) -> None:
    program = start()
    program.read()
    program.write(lines=["error * 15 1"])
    found = program.read()
    assert found.driver.status == "gpu-lost"
    assert found.answered
    assert "GPU 1" in (found.driver.message or "")
    first, second = found.devices
    assert (first.state, first.temperature) == ("ok", 50)
    assert (second.state, second.uuid, second.memory) == ("lost", device_uuid(1), None)
    # Each call on a lost GPU may take seconds: after the first it is left alone.
    assert program.do("calls", name="nvmlDeviceGetPowerUsage") == 3
    program.write()
    assert [each.state for each in program.read().devices] == ["ok", "ok"]


def test_a_gpu_that_was_lost_from_the_start_is_counted_in_the_message(start: Start) -> None:
    found = start(lines=["error nvmlDeviceGetHandleByIndex 15 1"]).read()
    assert found.driver.status == "gpu-lost"
    assert found.driver.message and found.driver.advice
    assert [each.uuid for each in found.devices] == [device_uuid(0)]


def test_a_gpu_that_needs_a_reset_is_told_apart(start: Start) -> None:
    found = start(lines=["error nvmlDeviceGetUtilizationRates 16 0"]).read()
    assert found.devices[0].state == "reset-required"
    assert "reset" in (found.driver.message or "")


def test_a_device_that_this_user_may_not_open_is_left_out(start: Start) -> None:
    found = start(lines=["error nvmlDeviceGetHandleByIndex 4 0"]).read()
    assert found.driver.status == "ok"
    assert [(each.index, each.uuid) for each in found.devices] == [(1, device_uuid(1))]


def test_when_no_device_may_be_opened_that_is_the_state(start: Start) -> None:
    status, _, _ = state(start(lines=["error nvmlDeviceGetHandleByIndex 4"]))
    assert status == "no-permission"


def test_a_driver_that_is_loaded_later_is_found(start: Start) -> None:
    program = start(lines=["error nvmlInit 9"])
    assert program.read().driver.status == "not-loaded"
    program.write(devices=[device(0)])
    found = program.read()
    assert found.driver.status == "ok"
    assert len(found.devices) == 1


def test_a_driver_without_devices_is_ok_and_lists_none(start: Start) -> None:
    found = start(devices=[]).read()
    assert (found.driver.status, found.devices) == ("ok", ())
