"""Tasks over HTTP: ipykernel put into an environment by the real pip, followed on the socket, cancelled."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.auth.authorizer import Authorizer

from jupyter_tfgpu.environments import environment_id
from tests.index import VERSION, pip_on, silent_index, write_index
from tests.server.asking import Connect, Fetch, app_of
from tests.server.test_live import next_message, page
from tests.server.test_routes import get, refused


@pytest.fixture
def bare_prefix(tmp_path: Path) -> Path:
    """An environment without ipykernel."""
    prefix = tmp_path / "bare 환경"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", prefix], check=True)
    return prefix


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Path | str]:
    yield write_index(tmp_path / "index")


@pytest.fixture
def jp_server_config(
    jp_server_config: dict[str, Any],
    bare_prefix: Path,
    index: Path | str,
    monkeypatch: pytest.MonkeyPatch,
) -> dict[str, Any]:
    monkeypatch.setenv("JUPYTER_TFGPU_ENVIRONMENTS", str(bare_prefix))
    for name, value in pip_on(index).items():
        monkeypatch.setenv(name, value)
    return jp_server_config


async def post(jp_fetch: Fetch, *parts: str, body: Any = None) -> tuple[int, Any]:
    answer = await jp_fetch("tfgpu", *parts, method="POST", body="" if body is None else json.dumps(body))
    return answer.code, json.loads(answer.body)


async def ended(jp_fetch: Fetch, task_id: str) -> Any:
    async def look() -> Any:
        while (task := await get(jp_fetch, "tasks", task_id))["state"] == "running":
            await asyncio.sleep(0.05)
        return task

    return await asyncio.wait_for(look(), 60)


async def the_environment(jp_fetch: Fetch, prefix: Path) -> Any:
    [found] = [e for e in (await get(jp_fetch, "environments"))["environments"] if e["prefix"] == str(prefix)]
    return found


async def test_ipykernel_is_installed_and_its_kernelspec_written(
    jp_fetch: Fetch, jp_ws_fetch: Connect, bare_prefix: Path
) -> None:
    before = await the_environment(jp_fetch, bare_prefix)
    assert before["ipykernel"] is None
    async with page(jp_ws_fetch) as socket:
        code, task = await post(jp_fetch, "environments", before["id"], "ipykernel")
        assert (code, task["kind"], task["environment"]) == (202, "install-ipykernel", before["id"])
        told = [(await next_message(socket, "task"))["data"]]
        while told[-1]["state"] == "running":
            told.append((await next_message(socket, "task", timeout=60))["data"])
        assert {each["id"] for each in told} == {task["id"]}
        assert told[-1]["state"] == "done", told[-1]
        assert VERSION in told[-1]["message"]
    after = await the_environment(jp_fetch, bare_prefix)
    assert (after["ipykernel"], len(after["kernelspecs"])) == (VERSION, 1)
    [listed] = (await get(jp_fetch, "tasks"))["tasks"]
    assert listed == await get(jp_fetch, "tasks", task["id"])
    assert any("Successfully installed" in line for line in listed["log"])
    code, failure = await refused(jp_fetch("tfgpu", "tasks", task["id"], method="DELETE"))
    assert (code, failure["reason"]) == (409, "task-ended")


async def test_a_kernelspec_whose_ipykernel_is_gone_is_repaired(jp_fetch: Fetch, bare_prefix: Path) -> None:
    environment = await the_environment(jp_fetch, bare_prefix)
    _, task = await post(jp_fetch, "environments", environment["id"], "ipykernel")
    await ended(jp_fetch, task["id"])
    [site] = bare_prefix.glob("lib/python3.*/site-packages")
    (site / f"ipykernel-{VERSION}.dist-info").rename(site / "gone")
    [name] = (await the_environment(jp_fetch, bare_prefix))["kernelspecs"]
    [spec] = [s for s in (await get(jp_fetch, "kernelspecs"))["kernelspecs"] if s["name"] == name]
    assert spec["repair"] == "install-ipykernel"
    code, task = await post(jp_fetch, "kernelspecs", name, "repair")
    assert (code, task["kind"], task["kernelspec"]) == (202, "repair", name)
    done = await ended(jp_fetch, task["id"])
    assert done["state"] == "done", done
    code, failure = await refused(jp_fetch("tfgpu", "kernelspecs", name, "repair", method="POST", body=""))
    assert (code, failure["reason"]) == (409, "nothing-to-repair")


class TestAnIndexThatDoesNotAnswer:
    @pytest.fixture
    def index(self) -> Iterator[Path | str]:
        with silent_index() as address:
            yield address

    async def test_what_is_cancelled_leaves_nothing(self, jp_fetch: Fetch, bare_prefix: Path) -> None:
        before = await the_environment(jp_fetch, bare_prefix)
        _, task = await post(jp_fetch, "environments", before["id"], "ipykernel")
        assert task["cancellable"]
        answer = await jp_fetch("tfgpu", "tasks", task["id"], method="DELETE")
        assert json.loads(answer.body)["id"] == task["id"]
        assert (await ended(jp_fetch, task["id"]))["state"] == "cancelled"
        assert await the_environment(jp_fetch, bare_prefix) == before

    async def test_nothing_goes_on_when_the_server_has_stopped(
        self, jp_fetch: Fetch, jp_serverapp: Any, bare_prefix: Path
    ) -> None:
        _, task = await post(jp_fetch, "environments", environment_id(bare_prefix), "ipykernel")
        await app_of(jp_serverapp).stop_extension()
        assert app_of(jp_serverapp).service.tasks.get(task["id"]).state == "cancelled"


class NoKernelspecs(Authorizer):
    """Refuses to write kernelspecs."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        return (action, resource) != ("write", "kernelspecs")


class TestWhoMayNotWriteKernelspecs:
    @pytest.fixture
    def jp_server_config(self, jp_server_config: dict[str, Any]) -> dict[str, Any]:
        jp_server_config["ServerApp"]["authorizer_class"] = NoKernelspecs
        return jp_server_config

    @pytest.mark.parametrize(
        ("method", "parts"),
        [
            ("POST", ("environments", "0123456789ab", "ipykernel")),
            ("POST", ("kernelspecs",)),
            ("POST", ("kernelspecs", "sync")),
            ("POST", ("kernelspecs", "tfgpu-x", "repair")),
            ("PATCH", ("kernelspecs", "tfgpu-x")),
            ("DELETE", ("kernelspecs", "tfgpu-x")),
            ("DELETE", ("tasks", "0123456789ab")),
            ("PUT", ("settings",)),
        ],
    )
    async def test_may_not_by_way_of_a_task_or_a_setting_either(
        self, method: str, parts: tuple[str, ...], jp_fetch: Fetch
    ) -> None:
        body = None if method == "DELETE" else "{}"
        code, _ = await refused(jp_fetch("tfgpu", *parts, method=method, body=body))
        assert code == 403

    async def test_may_look(self, jp_fetch: Fetch) -> None:
        assert (await get(jp_fetch, "tasks"))["tasks"] == []


@pytest.mark.parametrize(
    ("method", "parts", "reason"),
    [
        ("GET", ("tasks", "0123456789ab"), "no-such-task"),
        ("DELETE", ("tasks", "0123456789ab"), "no-such-task"),
        ("POST", ("environments", "0123456789ab", "ipykernel"), "no-such-environment"),
        ("POST", ("kernelspecs", "no-such-spec", "repair"), "no-such-kernelspec"),
    ],
)
async def test_what_is_not_there_is_not_found(
    method: str, parts: tuple[str, ...], reason: str, jp_fetch: Fetch
) -> None:
    body = "" if method == "POST" else None
    code, failure = await refused(jp_fetch("tfgpu", *parts, method=method, body=body))
    assert (code, failure["reason"]) == (404, reason)
