"""On which device a server starts its kernels, however they come to be started."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from jupyter_core.paths import jupyter_data_dir
from tornado.httpclient import HTTPClientError

from jupyter_tfgpu.kernels import PinStore, Target, parse_pin
from jupyter_tfgpu.machine import Machine
from tests.kernels.starter import starter, visible
from tests.server.asking import Fetch, pid_of, start
from tests.standin import driver


async def put_pin(jp_fetch: Fetch, target: Mapping[str, str], pin: str) -> None:
    await jp_fetch("tfgpu", "pins", method="PUT", body=json.dumps({**target, "pin": pin}))


async def restart(jp_fetch: Fetch, kernel_id: str) -> None:
    await jp_fetch("api", "kernels", kernel_id, "restart", method="POST", body="{}")


@pytest.fixture
def other_program(machine_root: Path, scenario_file: Path, tmp_path: Path) -> dict[str, str]:
    """Variables of a program beside the server on the same machine, with pins of its own choice: ``auto``."""

    store = PinStore(tmp_path / "other" / "pins.json", Machine(root=machine_root))
    store.set(Target(kernelspec="small"), parse_pin("auto"))
    return {
        **driver.environment(scenario_file),
        "JUPYTER_TFGPU_MACHINE_ROOT": str(machine_root),
        "JUPYTER_TFGPU_PINS": str(store.path),
    }


async def test_two_notebooks_opened_at_once_on_auto_get_two_devices(
    jp_fetch: Fetch, jp_serverapp: Any
) -> None:
    await put_pin(jp_fetch, {"kernelspec": "python3"}, "auto")
    ids = await asyncio.gather(start(jp_fetch, "a.ipynb"), start(jp_fetch, "b.ipynb"))
    assert sorted(visible(pid_of(jp_serverapp, one)) for one in ids) == ["0", "1"]


async def test_auto_counts_what_another_program_has_started(
    jp_fetch: Fetch, jp_serverapp: Any, other_program: dict[str, str]
) -> None:
    await put_pin(jp_fetch, {"kernelspec": "python3"}, "auto")
    with starter("theirs", 1, other_program) as other:
        other.go()
        assert await asyncio.to_thread(other.started) == {"theirs-0": "0"}
        ours = await start(jp_fetch, "n.ipynb")
        assert visible(pid_of(jp_serverapp, ours)) == "1"
        other.go()  # one more there: it counts ours, and takes the freer of two that have one each
        assert await asyncio.to_thread(other.started) == {"theirs-1": "0"}
        kernels = json.loads((await jp_fetch("tfgpu", "kernels")).body)["kernels"]
        # Kernels of another language too, with what they were given.
        given = {one["id"]: one["given"] for one in kernels}
        assert given["theirs-0"] == [driver.device_uuid(0)]
        assert given[ours] == [driver.device_uuid(1)]


async def test_an_automatic_restart_on_auto_finds_its_own_device_free(
    jp_fetch: Fetch, jp_serverapp: Any, scenario_file: Path
) -> None:
    await put_pin(jp_fetch, {"notebook": "n.ipynb"}, "auto")
    kernel_id = await start(jp_fetch, "n.ipynb")
    provisioner = jp_serverapp.kernel_manager.get_kernel(kernel_id).provisioner
    killed = provisioner.pid
    assert visible(killed) == "0"
    held = driver.device(0, memory_used=30 * driver.GIB, processes=[driver.Process(killed, 26 * driver.GIB)])
    driver.write_scenario(scenario_file, devices=[held, driver.device(1)])
    await asyncio.sleep(2.1)  # older than a reading may be
    await jp_fetch("tfgpu", "devices")
    os.kill(killed, signal.SIGKILL)
    for _ in range(300):
        await asyncio.sleep(0.1)
        if provisioner.pid not in (None, killed):
            break
    assert visible(provisioner.pid) == "0"


async def test_a_kernel_without_a_session_has_its_kernelspec_s_pin(
    jp_fetch: Fetch, jp_serverapp: Any
) -> None:
    await put_pin(jp_fetch, {"kernelspec": "python3"}, "1")
    body = json.dumps({"name": "python3"})
    answer = await jp_fetch("api", "kernels", method="POST", body=body)
    assert visible(pid_of(jp_serverapp, json.loads(answer.body)["id"])) == "1"


async def test_a_changed_kernel_has_the_notebook_s_pin_too(jp_fetch: Fetch, jp_serverapp: Any) -> None:
    await put_pin(jp_fetch, {"notebook": "n.ipynb"}, "1")
    first = await start(jp_fetch, "n.ipynb")
    [session] = json.loads((await jp_fetch("api", "sessions")).body)
    body = json.dumps({"kernel": {"name": "python3"}})
    answer = await jp_fetch("api", "sessions", session["id"], method="PATCH", body=body)
    second = json.loads(answer.body)["kernel"]["id"]
    assert second != first
    assert visible(pid_of(jp_serverapp, second)) == "1"


async def test_a_notebook_that_was_renamed_while_its_kernel_ran_keeps_its_pin(
    jp_fetch: Fetch, jp_serverapp: Any, jp_root_dir: Path
) -> None:
    (jp_root_dir / "old.ipynb").write_text("{}")
    await put_pin(jp_fetch, {"notebook": "old.ipynb"}, "1")
    await put_pin(jp_fetch, {"notebook": "another.ipynb"}, "0")
    kernel_id = await start(jp_fetch, "old.ipynb")
    new = json.dumps({"path": "new.ipynb"})
    await jp_fetch("api", "contents", "old.ipynb", method="PATCH", body=new)
    [session] = json.loads((await jp_fetch("api", "sessions")).body)
    body = json.dumps({"path": "new.ipynb", "name": "new.ipynb"})
    await jp_fetch("api", "sessions", session["id"], method="PATCH", body=body)
    await restart(jp_fetch, kernel_id)
    assert visible(pid_of(jp_serverapp, kernel_id)) == "1"
    body = json.dumps({"path": "another.ipynb", "name": "another.ipynb"})
    await jp_fetch("api", "sessions", session["id"], method="PATCH", body=body)
    await restart(jp_fetch, kernel_id)
    assert visible(pid_of(jp_serverapp, kernel_id)) == "0"


@pytest.fixture
def rubbish(jp_environ: object) -> Path:
    """A store of pins that is no such thing, before the server starts."""
    path = Path(jupyter_data_dir()) / "tfgpu" / "pins.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(b'{"machines": {"cut sho')
    return path


async def test_with_a_damaged_store_the_server_starts_and_says_so(
    rubbish: Path, jp_fetch: Fetch, jp_serverapp: Any
) -> None:
    kernel_id = await start(jp_fetch, "n.ipynb")
    assert pid_of(jp_serverapp, kernel_id) > 0
    answer = json.loads((await jp_fetch("tfgpu", "pins")).body)
    assert answer["pins"] == []
    assert "were damaged" in answer["problem"]
    assert rubbish.with_name("pins.json.damaged").read_bytes() == b'{"machines": {"cut sho'
    await put_pin(jp_fetch, {"notebook": "n.ipynb"}, "1")
    await restart(jp_fetch, kernel_id)
    assert visible(pid_of(jp_serverapp, kernel_id)) == "1"


async def test_with_a_data_folder_that_cannot_be_written_kernels_start_and_a_pin_is_refused(
    jp_fetch: Fetch, jp_serverapp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(*arguments: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    await put_pin(jp_fetch, {"notebook": "n.ipynb"}, "1")
    monkeypatch.setattr("jupyter_tfgpu.kernels.pins.store.replace_file", read_only)
    with pytest.raises(HTTPClientError) as caught:
        await put_pin(jp_fetch, {"notebook": "n.ipynb"}, "0")
    assert caught.value.response is not None
    refused = json.loads(caught.value.response.body)
    assert refused["reason"] == "pin-store"
    assert "Read-only file system" in refused["message"]
    kernel_id = await start(jp_fetch, "n.ipynb")
    assert visible(pid_of(jp_serverapp, kernel_id)) == "1"
    await jp_fetch("api", "kernels", kernel_id, method="DELETE")


NBCLIENT = """
import functools
import os

import nbformat
import websocket
from jupyter_server.gateway.managers import GatewayKernelManager
from nbclient import NotebookClient

# This client of jupyter_server's sends its token with every request but the one for the socket.
header = [f"Authorization: token {os.environ['JUPYTER_GATEWAY_AUTH_TOKEN']}"]
websocket.create_connection = functools.partial(websocket.create_connection, header=header)
code = "import os; print(os.environ.get('CUDA_VISIBLE_DEVICES'))"
notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
NotebookClient(notebook, kernel_manager_class=GatewayKernelManager, kernel_name="python3").execute()
print(notebook.cells[0].outputs[0].text, end="")
"""


async def test_nbclient_through_the_servers_routes_gets_the_kernelspecs_pin(
    jp_fetch: Fetch, jp_serverapp: Any
) -> None:
    await put_pin(jp_fetch, {"kernelspec": "python3"}, "1")
    url = f"http://127.0.0.1:{jp_serverapp.port}{jp_serverapp.base_url}".rstrip("/")
    variables = {
        **os.environ,
        "JUPYTER_GATEWAY_URL": url,
        "JUPYTER_GATEWAY_AUTH_TOKEN": jp_serverapp.identity_provider.token,
    }
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", NBCLIENT, env=variables, stdout=PIPE, stderr=PIPE
    )
    printed, said = await asyncio.wait_for(child.communicate(), 120)
    assert printed.decode().strip() == "1", said.decode()
