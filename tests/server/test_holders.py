"""Who holds what, with real kernels over the stand-in driver, whose lists take their pids."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from jupyter_core.paths import jupyter_runtime_dir

from tests.server.asking import Fetch, evaluate, pid_of, start
from tests.standin import driver

GIB = driver.GIB
PROJECT = Path(__file__).parents[2]

FORK = "__import__('subprocess').Popen(['sleep', '600'], start_new_session=True).pid"
"""In a kernel: a child that leads a session of its own, as a data loader that was made a daemon."""


async def seen(
    jp_fetch: Fetch, scenario_file: Path, processes: Iterable[driver.Process], **more: Any
) -> dict[str, Any]:
    """What the server says of the first device with these processes on it, and of all that it said."""
    processes = list(processes)
    used = sum(each.memory or 0 for each in processes) + more.pop("besides", 0)
    device = driver.device(0, processes=processes, memory_used=used, **more)
    driver.write_scenario(scenario_file, devices=[device])
    await asyncio.sleep(2.1)  # older than a reading may be
    answer: dict[str, Any] = json.loads((await jp_fetch("tfgpu", "devices")).body)
    return answer


def holders(answer: dict[str, Any]) -> dict[int, tuple[Any, Any, Any]]:
    [device] = answer["devices"]
    return {one["pid"]: (one["kernel_id"], one["memory"], one["command"]) for one in device["holders"]}


async def test_a_kernel_and_a_child_of_its_hold_memory_under_the_notebooks_name_over_restarts(
    jp_fetch: Fetch, jp_serverapp: Any, scenario_file: Path
) -> None:
    kernel_id = await start(jp_fetch, "n.ipynb")
    kernel = pid_of(jp_serverapp, kernel_id)
    child = int(await evaluate(jp_serverapp, kernel_id, FORK))
    mine = os.getpid()
    answer = await seen(
        jp_fetch,
        scenario_file,
        [driver.Process(kernel, 3 * GIB), driver.Process(child, 2 * GIB), driver.Process(mine, GIB)],
        besides=4 * GIB,
    )
    found = holders(answer)
    assert found[kernel][:2] == (kernel_id, 3 * GIB)
    assert found[child] == (kernel_id, 2 * GIB, "sleep")
    assert found[mine][:2] == (None, GIB)
    assert answer["devices"][0]["unattributed_memory"] == 4 * GIB
    assert answer["attribution"] == {"regime": "every-process", "message": None}
    [known] = json.loads((await jp_fetch("tfgpu", "kernels")).body)["kernels"]
    assert [use["memory"] for use in known["devices"]] == [5 * GIB], "kernel and child"

    await jp_fetch("api", "kernels", kernel_id, "restart", method="POST", body="{}")
    again = pid_of(jp_serverapp, kernel_id)
    assert again != kernel
    found = holders(await seen(jp_fetch, scenario_file, [driver.Process(again, GIB), driver.Process(kernel)]))
    assert found[again][0] == kernel_id
    assert found[kernel] == (None, GIB, None), "it has ended"

    os.kill(again, signal.SIGKILL)
    for _ in range(300):
        await asyncio.sleep(0.1)
        if (third := jp_serverapp.kernel_manager.get_kernel(kernel_id).provisioner.pid) not in (None, again):
            break
    found = holders(await seen(jp_fetch, scenario_file, [driver.Process(third, GIB), driver.Process(again)]))
    assert (found[third][0], found[again][0]) == (kernel_id, None)


async def test_a_device_that_another_notebook_fills_is_told_to_the_one_that_shares_it(
    jp_fetch: Fetch, jp_serverapp: Any, scenario_file: Path
) -> None:
    driver.write_scenario(scenario_file, devices=[driver.device(0)])
    ids = [await start(jp_fetch, name) for name in ("big.ipynb", "small.ipynb")]
    big, small = (pid_of(jp_serverapp, one) for one in ids)
    processes = [driver.Process(big, 36 * GIB), driver.Process(small, 3 * GIB)]
    await seen(jp_fetch, scenario_file, processes)
    kernels = {one["id"]: one for one in json.loads((await jp_fetch("tfgpu", "kernels")).body)["kernels"]}
    [text] = kernels[ids[1]]["warnings"]
    assert "big.ipynb holds 36.0 GiB" in text
    assert kernels[ids[0]]["warnings"] == []
    body = json.dumps({"notebook": "third.ipynb", "pin": "0"})
    answer = json.loads((await jp_fetch("tfgpu", "pins", method="PUT", body=body)).body)
    assert len(answer["warnings"]) == 1


class TestInAContainerOfAnOldDriver:
    @pytest.fixture
    def machine_root(self, tmp_path: Path) -> Path:
        return driver.write_machine_tree(tmp_path / "machine", pci_devices=2, container="docker")

    async def test_a_kernel_is_shown_on_the_device_that_it_has_open(
        self, jp_fetch: Fetch, jp_serverapp: Any, scenario_file: Path, machine_root: Path
    ) -> None:
        driver.write_scenario(scenario_file, devices=[driver.device(0, minor=5)])
        kernel_id = await start(jp_fetch, "n.ipynb")
        pid = pid_of(jp_serverapp, kernel_id)
        driver.write_open_devices(machine_root, pid, "nvidiactl", "nvidia5")
        true = [driver.Process(pid, 3 * GIB)]
        lists = driver.seen_in_a_container(true, [pid], "foreign-ids")
        answer = await seen(jp_fetch, scenario_file, lists, minor=5)
        assert answer["attribution"]["regime"] == "foreign-ids"
        assert "ask" in answer["attribution"]["message"]
        assert holders(answer) == {
            pid: (kernel_id, None, None),
            pid + driver.HOSTS_IDS: (None, 3 * GIB, None),
        }


@asynccontextmanager
async def second_server(root: Path, scenario: Path, machine: Path) -> AsyncIterator[tuple[int, str]]:
    """A real Jupyter server of its own process, with the runtime folder of this one: its pid and address."""
    root.mkdir()
    variables = driver.environment(scenario) | {"JUPYTER_TFGPU_MACHINE_ROOT": str(machine)}
    command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", "--ServerApp.port=0"]
    command += ["--ServerApp.jpserver_extensions={'jupyter_tfgpu': True}", f"--ServerApp.root_dir={root}"]
    program = await asyncio.create_subprocess_exec(*command, env=variables, cwd=PROJECT)
    try:
        info = Path(jupyter_runtime_dir()) / f"jpserver-{program.pid}.json"
        for _ in range(600):
            await asyncio.sleep(0.1)
            if info.exists():
                break
        yield program.pid, json.loads(info.read_text())["url"]
    finally:
        if program.returncode is None:
            program.kill()
        await program.wait()


async def command_line(scenario: Path, machine: Path, *words: str) -> tuple[int, str, str]:
    """``jupyter tfgpu kernels …``: its exit code, output and complaints."""
    variables = driver.environment(scenario) | {"JUPYTER_TFGPU_MACHINE_ROOT": str(machine)}
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "jupyter_tfgpu", "kernels", *words),
        env=variables,
        cwd=PROJECT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, complaints = await program.communicate()
    return program.returncode or 0, output.decode(), complaints.decode()


async def kernels_of(jp_fetch: Fetch) -> dict[str, dict[str, Any]]:
    answer = json.loads((await jp_fetch("tfgpu", "kernels")).body)
    return {one["id"]: one for one in answer["kernels"]}


async def test_kernels_of_another_server_are_listed_with_its_address_and_hold_memory(
    jp_fetch: Fetch, jp_serverapp: Any, scenario_file: Path, machine_root: Path, tmp_path: Path
) -> None:
    ours = await start(jp_fetch, "n.ipynb")
    async with second_server(tmp_path / "other", scenario_file, machine_root) as (pid, url):
        theirs = await started_there(pid)
        listed = await kernels_of(jp_fetch)
        assert list(listed) == [ours, theirs]
        assert (listed[ours]["server"], listed[theirs]["server"]) == (None, url)
        launch = json.loads((Path(jupyter_runtime_dir()) / f"tfgpu-launch-{theirs}.json").read_text())
        answer = await seen(jp_fetch, scenario_file, [driver.Process(launch["pid"], 3 * GIB)])
        assert holders(answer)[launch["pid"]][0] == theirs
        [use] = (await kernels_of(jp_fetch))[theirs]["devices"]
        assert use["memory"] == 3 * GIB

        code, output, _ = await command_line(scenario_file, machine_root, "--json")
        told = {one["id"]: one for one in json.loads(output)["kernels"]}
        assert (code, told[theirs]["server"]) == (0, url)
        assert told[ours]["state"] in ("starting", "idle", "busy"), "as its server says"
        code, output, _ = await command_line(scenario_file, machine_root)
        assert "GPU 0 3.0 GiB" in output and "n.ipynb" in output and "all (default)" in output

        code, output, _ = await command_line(scenario_file, machine_root, "shutdown", theirs[:8], "--json")
        assert (code, json.loads(output)["by"], json.loads(output)["server"]) == (0, "server", url)
        assert list(await kernels_of(jp_fetch)) == [ours]


async def started_there(pid: int) -> str:
    """Starts a kernel on the server of that process; its id."""
    info = json.loads((Path(jupyter_runtime_dir()) / f"jpserver-{pid}.json").read_text())
    from tornado.httpclient import AsyncHTTPClient

    answer = await AsyncHTTPClient().fetch(
        f"{info['url']}api/kernels",
        method="POST",
        body=json.dumps({"name": "python3"}),
        headers={"Authorization": f"token {info['token']}"},
        request_timeout=60,
    )
    kernel_id = str(json.loads(answer.body)["id"])
    launch = Path(jupyter_runtime_dir()) / f"tfgpu-launch-{kernel_id}.json"
    for _ in range(300):
        if launch.exists() and json.loads(launch.read_text())["pid"] is not None:
            return kernel_id
        await asyncio.sleep(0.1)
    raise AssertionError("the other server's kernel did not start")
