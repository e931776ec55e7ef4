"""How much of a device each process uses, from the driver's samples."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.devices.conftest import Program, Start, eventually
from tests.standin.driver import GIB, device, with_instances
from tests.standin.driver import Process as Running

ASK = "nvmlDeviceGetProcessUtilization"


def used(program: Program) -> dict[int, float | None]:
    """What each process of the first device uses."""
    return {each.pid: each.utilization for each in program.read().devices[0].processes or ()}


def test_processes_with_samples_have_their_share_and_the_others_none_of_it(start: Start) -> None:
    program = start(devices=[device(0, processes=[Running(7, use=25), Running(8, use=60), Running(9)])])
    assert used(program) == {7: 0.25, 8: 0.6, 9: 0.0}


def test_where_nothing_was_sampled_and_the_device_rests_nobody_uses_it(start: Start) -> None:
    """The driver answers "not found" then: no error, and no reason to ask less."""
    program = start(devices=[device(0, utilization_gpu=0, processes=[Running(7)])])
    assert [used(program) for _ in range(2)] == [{7: 0.0}] * 2
    assert program.do("calls", name=ASK) == 2


def test_a_share_stays_until_the_driver_has_sampled_again(start: Start) -> None:
    """It does so a few times a second; a reading in between finds nothing new."""
    program = start(devices=[device(0, processes=[Running(7, use=25)])])
    assert [used(program) for _ in range(30)] == [{7: 0.25}] * 30


def test_a_process_that_comes_to_rest_is_seen_to(start: Start) -> None:
    program = start(devices=[device(0, processes=[Running(7, use=25)])])
    assert used(program) == {7: 0.25}
    program.write(devices=[device(0, utilization_gpu=0, processes=[Running(7)])])
    eventually(lambda: used(program) == {7: 0.0})


def test_without_its_memory_a_process_without_a_sample_is_not_known_to_rest(start: Start) -> None:
    program = start(
        devices=[device(0, processes=[Running(7, use=25), Running(8, None), Running(9, None, use=5)])]
    )
    assert used(program) == {7: 0.25, 8: None, 9: 0.05}


@pytest.mark.parametrize(
    "lines",
    [[], ["device 0 sample 70001 80"], ["device 0 sample 70001 80", "device 0 sample 7 10"]],
    ids=["nobody", "a pid of elsewhere", "one of both"],
)
def test_where_somebody_unseen_uses_the_device_nobody_is_said_to_rest(start: Start, lines: list[str]) -> None:
    program = start(devices=[device(0, utilization_gpu=90, processes=[Running(7), Running(8)])], lines=lines)
    assert used(program)[8] is None
    assert used(program)[7] == (0.1 if "device 0 sample 7 10" in lines else None)


def test_samples_that_are_too_old_are_none_and_one_above_100_percent_says_nothing(start: Start) -> None:
    """Real drivers give such: https://github.com/Syllo/nvtop/issues/110"""
    gpu = device(0, utilization_gpu=0, processes=[Running(7), Running(8), Running(9, use=30)])
    program = start(devices=[gpu], lines=["device 0 sample 7 50 3600", "device 0 sample 8 4294967295"])
    assert used(program) == {7: 0.0, 8: None, 9: 0.3}


def test_a_clock_that_is_set_back_does_not_keep_the_samples_away(start: Start) -> None:
    """What was seen last lies in the future then, and nothing would be newer for hours."""
    running = [Running(7, use=20)]
    program = start(devices=[device(0, processes=running)], lines=["clock 7200"])
    program.do("set_clock", ahead=7200)
    assert used(program) == {7: 0.2}
    program.do("set_clock", ahead=0)
    program.write(devices=[device(0, processes=running), device(1)])
    time.sleep(1.1)
    assert used(program) == {7: 0.2}


def test_more_samples_than_the_first_buffer_holds_are_all_read(start: Start) -> None:
    running = [Running(pid, use=pid % 50 + 1) for pid in range(1, 151)]
    program = start(devices=[device(0, processes=running)])
    assert used(program) == {each.pid: (each.use or 0) / 100 for each in running}


@pytest.mark.parametrize(
    "how",
    [
        {"lines": [f"error {ASK} 3"]},
        {"lines": [f"error {ASK} 4"]},
        {"lines": [f"error {ASK} 2"]},
        {"lines": [f"error {ASK} 999"]},
        {"missing": [ASK]},
    ],
    ids=["not supported", "no permission", "invalid argument", "unknown error", "no such function"],
)
def test_what_the_driver_does_not_say_is_not_known_and_does_no_harm(
    start: Start, how: dict[str, Any]
) -> None:
    program = start(devices=[device(0, processes=[Running(7, use=5)])], **how)
    (gpu,) = program.read().devices
    assert [(each.pid, each.memory, each.utilization) for each in gpu.processes or ()] == [(7, GIB, None)]
    assert (gpu.state, gpu.temperature) == ("ok", 50)


@pytest.mark.parametrize("code", [2, 3, 4])
def test_a_device_that_does_not_support_it_is_not_asked_again_at_once(start: Start, code: int) -> None:
    program = start(devices=[device(0, processes=[Running(7)])], lines=[f"error {ASK} {code}"])
    for _ in range(5):
        program.read()
    assert program.do("calls", name=ASK) == 1


def test_mig_instances_and_their_gpu_do_not_say(start: Start) -> None:
    running = [Running(31, GIB)]
    gpu = with_instances(device(0, processes=[*running, Running(32)]), 0, 1, processes=running)
    parent, instance = start(devices=[gpu]).read().devices
    assert [(each.pid, each.utilization) for each in instance.processes or ()] == [(31, None)]
    assert [(each.pid, each.utilization) for each in parent.processes or ()] == [(32, None)]


def test_a_device_without_processes_is_not_asked(start: Start) -> None:
    program = start(devices=[device(0), device(1, processes=[Running(7)])])
    program.read()
    assert program.do("calls", name=ASK) == 1


def test_a_process_that_ends_with_its_samples_leaves_the_others_unknown_for_a_moment_only(
    start: Start,
) -> None:
    both = [Running(7), Running(8, use=40)]
    program = start(devices=[device(0, processes=both)])
    assert used(program) == {7: 0.0, 8: 0.4}
    program.write(devices=[device(0, utilization_gpu=0, processes=[Running(7)])])
    time.sleep(1.1)
    assert used(program) == {7: 0.0}
