"""Kernels of real environments, added and started through a real server, have what a terminal has."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.real.prefixes import NAMES
from tests.real.terminal import PROBE, Seen, after_conda_activation, after_venv_activation
from tests.real.virtual import MAKERS, VERSIONS
from tests.server.asking import Fetch, pid_of

TIMEOUT = 120


async def answer(jp_fetch: Fetch, *route: str, **named: Any) -> Any:
    """The JSON that a route answers."""
    return json.loads((await jp_fetch("tfgpu", *route, **named)).body)


async def added(jp_fetch: Fetch, prefix: Path, kernel: str | None = None) -> str:
    """Adds the environment's kernelspec; its name."""
    wanted = {"environment": str(prefix), **({"kernel": kernel} if kernel else {})}
    spec = await answer(jp_fetch, "kernelspecs", method="POST", body=json.dumps(wanted))
    assert spec["owned"] and spec["problem"] is None
    return str(spec["name"])


class Running:
    """A kernel of the server, and a client of its own."""

    def __init__(self, jp_fetch: Fetch, serverapp: Any, kernel_id: str, client: Any) -> None:
        self._fetch = jp_fetch
        self._serverapp = serverapp
        self.id = kernel_id
        self.client = client

    @property
    def pid(self) -> int:
        """The process that the server started."""
        return pid_of(self._serverapp, self.id)

    async def run(self, code: str, printing: asyncio.Event | None = None) -> tuple[str, dict[str, Any]]:
        """What a cell prints, and the reply to it. ``printing`` is set when it prints for the first time."""
        printed: list[str] = []

        def note(message: dict[str, Any]) -> None:
            if message["msg_type"] == "stream":
                printed.append(message["content"]["text"])
                if printing is not None:
                    printing.set()

        reply = await self.client.execute_interactive(
            code, output_hook=note, timeout=TIMEOUT, allow_stdin=False
        )
        return "".join(printed), reply["content"]

    async def seen(self) -> Seen:
        """What its Python sees of itself."""
        return Seen.of((await self.run(PROBE))[0])

    async def ask(self, *route: str) -> None:
        """One of Jupyter's own routes for this kernel: interrupt, restart."""
        await self._fetch("api", "kernels", self.id, *route, method="POST", body="{}")


@asynccontextmanager
async def started(jp_fetch: Fetch, serverapp: Any, name: str) -> AsyncIterator[Running]:
    """A kernel that the server started because it was asked over HTTP."""
    asked = await jp_fetch("api", "kernels", method="POST", body=json.dumps({"name": name}))
    kernel_id = json.loads(asked.body)["id"]
    client = serverapp.kernel_manager.get_kernel(kernel_id).client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=TIMEOUT)
        yield Running(jp_fetch, serverapp, kernel_id, client)
    finally:
        client.stop_channels()
        await serverapp.kernel_manager.shutdown_kernel(kernel_id, now=True)


async def compare(
    jp_fetch: Fetch, serverapp: Any, prefix: Path, terminal: Callable[[Path, Mapping[str, str]], Seen]
) -> None:
    """Adds and starts a kernel of the environment, twice; each time it is as in the terminal."""
    expected = terminal(prefix, os.environ)
    name = await added(jp_fetch, prefix)
    async with started(jp_fetch, serverapp, name) as kernel:
        first = await kernel.seen()
        assert first.compared == expected.compared
        assert (first.prefix, first.executable) == (expected.prefix, expected.executable)
        # The interpreter itself is what was started: no wrapper, so signals and GPU memory are its own.
        assert (first.pid, first.program) == (kernel.pid, expected.program)
        await kernel.ask("restart")
        second = await kernel.seen()
        assert second.pid == kernel.pid != first.pid
        assert second.compared == expected.compared
        assert second.prefix == expected.prefix


@pytest.mark.parametrize("why", NAMES)
async def test_a_conda_prefix(
    why: str, jp_fetch: Fetch, jp_serverapp: Any, conda_prefixes: Mapping[str, Path]
) -> None:
    await compare(jp_fetch, jp_serverapp, conda_prefixes[why], after_conda_activation)


@pytest.mark.parametrize("virtual_prefix", [*VERSIONS, *MAKERS], indirect=True)
async def test_a_virtual_environment(jp_fetch: Fetch, jp_serverapp: Any, virtual_prefix: Path) -> None:
    await compare(jp_fetch, jp_serverapp, virtual_prefix, after_venv_activation)


async def test_a_library_of_the_prefix_is_loaded_and_an_interrupt_arrives(
    jp_fetch: Fetch, jp_serverapp: Any, conda_prefixes: Mapping[str, Path]
) -> None:
    name = await added(jp_fetch, conda_prefixes["quotes"])
    async with started(jp_fetch, jp_serverapp, name) as kernel:
        # Found through LD_LIBRARY_PATH alone, which the loader reads once, when the process begins.
        printed, _ = await kernel.run("import ctypes; print(ctypes.CDLL('libtfgpu_proof.so').tfgpu_proof())")
        assert printed == "42\n"
        printing = asyncio.Event()
        sleep = "print('sleeps', flush=True)\nimport time; time.sleep(600)"
        sleeping = asyncio.ensure_future(kernel.run(sleep, printing))
        await asyncio.wait_for(printing.wait(), TIMEOUT)
        await kernel.ask("interrupt")
        _, reply = await sleeping
        assert (reply["status"], reply["ename"]) == ("error", "KeyboardInterrupt")
        assert (await kernel.run("print(1 + 1)"))[0] == "2\n"
