"""While pages are open they are told what changes in environments: by one thread, once, and never twice."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
import threading
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import pytest

from jupyter_tfgpu.api.wire import EnvironmentsAnswer
from jupyter_tfgpu.server.environments_watch import THREAD, EnvironmentsWatch
from tests.environments.trees import venv
from tests.server.asking import Connect, Fetch
from tests.server.test_live import next_message, page

LOG = logging.getLogger(__name__)
QUICK = 0.02
PATIENCE = 20


def answer(*problems: str) -> EnvironmentsAnswer:
    return EnvironmentsAnswer(environments=(), problems=problems)


class Disk:
    """A catalogue whose answers are set here. ``looks``: an entry a look. ``hangs``: until it is set."""

    def __init__(self) -> None:
        self.now = answer()
        self.looks: Queue[None] = Queue()
        self.refreshed: list[EnvironmentsAnswer] = []
        self.refreshing: Callable[[], bool] = lambda: False
        self.answers = threading.Event()
        self.answers.set()

    def environments(self) -> EnvironmentsAnswer:
        self.looks.put(None)
        self.answers.wait(60)
        return self.now

    def refresh_kernelspecs(self) -> bool:
        self.refreshed.append(self.now)
        return self.refreshing()

    def wait_for_looks(self, number: int) -> None:
        """Waits until as many looks have begun from now on."""
        while True:
            try:
                self.looks.get_nowait()
            except Empty:
                break
        for _ in range(number):
            self.looks.get(timeout=PATIENCE)


class Told:
    """What the pages were sent."""

    def __init__(self) -> None:
        self.messages: Queue[bytes] = Queue()

    def problems(self) -> list[str]:
        message = json.loads(self.messages.get(timeout=PATIENCE))
        assert message["type"] == "environments"
        return list(message["data"]["problems"])


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def watch(disk: Disk, told: Told) -> Iterator[EnvironmentsWatch]:
    watch = EnvironmentsWatch(disk, told.messages.put, LOG, interval=QUICK)
    yield watch
    watch.stop()
    disk.answers.set()
    for thread in threads():
        thread.join(PATIENCE)


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == THREAD]


def test_a_change_is_told_once(watch: EnvironmentsWatch, disk: Disk, told: Told) -> None:
    watch.start()
    disk.wait_for_looks(2)
    disk.now = answer("one")
    assert told.problems() == ["one"]
    disk.wait_for_looks(3)
    disk.now = answer("two")
    assert told.problems() == ["two"]
    assert told.messages.empty()


def test_what_a_page_was_given_is_not_sent_to_it_again(
    watch: EnvironmentsWatch, disk: Disk, told: Told
) -> None:
    disk.now = answer("here")
    watch.start()
    watch.given(answer("here"))
    disk.wait_for_looks(3)
    assert told.messages.empty()


def test_what_changes_between_the_pages_question_and_the_first_look_is_told(
    watch: EnvironmentsWatch, disk: Disk, told: Told
) -> None:
    disk.now = answer("after")
    watch.start()
    watch.given(answer("before"))
    assert told.problems() == ["after"]


def test_what_changes_before_the_socket_of_the_page_that_asked_is_open_is_told(
    watch: EnvironmentsWatch, disk: Disk, told: Told
) -> None:
    watch.given(answer("before"))
    disk.now = answer("after")
    watch.start()
    assert told.problems() == ["after"]


def test_of_two_pages_that_asked_before_their_sockets_the_first_is_told_what_the_second_has(
    watch: EnvironmentsWatch, disk: Disk, told: Told
) -> None:
    watch.given(answer("before"))
    disk.now = answer("after")
    watch.given(answer("after"))
    watch.start()
    assert told.problems() == ["after"]


def test_what_a_second_page_was_given_is_news_to_the_first(
    watch: EnvironmentsWatch, disk: Disk, told: Told
) -> None:
    watch.start()
    watch.given(answer())
    disk.wait_for_looks(2)
    disk.answers.clear()
    disk.wait_for_looks(1)  # it has not looked yet when the second page asks
    disk.now = answer("new")
    watch.given(answer("new"))
    disk.answers.set()
    assert told.problems() == ["new"]


def test_nobody_looks_without_a_page(watch: EnvironmentsWatch, disk: Disk) -> None:
    assert not threads()
    watch.look_now()
    watch.start()
    watch.start()
    disk.wait_for_looks(2)
    assert len(threads()) == 1
    watch.stop()
    for thread in threads():
        thread.join(PATIENCE)
    assert not threads()


def test_a_look_that_hangs_holds_up_no_page_and_begins_no_second_thread(
    watch: EnvironmentsWatch, disk: Disk, told: Told
) -> None:
    disk.answers.clear()
    watch.start()
    disk.wait_for_looks(1)
    for _ in range(50):
        watch.stop()
        watch.start()
        watch.given(answer())
        watch.look_now()
    assert len(threads()) == 1
    disk.now = answer("back")
    disk.answers.set()
    assert told.problems() == ["back"]


def test_kernelspecs_are_brought_up_to_date_before_the_pages_are_told_and_only_then(
    watch: EnvironmentsWatch, disk: Disk, told: Told
) -> None:
    watch.start()
    watch.given(answer())
    disk.wait_for_looks(3)
    assert disk.refreshed == [answer()]

    def written() -> bool:
        disk.now = answer("installed", "and its kernelspec written")
        return True

    disk.refreshing, disk.now = written, answer("installed")
    assert told.problems() == ["installed", "and its kernelspec written"]
    disk.wait_for_looks(3)
    assert disk.refreshed == [answer(), answer("installed")]
    assert told.messages.empty()


def test_a_kernelspec_that_cannot_be_written_is_logged_once_and_the_change_is_told(
    watch: EnvironmentsWatch, disk: Disk, told: Told, caplog: pytest.LogCaptureFixture
) -> None:
    def full() -> bool:
        raise OSError(28, "No space left on device")

    disk.refreshing = full
    watch.start()
    watch.given(answer())
    disk.wait_for_looks(3)
    disk.now = answer("new")
    assert told.problems() == ["new"]
    disk.wait_for_looks(3)
    assert len([record for record in caplog.records if record.levelname == "ERROR"]) == 2, "once a change"


# --- a real server, a real environment, a real pip ------------------------------------------------


def a_wheel(folder: Path) -> Path:
    """JAX, as far as a listing looks at it."""
    info = "jax-0.9.1.dist-info"
    files = {
        "jax/__init__.py": "",
        "jax/version.py": "_version = '0.9.1'\n",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: jax\nVersion: 0.9.1\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},,\n" for name in (*files, f"{info}/RECORD"))
    wheel = folder / "jax-0.9.1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in {**files, f"{info}/RECORD": record}.items():
            archive.writestr(name, text)
    return wheel


def pip(prefix: Path, *words: str) -> None:
    command = [sys.executable, "-m", "pip", "--python", str(prefix / "bin" / "python"), *words]
    subprocess.run(command, check=True, capture_output=True)


@asynccontextmanager
async def a_page(jp_ws_fetch: Connect, jp_fetch: Fetch) -> AsyncIterator[Any]:
    """Opened as the frontend does: the socket, then the question for the environments."""
    async with page(jp_ws_fetch) as socket:
        await jp_fetch("tfgpu", "environments")
        yield socket


def named(message: dict[str, Any], name: str) -> dict[str, Any]:
    [found] = [each for each in message["data"]["environments"] if each["name"] == name]
    return dict(found)


class TestInstalling:
    @pytest.fixture
    def environment_prefix(self, tmp_path: Path) -> Path:
        """In place of the one that all tests share: this one is changed."""
        prefix = tmp_path / "envs" / "to-be-changed"
        venv(prefix)
        return prefix

    async def test_a_package_that_is_installed_shows_in_an_open_page_with_a_verdict(
        self, jp_ws_fetch: Connect, jp_fetch: Fetch, environment_prefix: Path, tmp_path: Path
    ) -> None:
        async with a_page(jp_ws_fetch, jp_fetch) as socket:
            pip(environment_prefix, "install", "--no-deps", "--no-index", str(a_wheel(tmp_path)))
            found: dict[str, Any] = {"frameworks": [], "verdict": None}
            while not found["frameworks"] or found["verdict"] is None:
                found = named(await next_message(socket, "environments", PATIENCE), "to-be-changed")
            assert [(each["name"], each["version"]) for each in found["frameworks"]] == [("jax", "0.9.1")]
            pip(environment_prefix, "uninstall", "--yes", "jax")
            while found["frameworks"]:
                found = named(await next_message(socket, "environments", PATIENCE), "to-be-changed")


async def test_without_a_page_nothing_is_watched(jp_ws_fetch: Connect, jp_fetch: Fetch) -> None:
    assert not threads()
    async with a_page(jp_ws_fetch, jp_fetch) as one, a_page(jp_ws_fetch, jp_fetch):
        await next_message(one, "reading")
        assert len(threads()) == 1

    async def ended() -> None:
        while threads():
            await asyncio.sleep(0.05)

    await asyncio.wait_for(ended(), PATIENCE)
