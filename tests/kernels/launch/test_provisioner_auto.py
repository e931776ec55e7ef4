"""Starts on ``auto`` through the real provisioner where something goes wrong; small processes are kernels."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import filelock
import pytest
from jupyter_client.provisioning.factory import KernelProvisionerFactory

from jupyter_tfgpu.devices.reading import Reading
from jupyter_tfgpu.kernels import (
    PROVISIONER_NAME,
    LaunchServices,
    Target,
    kernel_runs,
    parse_pin,
    read_launch_files,
    set_services,
)
from jupyter_tfgpu.kernels.launch import turns as turns_module
from jupyter_tfgpu.kernels.provisioner import TURNS_FILE
from tests.kernels.readings import FIRST, SECOND, device, reading
from tests.kernels.starter import manager, visible


@pytest.fixture
def served(launch_services: LaunchServices, monkeypatch: pytest.MonkeyPatch) -> Iterator[LaunchServices]:
    """Two equal devices; the kernelspec is pinned to ``auto``."""
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    factory = KernelProvisionerFactory.instance()
    before = factory.default_provisioner_name
    factory.default_provisioner_name = PROVISIONER_NAME
    launch_services.pins.set(Target(kernelspec="small"), parse_pin("auto"))
    services = replace(launch_services, reading=lambda timeout: two())
    set_services(services)
    yield services
    factory.default_provisioner_name = before


def two() -> Reading:
    return reading(device(0, FIRST), device(1, SECOND))


@asynccontextmanager
async def small(kernel_id: str) -> AsyncIterator[Any]:
    """The manager of such a kernel, started."""
    made = manager(kernel_id)
    await made.start_kernel()
    try:
        yield made
    finally:
        await made.shutdown_kernel(now=True)


async def test_a_start_that_fails_takes_its_choice_back(served: LaunchServices) -> None:
    ended: list[str] = []
    set_services(replace(served, on_ended=ended.append))
    failing = manager("failing")
    failing._kernel_spec.argv = ["/gone/bin/R"]
    with pytest.raises(FileNotFoundError):
        await failing.start_kernel()
    assert served.started.all() == ()
    assert list(served.runtime_dir.glob("tfgpu-*")) == []
    assert ended == []  # nobody was told of a start
    async with small("next") as following:
        assert visible(following.provisioner.pid) == "0"


async def test_a_start_that_is_broken_off_holds_no_device_for_long(
    served: LaunchServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = manager("broken-off")
    broken._launch_args = {}
    await broken._async_pre_start_kernel()  # and no process is started
    async with small("a") as first:
        assert visible(first.provisioner.pid) == "1"
    monkeypatch.setattr("jupyter_tfgpu.kernels.launch.claims.STARTING", 0.0)
    async with small("b") as second:
        assert visible(second.provisioner.pid) == "0"


async def test_a_kernel_that_was_killed_counts_no_more_and_is_started_on_auto_again(
    served: LaunchServices,
) -> None:
    async with small("a") as first, small("b") as second:
        assert (visible(first.provisioner.pid), visible(second.provisioner.pid)) == ("0", "1")
        os.kill(first.provisioner.pid, signal.SIGKILL)
        while await first.is_alive():
            await asyncio.sleep(0.01)
        async with small("c") as third:
            assert visible(third.provisioner.pid) == "0"
            await first.restart_kernel(now=True)  # as the automatic restart does
            assert visible(first.provisioner.pid) in ("0", "1")
            (launch,) = [
                one
                for one in read_launch_files(served.runtime_dir, served.pins.machine)
                if one.kernel_id == "a"
            ]
            assert kernel_runs(launch)
            assert launch.pid == first.provisioner.pid


async def test_a_lock_that_another_program_holds_keeps_no_kernel_from_starting(
    served: LaunchServices, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(turns_module, "LOCK_TIMEOUT", 0.1)
    served.runtime_dir.mkdir(exist_ok=True)
    with filelock.FileLock(served.runtime_dir / TURNS_FILE), caplog.at_level(logging.WARNING):
        async with small("a") as first, small("b") as second:
            assert (visible(first.provisioner.pid), visible(second.provisioner.pid)) == ("0", "1")
    assert "without regard to other programs' starts" in caplog.text


@pytest.mark.parametrize("error", [OSError(37, "No locks available"), NotImplementedError()])
async def test_on_a_disk_without_locks_kernels_start_and_spread(
    served: LaunchServices, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def refuse(self: object, *arguments: object, **more: object) -> None:
        raise error

    monkeypatch.setattr(filelock.FileLock, "acquire", refuse)
    monkeypatch.setattr(filelock.SoftFileLock, "acquire", refuse)
    async with small("a") as first, small("b") as second:
        assert (visible(first.provisioner.pid), visible(second.provisioner.pid)) == ("0", "1")


async def test_a_turn_that_does_not_come_keeps_no_kernel_from_starting(
    served: LaunchServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns_module, "TURN_TIMEOUT", 0.1)
    hold = threading.Event()
    stuck = asyncio.ensure_future(served.turns.take(served.runtime_dir / "other", lambda: hold.wait(60)))
    await asyncio.sleep(0)
    try:
        async with small("a") as first, small("b") as second:
            assert (visible(first.provisioner.pid), visible(second.provisioner.pid)) == ("0", "1")
    finally:
        hold.set()
    with pytest.raises(TimeoutError):
        await stuck


async def test_a_driver_that_hangs_costs_a_second_and_all_devices_are_left(
    served: LaunchServices,
) -> None:
    def hang(timeout: float) -> None:
        time.sleep(3)

    set_services(replace(served, reading=hang))
    async with small("a") as running:
        assert running.provisioner.own_span < 2
        start = served.started.get("a")
        assert start is not None
        assert start.allocation.uuids is None
        assert "did not answer" in str(start.allocation.note)


async def test_the_event_loop_goes_on_while_devices_are_chosen(served: LaunchServices) -> None:
    path = served.runtime_dir / TURNS_FILE
    served.runtime_dir.mkdir(exist_ok=True)
    beats = 0
    with filelock.FileLock(path):
        made = manager("a")
        start = asyncio.ensure_future(made.start_kernel())
        for _ in range(20):
            await asyncio.sleep(0.01)
            beats += 1
        assert not start.done()
    await start
    assert beats == 20
    await made.shutdown_kernel(now=True)


async def test_threads_that_are_taken_by_others_keep_no_start_from_its_reading(
    served: LaunchServices,
) -> None:
    hold = threading.Event()
    loop = asyncio.get_running_loop()
    taken = [loop.run_in_executor(None, hold.wait, 60) for _ in range(64)]
    try:
        async with small("a") as running:
            assert visible(running.provisioner.pid) == "0"
    finally:
        hold.set()
        await asyncio.gather(*taken)
