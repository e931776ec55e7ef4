"""A pin that a kernel takes while it runs: the server that started it knows of it, and judges it anew."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from jupyter_core.paths import jupyter_runtime_dir

from jupyter_tfgpu.kernels.running.launchfile import report_path
from tests.server.asking import Fetch, evaluate, start

VISIBLE = "__import__('os').environ.get('CUDA_VISIBLE_DEVICES')"


@pytest.fixture
def jp_server_config(jp_server_config: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Our extension on simulated devices, which our program sees from within a kernel too."""
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return {**jp_server_config, "TfGpu": {"simulate": "default"}}


async def report_written(kernel_id: str, after: int) -> int:
    """When the kernel's report was written (nanoseconds), as soon as that is later than ``after``."""
    path = report_path(Path(jupyter_runtime_dir()), kernel_id)
    for _ in range(400):
        if path.exists() and path.stat().st_mtime_ns > after:
            return path.stat().st_mtime_ns
        await asyncio.sleep(0.05)
    raise AssertionError("no report was written")


async def test_the_server_knows_what_a_cell_has_pinned(jp_fetch: Fetch, jp_serverapp: Any) -> None:
    body = json.dumps({"notebook": "n.ipynb", "pin": "none"})
    await jp_fetch("tfgpu", "pins", method="PUT", body=body)
    kernel_id = await start(jp_fetch, "n.ipynb")
    first = await report_written(kernel_id, 0)

    pin = "get_ipython().run_line_magic('tfgpu', 'pin 1')"
    assert await evaluate(jp_serverapp, kernel_id, pin) == "None"
    assert await evaluate(jp_serverapp, kernel_id, VISIBLE) == "'1'"
    _, second = json.loads((await jp_fetch("tfgpu", "devices")).body)["devices"]
    [kernel] = json.loads((await jp_fetch("tfgpu", "kernels")).body)["kernels"]
    assert (kernel["pin"], kernel["pin_from"]) == (second["uuid"], "kernel")
    assert (kernel["given"], kernel["restart_needed"]) == ([second["uuid"]], False)
    assert await report_written(kernel_id, first) > first, "its report is made anew"

    await jp_fetch("api", "kernels", kernel_id, "restart", method="POST", body="{}")
    assert await evaluate(jp_serverapp, kernel_id, VISIBLE) == "'1'", "the pin is kept"
    [kernel] = json.loads((await jp_fetch("tfgpu", "kernels")).body)["kernels"]
    assert not kernel["restart_needed"]
