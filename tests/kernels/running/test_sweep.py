"""What kernels leave behind whose starting program was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import psutil
import pytest

from jupyter_tfgpu.kernels import (
    DevicesState,
    LaunchFile,
    LaunchServices,
    PinStore,
    Target,
    born,
    kernel_runs,
    new_state_path,
    parse_pin,
    read_launch_files,
    set_services,
    sweep,
    write_state,
)
from jupyter_tfgpu.kernels.running.launchfile import launch_path, report_path, write_launch_file
from tests.kernels.kernels_here import kernel

STARTS_A_KERNEL = """
import sys, uuid
from pathlib import Path
from jupyter_tfgpu.kernels import LaunchServices, PinStore, set_services
from tests.kernels.kernels_here import kernel
set_services(LaunchServices(
    pins=PinStore(Path(sys.argv[1])), reading=lambda t: None, runtime_dir=Path(sys.argv[2])))
with kernel(kernel_id="orphan") as running:
    print("started", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def gone() -> tuple[int, float]:
    """Pid and beginning of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    began = psutil.Process(process.pid).create_time()
    process.communicate()
    return process.pid, began


@pytest.fixture
def here() -> tuple[int, float]:
    """Of this process."""
    return os.getpid(), psutil.Process().create_time()


def left_behind(
    services: LaunchServices,
    kernel_id: str,
    process: tuple[int | None, float | None],
    starter: tuple[int, float],
    machine: str | None = None,
) -> LaunchFile:
    """A launch file, a report and a pin as a kernel has them."""
    launch = LaunchFile(
        kernel_id=kernel_id,
        module="ipykernel_launcher",
        report=None,
        interpreter=sys.executable,
        program={},
        pin="none",
        pin_from="kernel",
        given=(),
        note=None,
        notebook=None,
        kernelspec=None,
        machine=machine or services.pins.machine,
        pid=process[0],
        began=process[1],
        starter=starter[0],
        starter_began=starter[1],
    )
    write_launch_file(services.runtime_dir, launch)
    report_path(services.runtime_dir, kernel_id).write_text("{}")
    services.pins.set(Target(kernel_id=kernel_id), parse_pin("none"))
    return launch


def remaining(services: LaunchServices) -> set[str]:
    """The kernels of which all three are left; a kernel of which only some are left fails the test."""
    names = {path.name for path in services.runtime_dir.glob("tfgpu-*")}
    pinned = {target.key for target, _ in services.pins.all()}
    for kernel_id in pinned:
        assert launch_path(services.runtime_dir, kernel_id).name in names
        assert report_path(services.runtime_dir, kernel_id).name in names
    assert len(names) == 2 * len(pinned)
    return pinned


def test_what_is_left_of_gone_kernels_is_removed_and_of_others_not(
    launch_services: LaunchServices, gone: tuple[int, float], here: tuple[int, float]
) -> None:
    left_behind(launch_services, "gone", gone, gone)
    left_behind(launch_services, "never-ran", (None, None), gone)
    left_behind(launch_services, "pid-used-again", (here[0], here[1] - 3600), gone)
    left_behind(launch_services, "outlives-its-server", here, gone)
    left_behind(launch_services, "may-be-restarted", gone, here)
    left_behind(launch_services, "elsewhere", gone, gone, machine="host-other")
    assert sweep(launch_services.runtime_dir, launch_services.pins) == ("gone", "never-ran", "pid-used-again")
    assert remaining(launch_services) == {"outlives-its-server", "may-be-restarted", "elsewhere"}
    assert sweep(launch_services.runtime_dir, launch_services.pins) == ()


def test_a_state_file_that_nobody_keeps_is_removed(launch_services: LaunchServices) -> None:
    folder = launch_services.runtime_dir
    kept, left = new_state_path(folder), new_state_path(folder)
    for path in (kept, left):
        write_state(path, DevicesState(taken_at=1.0, driver="ok", simulated=False, devices=()))
    os.utime(left, (time.time() - 3600,) * 2)
    sweep(folder, launch_services.pins)
    assert list(folder.iterdir()) == [kept]


def test_files_that_are_no_launch_files_are_left_alone(launch_services: LaunchServices) -> None:
    folder = launch_services.runtime_dir
    assert sweep(folder, launch_services.pins) == ()  # the folder is not there yet
    folder.mkdir()
    for name, data in (("a", b""), ("b", b"\xff\xfe"), ("c", b'{"schema": "tfgpu.launch/9"}'), ("d", b"[]")):
        (folder / f"tfgpu-launch-{name}.json").write_bytes(data)
    assert sweep(folder, launch_services.pins) == ()
    assert len(list(folder.iterdir())) == 4


def test_a_kernel_is_known_by_its_command_where_the_clock_was_set(launch_services: LaunchServices) -> None:
    with kernel(kernel_id="k1"):
        (launch,) = read_launch_files(launch_services.runtime_dir, launch_services.pins.machine)
        assert kernel_runs(launch)
        assert launch.began is not None
        assert kernel_runs(msgspec.structs.replace(launch, began=launch.began - 3600))
    assert not kernel_runs(launch)


def test_a_kernel_of_another_language_is_known_by_its_birth_where_the_clock_was_set(
    launch_services: LaunchServices, here: tuple[int, float]
) -> None:
    launch = left_behind(launch_services, "R", here, here)
    launch = msgspec.structs.replace(launch, module=None, born=born(here[0]))
    set_back = msgspec.structs.replace(launch, began=here[1] - 3600, starter_began=here[1] - 3600)
    assert kernel_runs(set_back)
    assert not kernel_runs(msgspec.structs.replace(set_back, born=(launch.born or 0) + 1))
    assert not kernel_runs(msgspec.structs.replace(set_back, born=None))
    by_starter = msgspec.structs.replace(set_back, pid=None, born=None, starter_born=born(here[0]))
    write_launch_file(launch_services.runtime_dir, by_starter)
    assert sweep(launch_services.runtime_dir, launch_services.pins) == ()


def test_a_process_that_has_ended_and_is_not_waited_for_is_gone(launch_services: LaunchServices) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        ended = (process.pid, psutil.Process(process.pid).create_time())
        birth = born(process.pid)
        launch = left_behind(launch_services, "k", ended, ended)
        launch = msgspec.structs.replace(launch, born=birth, starter_born=birth)
        write_launch_file(launch_services.runtime_dir, launch)
        assert kernel_runs(launch)
        assert process.stdin is not None
        process.stdin.close()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert not kernel_runs(launch)
        assert sweep(launch_services.runtime_dir, launch_services.pins) == ("k",)


WRITES_LAUNCH_FILES = """
import sys
from pathlib import Path
import msgspec
from jupyter_tfgpu.kernels.running.launchfile import read_launch_files, write_launch_file
(launch,) = read_launch_files(Path(sys.argv[1]), sys.argv[2])
print("writing", flush=True)
while True:
    for note in ("x" * 50_000, None):
        write_launch_file(Path(sys.argv[1]), msgspec.structs.replace(launch, note=note))
"""


def test_a_program_that_is_killed_while_it_writes_leaves_whole_files(
    launch_services: LaunchServices, here: tuple[int, float]
) -> None:
    folder, pins = launch_services.runtime_dir, launch_services.pins
    left_behind(launch_services, "k", here, here)
    for delay in (0.0, 0.003, 0.007, 0.013):
        with subprocess.Popen(
            [sys.executable, "-c", WRITES_LAUNCH_FILES, str(folder), pins.machine],
            stdout=subprocess.PIPE,
            text=True,
        ) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "writing\n"
            time.sleep(delay)
            writer.kill()
        assert [one.kernel_id for one in read_launch_files(folder, pins.machine)] == ["k"]
    left = folder / ".tfgpu-launch-k.json.1"
    left.write_text("{")
    for draft in folder.glob(".tfgpu-*"):
        os.utime(draft, (0, 0))
    begun = folder / ".tfgpu-launch-k.json.2"
    begun.write_text("{")
    assert sweep(folder, pins) == ()
    assert list(folder.glob(".tfgpu-*")) == [begun]


def test_a_killed_program_s_kernel_is_swept_once_it_has_ended_too(launch_services: LaunchServices) -> None:
    pins = launch_services.pins
    pins.set(Target(kernel_id="orphan"), parse_pin("none"))
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTS_A_KERNEL, str(pins.path), str(launch_services.runtime_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert starter.stdout is not None
    assert starter.stdout.readline() == "started\n"
    (launch,) = read_launch_files(launch_services.runtime_dir, pins.machine)
    assert launch.pid is not None
    os.kill(launch.pid, signal.SIGSTOP)  # it would end by itself when its starter has
    starter.kill()
    starter.wait()  # its pipes are the kernel's too, so their end is not waited for
    assert sweep(launch_services.runtime_dir, pins) == ()
    os.kill(launch.pid, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while psutil.pid_exists(launch.pid) and kernel_runs(launch) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert sweep(launch_services.runtime_dir, pins) == ("orphan",)
    assert list(launch_services.runtime_dir.glob("tfgpu-*")) == []
    assert pins.all() == ()
    starter.communicate()


def test_pins_that_cannot_be_written_are_tried_again_at_the_next_sweep(
    launch_services: LaunchServices, gone: tuple[int, float], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    left_behind(launch_services, "gone", gone, gone)
    pins = launch_services.pins
    before = pins.path.read_bytes()
    pins.path.with_name("pins.json.lock").unlink()
    pins.path.with_name("pins.json.lock").mkdir()
    soft = pins.path.with_name("pins.json.lock.soft")
    soft.mkdir()
    monkeypatch.setattr("jupyter_tfgpu.kernels.pins.store.LOCK_TIMEOUT", 0.1)
    assert sweep(launch_services.runtime_dir, pins) == ()
    assert pins.path.read_bytes() == before
    soft.rmdir()
    assert sweep(launch_services.runtime_dir, pins) == ("gone",)


def test_the_first_services_of_a_program_without_a_server_sweep_once(
    launch_services: LaunchServices,
    gone: tuple[int, float],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left_behind(launch_services, "gone", gone, gone)
    monkeypatch.setenv("JUPYTER_TFGPU_PINS", str(launch_services.pins.path))
    set_services(None)
    with kernel(kernel_id="k1"):
        deadline = time.monotonic() + 20
        while launch_path(launch_services.runtime_dir, "gone").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert {t.key for t, _ in PinStore(launch_services.pins.path).all()} == set()
        assert launch_path(launch_services.runtime_dir, "k1").exists()
    assert list(launch_services.runtime_dir.glob("tfgpu-*")) == []
