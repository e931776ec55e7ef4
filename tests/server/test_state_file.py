"""The kernels of a real server know what it last saw of the devices, over the stand-in driver."""

from __future__ import annotations

import ast
import asyncio
import stat
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_runtime_dir

from tests.server.asking import Connect, Fetch, app_of, evaluate, pid_of, start
from tests.standin import driver

DEVICES = "get_ipython()._jupyter_tfgpu.watcher.now().devices"
HOLDERS = f"[(one['kernel_id'], one['notebook'], one['memory']) for one in {DEVICES}[0]['holders']]"


async def test_a_kernel_knows_who_holds_the_memory_while_a_page_is_open(
    jp_fetch: Fetch, jp_ws_fetch: Connect, jp_serverapp: Any, jp_root_dir: Path, scenario_file: Path
) -> None:
    trains, asks = await start(jp_fetch, "train.ipynb"), await start(jp_fetch, "other.ipynb")
    assert await evaluate(jp_serverapp, asks, DEVICES) == "None", "nothing is sampled"

    process = driver.Process(pid_of(jp_serverapp, trains), 30 * driver.GIB)
    holding = driver.device(0, processes=[process], memory_used=31 * driver.GIB)
    driver.write_scenario(scenario_file, devices=[holding])
    page = await jp_ws_fetch("tfgpu", "live")
    for _ in range(40):
        if (held := await evaluate(jp_serverapp, asks, f"{DEVICES} and {HOLDERS}")) not in ("None", "[]"):
            break
        await asyncio.sleep(0.5)
    assert ast.literal_eval(held) == [(trains, str(jp_root_dir / "train.ipynb"), 30 * driver.GIB)]
    assert await evaluate(jp_serverapp, asks, f"len({DEVICES}), {DEVICES}[0]['state']") == "(1, 'ok')"

    [file] = Path(jupyter_runtime_dir()).glob("tfgpu-state-*.json")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    page.close()
    await app_of(jp_serverapp).stop_extension()
    assert not file.exists()
    assert await evaluate(jp_serverapp, asks, DEVICES) == "None"
