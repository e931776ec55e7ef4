"""What the REST routes answer, on a real server over the stand-in driver."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.auth.authorizer import Authorizer
from tornado.httpclient import HTTPClientError

from jupyter_tfgpu.api.openapi import ROUTES as DOCUMENTED
from jupyter_tfgpu.server.handlers import ROUTES
from tests.server.asking import Fetch, app_of
from tests.standin import driver

PATHS = [
    "devices",
    "history",
    "environments",
    "environments/0123456789ab/report",
    "kernelspecs",
    "kernels",
    "kernels/some-kernel/report",
    "pins",
    "preflight",
    "settings",
    "tasks",
    "tasks/0123456789ab",
    "openapi.json",
]
ONLY_CHANGED = [
    "environments/refresh",
    "environments/0123456789ab/ipykernel",
    "explain",
    "fixes",
    "fixes/0123456789ab",
    "kernelspecs/sync",
    "kernelspecs/tfgpu-x",
    "kernelspecs/tfgpu-x/repair",
]
"""Those that nothing can be got from."""


async def get(jp_fetch: Fetch, *parts: str, **arguments: Any) -> Any:
    return json.loads((await jp_fetch("tfgpu", *parts, **arguments)).body)


async def refused(awaited: Awaitable[Any]) -> tuple[int, dict[str, Any]]:
    with pytest.raises(HTTPClientError) as caught:
        await awaited
    response = caught.value.response
    if response is None or "json" not in response.headers.get("Content-Type", ""):
        return caught.value.code, {}
    return caught.value.code, json.loads(response.body)


@pytest.mark.parametrize("path", [*PATHS, "live"])
async def test_every_route_refuses_a_stranger(path: str, jp_fetch: Fetch) -> None:
    code, _ = await refused(jp_fetch("tfgpu", path, headers={"Authorization": "token wrong"}))
    assert code == 403


@pytest.mark.parametrize("path", ONLY_CHANGED)
async def test_nothing_is_changed_for_a_stranger(path: str, jp_fetch: Fetch) -> None:
    wrong = {"Authorization": "token wrong"}
    code, _ = await refused(jp_fetch("tfgpu", path, headers=wrong, method="POST", body="{}"))
    assert code == 403


def test_the_paths_above_are_all_there_are() -> None:
    import re

    for route, _ in ROUTES:
        assert any(re.fullmatch(route, f"tfgpu/{path}") for path in (*PATHS, *ONLY_CHANGED)), route


def test_every_documented_route_is_served() -> None:
    import re

    for method, path, *_ in DOCUMENTED:
        example = "tfgpu/" + path.partition("?")[0].replace("{id}", "0123456789ab").replace(
            "{name}", "tfgpu-x"
        )
        handlers = [handler for route, handler in ROUTES if re.fullmatch(route, example)]
        assert handlers and method in vars(handlers[0]), (method, path)


class NobodyMay(Authorizer):
    """Refuses everything of one resource."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        return resource != "tfgpu"


class TestWithAnAuthorizer:
    @pytest.fixture
    def jp_server_config(self, jp_server_config: dict[str, Any]) -> dict[str, Any]:
        jp_server_config["ServerApp"]["authorizer_class"] = NobodyMay
        return jp_server_config

    @pytest.mark.parametrize("path", ["devices", "environments", "live"])
    async def test_what_it_forbids_is_forbidden(self, path: str, jp_fetch: Fetch) -> None:
        code, _ = await refused(jp_fetch("tfgpu", path))
        assert code == 403

    @pytest.mark.parametrize(
        "parts", [("environments", "0123456789ab", "ipykernel"), ("kernelspecs", "tfgpu-x", "repair")]
    )
    async def test_ipykernel_is_put_in_by_who_may_write_kernelspecs(
        self, parts: tuple[str, ...], jp_fetch: Fetch
    ) -> None:
        code, _ = await refused(jp_fetch("tfgpu", *parts, method="POST", body=""))
        assert code == 404


async def test_devices_come_from_the_driver(jp_fetch: Fetch) -> None:
    answer = await get(jp_fetch, "devices")
    assert answer["schema"] == "tfgpu.reading/1"
    assert answer["driver"]["status"] == "ok"
    assert not answer["simulated"]
    first, second = answer["devices"]
    assert (first["index"], first["uuid"]) == (0, driver.device_uuid(0))
    assert first["memory"]["total"] == 40 * driver.GIB
    assert second["temperature"] == 51
    assert first["allotted"] and second["allotted"]


async def test_the_server_start_touches_no_driver_and_scans_nothing(
    jp_serverapp: Any, scenario_file: Path
) -> None:
    before = driver.count_calls(scenario_file.with_name("calls"))
    assert app_of(jp_serverapp)
    assert driver.count_calls(scenario_file.with_name("calls")) == before


async def test_what_the_server_was_given_is_marked(
    jp_fetch: Fetch, jp_serverapp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = app_of(jp_serverapp).service
    monkeypatch.setattr(
        service.watching, "_launches", _replace(service.launches, given=driver.device_uuid(1))
    )
    answer = await get(jp_fetch, "devices")
    assert [device["allotted"] for device in answer["devices"]] == [False, True]


async def test_environments_say_what_they_hold(jp_fetch: Fetch, environment_prefix: Path) -> None:
    answer = await get(jp_fetch, "environments")
    ours = next(e for e in answer["environments"] if e["prefix"] == str(environment_prefix))
    assert ours["name"] == "train 훈련"
    assert ours["kind"] == "venv"
    assert ours["ipykernel"]
    assert ours["kernelspecs"] == []


async def test_a_kernelspec_is_added_found_and_removed(jp_fetch: Fetch, environment_prefix: Path) -> None:
    added = json.loads(
        (
            await jp_fetch(
                "tfgpu",
                "kernelspecs",
                method="POST",
                body=json.dumps({"environment": str(environment_prefix)}),
            )
        ).body
    )
    assert added["owned"] and added["name"].startswith("tfgpu-")
    assert added["interpreter"].startswith(str(environment_prefix))
    known = json.loads((await jp_fetch("api", "kernelspecs")).body)["kernelspecs"]
    assert known[added["name"]]["spec"]["display_name"].startswith("train 훈련 · Python 3.")
    listed = await get(jp_fetch, "environments")
    ours = next(e for e in listed["environments"] if e["prefix"] == str(environment_prefix))
    assert ours["kernelspecs"] == [added["name"]]
    await jp_fetch("tfgpu", "kernelspecs", added["name"], method="DELETE")
    assert added["name"] not in json.loads((await jp_fetch("api", "kernelspecs")).body)["kernelspecs"]


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        ("rubbish", 400, "bad-body"),
        ('{"environment": 3}', 400, "bad-body"),
        ('{"environment": "x", "shell": "rm"}', 400, "bad-body"),
        ('{"environment": "no-such-environment"}', 404, "no-such-environment"),
        ('{"environment": "/no/such/prefix"}', 400, "no-environment"),
    ],
)
async def test_a_kernelspec_for_nothing_is_refused(
    jp_fetch: Fetch, body: str, status: int, reason: str
) -> None:
    code, failure = await refused(jp_fetch("tfgpu", "kernelspecs", method="POST", body=body))
    assert (code, failure["reason"]) == (status, reason)
    assert failure["detail"]["field"]
    assert len(failure["message"]) > 20


async def test_only_our_kernelspecs_are_removed(jp_fetch: Fetch) -> None:
    code, failure = await refused(jp_fetch("tfgpu", "kernelspecs", "python3", method="DELETE"))
    assert (code, failure["reason"]) == (409, "not-owned")
    code, _ = await refused(jp_fetch("tfgpu", "kernelspecs", "no-such-spec", method="DELETE"))
    assert code == 404


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        ({"pin": "0"}, 400, "bad-target"),
        ({"notebook": "a.ipynb"}, 400, "bad-pin"),
        ({"notebook": "a.ipynb", "pin": "7"}, 404, "unknown-device"),
        ({"notebook": "../../etc/passwd", "pin": "0"}, 400, "bad-path"),
        ({"notebook": "nul\0.ipynb", "pin": "0"}, 400, "bad-target"),
        ({"kernelspec": "no-such-spec", "pin": "0"}, 404, "no-such-kernelspec"),
        ({"notebook": "a.ipynb", "pin": "x" * 10_000}, 400, "bad-pin"),
        ({"notebook": "a.ipynb", "pin": "GPU-"}, 400, "bad-pin"),
        ({"notebook": "a.ipynb", "kernelspec": "python3", "pin": "0"}, 400, "bad-target"),
        ({"kernel_id": "no-such-kernel", "pin": "0"}, 404, "no-such-kernel"),
        ({"notebook": "a.ipynb", "pin": 0}, 400, "bad-body"),
    ],
)
async def test_a_pin_that_cannot_be_is_refused_with_a_reason(
    jp_fetch: Fetch, body: dict[str, Any], status: int, reason: str
) -> None:
    code, failure = await refused(jp_fetch("tfgpu", "pins", method="PUT", body=json.dumps(body)))
    assert (code, failure["reason"]) == (status, reason)
    assert code != 400 or failure["detail"]["field"]
    assert (await get(jp_fetch, "pins"))["pins"] == []


async def test_a_pin_is_kept_by_uuid(jp_fetch: Fetch) -> None:
    body = json.dumps({"notebook": "folder/a.ipynb", "pin": "1"})
    await jp_fetch("tfgpu", "pins", method="PUT", body=body)
    [pin] = (await get(jp_fetch, "pins"))["pins"]
    assert (pin["notebook"], pin["pin"]) == ("folder/a.ipynb", driver.device_uuid(1))
    body = json.dumps({"notebook": "folder/a.ipynb"})
    await jp_fetch("tfgpu", "pins", method="DELETE", body=body, allow_nonstandard_methods=True)
    assert (await get(jp_fetch, "pins"))["pins"] == []


@pytest.mark.parametrize("seconds", ["0", "-1", "x", "inf", "nan", "", "null", "1e999", "9" * 10_000])
async def test_a_history_of_no_length_is_refused(jp_fetch: Fetch, seconds: str) -> None:
    code, failure = await refused(jp_fetch("tfgpu", "history", params={"seconds": seconds}))
    assert (code, failure["reason"]) == (400, "bad-seconds")


@pytest.mark.parametrize("asked", [{"seconds": "31536000"}, {}])
async def test_a_history_of_a_year_is_what_is_kept(jp_fetch: Fetch, asked: dict[str, str]) -> None:
    await get(jp_fetch, "devices")
    history = await get(jp_fetch, "history", params=asked)
    assert len(history["times"]) == 1
    assert [len(column) for column in history["devices"][driver.device_uuid(0)].values()] == [1] * len(
        history["devices"][driver.device_uuid(0)]
    )


async def test_a_root_that_is_a_link_gives_contents_paths(
    jp_fetch: Fetch, jp_serverapp: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = tmp_path / "link"
    link.symlink_to(jp_serverapp.root_dir)
    monkeypatch.setattr(jp_serverapp, "root_dir", str(link))
    body = json.dumps({"notebook": "a.ipynb", "pin": "none"})
    await jp_fetch("tfgpu", "pins", method="PUT", body=body)
    assert [pin["notebook"] for pin in (await get(jp_fetch, "pins"))["pins"]] == ["a.ipynb"]


async def test_while_the_driver_hangs_it_is_said_and_the_rest_is_answered(
    jp_fetch: Fetch, jp_serverapp: Any, scenario_file: Path
) -> None:
    app_of(jp_serverapp).service.watching._patience = 0.5
    driver.write_scenario(scenario_file, lines=["hang nvmlDeviceGetCount_v2", "hang nvmlDeviceGetCount"])
    asked = [asyncio.ensure_future(get(jp_fetch, "devices")) for _ in range(6)]
    await asyncio.sleep(0.1)
    assert (await asyncio.wait_for(get(jp_fetch, "environments"), 5))["environments"]
    for answer in await asyncio.gather(*asked):
        assert answer["driver"]["status"] == "not-answering"
        assert "not answered" in answer["driver"]["message"]
    driver.write_scenario(scenario_file)


async def test_what_does_not_exist_is_said_in_json(jp_fetch: Fetch) -> None:
    code, failure = await refused(jp_fetch("tfgpu", "no-such-thing", "1"))
    assert (code, failure["reason"]) == (404, "no-such-route")
    code, failure = await refused(jp_fetch("tfgpu", "kernels", "no-such-kernel", "report"))
    assert (code, failure["reason"]) == (404, "no-report")


def _replace(value: Any, **changes: Any) -> Any:
    import dataclasses

    return dataclasses.replace(value, **changes)
