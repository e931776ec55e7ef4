"""Facts of processes: read once, looked at each time, right when a pid is another's."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from jupyter_tfgpu.kernels import ProcessTable, born
from jupyter_tfgpu.kernels.running import processes
from jupyter_tfgpu.kernels.running.glances import Glance


@contextmanager
def sleeping(*command: str, **options: object) -> Iterator[int]:
    process = subprocess.Popen([*(command or ("sleep",)), "600"], **options)  # type: ignore[call-overload]
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def whole_looks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The pids that were looked at in full."""
    looked: list[int] = []
    read = processes._read

    def note(pid: int, *more: Any) -> processes.ProcessFacts:
        looked.append(pid)
        return read(pid, *more)

    monkeypatch.setattr(processes, "_read", note)
    return looked


def test_a_process_that_stays_as_it_is_is_looked_at_in_full_once(whole_looks: list[int]) -> None:
    table = ProcessTable()
    with sleeping() as pid:
        first = table.read([pid])[pid]
        assert all(table.read([pid, pid])[pid] == first for _ in range(5))
    assert (first.user, first.command, first.born) == ("me", "sleep", pytest.approx(first.born))
    assert abs((first.began or 0) - time.time()) < 600
    assert whole_looks == [pid]


def test_a_process_that_has_ended_is_not_there(whole_looks: list[int]) -> None:
    table = ProcessTable()
    with sleeping() as pid:
        assert pid in table.read([pid])
    assert table.read([pid]) == {}
    assert born(pid) is None


def test_what_is_not_asked_for_is_forgotten(whole_looks: list[int]) -> None:
    table = ProcessTable()
    with sleeping() as one, sleeping() as other:
        table.read([one, other])
        table.read([one])
        table.read([one, other])
        assert whole_looks == [*sorted([one, other]), other]


def test_another_program_in_the_same_process_is_seen() -> None:
    table = ProcessTable()
    code = "import os, sys; sys.stdin.read(1); os.execvp('sleep', ['sleep', '600'])"
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE)
    try:
        before = table.read([process.pid])[process.pid]
        process.communicate(b"x", timeout=0.01)
    except subprocess.TimeoutExpired:
        while (after := table.read([process.pid])[process.pid]).command != "sleep":
            time.sleep(0.01)
        assert (before.command or "").startswith("python")
        assert (after.pid, after.born, after.lineage) == (before.pid, before.born, before.lineage)
    finally:
        process.kill()
        process.wait()


def test_another_process_with_the_same_pid_has_nothing_of_the_first(
    whole_looks: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    table, look_at = ProcessTable(), processes.look_at
    with sleeping() as pid:

        def later(asked: int) -> Glance:
            seen = look_at(asked)
            return seen._replace(born=seen.born + 1, parent=1, session=asked) if asked == pid else seen

        first = table.read([pid])[pid]
        monkeypatch.setattr(processes, "look_at", later)
        second = table.read([pid])[pid]
        assert whole_looks == [pid, pid]
        assert second.born != first.born
        assert os.getpid() in [one.pid for one in first.lineage]
        assert os.getpid() not in [one.pid for one in second.lineage]


def test_a_clock_that_is_set_back_leaves_no_beginning_in_the_future(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every process would be taken for one that began after the reading."""
    table = ProcessTable()
    with sleeping() as pid:
        assert table.read([pid])[pid].began is not None
        hour_ago = time.time() - 3600
        with monkeypatch.context() as patched:
            patched.setattr(time, "time", lambda: hour_ago)
            assert table.read([pid])[pid].began is None
        assert table.read([pid])[pid].began is not None


@pytest.mark.skipif(not psutil.LINUX, reason="reads /proc")
def test_a_name_with_brackets_and_spaces_is_no_trouble(tmp_path: Path) -> None:
    strange = tmp_path / "a) R 1 (b 7"
    shutil.copy(shutil.which("sleep") or "", strange)
    with sleeping(str(strange), start_new_session=True) as pid:
        facts = ProcessTable().read([pid])[pid]
        assert facts.command == strange.name
        assert [one.pid for one in facts.lineage[:2]] == [pid, os.getpid()]
        assert facts.born == facts.lineage[0].born == born(pid)


@pytest.mark.skipif(not psutil.LINUX, reason="elsewhere names are text")
@pytest.mark.parametrize("name", [b"sl\xff", b"sleeping \xff for long"])
def test_a_name_that_is_no_text_can_be_sent(tmp_path: Path, name: bytes) -> None:
    strange = tmp_path / os.fsdecode(name)
    shutil.copy(shutil.which("sleep") or "", strange)
    with sleeping(str(strange)) as pid:
        command = ProcessTable().read([pid])[pid].command
    assert command is not None and command.startswith("sl")
    assert command.encode()


def test_other_systems_have_the_same_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no /proc, psutil says it all."""
    here = ProcessTable().read([os.getpid()])[os.getpid()]
    monkeypatch.setattr(psutil, "LINUX", False)
    there = ProcessTable().read([os.getpid()])[os.getpid()]
    assert [one.pid for one in there.lineage] == [one.pid for one in here.lineage]
    assert (there.user, there.command, there.began) == (here.user, here.command, here.began)
    assert there.born is not None


def test_other_users_command_lines_are_not_read() -> None:
    if os.getuid() != 0 or not Path("/proc/self").exists():
        first = ProcessTable().read([1]).get(1)
        assert first is None or first.command is None
        return
    with sleeping(user=65534) as pid:
        facts = ProcessTable().read([pid])[pid]
        assert facts.user == "other"
        assert facts.command is None
