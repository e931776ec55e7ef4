"""Real kernels through our provisioner."""

from __future__ import annotations

import json
import os
import signal
import stat
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from jupyter_tfgpu.kernels import (
    LaunchServices,
    StartedKernel,
    Target,
    kernel_runs,
    notebook_target,
    parse_pin,
    read_launch_files,
    set_services,
)
from jupyter_tfgpu.kernels.running.launchfile import launch_path, report_path
from tests.kernels.bare import bare_environment
from tests.kernels.kernels_here import OURS, PLAIN, Kernel, kernel
from tests.kernels.readings import FIRST, SECOND

VISIBLE = "__import__('os').environ.get('CUDA_VISIBLE_DEVICES')"

PLACE = """
import json, os, sys
print(json.dumps({"path": sys.path, "argv": sys.argv[:2], "main": sys.modules["__main__"].__name__,
    "flags": list(sys.flags), "cwd": os.getcwd(),
    "variables": sorted(n for n in os.environ if "JUPYTER_TFGPU" in n),
    "ours": sorted(n for n in sys.modules if n.split(".")[0] in ("jupyter_tfgpu", "start"))}))
"""


def place(running: Kernel) -> dict[str, Any]:
    return json.loads(running.run(PLACE).text)  # type: ignore[no-any-return]


@pytest.fixture
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.delenv("CUDA_DEVICE_ORDER", raising=False)


@pytest.mark.usefixtures("own_environment")
def test_a_pin_is_in_the_kernel_s_environment_and_a_new_one_after_a_restart(
    launch_services: LaunchServices,
) -> None:
    with kernel(kernel_id="k1") as running:
        assert running.value(VISIBLE) == "None"
        first = launch_services.started.get("k1")
        assert first is not None
        assert first.pid == running.provisioner.pid
        assert (first.pin_from, first.allocation.uuids) == ("default", None)

        launch_services.pins.set(Target(kernel_id="k1"), parse_pin(SECOND))
        assert running.value(VISIBLE) == "None"
        running.restart()
        assert running.value(VISIBLE) == "'1'"
        assert running.value("__import__('os').environ['CUDA_DEVICE_ORDER']") == "'PCI_BUS_ID'"
        second = launch_services.started.get("k1")
        assert second is not None
        assert second.pid != first.pid
        assert (second.pin_from, second.allocation.uuids) == ("kernel", (SECOND,))

        launch_services.pins.clear(Target(kernel_id="k1"))
        running.restart()
        assert running.value(VISIBLE) == "None"


def test_a_notebook_s_pin_follows_its_session_name(launch_services: LaunchServices, tmp_path: Path) -> None:
    notebook = tmp_path / "n" / "a b.ipynb"
    notebook.parent.mkdir()
    launch_services.pins.set(notebook_target(notebook), parse_pin("none"))
    with kernel(env={"JPY_SESSION_NAME": str(notebook)}, cwd=notebook.parent) as running:
        assert running.value(VISIBLE) == "'-1'"
    # Where the session has no name, the server gives the path within its contents.
    with kernel(env={"JPY_SESSION_NAME": "n/a b.ipynb"}, cwd=notebook.parent) as running:
        assert running.value(VISIBLE) == "'-1'"
    with kernel(env={"JPY_SESSION_NAME": str(notebook) + "2"}) as running:
        assert running.value(VISIBLE) != "'-1'"


def test_a_kernelspec_s_pin_counts_before_its_own_variables(launch_services: LaunchServices) -> None:
    launch_services.pins.set(Target(kernelspec="tfgpu-tf2"), parse_pin(FIRST))
    with kernel(kernel_name="tfgpu-tf2", spec_env={"CUDA_VISIBLE_DEVICES": "2"}) as running:
        assert running.value(VISIBLE) == "'0'"
    with kernel(kernel_name="other", spec_env={"CUDA_VISIBLE_DEVICES": "2"}) as running:
        assert running.value(VISIBLE) == "'2'"


def test_a_pin_does_not_reach_beyond_what_the_server_was_given(launch_services: LaunchServices) -> None:
    set_services(replace(launch_services, given="0"))
    launch_services.pins.set(Target(kernel_id="k1"), parse_pin(SECOND))
    with kernel(kernel_id="k1") as running:
        assert running.value(VISIBLE) == "'-1'"
    launched = launch_services.started
    assert launched.get("k1") is None


def test_a_driver_that_hangs_costs_a_second_and_the_pin_is_applied_as_stored(
    launch_services: LaunchServices,
) -> None:
    asked = []

    def hang(timeout: float) -> None:
        asked.append(timeout)
        time.sleep(3)

    set_services(replace(launch_services, reading=hang))
    launch_services.pins.set(Target(kernel_id="k1"), parse_pin(SECOND))
    with kernel(kernel_id="k1") as running:
        assert running.value(VISIBLE) == f"'{SECOND}'"
        assert running.provisioner.own_span < 2
    assert asked == [1.0]


def test_the_launch_file_is_the_owner_s_only_and_goes_with_the_kernel(
    launch_services: LaunchServices,
) -> None:
    set_services(replace(launch_services, on_started=lambda start: None))
    launch_services.pins.set(Target(kernel_id="k1"), parse_pin(SECOND))
    with kernel(kernel_id="k1", env={"JPY_SESSION_NAME": "/n/a.ipynb"}) as running:
        path = launch_path(launch_services.runtime_dir, "k1")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        content = json.loads(path.read_bytes())
        assert content["kernel_id"] == "k1"
        assert content["notebook"] == "/n/a.ipynb"
        assert content["interpreter"] == sys.executable
        assert content["program"]["PATH"] == os.environ["PATH"]
        assert (content["pin"], content["pin_from"], content["given"]) == (SECOND, "kernel", [SECOND])
        report = report_path(launch_services.runtime_dir, "k1")
        assert content["report"] == str(report)
        report.write_text("the last start's")
        running.restart()
        assert not report.exists()
        report.write_text("{}")
    assert list(launch_services.runtime_dir.glob("tfgpu-*")) == []
    assert launch_services.started.all() == ()
    assert launch_services.pins.all() == ()


def test_the_launch_file_says_which_process_and_environment_it_is_of(
    launch_services: LaunchServices,
) -> None:
    with kernel(kernel_id="k1") as running:
        (first,) = read_launch_files(launch_services.runtime_dir, launch_services.pins.machine)
        assert first.pid == running.provisioner.pid
        assert first.began == pytest.approx(psutil.Process(first.pid).create_time(), abs=1)
        assert first.prefix == sys.prefix
        assert first.report is None  # nobody makes one
        assert first.starter == os.getpid()
        running.restart()
        (second,) = read_launch_files(launch_services.runtime_dir, launch_services.pins.machine)
        assert second.pid == running.provisioner.pid != first.pid
        assert read_launch_files(launch_services.runtime_dir, "another machine") == ()


def test_a_kernel_id_that_a_client_chose_leads_to_no_other_folder(tmp_path: Path) -> None:
    for kernel_id in ("../../etc/x", "a/b", "", ".", "x" * 5000, "\0", "ä"):
        assert launch_path(tmp_path, kernel_id).parent == tmp_path
    assert launch_path(tmp_path, "a/b") != launch_path(tmp_path, "a/c")


def test_the_server_is_told_of_each_start_and_of_the_end(launch_services: LaunchServices) -> None:
    told: list[object] = []
    set_services(replace(launch_services, on_started=told.append, on_ended=told.append))
    with kernel(kernel_id="k1") as running:
        running.restart()
        starts = [one for one in told if isinstance(one, StartedKernel)]
        assert [one.kernel_id for one in starts] == ["k1", "k1"]
        assert starts[1].pid == running.provisioner.pid
        assert starts[1].prefix == Path(sys.prefix)
        assert starts[1].report == report_path(launch_services.runtime_dir, "k1")
        assert starts[1].variables["PATH"] == os.environ["PATH"]
    assert told[2:] == ["k1"]


@pytest.mark.parametrize("module", ["ipykernel_launcher", "ipykernel"])
def test_a_kernel_is_started_as_the_plain_launcher_would(
    launch_services: LaunchServices, module: str, tmp_path: Path
) -> None:
    (tmp_path / "work").mkdir()
    places = []
    for provisioner in (OURS, PLAIN):
        with kernel(
            bare_environment("3.11") / "bin" / "python",
            module=module,
            cwd=tmp_path / "work",
            provisioner=provisioner,
        ) as one:
            places.append(place(one))
    assert places[0] == places[1]
    assert places[0]["ours"] == []


@pytest.mark.parametrize("flags", [("-I",), ("-X", "frozen_modules=off"), ("-P",)])
def test_the_interpreter_s_own_flags_are_kept(
    launch_services: LaunchServices, flags: tuple[str, ...]
) -> None:
    if sys.version_info < (3, 11) and flags == ("-P",):
        pytest.skip("Python 3.11 brought -P")
    places = []
    for provisioner in (OURS, PLAIN):
        with kernel(before_module=flags, provisioner=provisioner) as running:
            places.append(place(running))
    assert places[0] == places[1]


def test_a_kernel_can_be_interrupted(launch_services: LaunchServices) -> None:
    with kernel() as running:
        # By default an error has the kernel drop what it is asked within the next moment.
        message = running.client.execute("import time; time.sleep(60)", stop_on_error=False)
        time.sleep(1)
        running.manager.interrupt_kernel()
        reply = running.client.get_shell_msg(timeout=20)
        while reply["parent_header"].get("msg_id") != message:  # answers of the start may be left
            reply = running.client.get_shell_msg(timeout=20)
        assert reply["content"]["ename"] == "KeyboardInterrupt"
        assert running.value("1 + 1") == "2"


def test_a_kernel_that_was_killed_is_started_again_on_its_pin(launch_services: LaunchServices) -> None:
    launch_services.pins.set(Target(kernel_id="k1"), parse_pin(SECOND))
    with kernel(kernel_id="k1") as running:
        os.kill(running.provisioner.pid, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while running.manager.is_alive() and time.monotonic() < deadline:
            time.sleep(0.05)
        running.restart()
        assert running.value(VISIBLE) == "'1'"


def test_where_our_part_fails_the_kernel_starts_without_it(
    launch_services: LaunchServices, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    set_services(replace(launch_services, runtime_dir=tmp_path / "file" / "no-folder"))
    launch_services.pins.set(Target(kernel_id="k1"), parse_pin(SECOND))
    with kernel(kernel_id="k1") as running:
        assert running.value(VISIBLE) == "'1'"
        assert "UsageError" in running.run("%tfgpu").text
        assert running.value("[n for n in __import__('os').environ if 'TFGPU_LAUNCH' in n]") == "[]"

    def broken() -> LaunchServices:
        raise RuntimeError("no services")

    monkeypatch.setattr("jupyter_tfgpu.kernels.provisioner.services", broken)
    with kernel() as running:
        assert running.value("1 + 1") == "2"
        running.restart()
        assert running.value("1 + 1") == "2"


def test_an_interpreter_that_is_gone_is_named_and_nothing_is_left_behind(
    launch_services: LaunchServices,
) -> None:
    with pytest.raises(FileNotFoundError) as error, kernel("/gone/bin/python", kernel_name="other"):
        pass
    assert str(error.value) == (
        "The interpreter /gone/bin/python of the kernelspec other does not exist. "
        "Install the environment and its kernelspec again, or choose another kernel."
    )
    assert isinstance(error.value.__cause__, FileNotFoundError)
    assert list(launch_services.runtime_dir.glob("tfgpu-*")) == []


def test_for_a_kernelspec_of_ours_it_is_said_how_to_repair_or_remove_it(
    launch_services: LaunchServices,
) -> None:
    owned = {"tfgpu": {"owned": True}}
    with (
        pytest.raises(
            FileNotFoundError, match=r"specs repair tfgpu-old\. .*jupyter tfgpu specs remove tfgpu-old$"
        ),
        kernel("/gone/bin/python", kernel_name="tfgpu-old", metadata=owned),
    ):
        pass


def test_a_working_folder_that_is_gone_is_reported_as_ever(
    launch_services: LaunchServices, tmp_path: Path
) -> None:
    with pytest.raises(FileNotFoundError) as error, kernel(cwd=tmp_path / "gone"):
        pass
    assert error.value.filename == str(tmp_path / "gone")
    assert list(launch_services.runtime_dir.glob("tfgpu-*")) == []


def test_a_restart_that_fails_ends_the_kernel_s_record(
    launch_services: LaunchServices, tmp_path: Path
) -> None:
    ended: list[str] = []
    set_services(replace(launch_services, on_ended=ended.append))
    link = tmp_path / "env" / "bin" / "python"
    link.parent.mkdir(parents=True)
    link.symlink_to(sys.executable)
    (tmp_path / "env" / "pyvenv.cfg").write_text((Path(sys.prefix) / "pyvenv.cfg").read_text())
    (tmp_path / "env" / "lib").symlink_to(Path(sys.prefix) / "lib")
    with kernel(link, kernel_id="k1") as running:
        link.unlink()
        with pytest.raises(FileNotFoundError, match="does not exist"):
            running.manager.restart_kernel(now=True)
        assert launch_services.started.all() == ()
        assert list(launch_services.runtime_dir.glob("tfgpu-*")) == []
    assert ended == ["k1"]


def test_another_language_gets_the_pin_and_a_launch_file_and_nothing_of_ours_inside(
    launch_services: LaunchServices, tmp_path: Path
) -> None:
    launch_services.pins.set(Target(kernelspec="other"), parse_pin(SECOND))
    wrapper = tmp_path / "other-kernel"
    wrapper.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m ipykernel_launcher "$@"\n')
    wrapper.chmod(0o755)
    with kernel(argv=[str(wrapper), "-f", "{connection_file}"], kernel_name="other") as running:
        assert running.value(VISIBLE) == "'1'"
        assert place(running)["variables"] == []
        assert launch_services.started.all()[0].report is None
        # Others are told of it all the same: that it runs, and on what.
        (launch,) = read_launch_files(launch_services.runtime_dir, launch_services.pins.machine)
        assert (launch.module, launch.pid, launch.given) == (None, running.provisioner.pid, (SECOND,))
        assert kernel_runs(launch)
    assert list(launch_services.runtime_dir.glob("tfgpu-*")) == []
