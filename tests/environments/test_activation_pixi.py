"""Pixi's environments are activated as by pixi: its own variables, and the manifest's [activation]."""

from __future__ import annotations

import json
import platform
from pathlib import Path

import pytest

from jupyter_tfgpu.environments.activation import Activation, activated, deactivated
from jupyter_tfgpu.environments.activation.active import plan_for
from jupyter_tfgpu.environments.activation.files_only import from_files
from jupyter_tfgpu.machine import Machine
from tests.environments.activating import activations, base_with, prefix_with

PATH = {"PATH": "/usr/bin:/bin"}
OWN = ("CONDA_", "PIXI_")


def project(folder: Path, manifest: str, name: str = "default", file: str = "pixi.toml") -> Path:
    """A project with this manifest, and the prefix of an environment in it."""
    prefix = prefix_with(folder / ".pixi" / "envs" / name)
    (folder / file).write_text(manifest, "utf-8")
    note = {"manifest_path": str(folder / file), "environment_name": name}
    (prefix / "conda-meta" / "pixi").write_text(json.dumps(note), "utf-8")
    return prefix


def told(prefix: Path, base: dict[str, str] = PATH, system: str = "linux") -> Activation:
    return from_files(plan_for(Machine(platform=system), prefix, base), base)


def set_by(prefix: Path, system: str = "linux") -> dict[str, str]:
    """What the manifest sets."""
    found = told(prefix, system=system).variables
    return {name: value for name, value in found.items() if not name.startswith(OWN)}


def test_pixi_s_own_variables(tmp_path: Path) -> None:
    manifest = '[workspace]\nname = "cats"\nversion = "1.2"\n'
    prefix = project(tmp_path / "project", manifest)
    assert told(prefix).variables == {
        "CONDA_DEFAULT_ENV": "cats",
        "CONDA_PREFIX": str(prefix),
        "CONDA_PROMPT_MODIFIER": "(default) ",
        "CONDA_SHLVL": "1",
        "PIXI_ENVIRONMENT_NAME": "default",
        "PIXI_IN_SHELL": "1",
        "PIXI_PROJECT_MANIFEST": f"{tmp_path}/project/pixi.toml",
        "PIXI_PROJECT_NAME": "cats",
        "PIXI_PROJECT_ROOT": f"{tmp_path}/project",
        "PIXI_PROJECT_VERSION": "1.2",
        "PIXI_PROMPT": "(cats) ",
    }
    found = told(project(tmp_path / "dogs", "[workspace]\n", "gpu")).variables
    assert (found["PIXI_PROMPT"], found["CONDA_DEFAULT_ENV"]) == ("(dogs:gpu) ", "dogs:gpu")
    assert found["PIXI_PROJECT_VERSION"] == "NO_VERSION_SPECIFIED"


ENV = '[activation.env]\nA = "default"\nB = "$PIXI_PROJECT_ROOT/b"\nC = "`id` \'c\'"\n'
FEATURES = """
[feature.one.activation.env]
A = "one"
ONE = "1"
[feature.two.activation.env]
A = "two"
TWO = "2"
[environments]
gpu = ["one", "two"]
bare = {features = ["two"], no-default-feature = true}
"""


def test_env_is_set_with_references_to_variables(tmp_path: Path) -> None:
    expected = {"A": "default", "B": f"{tmp_path}/project/b", "C": "`id` 'c'"}
    assert set_by(project(tmp_path / "project", ENV)) == expected
    in_pyproject = ENV.replace("[activation", "[tool.pixi.activation")
    prefix = project(tmp_path / "project", in_pyproject, file="pyproject.toml")
    assert set_by(prefix) == expected


def test_of_features_the_first_counts_and_the_default_one_least(tmp_path: Path) -> None:
    manifest = ENV + FEATURES
    common = {"B": f"{tmp_path}/b", "C": "`id` 'c'"}
    gpu = project(tmp_path, manifest, "gpu")
    assert set_by(gpu) == {"A": "one", "ONE": "1", "TWO": "2", **common}
    assert set_by(project(tmp_path, manifest, "bare")) == {"A": "two", "TWO": "2"}
    assert set_by(project(tmp_path, manifest)) == {"A": "default", **common}


def test_of_tables_for_the_platform_the_last_counts(tmp_path: Path) -> None:
    processor = {"x86_64": "64", "arm64": "aarch64"}.get(platform.machine(), platform.machine())
    tables = {
        "unix": "unix",
        f"linux-{processor}": "subdir",
        "linux": "linux",
        "win": "win",
        "osx-arm64": "x",
    }
    manifest = "".join(
        f'[target.{table}.activation.env]\nA = "{value}"\n{value.upper()} = "1"\n'
        for table, value in tables.items()
    )
    prefix = project(tmp_path, f'{manifest}[activation.env]\nA = "plain"\nPLAIN = "1"\n')
    assert set_by(prefix) == {"A": "linux", "LINUX": "1", "SUBDIR": "1", "UNIX": "1", "PLAIN": "1"}
    assert set_by(prefix, "win32") == {"A": "win", "WIN": "1", "PLAIN": "1"}


@pytest.mark.parametrize(
    "value", ["$(touch ran)", "${A:-x}", "$A`id`", "\\\\$A", "$1", "$$", "${!A}", "a${", "${A[0]}"]
)
def test_what_it_takes_a_shell_to_tell_is_left_out_and_told(tmp_path: Path, value: str) -> None:
    manifest = f'[activation.env]\nBAD = "{value}"\nGOOD = "1"\n'
    prefix = project(tmp_path, manifest)
    assert set_by(prefix) == {"GOOD": "1"}
    problem = f"BAD in {tmp_path}/pixi.toml is left out: only a shell could tell what it is."
    assert told(prefix).problem == problem
    assert activations(tmp_path).run(prefix, PATH).problem == problem
    assert not (tmp_path / "ran").exists()


def test_scripts_run_after_the_prefix_s_in_the_project_and_env_counts_after_them(tmp_path: Path) -> None:
    manifest = """
    [activation]
    scripts = ["a.sh", "missing.sh"]
    env = { LATE = "$FROM_A/late", OVER = "env" }
    [feature.gpu.activation]
    scripts = ["sub/g.sh"]
    [environments]
    gpu = ["gpu"]
    """
    prefix = project(tmp_path / "project", manifest, "gpu")
    prefix_with(prefix, {"p.sh": "export ORDER=p\n"})
    (tmp_path / "project" / "sub").mkdir()
    (tmp_path / "project" / "sub" / "g.sh").write_text("export ORDER=$ORDER:g\n", "utf-8")
    script = 'export ORDER="$ORDER:a" FROM_A="$PIXI_PROJECT_ROOT" OVER=script LATER="$LATE|" HERE="$(pwd)"\n'
    (tmp_path / "project" / "a.sh").write_text(script, "utf-8")
    base = base_with(tmp_path, "bash")
    found = activations(tmp_path).run(prefix, base)
    folder = f"{tmp_path}/project"
    assert found.problem == (
        f"The activation script {folder}/missing.sh that {folder}/pixi.toml names is not there."
    )
    assert {name: value for name, value in found.variables.items() if not name.startswith(OWN)} == {
        "ORDER": "p:g:a",
        "FROM_A": f"{tmp_path}/project",
        "HERE": f"{tmp_path}/project",
        "OVER": "env",
        "LATE": f"{tmp_path}/project/late",
        "LATER": "|",
    }


def test_listing_runs_no_script_and_says_what_it_does_not_know(tmp_path: Path) -> None:
    manifest = '[activation]\nscripts = ["a.sh"]\nenv = { LATE = "$FROM_A", SURE = "1" }\n'
    prefix = project(tmp_path, manifest)
    (tmp_path / "a.sh").write_text(f"touch {tmp_path}/ran\nexport FROM_A=$HOME PLAIN=1\n", "utf-8")
    found = activations(tmp_path).known(prefix, PATH)
    assert not (tmp_path / "ran").exists()
    assert set(found.unknown) == {"FROM_A", "PLAIN", "LATE"}
    assert found.variables["SURE"] == "1"
    assert "LATE" not in found.variables


def test_a_change_of_the_manifest_shows(tmp_path: Path) -> None:
    known = activations(tmp_path)
    prefix = project(tmp_path / "project", '[activation.env]\nA = "1"\n')
    state = known.state(prefix)
    assert known.run(prefix, PATH).variables["A"] == "1"
    (tmp_path / "project" / "pixi.toml").write_text('[activation.env]\nA = "22"\n', "utf-8")
    assert known.run(prefix, PATH).variables["A"] == "22"
    assert known.state(prefix) != state


@pytest.mark.parametrize(
    "text", ["[activation", "activation = 3", "[activation]\nscripts = 3\nenv = []\n", "\0"]
)
def test_a_manifest_that_is_rubbish_sets_nothing(tmp_path: Path, text: str) -> None:
    prefix = project(tmp_path, text)
    assert set_by(prefix) == {}
    legible = text.startswith(("activation =", "[activation]"))
    said = f"{tmp_path}/pixi.toml cannot be read, so what it sets is left out."
    assert told(prefix).problem == (None if legible else said)


def test_names_and_values_that_no_variable_can_have_are_left_out(tmp_path: Path) -> None:
    manifest = '[activation.env]\n"A B" = "1"\nPATH = "/gone"\nN = 3\nNUL = "a\\u0000b"\nOK = "1"\n'
    prefix = project(tmp_path, manifest)
    assert set_by(prefix) == {"OK": "1"}
    assert told(prefix).path == (f"{prefix}/bin",)


def test_what_was_installed_for_the_user_is_no_project(tmp_path: Path) -> None:
    prefix = project(tmp_path, ENV, file="pixi-global.toml")
    assert set_by(prefix) == {}
    assert "PIXI_PROJECT_ROOT" not in told(prefix).variables


def test_leaving_takes_it_all_back(tmp_path: Path) -> None:
    prefix = project(tmp_path, ENV)
    base = {**PATH, "A": "mine"}
    active = activated(told(prefix, base), base)
    assert active["A"] == "default"
    left = deactivated(Machine(), {**active, "CONDA_ENV_SHLVL_1_A": "mine"})
    assert left == base
