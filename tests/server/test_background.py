"""What is read while no page is open: the driver is asked only where a kernel of ours holds memory."""

from __future__ import annotations

import asyncio
import json
import os
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from jupyter_tfgpu.api import background
from tests.server.asking import Connect, Fetch, app_of, pid_of, start
from tests.standin import driver

SETTLED = 0.6
"""Seconds in which a reading that is under way ends."""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "KERNEL_INTERVAL", 0.5)


async def grows(calls: Path, seconds: float = 1.6) -> bool:
    """Whether the driver is asked in this time."""
    before = driver.count_calls(calls)
    await asyncio.sleep(seconds)
    return driver.count_calls(calls) > before


async def until_quiet(calls: Path) -> bool:
    """Whether the driver is left alone within some seconds."""
    for _ in range(8):
        if not await grows(calls, 1.2):
            return True
    return False


async def holding_kernel(jp_fetch: Fetch, jp_serverapp: Any, scenario_file: Path) -> str:
    """A kernel that holds memory on the first device."""
    kernel_id = await start(jp_fetch, "n.ipynb")
    pid = pid_of(jp_serverapp, kernel_id)
    driver.write_scenario(scenario_file, devices=[driver.device(0, processes=[driver.Process(pid)])])
    return kernel_id


async def look_at_page(jp_ws_fetch: Connect) -> None:
    """A page that is open until it has a reading of now."""
    opened = datetime.now(timezone.utc)
    socket = await jp_ws_fetch("tfgpu", "live")
    while True:
        message = json.loads(await asyncio.wait_for(socket.read_message(), 10))
        if message["type"] == "reading" and datetime.fromisoformat(message["data"]["taken_at"]) > opened:
            break
    socket.close()


async def test_a_closed_page_is_no_reason_to_ask_the_driver(
    jp_ws_fetch: Connect, scenario_file: Path
) -> None:
    await look_at_page(jp_ws_fetch)
    await asyncio.sleep(SETTLED)
    assert not await grows(scenario_file.with_name("calls"))


async def test_a_kernel_without_memory_is_none_either(
    jp_fetch: Fetch, jp_ws_fetch: Connect, scenario_file: Path
) -> None:
    await start(jp_fetch, "n.ipynb")
    await look_at_page(jp_ws_fetch)
    await asyncio.sleep(SETTLED)
    assert not await grows(scenario_file.with_name("calls"))


async def test_a_kernel_with_memory_is_watched_until_it_ends(
    jp_fetch: Fetch, jp_ws_fetch: Connect, jp_serverapp: Any, scenario_file: Path
) -> None:
    calls = scenario_file.with_name("calls")
    kernel_id = await holding_kernel(jp_fetch, jp_serverapp, scenario_file)
    await look_at_page(jp_ws_fetch)
    await asyncio.sleep(SETTLED)
    assert await grows(calls)
    assert app_of(jp_serverapp).service.monitor.history(60).times
    await jp_fetch("api", "kernels", kernel_id, method="DELETE")
    assert await until_quiet(calls)


async def test_it_is_watched_until_it_gives_the_memory_back(
    jp_fetch: Fetch, jp_ws_fetch: Connect, jp_serverapp: Any, scenario_file: Path
) -> None:
    calls = scenario_file.with_name("calls")
    await holding_kernel(jp_fetch, jp_serverapp, scenario_file)
    await look_at_page(jp_ws_fetch)
    await asyncio.sleep(SETTLED)
    assert await grows(calls)
    driver.write_scenario(scenario_file)
    assert await until_quiet(calls)


async def test_asking_once_for_the_devices_is_enough_to_begin(
    jp_fetch: Fetch, jp_serverapp: Any, scenario_file: Path
) -> None:
    await holding_kernel(jp_fetch, jp_serverapp, scenario_file)
    await asyncio.sleep(2.1)  # older than a reading may be
    await jp_fetch("tfgpu", "devices")
    await asyncio.sleep(SETTLED)
    assert await grows(scenario_file.with_name("calls"))


async def test_another_programs_memory_is_not_watched(jp_ws_fetch: Connect, scenario_file: Path) -> None:
    devices = [driver.device(0, processes=[driver.Process(os.getpid())])]
    driver.write_scenario(scenario_file, devices=devices)
    await look_at_page(jp_ws_fetch)
    await asyncio.sleep(SETTLED)
    assert not await grows(scenario_file.with_name("calls"))


class TestTurnedOff:
    @pytest.fixture
    def jp_server_config(self, jp_server_config: dict[str, Any]) -> dict[str, Any]:
        jp_server_config["TfGpu"]["watch_kernels"] = False
        return jp_server_config

    async def test_nothing_is_watched(
        self, jp_fetch: Fetch, jp_ws_fetch: Connect, jp_serverapp: Any, scenario_file: Path
    ) -> None:
        await holding_kernel(jp_fetch, jp_serverapp, scenario_file)
        await look_at_page(jp_ws_fetch)
        await asyncio.sleep(SETTLED)
        assert not await grows(scenario_file.with_name("calls"))


async def test_a_server_stops_at_once_while_the_driver_hangs_under_pages_scrapes_and_kernels(
    jp_fetch: Fetch, jp_ws_fetch: Connect, jp_serverapp: Any, scenario_file: Path
) -> None:
    await holding_kernel(jp_fetch, jp_serverapp, scenario_file)
    await look_at_page(jp_ws_fetch)
    socket = await jp_ws_fetch("tfgpu", "live")
    await jp_fetch("metrics")
    hanging = ["hang nvmlDeviceGetCount_v2", "hang nvmlDeviceGetCount"]
    driver.write_scenario(scenario_file, lines=hanging)
    await asyncio.sleep(1)
    try:
        await asyncio.wait_for(app_of(jp_serverapp).stop_extension(), 2)
        assert b"tfgpu_" not in (await jp_fetch("metrics")).body
        while await asyncio.wait_for(socket.read_message(), 5) is not None:
            pass
        assert socket.close_code == 1001
    finally:
        driver.write_scenario(scenario_file)
