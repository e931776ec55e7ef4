"""A server over the stand-in driver in a process of its own, asked from here."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from tests.standin import driver

ROOT = Path(__file__).parents[2]
TOKEN = "bench"
PATIENCE = 20.0
"""Seconds that a server is waited for."""


class Server:
    """A running one. ``calls``: the driver's calls so far."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
        self.process = process
        self.address = f"127.0.0.1:{port}"
        self.folder = folder

    @property
    def calls(self) -> int:
        return driver.count_calls(self.folder / "calls")

    def ask(self, path: str, body: dict[str, Any] | None = None, patience: float = PATIENCE) -> Any:
        """What the server answers; with a body it is a POST. Raises URLError and TimeoutError."""
        request = urllib.request.Request(
            f"http://{self.address}/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {TOKEN}"},
        )
        with urllib.request.urlopen(request, timeout=patience) as answer:
            return json.loads(answer.read())

    def socket(self, path: str) -> str:
        """The address of a WebSocket."""
        return f"ws://{self.address}/{path}?token={TOKEN}"

    def start_kernel(self, notebook: str) -> int:
        """Opens a notebook; the pid of its kernel."""
        before = set(psutil.Process(self.process.pid).children())
        self.ask(
            "api/sessions",
            {"path": notebook, "name": notebook, "type": "notebook", "kernel": {"name": "python3"}},
        )
        [kernel] = set(psutil.Process(self.process.pid).children()) - before
        return int(kernel.pid)

    def wait(self, patience: float = PATIENCE) -> None:
        end = time.monotonic() + patience
        while True:
            try:
                self.ask("api/status", patience=5)
                return
            except (urllib.error.URLError, TimeoutError, ConnectionError):
                if self.process.poll() is not None or time.monotonic() > end:
                    raise SystemExit("the server did not start") from None
                time.sleep(0.1)


@contextmanager
def server(
    python: str | Path,
    extension: str,
    folder: Path,
    devices: int,
    settings: dict[str, str] | None = None,
) -> Iterator[Server]:
    """A server with one extension and no other configuration. ``folder``: for all that it writes.

    ``settings``: further environment variables.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    (folder / "root").mkdir(parents=True)
    machine = driver.write_machine_tree(folder / "machine", pci_devices=devices)
    variables = driver.environment(folder / "scenario.txt", calls=folder / "calls") | {
        "JUPYTER_NO_CONFIG": "1",
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        **(settings or {}),
    }
    script = ROOT / "tests" / "benchmarks" / "_server.py"
    command = [str(python), str(script), extension, str(port), str(folder / "root"), str(machine)]
    process = subprocess.Popen(command, cwd=folder, env=variables, start_new_session=True)
    try:
        served = Server(process, port, folder)
        served.wait()
        yield served
    finally:
        for each in psutil.Process(process.pid).children(recursive=True):
            each.kill()
        os.kill(process.pid, 9)
        process.wait()


@contextmanager
def open_pages(number: int, urls: list[str], hello: dict[str, Any]) -> Iterator[None]:
    """So many pages, read in another process. Raises TimeoutError where they cannot be opened."""
    if number == 0:
        yield
        return
    wanted = json.dumps({"urls": urls, "pages": number, "hello": hello})
    command = [sys.executable, "-m", "tests.benchmarks._pages", wanted]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        if not select.select([process.stdout], [], [], PATIENCE)[0]:
            raise TimeoutError
        if not process.stdout.readline():
            raise SystemExit("the pages could not be opened")
        yield
    finally:
        process.kill()
        process.wait()
