"""``%%tfgpu`` in real kernels, on simulated devices: any cell runs as without it, then come the figures."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jupyter_tfgpu.kernels import LaunchServices
from tests.inkernel.conftest import StartKernel
from tests.inkernel.samples import finding, report
from tests.kernels.bare import bare_environment
from tests.kernels.kernels_here import PLAIN, Cell, kernel

OLD = [
    pytest.param(version, marks=pytest.mark.slow)
    for version in ("3.6", "3.7", "3.8", "3.9", "3.10", "3.12", "3.13")
]
SIMULATED = {"JUPYTER_TFGPU_SIMULATE": "default"}


def figures(cell: Cell) -> list[str]:
    """The lines of the table that the cell showed, and the one with the time."""
    [shown] = cell.displays
    assert shown["text/html"].startswith("<table>")
    lines: list[str] = shown["text/plain"].splitlines()
    return lines


@pytest.mark.parametrize("version", ["3.11", *OLD])
def test_any_cell_is_measured_in_a_kernel_of_any_python(
    kernel_with: StartKernel, launch_services: LaunchServices, version: str
) -> None:
    with kernel_with(None, bare_environment(version) / "bin" / "python", env=SIMULATED) as running:
        head, first, second, time = figures(running.run("%%tfgpu\nimport time\ntime.sleep(0.8)\nx = 1"))
        assert head.split("  ")[0] == "GPU"
        assert "0.0 GiB" in first, "the simulated kernel has its memory on the last device"
        assert "2.0 GiB" in second
        assert "%" in second
        assert second.endswith(" J")
        assert time.startswith("Time: 0.8")
        assert time.endswith("The devices are simulated.")
        assert running.value("x") == "1"

        awaited = running.run("%%tfgpu\nimport asyncio\nawait asyncio.sleep(0.2)\nx = 2")
        assert awaited.status == "ok", awaited
        assert figures(awaited)[-1].startswith("Time: 0.2")
        assert running.value("x") == "2"

        failed = running.run("%%tfgpu\nx = 3\n1/0")
        assert failed.status == "error"
        assert failed.error == "ZeroDivisionError: division by zero"
        assert [kind for kind, _ in failed.outputs].count("error") == 1
        assert figures(failed)[-1].startswith("Time: ")

        assert len(running.run("x").displays) == 0, "the next cell is not measured"


def test_cells_of_every_kind_are_measured(kernel_with: StartKernel, launch_services: LaunchServices) -> None:
    with kernel_with(None, env=SIMULATED) as running:
        for cell, value in (
            ("%%tfgpu\n%%time\nx = 1", "1"),
            ("%%tfgpu\n\n%%capture held\nx = 2", "2"),
            ("%%capture held\n%%tfgpu\nx = 3", "3"),
            ("%%time\n%%tfgpu\nx = 4", "4"),
            ("%%tfgpu  \nlines = '''\n  1\n0'''\nx = lines.count('\\n') + 3", "5"),
            ("%%tfgpu\n%precision 3\n!true\nx = 6", "6"),
            ("%%tfgpu\nfrom __future__ import annotations\nx = 7", "7"),
            ("get_ipython().run_cell_magic('tfgpu', '', 'x = 8')", "8"),
        ):
            done = running.run(cell)
            assert done.status == "ok", (cell, done)
            assert running.value("x") == value
            assert figures(done)[-1].startswith("Time: ")


def test_a_cell_that_trains_is_looked_at_as_without_it(
    kernel_with: StartKernel, launch_services: LaunchServices
) -> None:
    with kernel_with(report(finding()), env=SIMULATED) as running:
        notice, shown = running.run("%%tfgpu\nmodel.fit()").displays
        assert "[cpu-only-build]" in notice["text/plain"]
        assert shown["text/plain"].startswith("GPU ")
        running.run("%tfgpu watch block")
        for stopped in ("%%tfgpu\nmodel.fit()", "%%tfgpu\n%%time\nmodel.fit()"):
            cell = running.run(stopped)
            assert cell.status == "error"
            assert "fitted" not in cell.text
        running.run("%tfgpu allow")
        assert running.run("%%tfgpu\nmodel.fit()").text == "fitted\n"


def test_a_driver_that_does_not_answer_holds_the_cell_up_for_seconds_only(
    kernel_with: StartKernel, launch_services: LaunchServices, tmp_path: Path
) -> None:
    silent = tmp_path / "silent"
    silent.write_text("#!/bin/sh\nexec sleep 100\n")
    silent.chmod(0o755)
    with kernel_with(None, env=SIMULATED) as running:
        running.run(f"get_ipython()._jupyter_tfgpu.launch.interpreter = {str(silent)!r}")
        cell = running.run("%%tfgpu\nx = 1")
        assert cell.status == "ok"
        assert cell.text == "The driver has not answered yet.\n"
        assert running.value("x") == "1"


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("%%tfgpu", "cell body is empty"),
        ("%%tfgpu\n\n   \n", "this one is empty"),
        ("%%tfgpu now\nx = 1", "takes no further words"),
        ("%%tfgpu\ndef f(:", "SyntaxError"),
    ],
)
def test_a_cell_that_cannot_run_is_not_measured(
    kernel_with: StartKernel, launch_services: LaunchServices, cell: str, says: str
) -> None:
    with kernel_with(None, env=SIMULATED) as running:
        done = running.run(cell)
        assert done.status == "error"
        assert says in done.text + (done.error or "")
        assert done.displays == []
        assert len(running.run("x = 1").displays) == 0


def children(pid: int) -> list[str]:
    """The command lines of a process's children."""
    done = subprocess.run(
        ["ps", "--ppid", str(pid), "-o", "args="], stdout=subprocess.PIPE, text=True, check=False
    )
    return [line for line in done.stdout.splitlines() if "jupyter_tfgpu" in line]


def test_an_interrupted_cell_shows_what_it_took_and_leaves_no_process(
    kernel_with: StartKernel, launch_services: LaunchServices
) -> None:
    with kernel_with(None, env=SIMULATED) as running:
        pid = int(running.value("__import__('os').getpid()"))
        code = "%%tfgpu\nimport os, signal, threading, time\n"
        # As a server interrupts: the whole group of processes gets it.
        code += "threading.Timer(1.0, os.killpg, (os.getpgrp(), signal.SIGINT)).start()\ntime.sleep(60)"
        done = running.run(code)
        assert done.status == "error"
        assert (done.error or "").startswith("KeyboardInterrupt")
        *_, second, time_line = figures(done)
        assert "2.0 GiB" in second
        assert second.endswith(" J")
        assert time_line.startswith("Time: 1.")
        assert children(pid) == []
        assert running.value("1") == "1"


def test_the_readings_end_with_a_kernel_that_is_killed(
    kernel_with: StartKernel, launch_services: LaunchServices
) -> None:
    with kernel_with(None, env=SIMULATED) as running:
        pid = int(running.value("__import__('os').getpid()"))
        running.client.execute("%%tfgpu\nimport time\ntime.sleep(60)")
        until = time.monotonic() + 20
        while not children(pid) and time.monotonic() < until:
            time.sleep(0.05)
        done = subprocess.run(
            ["pgrep", "-P", str(pid), "-f", "devices --watch"], stdout=subprocess.PIPE, text=True, check=True
        )
        child = int(done.stdout.split()[0])
        os.kill(pid, signal.SIGKILL)
        while _runs(child) and time.monotonic() < until:
            time.sleep(0.05)
        assert not _runs(child)


def _runs(pid: int) -> bool:
    try:
        return "devices" in Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return False


@pytest.mark.parametrize(
    ("scenario", "says"),
    [
        ("none", "no NVIDIA driver"),
        pytest.param("default", "This kernel has no GPU.", marks=pytest.mark.slow),
    ],
)
def test_without_a_gpu_there_is_the_time_and_the_reason(scenario: str, says: str) -> None:
    with kernel(provisioner=PLAIN, env={"JUPYTER_TFGPU_SIMULATE": scenario}) as running:
        running.run("%load_ext jupyter_tfgpu\n%tfgpu pin none")
        [shown] = running.run("%%tfgpu\nx = 1").displays
        assert shown["text/plain"].startswith("Time: 0.0")
        assert says in shown["text/plain"]


def test_where_our_program_does_not_run_the_cell_does() -> None:
    with kernel(provisioner=PLAIN, env=SIMULATED) as running:
        running.run("%load_ext jupyter_tfgpu")
        running.run("get_ipython()._jupyter_tfgpu.launch.interpreter = '/nowhere/python'")
        done = running.run("%%tfgpu\nx = 5")
        assert done.status == "ok"
        [shown] = done.displays
        assert shown["text/plain"].endswith("Nothing is known of the devices.")
        assert "jupyter tfgpu cannot be run" in done.text
        assert running.value("x") == "5"
        running.run(f"get_ipython()._jupyter_tfgpu.launch.interpreter = {sys.executable!r}")
        running.run("import os\nos.environ['JUPYTER_TFGPU_SIMULATE'] = 'nothing-of-the-kind'")
        done = running.run("%%tfgpu\nx = 6")
        assert "is none of the scenarios" in done.text
        assert running.value("x") == "6"


def test_under_load_ext_the_kernel_s_own_memory_is_known_by_its_process() -> None:
    with kernel(provisioner=PLAIN, env=SIMULATED) as running:
        running.run("%load_ext jupyter_tfgpu")
        assert "2.0 GiB" not in figures(running.run("%%tfgpu\nx = 1"))[2]
