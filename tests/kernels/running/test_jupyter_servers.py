"""Which server started a kernel, as the files in the runtime folder tell."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

import msgspec
import pytest

from jupyter_tfgpu.kernels import LaunchFile, born, starter_name, starting_server
from jupyter_tfgpu.kernels.running.processes import began

LAUNCH = LaunchFile(
    kernel_id="k1",
    module=None,
    report=None,
    interpreter="python",
    program={},
    pin="all",
    pin_from="default",
    given=None,
    note=None,
    notebook=None,
    kernelspec=None,
    starter=os.getpid(),
    starter_began=began(os.getpid()),
    starter_born=born(os.getpid()),
)


def write(folder: Path, **changes: object) -> Path:
    content = {"pid": os.getpid(), "url": "http://localhost:8888/a b/", "token": "secret", "port": 8888}
    path = folder / f"jpserver-{os.getpid()}.json"
    path.write_text(json.dumps(content | changes))
    return path


def test_a_servers_address_has_no_token_in_it(tmp_path: Path) -> None:
    write(tmp_path, url="http://me:pass@localhost:8888/lab/?token=secret#secret")
    server = starting_server(tmp_path, LAUNCH)
    assert server is not None and server.token == "secret"
    assert starter_name(tmp_path, LAUNCH) == "http://localhost:8888/lab/"


@pytest.mark.parametrize("changes", [{"pid": 1}, {"url": None}, {"url": "http://[nonsense"}])
def test_a_file_that_says_something_else_is_passed_over(tmp_path: Path, changes: dict[str, object]) -> None:
    write(tmp_path, **changes)
    assert starter_name(tmp_path, LAUNCH) == f"process {os.getpid()}"


def test_rubbish_and_no_file_leave_the_process(tmp_path: Path) -> None:
    assert starter_name(tmp_path, LAUNCH) == f"process {os.getpid()}"
    write(tmp_path).write_bytes(b"\xff" * 5000)
    assert starter_name(tmp_path, LAUNCH) == f"process {os.getpid()}"
    assert starter_name(tmp_path, msgspec.structs.replace(LAUNCH, starter=None)) == "another program"


def test_the_file_of_an_earlier_process_of_that_pid_is_not_taken_for_the_starters(tmp_path: Path) -> None:
    long_ago = time.time() - 10 * 365 * 86_400
    os.utime(write(tmp_path), (long_ago, long_ago))
    assert starting_server(tmp_path, LAUNCH) is None


def test_a_starter_that_has_ended_is_said_to_have(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "600"]) as ended:
        launch = msgspec.structs.replace(LAUNCH, starter=ended.pid, starter_born=born(ended.pid))
        assert starter_name(tmp_path, launch) == f"process {ended.pid}"
        ended.kill()
    assert starter_name(tmp_path, launch) == f"process {ended.pid}, which has ended"
    assert starting_server(tmp_path, launch) is None
