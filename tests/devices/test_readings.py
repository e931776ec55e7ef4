"""What a reading says of the devices, asked of nvidia-ml-py over the stand-in driver."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tfgpu.devices import Clocks, Ecc, Memory, Power, Process, Utilization
from tests.devices.conftest import Start
from tests.standin.driver import (
    BEFORE_450,
    BEFORE_450_66,
    BEFORE_510,
    DRIVER_535_43,
    GIB,
    device,
    device_uuid,
    mig_uuid,
    with_instances,
)
from tests.standin.driver import Process as Running

NO_FIGURES: dict[str, Any] = {
    "cc_major": None,
    "memory_total": None,
    "utilization_gpu": None,
    "temperature": None,
    "power": None,
    "power_limit": None,
    "clock_sm": None,
    "clock_memory": None,
    "clock_max_sm": None,
    "clock_max_memory": None,
    "performance": None,
    "compute": None,
    "energy": None,
    "throttle": None,
    "fan": None,
    "ecc_corrected": None,
    "mig_mode": None,
}


def test_every_field_of_a_device_is_read(start: Start) -> None:
    running = [Running(4242, 3 * GIB, use=25)]
    figures = {"utilization_encoder": 7, "utilization_decoder": 0, "performance": 2, "compute": 3, "minor": 4}
    found = start(devices=[device(0, processes=running, fan=40, ecc_corrected=3, **figures)]).read()
    assert found.driver.status == "ok"
    assert (found.driver.version, found.driver.cuda_version) == ("550.54.14", "12.4")
    (gpu,) = found.devices
    assert (gpu.uuid, gpu.index, gpu.name) == (device_uuid(0), 0, "NVIDIA A100-SXM4-40GB")
    assert (gpu.compute_capability, gpu.pci_bus_id, gpu.minor) == ("8.0", "00000000:01:00.0", 4)
    assert gpu.memory == Memory(total=40 * GIB, used=4 * GIB, reserved=GIB // 2, free=36 * GIB - GIB // 2)
    assert gpu.utilization == Utilization(gpu=0.3, memory=0.1, encoder=0.07, decoder=0)
    assert gpu.temperature == 50
    assert gpu.power == Power(usage=120_000, limit=400_000)
    assert gpu.clocks == Clocks(sm=1410, memory=1215, max_sm=1980, max_memory=2619)
    assert (gpu.performance_state, gpu.compute_mode) == (2, "exclusive-process")
    assert gpu.energy is not None and gpu.energy >= 1_000_000
    assert gpu.fan == 0.4
    assert gpu.ecc == Ecc(corrected=3, uncorrected=0)
    assert gpu.throttle == ()
    assert gpu.processes == (Process(pid=4242, memory=3 * GIB, utilization=0.25),)
    assert (gpu.state, gpu.mig, gpu.parent, gpu.host_memory) == ("ok", False, None, False)


def test_two_devices_are_listed_in_order(start: Start) -> None:
    found = start().read()
    assert [(each.index, each.uuid) for each in found.devices] == [(0, device_uuid(0)), (1, device_uuid(1))]


def test_what_a_device_does_not_support_is_none_and_never_zero(start: Start) -> None:
    (gpu,) = start(devices=[device(0, **NO_FIGURES)]).read().devices
    assert gpu.state == "ok"
    assert (gpu.memory, gpu.utilization, gpu.temperature, gpu.power, gpu.clocks) == (None,) * 5
    assert (gpu.throttle, gpu.fan, gpu.ecc, gpu.compute_capability) == (None,) * 4
    assert (gpu.performance_state, gpu.compute_mode, gpu.energy) == (None,) * 3
    assert gpu.mig is False


def test_a_zero_is_a_zero(start: Start) -> None:
    (gpu,) = start(devices=[device(0, utilization_gpu=0, power=0, fan=0, memory_used=0)]).read().devices
    assert gpu.utilization is not None and gpu.utilization.gpu == 0
    assert gpu.power is not None and gpu.power.usage == 0
    assert gpu.fan == 0
    assert gpu.memory is not None and gpu.memory.used == 0


def test_a_driver_without_the_second_memory_call_gives_no_reserved(start: Start) -> None:
    (gpu,) = start(devices=[device(0)], missing=["nvmlDeviceGetMemoryInfo_v2"]).read().devices
    assert gpu.memory == Memory(
        total=40 * GIB, used=4 * GIB + GIB // 2, reserved=None, free=36 * GIB - GIB // 2
    )


@pytest.mark.parametrize(
    "missing",
    [BEFORE_510, BEFORE_450_66, BEFORE_450],
    ids=["before 510.39", "before 450.66", "before 450"],
)
def test_old_drivers_list_the_same_processes(start: Start, missing: tuple[str, ...]) -> None:
    running = [Running(11, GIB), Running(12, None), Running(13, 2 * GIB, "graphics")]
    (gpu,) = start(devices=[device(0, processes=running)], missing=missing).read().devices
    assert gpu.processes == (
        Process(pid=11, memory=GIB),
        Process(pid=12, memory=None),
        Process(pid=13, memory=2 * GIB),
    )
    assert (gpu.state, gpu.temperature, gpu.throttle, gpu.mig) == ("ok", 50, (), False)
    assert gpu.memory is not None and gpu.memory.reserved is None


def test_an_error_of_the_binding_that_is_not_one_of_nvmls_is_a_missing_value(start: Start) -> None:
    """nvidia-ml-py raises it where the driver lacks the process lists that it knows."""
    program = start(devices=[device(0)], missing=BEFORE_510)
    answer, raised = program.do("ask", name="nvmlDeviceGetComputeRunningProcesses")
    assert (answer, raised) == (None, "NVMLLibraryMismatchError")


def test_the_longer_entries_of_early_535_drivers_are_read_right(start: Start) -> None:
    running = [Running(pid, pid * GIB) for pid in (3, 5, 7)]
    program = start(
        devices=[device(0, processes=running)], lines=["process-struct 32"], missing=DRIVER_535_43
    )
    (gpu,) = program.read().devices
    assert gpu.processes == tuple(Process(pid=pid, memory=pid * GIB) for pid in (3, 5, 7))


def test_a_pid_that_comes_twice_is_one_process_and_nothing_is_added_up(start: Start) -> None:
    running = [
        Running(21, 2 * GIB, "compute+graphics"),
        Running(22, GIB),
        Running(22, 3 * GIB),
        Running(23, None),
        Running(23, GIB, "graphics"),
    ]
    (gpu,) = start(devices=[device(0, processes=running)]).read().devices
    assert gpu.processes == (
        Process(pid=21, memory=2 * GIB),
        Process(pid=22, memory=3 * GIB),
        Process(pid=23, memory=GIB),
    )


def test_more_processes_than_the_first_buffer_holds_are_all_listed(start: Start) -> None:
    running = [Running(pid, GIB) for pid in range(1, 201)]
    program = start(devices=[device(0, processes=running)])
    assert [each.pid for each in program.read().devices[0].processes or ()] == list(range(1, 201))


def test_processes_that_may_not_be_listed_are_not_known(start: Start) -> None:
    lines = [f"error nvmlDeviceGet{kind}RunningProcesses 4" for kind in ("Compute", "Graphics", "MPSCompute")]
    found = start(devices=[device(0)], lines=lines).read()
    assert found.devices[0].processes is None
    assert found.devices[0].state == "ok"


@pytest.mark.parametrize(
    ("bits", "reasons"),
    [
        (0x1, ()),
        (0x2, ()),
        (0x4, ("power",)),
        (0x20, ("thermal",)),
        (0x40 | 0x8, ("thermal",)),
        (0x8, ("hardware",)),
        (0x80 | 0x8 | 0x4, ("power", "power-brake")),
    ],
)
def test_throttle_reasons_have_names(start: Start, bits: int, reasons: tuple[str, ...]) -> None:
    (gpu,) = start(devices=[device(0, throttle=bits)]).read().devices
    assert gpu.throttle == reasons


@pytest.mark.parametrize(
    ("function", "field"),
    [
        ("nvmlDeviceGetUtilizationRates", "utilization"),
        ("nvmlDeviceGetFanSpeed", "fan"),
        ("nvmlDeviceGetTotalEccErrors", "ecc"),
        ("nvmlDeviceGetClockInfo", "clocks"),
    ],
)
@pytest.mark.parametrize("code", [3, 4, 999])
def test_an_error_of_one_call_costs_one_field(start: Start, function: str, field: str, code: int) -> None:
    program = start(devices=[device(0, fan=30), device(1, fan=30)], lines=[f"error {function} {code} 0"])
    first, second = program.read().devices
    assert getattr(first, field) is None
    assert getattr(second, field) is not None
    assert first.temperature == 50
    assert first.state == "ok"


def test_the_temperature_is_had_from_a_driver_with_only_the_old_call_and_only_the_new(start: Start) -> None:
    for missing in (["nvmlDeviceGetTemperature"], ["nvmlDeviceGetTemperatureV"]):
        assert start(missing=missing).read().devices[0].temperature == 50


def test_a_performance_state_that_the_driver_does_not_know_is_not_known(start: Start) -> None:
    (gpu,) = start(devices=[device(0, performance=32)]).read().devices
    assert gpu.performance_state is None


def test_mig_instances_are_devices_of_their_own(start: Start) -> None:
    running = [Running(31, GIB)]
    gpu = with_instances(device(0, processes=running), 0, 2, processes=running)
    parent, first, second, other = start(devices=[gpu, device(1)]).read().devices
    assert (parent.mig, parent.index, parent.utilization) == (True, 0, None)
    assert (first.uuid, second.uuid) == (mig_uuid(0, 0), mig_uuid(0, 1))
    for instance in (first, second):
        assert (instance.parent, instance.index, instance.mig) == (device_uuid(0), None, False)
        assert instance.compute_capability == "8.0"
        assert instance.memory is not None and instance.memory.total == 5 * GIB
    assert other.index == 1
    # The driver lists the process for parent and instance; it holds memory once.
    assert first.processes == (Process(pid=31, memory=GIB),)
    assert parent.processes == ()


@pytest.mark.parametrize(("name", "major", "minor"), [("NVIDIA GB10", 12, 1), ("Orin (nvgpu)", 8, 7)])
def test_an_integrated_gpu_shows_the_memory_of_the_host(
    start: Start, name: str, major: int, minor: int
) -> None:
    figures: dict[str, Any] = {"cc_major": major, "cc_minor": minor, "memory_total": None, "name": name}
    (gpu,) = start(devices=[device(0, **figures)], tree={"memory": 128 * GIB}).read().devices
    assert gpu.host_memory is True
    assert gpu.memory == Memory(total=128 * GIB, used=64 * GIB, free=64 * GIB)


def test_another_gpu_that_does_not_tell_its_memory_has_not_the_hosts(start: Start) -> None:
    (gpu,) = start(devices=[device(0, memory_total=None)], tree={"memory": 128 * GIB}).read().devices
    assert (gpu.memory, gpu.host_memory) == (None, False)


def test_an_integrated_gpu_where_the_host_does_not_tell_its_memory_has_none(start: Start) -> None:
    program = start(devices=[device(0, cc_major=12, cc_minor=1, memory_total=None)])
    (program.machine / "proc" / "meminfo").write_text("MemTotal: lots\n")
    assert program.read().devices[0].memory is None


def test_a_change_is_seen_at_the_next_reading(start: Start) -> None:
    program = start(devices=[device(0)])
    assert program.read().devices[0].temperature == 50
    program.write(devices=[device(0, temperature=77, processes=[Running(9)])])
    (gpu,) = program.read().devices
    assert gpu.temperature == 77
    assert gpu.processes == (Process(pid=9, memory=GIB),)


def test_a_scripted_change_comes_by_itself(start: Start) -> None:
    program = start(devices=[device(0)], lines=["calls 40 device 0 temperature 91"])
    seen = [program.read().devices[0].temperature for _ in range(6)]
    assert seen[0] == 50
    assert seen[-1] == 91


def test_a_device_that_comes_later_is_listed(start: Start) -> None:
    program = start(devices=[device(0)])
    assert len(program.read().devices) == 1
    program.write(devices=[device(0), device(1)])
    assert [each.uuid for each in program.read().devices] == [device_uuid(0), device_uuid(1)]


def test_nothing_of_nvml_is_loaded_before_the_first_reading(start: Start) -> None:
    program = start()
    assert program.do("binding_loaded") is False
    assert program.count_calls() == 0
    program.read()
    assert program.do("binding_loaded") is True
    assert program.count_calls() > 0
