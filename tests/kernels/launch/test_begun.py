"""How a start is begun: its variables, and what is written down of it before the process runs."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jupyter_tfgpu.devices.reading import Reading
from jupyter_tfgpu.kernels import LaunchServices, Target, born, parse_pin, read_launch_files
from jupyter_tfgpu.kernels.launch.begun import Begun, begin, plan_start
from jupyter_tfgpu.kernels.running.launchfile import VARIABLE, launch_path
from jupyter_tfgpu.machine import Machine
from tests.kernels.readings import FIRST, SECOND, THIRD, device, process, reading, three

IPYKERNEL = ("/env/bin/python", "-m", "ipykernel_launcher", "-f", "c.json")
POLITE = {"TF_FORCE_GPU_ALLOW_GROWTH": "true", "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}


def began_with(
    served: LaunchServices,
    pin: str,
    kernel_id: str = "k",
    seen: Reading | None = None,
    command: tuple[str, ...] = IPYKERNEL,
    **variables: str,
) -> Begun:
    """A kernel's start with this pin of its own."""
    served.pins.set(Target(kernel_id=kernel_id), parse_pin(pin))
    plan = plan_start(
        served, kernel_id=kernel_id, command=command, variables=variables, cwd=None, kernelspec="spec"
    )
    return begin(served, plan, seen or three())


def written(served: LaunchServices) -> dict[str, Any]:
    files = read_launch_files(served.runtime_dir, served.pins.machine)
    return {one.kernel_id: one for one in files}


def test_what_was_chosen_is_written_down_before_the_process_runs(launch_services: LaunchServices) -> None:
    before = time.time()
    done = began_with(launch_services, "auto", PATH="/bin")
    launch = written(launch_services)["k"]
    assert (launch.given, launch.pid, launch.born) == ((SECOND,), None, None)
    assert before <= launch.chosen_at <= time.time()
    assert (launch.starter, launch.starter_born) == (os.getpid(), born(os.getpid()))
    assert launch.module == "ipykernel_launcher"
    assert done.written == launch
    assert launch_services.started.get("k") == done.kernel
    path = launch_path(launch_services.runtime_dir, "k")
    assert done.variables == {
        "PATH": "/bin",
        "CUDA_VISIBLE_DEVICES": "1",
        "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
        VARIABLE: str(path),
    }


def test_the_next_one_goes_elsewhere_and_a_kernel_s_own_start_before_does_not_count(
    launch_services: LaunchServices,
) -> None:
    equal = reading(device(0, FIRST), device(1, SECOND))
    assert began_with(launch_services, "auto", "a", equal).kernel.allocation.uuids == (FIRST,)
    assert began_with(launch_services, "auto", "b", equal).kernel.allocation.uuids == (SECOND,)
    assert began_with(launch_services, "auto", "a", equal).kernel.allocation.uuids == (FIRST,)
    assert began_with(launch_services, "auto:2", "c", equal).kernel.allocation.uuids == (FIRST, SECOND)


def test_a_kernel_finds_its_own_device_as_free_as_others_do_when_it_is_started_again(
    launch_services: LaunchServices,
) -> None:
    began_with(launch_services, "auto", "a")
    before = launch_services.started.get("a")
    assert before is not None
    launch_services.started.put(replace(before, pid=50, born=1.0))
    held = reading(device(0, FIRST, free=30), device(1, SECOND, free=20, processes=(process(50, 40),)))
    assert began_with(launch_services, "auto", "a", held).kernel.allocation.uuids == (SECOND,)
    assert began_with(launch_services, "auto", "b", held).kernel.allocation.uuids == (FIRST,)


def test_a_need_that_was_asked_for_is_kept_free(launch_services: LaunchServices) -> None:
    assert began_with(launch_services, "auto:1,50GiB", "a").kernel.allocation.uuids == (SECOND,)
    assert began_with(launch_services, "auto:1,15GiB", "b").kernel.allocation.uuids == (THIRD,)


def test_another_language_is_written_down_and_not_told(launch_services: LaunchServices) -> None:
    done = began_with(launch_services, "auto", command=("R", "--slave"), **{VARIABLE: "of this program"})
    assert done.command == ("R", "--slave")
    assert VARIABLE not in done.variables
    assert written(launch_services)["k"].module is None
    assert done.kernel.report is None


@pytest.mark.parametrize("pin", ["all", "auto", SECOND])
def test_kernels_are_told_to_share_where_that_is_set(launch_services: LaunchServices, pin: str) -> None:
    assert not POLITE.keys() & began_with(launch_services, pin).variables.keys()
    polite = replace(launch_services, polite=lambda: True)
    assert POLITE.items() <= began_with(polite, pin).variables.items()
    own = began_with(polite, pin, TF_FORCE_GPU_ALLOW_GROWTH="false").variables
    assert own["TF_FORCE_GPU_ALLOW_GROWTH"] == "false"
    assert own["XLA_PYTHON_CLIENT_PREALLOCATE"] == "false"


def test_a_kernel_without_a_gpu_is_told_nothing_of_sharing(launch_services: LaunchServices) -> None:
    polite = replace(launch_services, polite=lambda: True)
    assert not POLITE.keys() & began_with(polite, "none").variables.keys()


def test_a_setting_that_cannot_be_read_keeps_no_kernel_from_starting(launch_services: LaunchServices) -> None:
    def broken() -> bool:
        raise OSError("the disk is gone")

    done = began_with(replace(launch_services, polite=broken), SECOND)
    assert done.variables["CUDA_VISIBLE_DEVICES"] == "1"
    assert not POLITE.keys() & done.variables.keys()


def test_devices_are_named_by_uuid_where_that_is_set_and_under_wsl2(
    launch_services: LaunchServices, tmp_path: Path
) -> None:
    release = tmp_path / "wsl" / "proc" / "sys" / "kernel" / "osrelease"
    release.parent.mkdir(parents=True)
    release.write_text("5.15.167.4-microsoft-standard-WSL2\n")
    for served in (
        replace(launch_services, by_uuid=True),
        replace(launch_services, machine=Machine(root=tmp_path / "wsl")),
    ):
        for pin in (SECOND, "auto"):
            variables = began_with(served, pin).variables
            assert variables["CUDA_VISIBLE_DEVICES"] == SECOND
            assert "CUDA_DEVICE_ORDER" not in variables


def test_a_kernelspec_that_says_devices_itself_has_them_with_all_and_is_chosen_from_with_auto(
    launch_services: LaunchServices,
) -> None:
    def visible(pin: str, served: LaunchServices = launch_services) -> str:
        return began_with(served, pin, CUDA_VISIBLE_DEVICES="0,2").variables["CUDA_VISIBLE_DEVICES"]

    assert visible("all") == "0,2"
    assert visible("auto") == "2"
    assert visible(SECOND) == "1"
    assert visible("none") == "-1"
    # The server's own says what it was given, and narrows nothing further.
    assert visible("auto", replace(launch_services, given="0,2")) == "2"
    assert visible("auto", replace(launch_services, given="0,1")) == "0"
    assert visible(SECOND, replace(launch_services, given="0,2")) == "-1"


def test_inside_a_slurm_job_a_pin_chooses_among_what_the_job_has(launch_services: LaunchServices) -> None:
    job = replace(launch_services, given="0,2")  # as Slurm sets CUDA_VISIBLE_DEVICES in a job
    environment = {"CUDA_VISIBLE_DEVICES": "0,2", "SLURM_JOB_ID": "7"}
    assert began_with(job, "all", **environment).variables["CUDA_VISIBLE_DEVICES"] == "0,2"
    assert began_with(job, "auto", **environment).variables["CUDA_VISIBLE_DEVICES"] == "2"
    refused = began_with(job, SECOND, **environment)
    assert refused.variables["CUDA_VISIBLE_DEVICES"] == "-1"
    assert "not given to this server" in str(refused.kernel.allocation.note)


def test_where_nothing_can_be_written_this_program_s_own_starts_still_count(
    launch_services: LaunchServices, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    broken = replace(launch_services, runtime_dir=tmp_path / "file" / "no-folder")
    equal = reading(device(0, FIRST), device(1, SECOND))
    first, second = (began_with(broken, "auto", name, equal) for name in "ab")
    assert (first.kernel.allocation.uuids, second.kernel.allocation.uuids) == ((FIRST,), (SECOND,))
    assert isinstance(first.problem, OSError)
    assert first.command == IPYKERNEL
    assert VARIABLE not in first.variables


def test_memory_that_is_not_known_still_spreads_kernels(launch_services: LaunchServices) -> None:
    under_wsl = reading(
        *(msgspec.structs.replace(device(n, uuid), memory=None) for n, uuid in enumerate((FIRST, SECOND)))
    )
    chosen = [began_with(launch_services, "auto", name, under_wsl).kernel.allocation.uuids for name in "abcd"]
    assert sorted(chosen) == sorted([(FIRST,), (SECOND,)] * 2)


def test_a_lost_device_is_not_taken(launch_services: LaunchServices) -> None:
    one_lost = reading(device(0, FIRST, free=79, state="lost"), device(1, SECOND, free=1))
    done = began_with(launch_services, "auto", seen=one_lost)
    assert done.kernel.allocation.uuids == (SECOND,)
    assert done.variables["CUDA_VISIBLE_DEVICES"] == SECOND
