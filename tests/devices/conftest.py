"""Programs over the stand-in driver."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jupyter_tfgpu.devices import History, Reading
from tests.standin import driver

ROOT = Path(__file__).parents[2]
FAR = 20.0
"""Seconds after which something that has to happen counts as not happening."""


class Program:
    """A program that watches the stand-in's devices. ``do`` asks it for one thing."""

    def __init__(self, folder: Path, variables: dict[str, str], arguments: list[str]) -> None:
        self.scenario = folder / "scenario.txt"
        self.machine = folder / "machine"
        self.calls = folder / "calls"
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("program.py")), *arguments],
            cwd=ROOT,
            env=variables | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def do(self, what: str, **arguments: Any) -> Any:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps([what, arguments]) + "\n")
        self._process.stdin.flush()
        watch = threading.Timer(3 * FAR, self._process.kill)
        watch.start()
        line = self._process.stdout.readline()
        watch.cancel()
        assert line, f"the program ended, or never answered, when asked for {what}"
        return json.loads(line)

    def read(self) -> Reading:
        return msgspec.convert(self.do("read"), Reading)

    def latest(self) -> Reading | None:
        return msgspec.convert(self.do("latest"), Reading | None)

    def reading(self, timeout: float = FAR, max_age: float = 0.0) -> Reading | None:
        return msgspec.convert(self.do("reading", timeout=timeout, max_age=max_age), Reading | None)

    def got(self, name: str) -> list[Reading]:
        return msgspec.convert(self.do("got", name=name), list[Reading])

    def history(self, seconds: float = 1800) -> History:
        return msgspec.convert(self.do("history", seconds=seconds), History)

    def write(self, **scenario: Any) -> None:
        """Changes the scenario under the running program."""
        driver.write_scenario(self.scenario, **scenario)

    def write_machine(self, **tree: Any) -> None:
        """Lays the machine's files out anew."""
        shutil.rmtree(self.machine)
        driver.write_machine_tree(self.machine, **tree)

    def count_calls(self) -> int:
        return driver.count_calls(self.calls)

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()


Start = Callable[..., Program]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts programs: ``start(devices=…, lines=…, missing=…, tree={…}, library=False)``."""
    programs: list[Program] = []

    def make(
        *,
        missing: Iterable[str] = (),
        tree: dict[str, Any] | None = None,
        library: bool = True,
        retry: float = 0.0,
        slow: float = 0.0,
        watch: float = 0.0,
        reopen: float = 0.0,
        hang_limit: float = 6.0,
        second_try: float = 60.0,
        **scenario: Any,
    ) -> Program:
        folder = tmp_path / str(len(programs))
        driver.write_scenario(folder / "scenario.txt", **scenario)
        machine = driver.write_machine_tree(folder / "machine", **(tree or {}))
        if library:
            variables = driver.environment(folder / "scenario.txt", missing=missing, calls=folder / "calls")
        else:
            variables = driver.environment_without_driver(folder / "nothing")
        source = {"retry": retry, "slow": slow, "watch": watch, "reopen": reopen}
        monitor = {"hang_limit": hang_limit, "second_try": second_try}
        arguments = [str(machine), json.dumps(source), json.dumps(monitor)]
        programs.append(Program(folder, variables, arguments))
        return programs[-1]

    yield make
    for program in programs:
        program.end()


def eventually(happened: Callable[[], bool]) -> None:
    """Waits until it has happened; fails if it does not."""
    end = time.monotonic() + FAR
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)
