"""Real kernels start with their environment's activation, without a wrapper process."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import site
import sys
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.factory import KernelProvisionerFactory

from jupyter_tfgpu.environments.activation import Activation, Activations
from jupyter_tfgpu.kernels import (
    LaunchServices,
    Target,
    own_entries,
    parse_pin,
    services,
    set_services,
)
from jupyter_tfgpu.kernels.specs.env import digest
from jupyter_tfgpu.machine import Machine
from tests.environments.activating import prefix_with
from tests.environments.trees import venv
from tests.kernels.kernels_here import OURS, Kernel, kernel
from tests.kernels.readings import SECOND

SCRIPT = """\
echo run >> "$CONDA_PREFIX/runs"
export LD_LIBRARY_PATH="$CONDA_PREFIX/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export XLA_FLAGS="--xla_gpu_cuda_data_dir=$CONDA_PREFIX"
export PATH="$CONDA_PREFIX/libexec:$PATH"
"""


def variables(running: Kernel) -> dict[str, str]:
    """What the kernel was started with, as far as it can tell."""
    found: dict[str, str] = json.loads(
        running.run("import os, json; print(json.dumps(dict(os.environ)))").text
    )
    return found


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """A conda prefix whose Python finds the tests' own ipykernel."""
    made = tmp_path / "my env"
    folder = venv(made)
    (folder / "tests.pth").write_text("\n".join(site.getsitepackages()) + "\n")
    return prefix_with(made, {"a.sh": SCRIPT}, state={"FROM_STATE": "한 '$HOME'"})


@pytest.fixture
def activating(
    launch_services: LaunchServices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> LaunchServices:
    """The services with activations that are kept in this test's folder; no environment is active."""
    for name in ("CONDA_PREFIX", "CONDA_SHLVL", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "XLA_FLAGS"):
        monkeypatch.delenv(name, raising=False)
    made = replace(launch_services, activations=Activations(Machine(), tmp_path / "kept"))
    set_services(made)
    return made


def runs(prefix: Path) -> int:
    return len((prefix / "runs").read_text().splitlines())


@pytest.mark.usefixtures("activating")
def test_a_kernel_has_what_activating_sets(prefix: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", "/before")
    with kernel(prefix / "bin" / "python") as running:
        found = variables(running)
        assert found["LD_LIBRARY_PATH"] == f"{prefix}/lib:/before"
        assert found["XLA_FLAGS"] == f"--xla_gpu_cuda_data_dir={prefix}"
        assert found["PATH"] == f"{prefix}/libexec:{prefix}/bin:{os.environ['PATH']}"
        assert found["FROM_STATE"] == "한 '$HOME'"
        assert found["CONDA_PREFIX"] == str(prefix)
        process = psutil.Process(running.provisioner.pid)
        assert process.cmdline()[0] == str(prefix / "bin" / "python")
        assert process.ppid() == os.getpid()
        assert running.value("__import__('os').getpid()") == str(process.pid)

        script = prefix / "etc" / "conda" / "activate.d" / "a.sh"
        script.write_text(SCRIPT + "export NEW=1\n")
        running.restart()
        assert variables(running)["NEW"] == "1"
        running.restart()
    assert runs(prefix) == 2


@pytest.mark.usefixtures("activating")
def test_a_venv_s_kernel_has_its_venv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = venv(tmp_path / "v")
    (folder / "tests.pth").write_text("\n".join(site.getsitepackages()) + "\n")
    monkeypatch.setenv("VIRTUAL_ENV", "/another")
    monkeypatch.setenv("PATH", f"/another/bin:{os.environ['PATH']}")
    with kernel(tmp_path / "v" / "bin" / "python") as running:
        found = variables(running)
    assert found["VIRTUAL_ENV"] == str(tmp_path / "v")
    assert found["PATH"].split(os.pathsep)[0] == f"{tmp_path}/v/bin"
    assert "/another/bin" not in found["PATH"].split(os.pathsep)


@pytest.mark.usefixtures("activating")
def test_what_the_user_put_into_the_kernelspec_counts_before_the_activation(prefix: Path) -> None:
    own = {
        "XLA_FLAGS": "--mine",
        "LD_LIBRARY_PATH": "/mine:${LD_LIBRARY_PATH}",
        "PATH": "/mine/bin:${PATH}",
        "DOLLARS": "$$x",
    }
    with kernel(prefix / "bin" / "python", spec_env=own) as running:
        found = variables(running)
    assert found["XLA_FLAGS"] == "--mine"
    assert found["LD_LIBRARY_PATH"] == f"/mine:{prefix}/lib"
    assert found["PATH"] == f"/mine/bin:{prefix}/libexec:{prefix}/bin:{os.environ['PATH']}"
    assert found["DOLLARS"] == "$x"


def of_ours(prefix: Path, names: list[str]) -> dict[str, Any]:
    return {"tfgpu": {"owned": True, "prefix": str(prefix), "activation": names}}


@pytest.mark.usefixtures("activating")
def test_what_we_wrote_into_a_kernelspec_gives_way_to_what_is_true_now(prefix: Path) -> None:
    written = {
        "XLA_FLAGS": "--of-last-year",
        "NO_LONGER_SET": "1",
        "PATH": f"{prefix}/old:{prefix}/bin:${{PATH}}",
        "MINE": "1",
    }
    metadata = of_ours(prefix, ["NO_LONGER_SET", "PATH", "XLA_FLAGS"])
    with kernel(prefix / "bin" / "python", spec_env=written, metadata=metadata) as running:
        found = variables(running)
    assert found["XLA_FLAGS"] == f"--xla_gpu_cuda_data_dir={prefix}"
    assert found["PATH"] == f"{prefix}/libexec:{prefix}/bin:{os.environ['PATH']}"
    assert found["MINE"] == "1"
    assert "NO_LONGER_SET" not in found


def test_an_entry_of_ours_that_somebody_changed_is_theirs() -> None:
    mark = {
        "activation": ["A", "B"],
        "written": {"env": {"A": digest("1"), "B": digest("2"), "R_LIBS_SITE": digest("/r")}},
    }
    env = {"A": "1", "B": "changed", "R_LIBS_SITE": "/r", "MINE": "1"}
    assert own_entries(env, mark) == {"B": "changed", "R_LIBS_SITE": "/r", "MINE": "1"}
    assert own_entries(env, None) == env
    assert own_entries(env, {"activation": "rubbish", "written": 3}) == env
    assert own_entries(env, {"activation": ["A"], "written": []}) == {k: env[k] for k in env if k != "A"}


def test_a_pin_counts_before_the_activation(activating: LaunchServices, prefix: Path) -> None:
    script = prefix / "etc" / "conda" / "activate.d" / "b.sh"
    script.write_text("export CUDA_VISIBLE_DEVICES=0,1,2 TF_OF_SCRIPT=1\n")
    activating.pins.set(Target(kernel_id="k1"), parse_pin(SECOND))
    with kernel(prefix / "bin" / "python", kernel_id="k1") as running:
        found = variables(running)
        started = activating.started.get("k1")
    assert (found["CUDA_VISIBLE_DEVICES"], found["TF_OF_SCRIPT"]) == ("1", "1")
    assert started is not None
    assert started.variables["XLA_FLAGS"] == found["XLA_FLAGS"]


@pytest.mark.usefixtures("activating")
def test_the_environment_that_the_server_is_active_in_is_not_activated_again(
    prefix: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONDA_PREFIX", str(prefix))
    monkeypatch.setenv("CONDA_SHLVL", "1")
    monkeypatch.setenv("PATH", f"{prefix}/bin:{os.environ['PATH']}")
    monkeypatch.setenv("XLA_FLAGS", "--the-server-s")
    with kernel(prefix / "bin" / "python") as running:
        found = variables(running)
    assert (found["XLA_FLAGS"], found["CONDA_SHLVL"]) == ("--the-server-s", "1")
    assert found["PATH"] == os.environ["PATH"]
    assert not (prefix / "runs").exists()


@pytest.mark.usefixtures("activating")
def test_the_server_s_environment_leaves_for_another(
    prefix: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = prefix_with(tmp_path / "old", deactivate={"a.sh": "unset OLD_LIB\n"}, state={"OLD_STATE": "1"})
    path = os.environ["PATH"]
    for name, value in {
        "CONDA_PREFIX": str(old),
        "CONDA_SHLVL": "1",
        "PATH": f"{old}/bin:{path}",
        "OLD_LIB": "1",
        "OLD_STATE": "1",
    }.items():
        monkeypatch.setenv(name, value)
    with kernel(prefix / "bin" / "python") as running:
        found = variables(running)
    assert not {"OLD_LIB", "OLD_STATE"} & found.keys()
    assert found["PATH"] == f"{prefix}/libexec:{prefix}/bin:{path}"
    assert (found["CONDA_PREFIX"], found["CONDA_PREFIX_1"], found["CONDA_SHLVL"]) == (
        str(prefix),
        str(old),
        "2",
    )


@pytest.mark.usefixtures("activating")
def test_a_script_that_hangs_is_reported_and_not_run_again(
    prefix: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("jupyter_tfgpu.environments.activation.activations.LIMIT", 0.5)
    script = prefix / "etc" / "conda" / "activate.d" / "b.sh"
    script.write_text("export PLAIN=1\n/bin/sleep 600\n")
    logging.getLogger("traitlets").addHandler(caplog.handler)
    try:
        for _ in range(2):
            with kernel(prefix / "bin" / "python") as running:
                found = variables(running)
            assert (found["FROM_STATE"], found["PLAIN"]) == ("한 '$HOME'", "1")
            assert "XLA_FLAGS" not in found
            assert f"{script} did not end within 5 s" in caplog.text
            caplog.clear()
    finally:
        logging.getLogger("traitlets").removeHandler(caplog.handler)
    assert runs(prefix) == 1


class Broken(Activations):
    """Fails at each start."""

    def __init__(self) -> None:
        pass

    def run(self, prefix: Path, base: Mapping[str, str], *, again: bool = False) -> Activation:
        raise RuntimeError("broken")


def test_a_mistake_of_ours_keeps_no_kernel_from_starting(activating: LaunchServices, prefix: Path) -> None:
    set_services(replace(activating, activations=Broken()))
    with kernel(prefix / "bin" / "python", spec_env={"X": "from the kernelspec"}) as running:
        assert variables(running)["X"] == "from the kernelspec"


class Waiting(Activations):
    """Answers when the event loop has had its turn."""

    def __init__(self, turn: threading.Event) -> None:
        self._turn = turn

    def run(self, prefix: Path, base: Mapping[str, str], *, again: bool = False) -> Activation:
        if not self._turn.wait(timeout=4):
            raise TimeoutError("the event loop stands still")
        return Activation(variables={"WAITED": "1"})


def test_the_event_loop_goes_on_while_scripts_run(activating: LaunchServices) -> None:
    turn = threading.Event()
    set_services(replace(activating, activations=Waiting(turn)))

    async def prepared() -> dict[str, Any]:
        manager = AsyncKernelManager(kernel_name="python3")
        manager._kernel_spec = KernelSpec(
            argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"], language="python"
        )
        asyncio.get_running_loop().call_later(0.05, turn.set)
        _, launch = await manager._async_pre_start_kernel()
        manager.cleanup_connection_file()
        return launch

    factory = KernelProvisionerFactory.instance()
    before = factory.default_provisioner_name
    factory.default_provisioner_name = OURS
    try:
        assert asyncio.run(prepared())["env"]["WAITED"] == "1"
    finally:
        factory.default_provisioner_name = before


@pytest.mark.usefixtures("activating")
def test_a_kernel_of_another_language_that_we_know_the_prefix_of(prefix: Path, tmp_path: Path) -> None:
    """Its command is no Python by its name; ours says in its metadata where it lies."""
    program = prefix / "bin" / "R"
    program.write_text(f'#!/bin/sh\nexec "{prefix}/bin/python" "$@"\n')
    program.chmod(0o755)
    argv = [str(program), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    with kernel(argv=argv, metadata=of_ours(prefix, [])) as running:
        assert variables(running)["XLA_FLAGS"] == f"--xla_gpu_cuda_data_dir={prefix}"
    with kernel(argv=argv) as running:
        assert "XLA_FLAGS" not in variables(running)


@pytest.mark.usefixtures("activating")
def test_programs_without_a_server_activate_too(
    prefix: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    set_services(None)
    try:
        with kernel(prefix / "bin" / "python") as running:
            assert variables(running)["XLA_FLAGS"] == f"--xla_gpu_cuda_data_dir={prefix}"
        assert services().activations is not None
    finally:
        set_services(None)
    assert [path.suffix for path in (tmp_path / "data" / "tfgpu" / "activation").iterdir()] == [".json"]


@pytest.mark.usefixtures("activating")
def test_a_kernelspec_that_was_changed_counts_at_the_next_restart(prefix: Path, tmp_path: Path) -> None:
    folder = tmp_path / "spec"
    folder.mkdir()
    document = {"argv": [], "display_name": "test", "language": "python"}

    def state(**env: str) -> None:
        (folder / "kernel.json").write_text(json.dumps({**document, "env": env}))

    state(MINE="1", HIDDEN="-1")
    spec_env = {"MINE": "1", "HIDDEN": "-1"}
    with kernel(prefix / "bin" / "python", spec_env=spec_env, resource_dir=str(folder)) as running:
        assert variables(running)["HIDDEN"] == "-1"
        state(MINE="2")
        running.restart()
        found = variables(running)
        assert found["MINE"] == "2" and "HIDDEN" not in found
        (folder / "kernel.json").write_text("{")  # somebody is writing it
        running.restart()
        assert variables(running)["MINE"] == "2"
