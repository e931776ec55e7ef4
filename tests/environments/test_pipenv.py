"""Pipenv's environments carry a hash in their name; the file ``.project`` says whose they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_tfgpu.environments import describe
from tests.environments.trees import a_machine, laid_out, listed


def pipenv(prefix: Path, project: str, platform: str = "linux") -> None:
    laid_out(prefix, "virtualenv = 20.26.2", f"prompt = {project}", platform=platform)
    (prefix / ".project").write_text(project, "utf-8")


@pytest.mark.parametrize(
    ("platform", "variables", "place"),
    [
        ("linux", {}, "home/.local/share/virtualenvs"),
        ("linux", {"XDG_DATA_HOME": "data"}, "data/virtualenvs"),
        ("darwin", {}, "home/.local/share/virtualenvs"),
        ("win32", {}, "home/.virtualenvs"),
        ("linux", {"WORKON_HOME": "work"}, "work"),
        ("win32", {"WORKON_HOME": "work"}, "work"),
    ],
)
def test_places(tmp_path: Path, platform: str, variables: dict[str, str], place: str) -> None:
    pipenv(tmp_path / place / "cats-aB3_-x9Z", "/data/projects/cats", platform)
    variables = {name: str(tmp_path / value) for name, value in variables.items()}
    found = listed(a_machine(tmp_path, platform, **variables), tmp_path)
    assert {name: each.kind for name, each in found.items()} == {"cats": "pipenv"}


@pytest.mark.parametrize(
    ("folder", "project", "kind", "name"),
    [
        ("My_cats-aB3_-x9Z", "/data/My cats", "pipenv", "My cats"),
        ("cats-aB3_-x9Z", "C:\\Users\\me\\cats\n", "pipenv", "cats"),
        ("cats-aB3_-x9Z-3.9", "/data/cats", "pipenv", "cats"),
        ("x" * 42 + "-aB3_-x9Z", "/data/" + "x" * 60, "pipenv", "x" * 60),
        # virtualenvwrapper notes the project too, under a name that its user chose.
        ("vision", "/data/cats", "virtualenv", "chosen"),
        ("vision-training", "/data/cats", "virtualenv", "chosen"),
        ("cats-aB3_-x9Z", "", "virtualenv", "chosen"),
    ],
)
def test_names(tmp_path: Path, folder: str, project: str, kind: str, name: str) -> None:
    pipenv(tmp_path / folder, project)
    (tmp_path / folder / "pyvenv.cfg").write_text("virtualenv = 20.26.2\nprompt = chosen\n", "utf-8")
    found = describe(a_machine(tmp_path), tmp_path / folder)
    assert (found.kind, found.name) == (kind, name)


def test_inside_the_project(tmp_path: Path) -> None:
    pipenv(tmp_path / "cats" / ".venv", str(tmp_path / "cats"))
    found = listed(a_machine(tmp_path, PWD=str(tmp_path)), tmp_path)
    assert (found["cats"].kind, found["cats"].name) == ("pipenv", "cats")
