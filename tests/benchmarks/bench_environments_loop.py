"""What listing 100 environments of 400 packages costs a server's event loop, and how soon a page is told.

Measured in the server's own loop is by how much a task that sleeps 5 ms is late: while nothing is asked,
while everything is described anew (``POST environments/refresh``, cold), while nothing has changed (``GET
environments``, warm), and while a page is open whose watch looks every 3 s; each in turn, several times.
Then a package is installed with pip into a real environment while a page is open: the seconds from pip's end
until the page is told, and pip's own for comparison. The aims: p99 under 10 ms, told within 5 s.

Run by ``make bench ARGS=bench_environments_loop``.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tornado.websocket import websocket_connect

from tests.benchmarks._environments import ENVIRONMENTS, make
from tests.benchmarks._serving import Server, open_pages, server
from tests.environments.trees import venv
from tests.server.test_environments_watch import a_wheel
from tests.standin import driver

SECONDS, ROUNDS, INSTALLATIONS = 4.0, 3, 3


def for_a_while(call: Callable[[], object]) -> None:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        call()


def with_a_page(served: Server) -> None:
    with open_pages(1, [served.socket("tfgpu/live")], {"interval": 60}):
        time.sleep(2 * SECONDS)


def lateness(served: Server) -> dict[str, list[float]]:
    """The milliseconds by which the task was late, under each load."""
    loads: dict[str, Callable[[], object]] = {
        "nothing is asked": lambda: time.sleep(SECONDS),
        "listing, cold": lambda: for_a_while(lambda: served.ask("tfgpu/environments/refresh", {})),
        "listing, warm": lambda: for_a_while(lambda: served.ask("tfgpu/environments")),
        "a page is open": lambda: with_a_page(served),
    }
    late: dict[str, list[float]] = {name: [] for name in loads}
    for _ in range(ROUNDS):
        for name, load in loads.items():
            served.ask("probe")
            load()
            late[name] += served.ask("probe")["late"]
    return late


def pip(prefix: Path, *words: str) -> float:
    """Seconds."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "pip", "--python", str(prefix / "bin" / "python"), *words]
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


async def told_after(served: Server, prefix: Path, wheel: Path) -> tuple[float, float]:
    """Seconds from pip's end until a page is told, and pip's own."""
    loop = asyncio.get_running_loop()
    socket = await websocket_connect(served.socket("tfgpu/live"), max_message_size=1 << 30)
    try:
        await loop.run_in_executor(None, served.ask, "tfgpu/environments")
        took = await loop.run_in_executor(None, pip, prefix, "install", "--no-deps", "--no-index", str(wheel))
        began = time.perf_counter()
        while True:
            message = json.loads(await socket.read_message() or "{}")
            if message["type"] == "environments":
                [found] = [e for e in message["data"]["environments"] if e["prefix"] == str(prefix)]
                if found["frameworks"]:
                    return time.perf_counter() - began, took
    finally:
        socket.close()
        await loop.run_in_executor(None, pip, prefix, "uninstall", "--yes", "jax")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        machine = make(folder)
        prefix = machine.home / "envs" / "real"
        venv(prefix)
        wheel = a_wheel(folder)
        driver.write_scenario(folder / "scenario.txt", devices=[driver.device(0)])
        settings = {"HOME": str(machine.home), "TFGPU_STANDIN_SCENARIO": str(folder / "scenario.txt")}
        with server(sys.executable, "jupyter_tfgpu", folder / "server", 1, settings) as served:
            found = served.ask("tfgpu/environments")["environments"]
            assert len(found) > ENVIRONMENTS
            time.sleep(5)  # the verdicts are reached meanwhile
            late = lateness(served)
            told = [asyncio.run(told_after(served, prefix, wheel)) for _ in range(INSTALLATIONS)]
    reference = p99(late["nothing is asked"])
    for what, values in late.items():
        print(
            f"{what}: late by {statistics.median(values):.2f} ms (median), {p99(values):.2f} ms (p99, "
            f"× {p99(values) / reference:.1f}), {max(values):.1f} ms at most"
        )
    for seconds, own in told:
        print(
            f"pip install took {own:.1f} s; the page was told {seconds:.2f} s later (× {seconds / own:.2f})"
        )


def p99(values: list[float]) -> float:
    """What 99 of 100 are below."""
    return statistics.quantiles(values, n=100, method="inclusive")[-1]


if __name__ == "__main__":
    main()
