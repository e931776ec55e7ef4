"""``WS live``: what a page is pushed, and what it may say."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketClosedError

from jupyter_tfgpu.server import live
from tests.server.asking import Connect, Fetch, app_of
from tests.standin import driver


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
        for _ in range(20):
            first = await next_message(socket, "reading")
            if [d["temperature"] for d in first["data"]["devices"]] == [77]:
                break
        else:
            pytest.fail("the change was not seen in twenty readings")
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


RUBBISH = [
    "",
    "x",
    "[]",
    "null",
    '{"interval": "x"}',
    '{"interval": null}',
    '{"interval": true}',
    '{"interval": NaN}',
    '{"interval": -Infinity}',
    '{"interval": 1e999}',
    "{}",
    b"\x00\xff\xfe",
    b"\x93NUMPY",
    "[" * 4000,
    '{"x": ' + "[" * 4000,
]


@pytest.mark.parametrize("rubbish", RUBBISH)
async def test_rubbish_is_answered_with_a_notice(jp_ws_fetch: Connect, rubbish: str | bytes) -> None:
    async with page(jp_ws_fetch) as socket:
        await socket.write_message(rubbish, binary=isinstance(rubbish, bytes))
        assert (await next_message(socket, "notice"))["level"] == "warning"
        await next_message(socket, "reading")


@pytest.mark.parametrize("interval", [0, -1, 1e9])
async def test_an_interval_out_of_bounds_is_clamped_and_said(jp_ws_fetch: Connect, interval: float) -> None:
    async with page(jp_ws_fetch) as socket:
        await socket.write_message(json.dumps({"interval": interval}))
        notice = await next_message(socket, "notice")
        assert f"it is {60 if interval > 60 else 0.5:g} s now" in notice["message"]


async def test_ten_megabytes_are_not_read(jp_ws_fetch: Connect, jp_serverapp: Any) -> None:
    async with page(jp_ws_fetch) as other, page(jp_ws_fetch) as socket:
        await next_message(socket, "reading")
        with suppress(WebSocketClosedError, StreamClosedError):
            await socket.write_message("y" * 10_000_000)
        while await asyncio.wait_for(socket.read_message(), 10) is not None:
            pass
        # The close frame may be lost with the connection, which is cut while the page still writes.
        assert socket.close_code in (1009, None)
        await next_message(other, "reading")


async def test_who_floods_moves_neither_the_sampler_nor_the_other_pages(
    jp_ws_fetch: Connect, scenario_file: Path
) -> None:
    calls = scenario_file.with_name("calls")
    async with page(jp_ws_fetch) as quiet:
        alone = await calls_of_readings(quiet, calls)
        async with page(jp_ws_fetch) as flooding:
            for number in range(5_000):
                await flooding.write_message(json.dumps({"interval": 0.5 + number % 2 * 50}))
                await flooding.write_message("rubbish")
            assert await calls_of_readings(quiet, calls) <= 1.5 * alone


async def calls_of_readings(socket: Any, calls: Path) -> float:
    """The driver's calls for each reading that this page gets."""
    await next_message(socket, "reading")
    before, readings = driver.count_calls(calls), 4
    for _ in range(readings):
        await next_message(socket, "reading")
    return (driver.count_calls(calls) - before) / readings


async def test_two_hundred_sockets_are_served_by_one_sampler_as_far_as_there_is_room(
    jp_ws_fetch: Connect, jp_fetch: Fetch, scenario_file: Path
) -> None:
    calls = scenario_file.with_name("calls")
    async with page(jp_ws_fetch) as first:
        alone = await calls_of_readings(first, calls)
        others = [await jp_ws_fetch("tfgpu", "live") for _ in range(199)]
        try:
            served = others[: live.MOST_PAGES - 1]
            await asyncio.gather(*(next_message(socket, "reading", 30) for socket in served))
            assert await calls_of_readings(first, calls) <= 1.5 * alone
            for refused in others[live.MOST_PAGES - 1 :]:
                assert await asyncio.wait_for(refused.read_message(), 10) is None
                assert (refused.close_code, refused.close_reason) == (
                    1013,
                    "too many pages are open on this server",
                )
            served.pop().close()
            await asyncio.sleep(0.2)
            async with page(jp_ws_fetch) as again:
                await next_message(again, "reading")
            assert (await jp_fetch("tfgpu", "devices")).code == 200
        finally:
            for socket in others:
                socket.close()


async def test_a_refused_page_that_has_not_closed_yet_asks_for_nothing(
    jp_ws_fetch: Connect, jp_serverapp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Refused:
        def send(self, kind: str, message: bytes) -> None:
            raise AssertionError("it is sent nothing")

        def close(self, code: int | None = None, reason: str | None = None) -> None: ...

    hub, refused = app_of(jp_serverapp).hub, Refused()
    monkeypatch.setattr(live, "MOST_PAGES", 1)
    async with page(jp_ws_fetch) as served:
        await next_message(served, "reading")
        assert not hub.join(refused)
        assert hub.set_interval(refused, 0.1) == 0.5
        assert list(hub._pages.values()) == [None]
        await next_message(served, "reading")


async def test_for_a_page_that_does_not_read_only_the_newest_is_kept(
    jp_ws_fetch: Connect, jp_serverapp: Any
) -> None:
    hub = app_of(jp_serverapp).hub
    async with page(jp_ws_fetch) as socket:
        await next_message(socket, "kernels")
        [handler] = hub._pages
        stream = handler.ws_connection.stream
        big = {
            number: json.dumps({"type": "big", "number": number, "x": "x" * 1_000_000})
            for number in range(60)
        }
        most = 0
        for message in big.values():
            handler.send("big", message.encode())
            await asyncio.sleep(0)
            most = max(most, stream._write_buffer._size + sum(map(len, handler._waiting.values())))
        assert most < 3_000_000
        numbers = []
        while not numbers or numbers[-1] != 59:
            numbers.append((await next_message(socket, "big"))["number"])
        assert numbers == sorted(numbers)
        assert len(numbers) < 60
