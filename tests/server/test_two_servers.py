"""Two real servers of one user on one machine: the one of this process, and one beside it."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.kernels.starter import visible
from tests.server.asking import Fetch, pid_of, start
from tests.standin import driver

TOKEN = "of-the-other"


class Other:
    """The other server."""

    def __init__(self, url: str) -> None:
        self._url = url

    def ask(self, path: str, body: object = None, method: str | None = None) -> Any:
        request = urllib.request.Request(
            f"{self._url}/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {TOKEN}"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or b"null")

    def open(self, path: str) -> str:
        """Opens a notebook; the id of its kernel."""
        body = {"path": path, "name": path, "type": "notebook", "kernel": {"name": "python3"}}
        return str(self.ask("api/sessions", body)["kernel"]["id"])


@pytest.fixture
def other(jp_serverapp: Any, scenario_file: Path, machine_root: Path, tmp_path: Path) -> Iterator[Other]:
    """It shares the folders of Jupyter with the first, and has notebooks of its own."""
    (tmp_path / "theirs").mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        *(sys.executable, "-m", "jupyter_server", "--allow-root", "--no-browser"),
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.root_dir={tmp_path / 'theirs'}",
        f"--IdentityProvider.token={TOKEN}",
        "--ServerApp.jpserver_extensions=jupyter_tfgpu=True",
        f"--TfGpu.machine_root={machine_root}",
        "--TfGpu.default_pin=auto",
    ]
    with subprocess.Popen(command, env=driver.environment(scenario_file)) as process:
        server = Other(f"http://127.0.0.1:{port}")
        deadline = time.monotonic() + 60
        while True:
            try:
                server.ask("api/status")
                break
            except OSError:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.1)
        yield server
        process.terminate()


async def test_notebooks_on_auto_in_two_servers_get_different_devices_and_are_seen_by_both(
    jp_fetch: Fetch, jp_serverapp: Any, other: Other
) -> None:
    body = json.dumps({"kernelspec": "python3", "pin": "auto"})
    await jp_fetch("tfgpu", "pins", method="PUT", body=body)
    ours, theirs = await asyncio.gather(start(jp_fetch, "a.ipynb"), asyncio.to_thread(other.open, "b.ipynb"))
    told = await asyncio.to_thread(other.ask, "tfgpu/kernels")
    given = {one["id"]: one["given"] for one in told["kernels"]}
    assert sorted([*given[ours], *given[theirs]]) == sorted(driver.device_uuid(n) for n in (0, 1))
    mine = json.loads((await jp_fetch("tfgpu", "kernels")).body)["kernels"]
    assert {one["id"]: one["given"] for one in mine} == given
    index = [driver.device_uuid(0), driver.device_uuid(1)].index(given[ours][0])
    assert visible(pid_of(jp_serverapp, ours)) == str(index)
    await asyncio.to_thread(other.ask, f"api/kernels/{theirs}", None, "DELETE")
    assert [one["id"] for one in json.loads((await jp_fetch("tfgpu", "kernels")).body)["kernels"]] == [ours]
