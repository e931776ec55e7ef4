"""Kernelspecs over HTTP: renamed, kept in step with the environments, named by the settings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.server.asking import Connect, Fetch
from tests.server.test_live import next_message, page
from tests.server.test_routes import get, refused


async def send(jp_fetch: Fetch, method: str, *parts: str, body: Any = None) -> Any:
    answer = await jp_fetch("tfgpu", *parts, method=method, body="" if body is None else json.dumps(body))
    return json.loads(answer.body)


async def shown(jp_fetch: Fetch) -> dict[str, str]:
    """What Jupyter itself lists: the texts in the picker, by name."""
    listed = json.loads((await jp_fetch("api", "kernelspecs")).body)["kernelspecs"]
    return {name: each["spec"]["display_name"] for name, each in listed.items()}


async def add(jp_fetch: Fetch, prefix: Path) -> str:
    """Writes the environment's kernelspec; its name."""
    answer = await send(jp_fetch, "POST", "kernelspecs", body={"environment": str(prefix)})
    return str(answer["name"])


class TestRenaming:
    async def test_another_name_and_another_text(self, jp_fetch: Fetch, environment_prefix: Path) -> None:
        added = await add(jp_fetch, environment_prefix)
        renamed = await send(jp_fetch, "PATCH", "kernelspecs", added, body={"name": "tfgpu-mine"})
        assert (renamed["name"], renamed["owned"]) == ("tfgpu-mine", True)
        changed = await send(
            jp_fetch, "PATCH", "kernelspecs", "tfgpu-mine", body={"display_name": "내 커널 <b>"}
        )
        assert changed["display_name"] == "내 커널 <b>"
        listed = await shown(jp_fetch)
        assert listed["tfgpu-mine"] == "내 커널 <b>" and added not in listed

    async def test_no_text_goes_back_to_the_label(self, jp_fetch: Fetch, environment_prefix: Path) -> None:
        added = await add(jp_fetch, environment_prefix)
        label = (await shown(jp_fetch))[added]
        await send(jp_fetch, "PATCH", "kernelspecs", added, body={"display_name": "Mine"})
        await send(jp_fetch, "PATCH", "kernelspecs", added, body={"display_name": ""})
        assert (await shown(jp_fetch))[added] == label

    async def test_a_pin_goes_with_it(self, jp_fetch: Fetch, environment_prefix: Path) -> None:
        added = await add(jp_fetch, environment_prefix)
        await send(jp_fetch, "PUT", "pins", body={"kernelspec": added, "pin": "1"})
        await send(jp_fetch, "PATCH", "kernelspecs", added, body={"name": "tfgpu-mine"})
        [pin] = (await get(jp_fetch, "pins"))["pins"]
        assert pin["kernelspec"] == "tfgpu-mine"

    @pytest.mark.parametrize(
        ("name", "body", "status"),
        [
            ("python3", {"name": "tfgpu-x"}, 409),
            ("no-such-spec", {"name": "tfgpu-x"}, 404),
            (None, {"name": "../../etc"}, 400),
            (None, {"name": "x" * 10_000}, 400),
            (None, {"display_name": "two\nlines"}, 400),
            (None, {}, 400),
            (None, {"name": 3}, 400),
            (None, {"argv": ["rm"]}, 400),
        ],
    )
    async def test_what_cannot_be_is_refused(
        self, jp_fetch: Fetch, environment_prefix: Path, name: str | None, body: dict[str, Any], status: int
    ) -> None:
        added = await add(jp_fetch, environment_prefix)
        before = await shown(jp_fetch)
        code, failure = await refused(
            jp_fetch("tfgpu", "kernelspecs", name or added, method="PATCH", body=json.dumps(body))
        )
        assert (code, len(failure["message"]) > 10) == (status, True)
        assert await shown(jp_fetch) == before


class TestSync:
    async def test_it_says_then_does_and_the_pages_are_told(
        self, jp_fetch: Fetch, jp_ws_fetch: Connect, environment_prefix: Path
    ) -> None:
        suggested = (await get(jp_fetch, "environments"))["suggested"]
        before = await shown(jp_fetch)
        planned = await send(jp_fetch, "POST", "kernelspecs", "sync", body={"dry_run": True})
        assert planned["dry_run"] and planned["changes"] == suggested
        assert await shown(jp_fetch) == before
        async with page(jp_ws_fetch) as socket:
            await get(jp_fetch, "environments")  # as a page does when it has opened
            done = await send(jp_fetch, "POST", "kernelspecs", "sync")
            assert (done["dry_run"], done["changes"]) == (False, planned["changes"])
            message = await next_message(socket, "environments", timeout=20)
        assert message["data"]["suggested"] == []
        names = {change["name"] for change in done["changes"]}
        assert names and names <= set(await shown(jp_fetch))

    @pytest.mark.parametrize(
        "body",
        [b"[]", b'{"dry_run": "yes"}', b'{"force": true}', b"rubbish", b'{"\xff": true}', b"[" * 100_000],
    )
    async def test_what_does_not_fit_is_refused(self, jp_fetch: Fetch, body: bytes) -> None:
        code, failure = await refused(jp_fetch("tfgpu", "kernelspecs", "sync", method="POST", body=body))
        assert (code, failure["reason"]) == (400, "bad-body")


SERVERS_OWN = {"label": "{name} ({kind})", "sync": "off", "share_politely": True}


class TestSettings:
    @pytest.fixture
    def jp_server_config(self, jp_server_config: dict[str, Any]) -> dict[str, Any]:
        jp_server_config["TfGpu"] |= SERVERS_OWN
        return jp_server_config

    async def test_the_server_s_own_count_until_the_user_chooses(
        self, jp_fetch: Fetch, environment_prefix: Path
    ) -> None:
        added = await add(jp_fetch, environment_prefix)
        assert await get(jp_fetch, "settings") == SERVERS_OWN
        assert (await get(jp_fetch, "environments"))["suggested"] == []
        assert (await shown(jp_fetch))[added] == "train 훈련 (venv)"
        chosen = {"label": "{kind}: {name}", "sync": "suggest", "share_politely": False}
        assert await send(jp_fetch, "PUT", "settings", body=chosen) == chosen
        assert (await shown(jp_fetch))[added] == "venv: train 훈련"
        back = await send(jp_fetch, "PUT", "settings", body={})
        assert back == SERVERS_OWN
        assert (await shown(jp_fetch))[added] == "train 훈련 (venv)"

    @pytest.mark.parametrize(
        "body",
        [
            {"label": "{secret}"},
            {"label": "{name.__class__}"},
            {"label": ""},
            {"label": "x" * 10_000},
            {"sync": "sometimes"},
            {"share_politely": "very"},
            {"colour": "red"},
        ],
    )
    async def test_what_cannot_be_is_refused_and_changes_nothing(
        self, jp_fetch: Fetch, body: dict[str, Any]
    ) -> None:
        code, failure = await refused(jp_fetch("tfgpu", "settings", method="PUT", body=json.dumps(body)))
        assert (code, bool(failure["detail"]["field"])) == (400, True)
        assert await get(jp_fetch, "settings") == SERVERS_OWN
