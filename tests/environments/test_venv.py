"""Environments of venv, virtualenv and uv are found where people and tools keep them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from jupyter_tfgpu.environments import Registry, describe
from jupyter_tfgpu.environments.locators import projects
from jupyter_tfgpu.machine import Machine
from tests.environments.trees import a_machine, listed, venv


@pytest.mark.parametrize("place", [".virtualenvs", "envs", "Envs", ".venvs", ".local/share/virtualenvs", "."])
def test_places_in_the_home(tmp_path: Path, place: str) -> None:
    machine = a_machine(tmp_path)
    venv(machine.home / place / "tf2")
    found = listed(machine, tmp_path)
    assert set(found) == {"tf2"}
    assert found["tf2"].kind == "venv"
    assert found["tf2"].python == ".".join(map(str, sys.version_info[:3]))
    assert found["tf2"].problem is None


@pytest.mark.parametrize(("variable", "below"), [("WORKON_HOME", ""), ("XDG_DATA_HOME", "virtualenvs")])
def test_places_named_by_variables(tmp_path: Path, variable: str, below: str) -> None:
    venv(tmp_path / "elsewhere" / below / "tf2")
    assert set(listed(a_machine(tmp_path, **{variable: f"{tmp_path}/elsewhere"}), tmp_path)) == {"tf2"}


def test_the_activated_one(tmp_path: Path) -> None:
    venv(tmp_path / "somewhere" / "deep" / "active")
    machine = a_machine(tmp_path, VIRTUAL_ENV=f"{tmp_path}/somewhere/deep/active")
    assert set(listed(machine, tmp_path)) == {"active"}


def test_the_user_names_prefixes_and_folders_of_prefixes(tmp_path: Path) -> None:
    venv(tmp_path / "one prefix")
    venv(tmp_path / "many" / "a")
    venv(tmp_path / "many" / "b")
    named = f"{tmp_path}/one prefix:{tmp_path}/many::not/absolute:{tmp_path}/absent"
    machine = a_machine(tmp_path, JUPYTER_TFGPU_ENVIRONMENTS=named)
    assert set(listed(machine, tmp_path)) == {"one prefix", "a", "b"}


def test_a_place_below_the_home_is_named_with_a_tilde(tmp_path: Path) -> None:
    machine = a_machine(tmp_path, JUPYTER_TFGPU_ENVIRONMENTS="~/some where")
    venv(machine.home / "some where" / "a")
    assert "a" in listed(machine, tmp_path)


def test_projects_in_the_working_folder_are_named_after_the_project(tmp_path: Path) -> None:
    work = tmp_path / "work"
    venv(work / ".venv")
    venv(work / "cats" / ".venv")
    venv(work / "dogs" / "env")
    venv(work / "named")
    venv(work / "deep" / "deeper" / ".venv")
    found = listed(a_machine(tmp_path, PWD=str(work)), tmp_path)
    assert set(found) == {"work", "cats", "dogs", "named"}


def test_of_more_folders_than_anybody_has_projects_some_are_left_out_and_that_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projects, "MOST_PROJECTS", 3)
    work = tmp_path / "work"
    for name in ("ants", "bees", "cats", ".hidden"):
        venv(work / name / ".venv")
    machine = a_machine(tmp_path, PWD=str(work))
    registry = Registry(machine)
    assert {"ants", "bees", "cats"} <= {each.name for each in registry.environments()}
    assert registry.problems == ()
    venv(work / "dogs" / ".venv")
    found = {each.name for each in registry.environments()}
    assert len(found & {"ants", "bees", "cats", "dogs"}) == 3
    assert registry.problems == (
        f"{work} holds more than 3 folders, so environments inside projects are looked for "
        "in 3 of them only. Start Jupyter in a folder with fewer, or name the others' environments in the "
        "variable JUPYTER_TFGPU_ENVIRONMENTS.",
    )
    registry.environments()
    assert len(registry.problems) == 1


def test_the_working_folder_of_this_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    venv(tmp_path / "mice" / ".venv")
    monkeypatch.chdir(tmp_path)
    machine = Machine(environ={}, home=tmp_path / "nobody")
    assert "mice" in {each.name for each in Registry(machine).environments()}


def test_a_prompt_is_the_name(tmp_path: Path) -> None:
    venv(tmp_path / "env1", prompt="vision lab")
    assert describe(a_machine(tmp_path), tmp_path / "env1").name == "vision lab"


@pytest.mark.parametrize(
    ("line", "kind"), [("uv = 0.9.8", "uv"), ("virtualenv = 20.35.4", "virtualenv"), ("", "venv")]
)
def test_the_tool_leaves_its_mark(tmp_path: Path, line: str, kind: str) -> None:
    venv(tmp_path / "marked")
    settings = tmp_path / "marked" / "pyvenv.cfg"
    settings.write_text(f"{settings.read_text('utf-8')}{line}\n", "utf-8")
    assert describe(a_machine(tmp_path), tmp_path / "marked").kind == kind


def test_virtualenv_states_the_version_in_its_own_way(tmp_path: Path) -> None:
    venv(tmp_path / "old")
    text = "home = /usr/bin\nversion_info = 3.9.18.final.0\nvirtualenv = 20.0.1\n"
    (tmp_path / "old" / "pyvenv.cfg").write_text(text, "utf-8")
    assert describe(a_machine(tmp_path), tmp_path / "old").python == "3.9.18"


def test_a_link_to_an_environment_is_the_same_environment(tmp_path: Path) -> None:
    machine = a_machine(tmp_path)
    venv(tmp_path / "data" / "real")
    (machine.home / "envs").mkdir()
    (machine.home / "envs" / "link").symlink_to(tmp_path / "data" / "real")
    (machine.home / "envs" / "again").symlink_to(tmp_path / "data" / "real")
    found = listed(machine, tmp_path)
    assert [each.prefix for each in found.values()] == [str(tmp_path / "data" / "real")]
