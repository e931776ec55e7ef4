"""Our metrics at the server's own ``/metrics``, as a Prometheus would read them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families
from tornado.httpclient import HTTPClientError

from jupyter_tfgpu.api import background
from jupyter_tfgpu.server.metrics import ServerMetrics, add_metrics, remove_metrics
from tests.server.asking import Fetch, app_of, pid_of, start
from tests.standin import driver

Samples = dict[str, list[tuple[dict[str, str], float]]]


async def scrape(jp_fetch: Fetch) -> Samples:
    """Ours by name, each with its labels and value."""
    text = (await jp_fetch("metrics")).body.decode()
    ours: Samples = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name.startswith("tfgpu_"):
                ours.setdefault(sample.name, []).append((sample.labels, sample.value))
    return ours


async def scrape_until(jp_fetch: Fetch, name: str, wanted: Callable[[Any], bool] = bool) -> Samples:
    """The first scrape in which these samples are as wanted."""
    for _ in range(100):
        samples = await scrape(jp_fetch)
        if wanted(samples.get(name)):
            return samples
        await asyncio.sleep(0.1)
    raise AssertionError(f"{name}: {samples.get(name)} after 10 s")


def of(samples: Samples, name: str, index: int = 0) -> float:
    [value] = [value for labels, value in samples[name] if labels["uuid"] == driver.device_uuid(index)]
    return value


async def test_a_first_scrape_waits_for_nothing_and_the_next_has_the_devices(jp_fetch: Fetch) -> None:
    assert await scrape(jp_fetch) == {}
    samples = await scrape_until(jp_fetch, "tfgpu_device_memory_used_bytes")
    first = {"uuid": driver.device_uuid(0), "name": "NVIDIA A100-SXM4-40GB"}
    assert (first, 4 * driver.GIB) in samples["tfgpu_device_memory_used_bytes"]
    assert of(samples, "tfgpu_device_memory_total_bytes", 1) == 40 * driver.GIB
    assert of(samples, "tfgpu_device_utilization_ratio", 1) == 0.31
    assert of(samples, "tfgpu_device_temperature_celsius") == 50
    assert of(samples, "tfgpu_device_power_watts", 1) == 121
    assert of(samples, "tfgpu_device_power_limit_watts") == 400
    assert of(samples, "tfgpu_device_sm_clock_hertz") == 1.41e9
    assert of(samples, "tfgpu_device_up") == 1
    assert of(samples, "tfgpu_device_energy_joules_total") >= 1000
    assert of(samples, "tfgpu_device_throttled") == 0
    assert samples["tfgpu_driver_up"] == [({}, 1)]
    [(about, _)] = samples["tfgpu_driver_info"]
    assert (about["version"], about["status"]) == ("550.54.14", "ok")
    assert [labels["index"] for labels, _ in samples["tfgpu_device_info"]] == ["0", "1"]
    assert samples["tfgpu_reading_age_seconds"][0][1] < 10


async def test_what_is_not_known_is_left_out(jp_fetch: Fetch, scenario_file: Path) -> None:
    unknown = driver.device(0, temperature=None, fan=None)
    driver.write_scenario(scenario_file, devices=[unknown, driver.device(1)])
    samples = await scrape_until(jp_fetch, "tfgpu_device_temperature_celsius")
    assert [labels["uuid"] for labels, _ in samples["tfgpu_device_temperature_celsius"]] == [
        driver.device_uuid(1)
    ]
    assert "tfgpu_device_fan_speed_ratio" not in samples


async def test_a_kernels_memory_is_told_without_its_path(
    jp_fetch: Fetch, jp_serverapp: Any, scenario_file: Path
) -> None:
    kernel_id = await start(jp_fetch, "secret.ipynb")
    pid = pid_of(jp_serverapp, kernel_id)
    holding = driver.device(0, processes=[driver.Process(pid, 3 * driver.GIB)])
    driver.write_scenario(scenario_file, devices=[holding])
    samples = await scrape_until(jp_fetch, "tfgpu_kernel_memory_bytes")
    labels = {"kernel": kernel_id[:8], "uuid": driver.device_uuid(0)}
    assert samples["tfgpu_kernel_memory_bytes"] == [(labels, 3 * driver.GIB)]
    text = (await jp_fetch("metrics")).body.decode()
    assert "secret" not in text and kernel_id not in text


async def test_a_stranger_gets_no_metrics(jp_fetch: Fetch) -> None:
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch("metrics", headers={"Authorization": "token wrong"})
    assert caught.value.code == 403


class TestOpenMetrics:
    """A server whose ``/metrics`` asks nobody who they are."""

    @pytest.fixture
    def jp_server_config(self, jp_server_config: dict[str, Any]) -> dict[str, Any]:
        jp_server_config["ServerApp"]["authenticate_prometheus"] = False
        return jp_server_config

    async def test_they_have_devices_and_no_kernels(
        self, jp_fetch: Fetch, jp_serverapp: Any, scenario_file: Path
    ) -> None:
        kernel_id = await start(jp_fetch, "n.ipynb")
        pid = pid_of(jp_serverapp, kernel_id)
        holding = driver.device(0, processes=[driver.Process(pid, 3 * driver.GIB)])
        driver.write_scenario(scenario_file, devices=[holding])
        known = app_of(jp_serverapp).service.background
        await scrape_until(jp_fetch, "tfgpu_device_up", lambda _: bool(known.scrape().kernels))
        samples = await scrape(jp_fetch)
        assert "tfgpu_device_up" in samples
        assert "tfgpu_kernel_memory_bytes" not in samples


async def test_scrapes_keep_the_sampling_going_for_a_while_and_share_it(
    jp_fetch: Fetch, scenario_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "LEASE", 0.8)
    calls = scenario_file.with_name("calls")
    await scrape_until(jp_fetch, "tfgpu_device_up")
    before = driver.count_calls(calls)
    await asyncio.gather(*(scrape(jp_fetch) for _ in range(50)))
    at_once = driver.count_calls(calls) - before
    await asyncio.sleep(3)
    ended = driver.count_calls(calls)
    await asyncio.sleep(1.5)
    assert driver.count_calls(calls) == ended > before
    # Fifty scrapes cost less than ten readings: at most those that were due anyway.
    one_reading = await calls_of_one_reading(jp_fetch, calls)
    assert at_once <= 10 * one_reading


async def calls_of_one_reading(jp_fetch: Fetch, calls: Path) -> int:
    before = driver.count_calls(calls)
    await jp_fetch("tfgpu", "devices")
    return driver.count_calls(calls) - before


async def test_after_a_pause_the_old_figures_are_not_shown(jp_fetch: Fetch, jp_serverapp: Any) -> None:
    await scrape_until(jp_fetch, "tfgpu_device_up")
    service = app_of(jp_serverapp).service
    monitor = service.monitor
    monitor.close()  # no reading is made any more
    monitor._last = msgspec.structs.replace(monitor.latest, taken_at=monitor.latest.taken_at - 3600)
    samples = await scrape(jp_fetch)
    assert set(samples) == {"tfgpu_reading_age_seconds"}
    assert samples["tfgpu_reading_age_seconds"][0][1] >= 3600


async def test_a_driver_that_hangs_is_down_and_holds_up_no_scrape(
    jp_fetch: Fetch, jp_serverapp: Any, scenario_file: Path
) -> None:
    app_of(jp_serverapp).service.monitor._hang_limit = 0.5
    await scrape_until(jp_fetch, "tfgpu_driver_up")
    driver.write_scenario(scenario_file, lines=["hang nvmlDeviceGetCount_v2", "hang nvmlDeviceGetCount"])
    try:
        samples = await scrape_until(jp_fetch, "tfgpu_driver_up", lambda found: found == [({}, 0)])
        assert samples["tfgpu_driver_info"][0][0]["status"] == "not-answering"
    finally:
        driver.write_scenario(scenario_file)


class TestSimulated:
    @pytest.fixture
    def jp_server_config(self, jp_server_config: dict[str, Any]) -> dict[str, Any]:
        jp_server_config["TfGpu"]["simulate"] = "default"
        return jp_server_config

    async def test_devices_that_are_not_there_are_no_metrics(self, jp_fetch: Fetch) -> None:
        for _ in range(3):
            assert await scrape(jp_fetch) == {}
            assert json.loads((await jp_fetch("tfgpu", "devices")).body)["simulated"]


@contextmanager
def second_server(app: Any) -> Iterator[ServerMetrics]:
    server = add_metrics(app.service.background, app.serverapp)
    try:
        yield server
    finally:
        remove_metrics(server)
        remove_metrics(server)


async def test_two_servers_in_one_process_do_not_clash(jp_fetch: Fetch, jp_serverapp: Any) -> None:
    with second_server(app_of(jp_serverapp)):
        samples = await scrape_until(jp_fetch, "tfgpu_device_up")
        assert len(samples["tfgpu_device_up"]) == 2
    assert len((await scrape(jp_fetch))["tfgpu_device_up"]) == 2
