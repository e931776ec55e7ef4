"""ipykernel put into real environments by the real pip: from an index on this disk, and from none."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from jupyter_tfgpu.environments import describe
from jupyter_tfgpu.kernels.specs.install_ipykernel import Cancelled, NotInstalled, install
from jupyter_tfgpu.kernels.specs.install_ipykernel.child import run_child
from jupyter_tfgpu.machine import Machine
from tests.environments.trees import conda
from tests.index import VERSION, pip_on, silent_index, write_index


class Followed:
    """Who follows an installation. ``at``: it is cancelled at a line that has this in it."""

    def __init__(self, at: str | None = None) -> None:
        self.lines: list[str] = []
        self.cancelled = self.committed = False
        self._at = at

    def log(self, line: str) -> None:
        self.lines.append(line)
        if self._at is not None and self._at in line:
            self.cancelled = True

    def commit(self) -> None:
        if self.cancelled:
            raise Cancelled
        self.committed = True


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return write_index(tmp_path / "index")


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made: what is left there was left behind."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """An environment without pip, at a place that a shell would stumble over."""
    prefix = tmp_path / "it's $(mine) 훈련"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", prefix], check=True)
    return prefix


def machine(**variables: str) -> Machine:
    """This machine with pip's own defaults, and these variables."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))}
    return Machine(environ=kept | {"PIP_CONFIG_FILE": os.devnull} | variables)


def from_folder(index: Path) -> Machine:
    return machine(**pip_on(index))


def put(here: Machine, prefix: Path, followed: Followed) -> str:
    return install(here, describe(here, prefix), followed)


def distributions(prefix: Path) -> set[str]:
    return {each.name for each in prefix.glob("lib/python3.*/site-packages/*")}


def test_it_is_installed_and_nothing_is_left_behind(index: Path, prefix: Path, temporary: Path) -> None:
    followed = Followed()
    assert put(from_folder(index), prefix, followed) == VERSION
    assert f"ipykernel-{VERSION}.dist-info" in distributions(prefix)
    assert any(line.startswith("Successfully installed") for line in followed.lines)
    assert followed.committed
    assert list(temporary.iterdir()) == []
    interpreter = str(prefix / "bin" / "python")
    subprocess.run([interpreter, "-c", "import ipykernel, tfgpu_needed"], check=True)


def test_where_it_is_already_nothing_is_run(index: Path, prefix: Path) -> None:
    put(from_folder(index), prefix, Followed())
    followed = Followed()
    assert put(machine(), prefix, followed) == VERSION
    assert followed.lines == []


def test_settings_that_lead_elsewhere_do_not(index: Path, prefix: Path, tmp_path: Path) -> None:
    elsewhere = str(tmp_path / "elsewhere")
    here = from_folder(index)
    misled = Machine(
        environ={
            **here.environ,
            "PIP_TARGET": elsewhere,
            "PIP_USER": "1",
            "PIP_REQUIRE_VIRTUALENV": "1",
            "PYTHONPATH": elsewhere,
            "PYTHONHOME": elsewhere,
            "VIRTUAL_ENV": elsewhere,
        }
    )
    assert put(misled, prefix, Followed()) == VERSION
    assert not Path(elsewhere).exists()


def test_an_environment_that_has_gone_is_told(index: Path, prefix: Path) -> None:
    here = from_folder(index)
    environment = describe(here, prefix)
    shutil.rmtree(prefix)
    with pytest.raises(NotInstalled, match="does not exist"):
        install(here, environment, Followed())


def test_an_index_without_it_is_told(prefix: Path, temporary: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    before = distributions(prefix)
    with pytest.raises(NotInstalled, match="could not be reached, or does not have it"):
        put(from_folder(tmp_path / "empty"), prefix, Followed())
    assert distributions(prefix) == before
    assert list(temporary.iterdir()) == []


def test_what_it_needs_and_is_not_there_leaves_the_environment_as_it_is(
    index: Path, prefix: Path, temporary: Path
) -> None:
    (index / "tfgpu_needed-1.0-py3-none-any.whl").unlink()
    before = distributions(prefix)
    with pytest.raises(NotInstalled):
        put(from_folder(index), prefix, Followed())
    assert distributions(prefix) == before
    assert list(temporary.iterdir()) == []


CONDA = """\
#!/bin/sh
echo "channels $CONDA_CHANNELS"
case "$*" in *--offline*) mkdir -p "$3/{site}/ipykernel-7.4.0.dist-info"
echo "Name: ipykernel" > "$3/{site}/ipykernel-7.4.0.dist-info/METADATA"
esac
"""
"""In place of a conda: says what it was given, and installs."""


def test_conda_gets_the_token_of_a_channel_and_nobody_sees_it(tmp_path: Path) -> None:
    prefix = tmp_path / "envs" / "mine"
    site = conda(prefix).relative_to(prefix)
    [record] = prefix.glob("conda-meta/python-*.json")
    record.write_text('{"channel": "https://c.org/t/secret/main/linux-64"}', "utf-8")
    program = tmp_path / "bin" / "conda"
    program.parent.mkdir()
    program.write_text(CONDA.format(site=site), "utf-8")
    program.chmod(0o755)
    followed = Followed()
    put(machine(PATH=f"{program.parent}:{os.environ['PATH']}", CONDA_CHANNELS="mine"), prefix, followed)
    assert [line for line in followed.lines if "channels" in line] == [
        "channels https://c.org/t/****/main,mine"
    ] * 2
    assert not any("--channel" in line for line in followed.lines)


def test_no_network_is_told(prefix: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}/simple"
        with pytest.raises(NotInstalled, match=r"index could not be reached\. Look at the network"):
            put(machine(PIP_INDEX_URL=address, PIP_RETRIES="1"), prefix, Followed())


@pytest.fixture
def silent() -> Iterator[str]:
    with silent_index() as address:
        yield address


def test_cancelled_while_it_fetches_it_leaves_nothing(silent: str, prefix: Path, temporary: Path) -> None:
    before = distributions(prefix)
    followed = Followed()
    failed: list[BaseException] = []

    def work() -> None:
        try:
            put(machine(PIP_INDEX_URL=silent), prefix, followed)
        except BaseException as error:
            failed.append(error)

    working = threading.Thread(target=work)
    working.start()
    until(lambda: _children_with("ipykernel", str(temporary)))
    followed.cancelled = True
    working.join(10)
    assert [type(each) for each in failed] == [Cancelled]
    until(lambda: not _children_with("ipykernel", str(temporary)))
    assert distributions(prefix) == before
    assert list(temporary.iterdir()) == []


def test_cancelled_just_before_it_is_installed_it_is_not(index: Path, prefix: Path, temporary: Path) -> None:
    before = distributions(prefix)
    with pytest.raises(Cancelled):
        put(from_folder(index), prefix, Followed(at="Saved"))
    assert distributions(prefix) == before
    assert list(temporary.iterdir()) == []


def until(holds: object, limit: float = 20) -> None:
    ends = time.monotonic() + limit
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < ends
        time.sleep(0.02)


def _children_with(*words: str) -> list[psutil.Process]:
    """The programs below this one whose command line has these words."""
    found = []
    for child in psutil.Process().children(recursive=True):
        try:
            line = " ".join(child.cmdline())
        except psutil.Error:
            continue
        if all(word in line for word in words):
            found.append(child)
    return found


class TestAProgram:
    """What runs a tool, on programs of a line."""

    @staticmethod
    def run(folder: Path, script: str, followed: Followed, **how: float | bool) -> int | None:
        limit = float(how.get("limit", 30))
        cancellable = bool(how.get("cancellable", True))
        argv = [sys.executable, "-u", "-c", script]
        return run_child(argv, folder, dict(os.environ), followed, limit=limit, cancellable=cancellable).code

    def test_lines_come_as_they_are_written(self, tmp_path: Path) -> None:
        followed = Followed()
        script = r"print('one'); print('10%\r20%', end='\r'); print('\xff 훈련'); print('last', end='')"
        assert self.run(tmp_path, script, followed) == 0
        assert followed.lines == ["one", "10%", "20%", "ÿ 훈련", "last"]

    def test_what_a_program_has_started_ends_with_it(self, tmp_path: Path) -> None:
        script = (
            "import subprocess, sys\n"
            "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
            "print('started', child.pid); child.wait()"
        )
        followed = Followed(at="started")
        with pytest.raises(Cancelled):
            self.run(tmp_path, script, followed)
        pid = int(followed.lines[0].split()[1])
        until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)

    def test_one_that_does_not_listen_is_killed(self, tmp_path: Path) -> None:
        script = (
            "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
            "print('deaf'); time.sleep(600)"
        )
        with pytest.raises(Cancelled):
            self.run(tmp_path, script, Followed(at="deaf"))
        assert not _children_with("deaf")

    def test_one_that_may_not_be_cut_short_is_left_to_end(self, tmp_path: Path) -> None:
        script = "import pathlib, time; print('begun'); time.sleep(1); pathlib.Path('done').touch(); print(1)"
        assert self.run(tmp_path, script, Followed(at="begun"), limit=0.3, cancellable=False) is None
        until((tmp_path / "done").exists)

    def test_one_that_takes_too_long_is_ended(self, tmp_path: Path) -> None:
        script = "import time; print('for ever'); time.sleep(600)"
        assert self.run(tmp_path, script, Followed(), limit=0.5) is None
        assert not _children_with("for ever")

    def test_on_windows_no_console_opens(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        opened: list[int] = []
        popen = subprocess.Popen

        def recorded(*arguments: Any, creationflags: int = 0, **more: Any) -> Any:
            opened.append(creationflags)
            return popen(*arguments, **more)

        windows = 0x08000000  # subprocess.CREATE_NO_WINDOW there
        monkeypatch.setattr("jupyter_tfgpu.kernels.specs.install_ipykernel.child.NO_WINDOW", windows)
        monkeypatch.setattr(subprocess, "Popen", recorded)
        assert self.run(tmp_path, "", Followed()) == 0
        assert opened == [windows]

    def test_one_that_is_not_there_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(OSError):
            run_child(["/no/such/program"], tmp_path, {}, Followed(), limit=1, cancellable=True)
