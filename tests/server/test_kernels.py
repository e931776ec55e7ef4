"""Real kernels in a real server: the pin is in their environment, and the report is made."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.kernelspec import KernelSpec
from jupyter_core.paths import jupyter_data_dir, jupyter_runtime_dir

from jupyter_tfgpu.api.service import Service
from jupyter_tfgpu.kernels import surroundings
from jupyter_tfgpu.kernels.provisioner import TfGpuProvisioner
from tests.server.asking import Fetch, app_of, evaluate, pid_of, start
from tests.standin import driver


async def test_a_notebooks_pin_is_in_its_kernel_and_a_changed_one_after_a_restart(
    jp_fetch: Fetch, jp_serverapp: Any
) -> None:
    await jp_fetch(
        "tfgpu", "pins", method="PUT", body=json.dumps({"notebook": "deep/er/n.ipynb", "pin": "1"})
    )
    Path(jp_serverapp.root_dir, "deep", "er").mkdir(parents=True)
    kernel_id = await start(jp_fetch, "deep/er/n.ipynb")
    visible = "__import__('os').environ.get('CUDA_VISIBLE_DEVICES')"
    assert await evaluate(jp_serverapp, kernel_id, visible) == "'1'"
    [kernel] = json.loads((await jp_fetch("tfgpu", "kernels")).body)["kernels"]
    assert kernel["notebook"] == "deep/er/n.ipynb"
    assert (kernel["pin_from"], kernel["given"]) == ("notebook", [driver.device_uuid(1)])
    assert not kernel["restart_needed"]

    body = json.dumps({"notebook": "deep/er/n.ipynb", "pin": "0"})
    changed = json.loads((await jp_fetch("tfgpu", "pins", method="PUT", body=body)).body)
    assert changed["restart_needed"] and "restart" in changed["message"]
    [kernel] = json.loads((await jp_fetch("tfgpu", "kernels")).body)["kernels"]
    assert kernel["restart_needed"]
    await jp_fetch("api", "kernels", kernel_id, "restart", method="POST", body="{}")
    assert await evaluate(jp_serverapp, kernel_id, visible) == "'0'"
    [kernel] = json.loads((await jp_fetch("tfgpu", "kernels")).body)["kernels"]
    assert not kernel["restart_needed"]


async def test_a_session_whose_path_leads_out_holds_nothing_up(jp_fetch: Fetch) -> None:
    kernel_id = await start(jp_fetch, "n.ipynb")
    [session] = json.loads((await jp_fetch("api", "sessions")).body)
    renamed = json.dumps({"path": "../elsewhere.ipynb"})
    await jp_fetch("api", "sessions", session["id"], method="PATCH", body=renamed)
    [kernel] = json.loads((await jp_fetch("tfgpu", "kernels")).body)["kernels"]
    assert (kernel["id"], kernel["notebook"]) == (kernel_id, "../elsewhere.ipynb")


async def test_memory_on_a_device_is_found_under_its_notebooks_name(
    jp_fetch: Fetch, jp_serverapp: Any, scenario_file: Path
) -> None:
    kernel_id = await start(jp_fetch, "n.ipynb")
    pid = pid_of(jp_serverapp, kernel_id)
    device = driver.device(0, processes=[driver.Process(pid, 3 * driver.GIB)])
    driver.write_scenario(scenario_file, devices=[device])
    await asyncio.sleep(2.1)  # older than a reading may be
    [answer] = json.loads((await jp_fetch("tfgpu", "devices")).body)["devices"]
    [holder] = answer["holders"]
    assert (holder["kernel_id"], holder["memory"], holder["user"]) == (kernel_id, 3 * driver.GIB, "me")
    assert holder["notebook"].endswith("n.ipynb")


async def test_the_report_on_a_kernel_is_made_after_its_start(jp_fetch: Fetch, jp_serverapp: Any) -> None:
    kernel_id = await start(jp_fetch, "n.ipynb")
    manager = jp_serverapp.kernel_manager.get_kernel(kernel_id)
    assert isinstance(manager.provisioner, TfGpuProvisioner)
    assert isinstance(manager.provisioner.kernel_spec, KernelSpec)
    for _ in range(200):
        await asyncio.sleep(0.05)
        kernels = json.loads((await jp_fetch("tfgpu", "kernels")).body)["kernels"]
        if kernels[0]["verdict"] is not None:
            break
    report = json.loads((await jp_fetch("tfgpu", "kernels", kernel_id, "report")).body)
    assert report["schema"] == "tfgpu.report/1"
    assert report["verdict"] == kernels[0]["verdict"]


async def test_a_pin_follows_a_renamed_notebook_and_a_moved_folder(
    jp_fetch: Fetch, jp_root_dir: Path
) -> None:
    (jp_root_dir / "old").mkdir()
    (jp_root_dir / "old" / "n.ipynb").write_text("{}")
    body = json.dumps({"notebook": "old/n.ipynb", "pin": "1"})
    await jp_fetch("tfgpu", "pins", method="PUT", body=body)
    for before, after in [("old/n.ipynb", "old/m.ipynb"), ("old", "new")]:
        await jp_fetch("api", "contents", before, method="PATCH", body=json.dumps({"path": after}))
    for _ in range(100):
        await asyncio.sleep(0.02)
        [pin] = json.loads((await jp_fetch("tfgpu", "pins")).body)["pins"]
        if pin["notebook"] == "new/m.ipynb":
            break
    assert (pin["notebook"], pin["pin"]) == ("new/m.ipynb", driver.device_uuid(1))


async def test_the_command_line_sees_the_servers_kernel_and_its_memory(
    jp_fetch: Fetch, jp_serverapp: Any, scenario_file: Path, machine_root: Path
) -> None:
    kernel_id = await start(jp_fetch, "n.ipynb")
    pid = pid_of(jp_serverapp, kernel_id)
    device = driver.device(0, processes=[driver.Process(pid, 3 * driver.GIB)])
    driver.write_scenario(scenario_file, devices=[device])
    variables = driver.environment(scenario_file) | {"JUPYTER_TFGPU_MACHINE_ROOT": str(machine_root)}
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "jupyter_tfgpu", "kernels", "--json"),
        env=variables,
        cwd=Path(__file__).parents[2],
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await program.communicate()
    [kernel] = json.loads(output)["kernels"]
    assert kernel["id"] == kernel_id
    assert kernel["notebook"].endswith("n.ipynb")
    [device] = kernel["devices"]
    assert (device["uuid"], device["memory"]) == (driver.device_uuid(0), 3 * driver.GIB)


async def test_an_automatic_restart_keeps_the_pin(jp_fetch: Fetch, jp_serverapp: Any) -> None:
    await jp_fetch("tfgpu", "pins", method="PUT", body=json.dumps({"notebook": "n.ipynb", "pin": "1"}))
    kernel_id = await start(jp_fetch, "n.ipynb")
    manager = jp_serverapp.kernel_manager.get_kernel(kernel_id)
    killed = manager.provisioner.pid
    os.kill(killed, signal.SIGKILL)
    for _ in range(300):
        await asyncio.sleep(0.1)
        if manager.provisioner.pid not in (None, killed):
            break
    visible = "__import__('os').environ.get('CUDA_VISIBLE_DEVICES')"
    assert await evaluate(jp_serverapp, kernel_id, visible) == "'1'"


async def test_two_servers_know_each_others_kernels(
    jp_fetch: Fetch, jp_serverapp: Any, machine_root: Path
) -> None:
    kernel_id = await start(jp_fetch, "n.ipynb")
    other = Service(
        surroundings({"JUPYTER_TFGPU_MACHINE_ROOT": str(machine_root)}),
        data_dir=Path(jupyter_data_dir()),
        runtime_dir=Path(jupyter_runtime_dir()),
    )
    try:
        [seen] = other.started()
        assert seen.kernel_id == kernel_id
        assert seen.pid == pid_of(jp_serverapp, kernel_id)
        assert [each.kernel_id for each in app_of(jp_serverapp).service.started()] == [kernel_id]
    finally:
        other.close()


class TestSettingsOfTheServer:
    @pytest.fixture
    def jp_server_config(self, jp_server_config: dict[str, Any]) -> dict[str, Any]:
        jp_server_config["TfGpu"] |= {"share_politely": True, "pin_by_uuid": True}
        return jp_server_config

    async def test_they_are_in_the_kernel_s_environment(self, jp_fetch: Fetch, jp_serverapp: Any) -> None:
        await jp_fetch("tfgpu", "pins", method="PUT", body=json.dumps({"notebook": "n.ipynb", "pin": "1"}))
        kernel_id = await start(jp_fetch, "n.ipynb")
        names = ("CUDA_VISIBLE_DEVICES", "TF_FORCE_GPU_ALLOW_GROWTH", "XLA_PYTHON_CLIENT_PREALLOCATE")
        asked = f"[__import__('os').environ.get(name) for name in {names}]"
        assert await evaluate(jp_serverapp, kernel_id, asked) == str([driver.device_uuid(1), "true", "false"])

    async def test_who_wants_it_otherwise_has_it_so_from_the_next_start(
        self, jp_fetch: Fetch, jp_serverapp: Any
    ) -> None:
        await jp_fetch("tfgpu", "settings", method="PUT", body=json.dumps({"share_politely": False}))
        kernel_id = await start(jp_fetch, "n.ipynb")
        asked = "'TF_FORCE_GPU_ALLOW_GROWTH' in __import__('os').environ"
        assert await evaluate(jp_serverapp, kernel_id, asked) == "False"
