"""What the tests ask of a real server: kernelspecs, tasks, and kernels that it starts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.real.terminal import PROBE, Seen
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

    async def restart(self) -> None:
        """Restarts it, and waits until its messages arrive again: those sent before would be missed."""
        await self.ask("restart")
        await self.client.wait_for_ready(timeout=TIMEOUT)


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


async def ended(jp_fetch: Fetch, *route: str) -> dict[str, Any]:
    """Begins a task and follows it to its end."""
    task: dict[str, Any] = await answer(jp_fetch, *route, method="POST", body="{}")
    while task["state"] == "running":
        await asyncio.sleep(0.1)
        task = await answer(jp_fetch, "tasks", task["id"])
    return task
