"""``WS live``: what a page is pushed, and what it may say."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.standin import driver

Connect = Callable[..., Awaitable[Any]]


@asynccontextmanager
async def page(jp_ws_fetch: Connect) -> AsyncIterator[Any]:
    socket = await jp_ws_fetch("tfgpu", "live")
    try:
        yield socket
    finally:
        socket.close()


async def next_message(socket: Any, kind: str, timeout: float = 10.0) -> dict[str, Any]:
    async def search() -> dict[str, Any]:
        while True:
            text = await socket.read_message()
            assert text is not None, "the server closed the socket"
            message = json.loads(text)
            if message["type"] == kind:
                return message

    return await asyncio.wait_for(search(), timeout)


async def test_a_page_gets_readings_and_sees_changes(jp_ws_fetch: Connect, scenario_file: Path) -> None:
    async with page(jp_ws_fetch) as socket:
        first = await next_message(socket, "reading")
        assert [d["temperature"] for d in first["data"]["devices"]] == [50, 51]
        driver.write_scenario(scenario_file, devices=[driver.device(0, temperature=77)])
        while [d["temperature"] for d in first["data"]["devices"]] != [77]:
            first = await next_message(socket, "reading")
        assert (await next_message(socket, "kernels"))["data"]["kernels"] == []


async def test_two_pages_share_one_sampler_and_the_last_ends_it(
    jp_ws_fetch: Connect, scenario_file: Path
) -> None:
    async with page(jp_ws_fetch) as one, page(jp_ws_fetch) as two:
        await next_message(one, "reading")
        await next_message(two, "reading")
    await asyncio.sleep(0.6)  # a reading may be under way
    before = driver.count_calls(scenario_file.with_name("calls"))
    await asyncio.sleep(1.2)
    assert driver.count_calls(scenario_file.with_name("calls")) == before


@pytest.mark.parametrize("rubbish", ["", "x", "[]", '{"interval": "x"}', '{"interval": null}', "y" * 100_000])
async def test_rubbish_is_answered_with_a_notice(jp_ws_fetch: Connect, rubbish: str) -> None:
    async with page(jp_ws_fetch) as socket:
        await socket.write_message(rubbish)
        assert (await next_message(socket, "notice"))["level"] == "warning"
        await next_message(socket, "reading")


@pytest.mark.parametrize("interval", [0, -1, 1e9])
async def test_an_interval_out_of_bounds_is_clamped_and_said(jp_ws_fetch: Connect, interval: float) -> None:
    async with page(jp_ws_fetch) as socket:
        await socket.write_message(json.dumps({"interval": interval}))
        notice = await next_message(socket, "notice")
        assert f"it is {60 if interval > 60 else 0.5:g} s now" in notice["message"]
