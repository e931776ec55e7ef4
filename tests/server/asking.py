"""What several tests ask of a real server."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

Fetch = Callable[..., Awaitable[Any]]
Connect = Callable[..., Awaitable[Any]]


def app_of(serverapp: Any) -> Any:
    """Our extension in this server."""
    [app] = serverapp.extension_manager.extension_apps["jupyter_tfgpu"]
    return app


async def start(jp_fetch: Fetch, path: str) -> str:
    """Opens a notebook; the id of its kernel."""
    body = {"path": path, "name": Path(path).name, "type": "notebook", "kernel": {"name": "python3"}}
    answer = await jp_fetch("api", "sessions", method="POST", body=json.dumps(body))
    return str(json.loads(answer.body)["kernel"]["id"])


def pid_of(serverapp: Any, kernel_id: str) -> int:
    return int(serverapp.kernel_manager.get_kernel(kernel_id).provisioner.pid)


async def evaluate(serverapp: Any, kernel_id: str, expression: str) -> str:
    """The value of an expression in the kernel, through a real client."""
    client = serverapp.kernel_manager.get_kernel(kernel_id).client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=60)
        reply = await client.execute("", user_expressions={"x": expression}, reply=True, timeout=60)
        result = reply["content"]["user_expressions"]["x"]
        assert result["status"] == "ok", result
        return str(result["data"]["text/plain"])
    finally:
        client.stop_channels()
