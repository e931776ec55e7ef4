"""A running kernel is given another pin: within the same bounds as at a start, and everybody learns of it."""

from __future__ import annotations

import os
from dataclasses import replace

import msgspec
import pytest

from jupyter_tfgpu.kernels import (
    LaunchFile,
    LaunchServices,
    StartedKernels,
    as_written,
    parse_pin,
    read_launch_files,
    repin,
)
from jupyter_tfgpu.kernels.launch.begun import Begun, begin, plan_start
from jupyter_tfgpu.kernels.running.launchfile import write_launch_file
from tests.kernels.readings import FIRST, SECOND, device, reading, three

COMMAND = ("/env/bin/python", "-m", "ipykernel_launcher", "-f", "c.json")


def started(served: LaunchServices, kernel_id: str = "k", **variables: str) -> Begun:
    """A kernel that runs with all devices, and is this process."""
    plan = plan_start(
        served, kernel_id=kernel_id, command=COMMAND, variables=variables, cwd=None, kernelspec="spec"
    )
    done = begin(served, plan, three())
    assert done.written is not None
    write_launch_file(served.runtime_dir, msgspec.structs.replace(done.written, pid=os.getpid()))
    served.started.put(replace(done.kernel, pid=os.getpid()))
    return done


def written(served: LaunchServices, kernel_id: str = "k") -> LaunchFile:
    files = read_launch_files(served.runtime_dir, served.pins.machine)
    return next(one for one in files if one.kernel_id == kernel_id)


@pytest.mark.parametrize(
    ("pin", "variables", "given"),
    [
        ("1", {"CUDA_VISIBLE_DEVICES": "1", "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}, (SECOND,)),
        ("none", {"CUDA_VISIBLE_DEVICES": "-1", "CUDA_DEVICE_ORDER": None}, ()),
        ("auto", {"CUDA_VISIBLE_DEVICES": "1", "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}, (SECOND,)),
        ("all", {"CUDA_VISIBLE_DEVICES": None, "CUDA_DEVICE_ORDER": None}, None),
    ],
)
def test_it_gets_what_a_start_with_that_pin_would_give(
    launch_services: LaunchServices, pin: str, variables: dict[str, str | None], given: tuple[str, ...] | None
) -> None:
    started(launch_services)
    changed = repin(launch_services, written(launch_services), parse_pin(pin), three())
    assert changed == written(launch_services)
    assert (changed.pin, changed.pin_from, changed.variables, changed.given) == (
        pin,
        "kernel",
        variables,
        given,
    )


def test_what_was_there_without_a_pin_is_back_with_all(launch_services: LaunchServices) -> None:
    started(launch_services, CUDA_VISIBLE_DEVICES="2", CUDA_DEVICE_ORDER="FASTEST_FIRST")
    for pin in ("none", "all"):
        repin(launch_services, written(launch_services), parse_pin(pin), three())
    assert written(launch_services).variables == {
        "CUDA_VISIBLE_DEVICES": "2",
        "CUDA_DEVICE_ORDER": "FASTEST_FIRST",
    }


def test_auto_counts_what_others_were_given_and_they_count_it(launch_services: LaunchServices) -> None:
    equal = reading(device(0, FIRST), device(1, SECOND))
    for name in ("a", "b"):
        started(launch_services, name)
    child = replace(launch_services, started=StartedKernels())  # what is run from within a kernel
    chosen = []
    for name in ("a", "b"):
        changed = repin(child, written(launch_services, name), parse_pin("auto"), equal)
        assert changed is not None
        chosen.append(changed.given)
    assert sorted(filter(None, chosen)) == sorted([(FIRST,), (SECOND,)])


def test_never_more_than_was_given(launch_services: LaunchServices) -> None:
    served = replace(launch_services, given="0")
    started(served)
    changed = repin(served, written(served), parse_pin("1"), three())
    assert changed is not None
    assert (changed.given, changed.variables) == (
        (),
        {"CUDA_VISIBLE_DEVICES": "-1", "CUDA_DEVICE_ORDER": None},
    )


def test_a_kernel_of_an_earlier_release_has_to_start_anew(launch_services: LaunchServices) -> None:
    started(launch_services)
    old = msgspec.structs.replace(written(launch_services), unpinned=None)
    assert repin(launch_services, old, parse_pin("1"), three()) is None


def test_the_program_that_started_it_learns_it_from_the_file(launch_services: LaunchServices) -> None:
    started(launch_services, PATH="/bin")
    start = launch_services.started.get("k")
    assert start is not None
    assert as_written(start, written(launch_services), parse_pin("all")) is None
    changed = repin(launch_services, written(launch_services), parse_pin("1"), three())
    assert changed is not None
    now = as_written(start, changed, parse_pin(changed.pin))
    assert now is not None
    assert (str(now.pin), now.pin_from, now.allocation.uuids) == ("1", "kernel", (SECOND,))
    assert now.variables["PATH"] == "/bin"
    assert now.variables["CUDA_VISIBLE_DEVICES"] == "1"
    assert as_written(now, changed, parse_pin(changed.pin)) is None, "once"
    another = msgspec.structs.replace(changed, pid=os.getpid() + 1)
    assert as_written(start, another, parse_pin(changed.pin)) is None, "the process of another start"
