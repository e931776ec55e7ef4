"""``%tfgpu``'s help, completion, check and explain in real kernels."""

from __future__ import annotations

import json
import os
import time
from typing import Any

import pytest

from jupyter_tfgpu.kernels import LaunchServices
from jupyter_tfgpu.kernels.running.launchfile import report_path
from tests.inkernel.conftest import StartKernel
from tests.inkernel.samples import finding, report
from tests.kernels.bare import bare_environment
from tests.kernels.kernels_here import PLAIN, Kernel, kernel

OLD = [pytest.param(version, marks=pytest.mark.slow) for version in ("3.6", "3.7", "3.8", "3.9", "3.13")]
SIMULATED = {"JUPYTER_TFGPU_SIMULATE": "default"}


def reply(running: Kernel, asked: str) -> Any:
    """The kernel's answer to this request."""
    while True:
        message: Any = running.client.get_shell_msg(timeout=60)
        if message["parent_header"].get("msg_id") == asked:
            assert message["content"]["status"] == "ok"
            return message["content"]


def completed(running: Kernel, line: str) -> list[str]:
    """What the kernel offers at the line's end, as the whole word that it would then be."""
    found = reply(running, running.client.complete(line, len(line)))
    return [line[: found["cursor_start"]].split(" ")[-1] + match for match in found["matches"]]


def inspected(running: Kernel, name: str) -> str:
    return str(reply(running, running.client.inspect(name, len(name)))["data"]["text/plain"])


@pytest.mark.parametrize("version", ["3.11", *OLD])
def test_words_are_completed_and_explained(kernel_with: StartKernel, version: str) -> None:
    with kernel_with(None, bare_environment(version) / "bin" / "python") as running:
        assert "%tfgpu" in completed(running, "%tfg")
        words = {"allow", "check", "explain", "growth", "help", "limit", "pin", "watch"}
        assert words <= set(completed(running, "%tfgpu "))
        assert completed(running, "%tfgpu wa") == ["watch"]
        assert {"off", "warn", "block"} <= set(completed(running, "%tfgpu watch "))
        assert {"all", "none", "auto", "auto:2"} <= set(completed(running, "x = 1\n%tfgpu pin "))
        assert "auto:1,8GiB" in completed(running, "%tfgpu pin auto:1")
        assert "watch" not in completed(running, "%%tfgpu ")

        for name in ("%tfgpu", "%%tfgpu"):
            assert "%tfgpu pin PIN" in inspected(running, name)
        said = running.run("%tfgpu help").text
        assert said.startswith("%tfgpu    ")
        assert all("%tfgpu " + word in said for word in words)


def test_a_fault_of_ours_is_a_sentence(kernel_with: StartKernel) -> None:
    with kernel_with(None) as running:
        running.run("get_ipython()._jupyter_tfgpu._launch = object()")
        for line in ("%tfgpu", "%tfgpu check", "%tfgpu pin"):
            cell = running.run(line)
            assert cell.status == "error"
            assert "failed: AttributeError(" in cell.text
            assert "Traceback" not in cell.text + (cell.error or "")


def test_devices_that_the_server_has_seen_are_offered(
    kernel_with: StartKernel, launch_services: LaunchServices
) -> None:
    import dataclasses

    from jupyter_tfgpu.kernels import set_services

    folder = launch_services.runtime_dir
    folder.mkdir(exist_ok=True)
    device = {"uuid": "GPU-8932f937-d72c", "index": 0, "name": "one", "state": "ok", "memory": None}
    state = {
        "schema": "tfgpu.state/1",
        "taken_at": time.time(),
        "driver": "ok",
        "devices": [{**device, "parent": None, "holders": []}],
    }
    path = folder / "state.json"
    set_services(dataclasses.replace(launch_services, state_file=path))
    with kernel() as running:
        state["taken_at"] = time.time()
        path.write_text(json.dumps(state))
        offered = completed(running, "%tfgpu pin ")
        assert {"0", "GPU-8932f937-d72c"} <= set(offered)
        assert completed(running, "%tfgpu pin GPU-89") == ["GPU-8932f937-d72c"]
        path.write_text("{")
        assert "0" not in completed(running, "%tfgpu pin ")


def test_a_report_of_this_minute_is_shown_and_an_older_one_is_made_anew(
    kernel_with: StartKernel, launch_services: LaunchServices
) -> None:
    with kernel_with(report(finding()), env=SIMULATED) as running:
        [fresh] = running.run("%tfgpu check").displays
        assert "[cpu-only-build]" in fresh["text/plain"]
        path = report_path(launch_services.runtime_dir, running.id)
        os.utime(path, (time.time() - 600, time.time() - 600))
        [made] = running.run("%tfgpu check").displays
        assert "[cpu-only-build]" not in made["text/plain"], "it is of this environment, which has none"
        running.run("get_ipython()._jupyter_tfgpu.launch.interpreter = '/nowhere/python'")
        old = running.run("%tfgpu check")
        assert "[cpu-only-build]" in old.displays[0]["text/plain"]
        assert old.text.startswith("As it was at the kernel's start, 10 min ago. jupyter tfgpu cannot be run")
        path.unlink()
        assert "jupyter tfgpu cannot be run" in running.run("%tfgpu check").text


@pytest.mark.parametrize("provisioner", ["ours", pytest.param(PLAIN, marks=pytest.mark.slow)])
def test_the_last_error_is_explained_or_a_text(kernel_with: StartKernel, provisioner: str) -> None:
    started = kernel(provisioner=PLAIN, env=SIMULATED) if provisioner == PLAIN else kernel_with(None)
    with started as running:
        running.run("%load_ext jupyter_tfgpu")
        assert "no error in this kernel yet" in running.run("%tfgpu explain").text
        known = (
            "ImportError: Could not find 'cudart64_100.dll'. TensorFlow requires that this DLL be installed"
        )
        running.run(f"raise ImportError({known!r})")
        assert running.run("%tfgpu nonsense").status == "error"
        explained = running.run("%tfgpu explain")
        assert explained.status == "ok", explained
        said = "\n".join(one["text/plain"] for one in explained.displays)
        assert "cudart64_100.dll" in said or "CUDA 10.0" in said, said
        by_words = running.run(f"%tfgpu explain {known}")
        assert [one["text/plain"] for one in by_words.displays] != []
