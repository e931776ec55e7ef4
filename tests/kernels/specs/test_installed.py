"""Every kernelspec is listed, whoever wrote it, with the reason why it cannot start."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from jupyter_tfgpu.environments import describe, environment_id
from jupyter_tfgpu.kernels.specs.installed import InstalledSpec, all_specs
from jupyter_tfgpu.kernels.specs.store import SpecStore
from jupyter_tfgpu.machine import Machine
from tests.environments.trees import conda, distribution, venv


@pytest.fixture(autouse=True)
def kernels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the user's kernelspecs in this test."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "shared"))
    folder = tmp_path / "data" / "kernels"
    folder.mkdir(parents=True)
    return folder


def write(kernels: Path, name: str, content: object) -> None:
    (kernels / name).mkdir()
    text = content if isinstance(content, str) else json.dumps(content)
    (kernels / name / "kernel.json").write_text(text, "utf-8")


def by_name() -> dict[str, InstalledSpec]:
    machine = Machine(environ={"PATH": "/usr/bin:/bin"}, home=Path("/nonexistent"))
    return {spec.name: spec for spec in all_specs(machine)}


def test_ours_and_others_are_joined_with_their_environments(tmp_path: Path, kernels: Path) -> None:
    distribution(venv(tmp_path / "mine"), "ipykernel", "7.4.0")
    environment = describe(Machine(environ={}, home=tmp_path), tmp_path / "mine")
    SpecStore().add(environment, label="env")
    conda(tmp_path / "r")
    (tmp_path / "r" / "bin" / "R").touch()
    write(
        kernels, "ir", {"argv": [str(tmp_path / "r/bin/R"), "--slave"], "display_name": "R", "language": "R"}
    )
    found = by_name()
    assert (found["tfgpu-mine"].owned, found["tfgpu-mine"].environment) == (True, environment.id)
    assert (found["tfgpu-mine"].prefix, found["tfgpu-mine"].problem) == (str(tmp_path / "mine"), None)
    assert (found["ir"].owned, found["ir"].language) == (False, "R")
    assert found["ir"].environment == environment_id(tmp_path / "r")


def test_the_servers_own_python_has_a_kernelspec_in_no_file() -> None:
    own = by_name()["python3"]
    assert (own.interpreter, own.interpreter_exists, own.owned) == (sys.executable, True, False)
    assert own.environment == environment_id(Path(sys.prefix))


def test_a_bare_python_is_the_servers(kernels: Path) -> None:
    """jupyter_client puts its own interpreter in place of these names."""
    write(
        kernels,
        "bare",
        {"argv": ["python3.11", "-m", "ipykernel"], "display_name": "B", "language": "python"},
    )
    assert by_name()["bare"].interpreter == sys.executable


def test_programs_are_looked_for_on_the_path(kernels: Path) -> None:
    write(kernels, "shell", {"argv": ["sh", "-c", "x"], "display_name": "S", "language": "sh"})
    write(kernels, "julia", {"argv": ["julia-1.99"], "display_name": "J", "language": "julia"})
    write(kernels, "own", {"argv": ["{resource_dir}/run"], "display_name": "O", "language": "x"})
    (kernels / "own" / "run").touch()
    found = by_name()
    assert (found["shell"].interpreter or "").endswith("/sh")
    assert (found["shell"].environment, found["shell"].problem) == (None, None)
    assert (
        found["julia"].problem
        == "The program 'julia-1.99' that it starts is not on the PATH of this program."
    )
    assert (found["own"].interpreter, found["own"].problem) == (str(kernels / "own" / "run"), None)


def test_an_interpreter_that_is_gone(kernels: Path) -> None:
    gone = {"argv": ["/opt/gone/bin/python", "-m", "ipykernel"], "display_name": "Old", "language": "python"}
    write(kernels, "old", gone)
    old = by_name()["old"]
    assert (old.interpreter, old.interpreter_exists) == ("/opt/gone/bin/python", False)
    assert old.problem is not None
    assert old.problem.startswith("The interpreter /opt/gone/bin/python no longer exists.")
    assert old.problem.endswith("jupyter kernelspec remove old")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ('{"argv": ["/bin/sh"', "cannot be read"),
        ("[]", "holds no JSON object"),
        ("{}", "names no command"),
        ({"argv": []}, "names no command"),
        ({"argv": [7]}, "names no command"),
        ({"argv": "python"}, "names no command"),
        ({"argv": ["/a\0b"]}, "no longer exists"),
        ({"argv": ["/bin/sh"], "metadata": [], "display_name": 3, "language": None}, None),
    ],
)
def test_broken_files_are_listed_with_a_sentence(kernels: Path, content: object, problem: str | None) -> None:
    write(kernels, "broken", content)
    found = by_name()
    assert set(found) == {"broken", "python3"}
    said = found["broken"].problem
    assert said is None if problem is None else said is not None and problem in said
    assert (found["broken"].display_name, found["broken"].owned) == ("broken", False)


def test_what_a_kernelspec_sets_is_told(kernels: Path) -> None:
    spec = {"argv": ["/bin/sh"], "display_name": "S", "language": "sh", "env": {"A": "1", "B": 2}}
    write(kernels, "sets", spec)
    assert by_name()["sets"].variables == {"A": "1"}
