"""Starts that choose their devices one after the other."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from pathlib import Path

import filelock
import pytest

from jupyter_tfgpu.kernels.launch import turns as turns_module
from jupyter_tfgpu.kernels.launch.turns import Turns


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "runtime" / "auto.lock"


async def test_one_chooses_at_a_time_in_one_program_and_among_several(path: Path) -> None:
    inside: list[int] = []
    most: list[int] = []

    def choose() -> str:
        inside.append(1)
        most.append(len(inside))
        time.sleep(0.002)
        inside.pop()
        return threading.current_thread().name

    programs = [Turns(), Turns()]  # the lock of the file keeps them apart as it does two processes
    names = await asyncio.gather(*(programs[n % 2].take(path, choose) for n in range(40)))
    assert most == [1] * 40
    assert threading.current_thread().name not in names


async def test_what_the_choice_raises_is_raised_and_the_turn_is_over(path: Path) -> None:
    turns = Turns()
    with pytest.raises(ZeroDivisionError):
        await turns.take(path, lambda: 1 // 0)
    assert await turns.take(path, lambda: "next") == "next"


async def test_a_lock_that_another_holds_is_waited_for_once_and_then_no_more(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(turns_module, "LOCK_TIMEOUT", 0.3)
    path.parent.mkdir()
    turns = Turns()
    waits = []
    with filelock.FileLock(path), caplog.at_level(logging.WARNING):
        for _ in range(3):
            begun = time.monotonic()
            assert await turns.take(path, lambda: "all the same") == "all the same"
            waits.append(time.monotonic() - begun >= 0.3)
    assert waits == [True, False, False]
    assert caplog.text.count("chosen without regard to other programs' starts") == 1
    await turns.take(path, lambda: None)
    with filelock.FileLock(path):  # it could be had again, so it is waited for again
        begun = time.monotonic()
        await turns.take(path, lambda: None)
    assert time.monotonic() - begun >= 0.3


@pytest.mark.parametrize("error", [OSError(37, "No locks available"), NotImplementedError()])
async def test_where_the_disk_knows_no_locks_a_file_s_existence_does(
    path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def refuse(self: object, *arguments: object, **more: object) -> None:
        raise error

    monkeypatch.setattr(filelock.FileLock, "acquire", refuse)
    soft = Path(f"{path}.soft")
    assert await Turns().take(path, soft.exists)
    assert not soft.exists()


async def test_where_no_lock_can_be_had_the_choice_is_made_all_the_same(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path.parent.write_text("a file where a folder should be")
    assert await Turns().take(path, lambda: "made") == "made"
    assert "chosen without regard to other programs' starts" in caplog.text


async def test_a_turn_that_does_not_come_is_given_up_and_nothing_is_chosen_later(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns_module, "TURN_TIMEOUT", 0.1)
    turns = Turns()
    hold, called = threading.Event(), threading.Event()
    stuck = asyncio.ensure_future(turns.take(path, lambda: hold.wait(60)))
    await asyncio.sleep(0)  # so that it comes first
    try:
        with pytest.raises(TimeoutError, match="The turn did not come"):
            await turns.take(path, called.set)
        with pytest.raises(TimeoutError):
            await stuck
    finally:
        hold.set()
    monkeypatch.setattr(turns_module, "TURN_TIMEOUT", 10)
    await turns.take(path, lambda: None)
    assert not called.is_set()
