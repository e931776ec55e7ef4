"""Poetry's environments are found where its settings put them, and named after their project."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_tfgpu.environments import Registry, describe
from tests.environments.trees import a_machine, laid_out, listed

NAME = "cat-vision-hXq1-_3k-py3.12"

CACHES = [
    ("linux", {}, "home/.cache/pypoetry/virtualenvs"),
    ("linux", {"XDG_CACHE_HOME": "caches"}, "caches/pypoetry/virtualenvs"),
    ("darwin", {}, "home/Library/Caches/pypoetry/virtualenvs"),
    ("win32", {}, "home/AppData/Local/pypoetry/Cache/virtualenvs"),
    ("win32", {"LOCALAPPDATA": "local"}, "local/pypoetry/Cache/virtualenvs"),
    ("linux", {"POETRY_CACHE_DIR": "quick"}, "quick/virtualenvs"),
    ("linux", {"POETRY_VIRTUALENVS_PATH": "named"}, "named"),
]


@pytest.mark.parametrize(("platform", "variables", "place"), CACHES)
def test_places(tmp_path: Path, platform: str, variables: dict[str, str], place: str) -> None:
    laid_out(tmp_path / place / NAME, "virtualenv = 20.26.2", platform=platform)
    variables = {name: str(tmp_path / value) for name, value in variables.items()}
    found = listed(a_machine(tmp_path, platform, **variables), tmp_path)
    assert {name: each.kind for name, each in found.items()} == {"cat-vision": "poetry"}
    assert (found["cat-vision"].python, found["cat-vision"].problem) == ("3.12.4", None)


@pytest.mark.parametrize(
    ("platform", "config"),
    [
        ("linux", "home/.config/pypoetry"),
        ("darwin", "home/Library/Application Support/pypoetry"),
        ("win32", "home/AppData/Roaming/pypoetry"),
    ],
)
@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('[virtualenvs]\npath = "{tmp}/envs"\n', "envs"),
        ('cache-dir = "{tmp}/quick"\n', "quick/virtualenvs"),
        ('cache-dir = "{tmp}/quick"\n[virtualenvs]\npath = "{{cache-dir}}/here"\n', "quick/here"),
    ],
)
def test_places_in_its_settings(tmp_path: Path, platform: str, config: str, text: str, place: str) -> None:
    laid_out(tmp_path / place / NAME, platform=platform)
    (tmp_path / config).mkdir(parents=True)
    (tmp_path / config / "config.toml").write_text(text.format(tmp=tmp_path), "utf-8")
    assert set(listed(a_machine(tmp_path, platform), tmp_path)) == {"cat-vision"}


def test_inside_a_project_the_lock_file_tells(tmp_path: Path) -> None:
    for project, mark in (("cats", "virtualenv = 20.26.2"), ("dogs", "uv = 0.9.8")):
        laid_out(tmp_path / project / ".venv", mark, f"prompt = {project}-py3.12")
        (tmp_path / project / "poetry.lock").touch()
    laid_out(tmp_path / "mice" / ".venv", "virtualenv = 20.26.2")
    machine = a_machine(tmp_path)
    found = [describe(machine, tmp_path / project / ".venv") for project in ("cats", "dogs", "mice")]
    assert [(each.name, each.kind) for each in found] == [
        ("cats", "poetry"),
        ("dogs-py3.12", "uv"),
        ("mice", "virtualenv"),
    ]


@pytest.mark.parametrize("text", ["cache-dir = ", "cache-dir = 3\n", "virtualenvs = 1\n", '"\x00'])
def test_broken_settings_leave_the_usual_place(tmp_path: Path, text: str) -> None:
    machine = a_machine(tmp_path)
    laid_out(machine.home / ".cache/pypoetry/virtualenvs" / NAME)
    config = machine.home / ".config" / "pypoetry" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(text, "utf-8")
    registry = Registry(machine)
    assert "cat-vision" in {each.name for each in registry.environments()}
    told = [each for each in registry.problems if each.startswith(f"{config} is no TOML")]
    assert len(told) == (text in ("cache-dir = ", '"\x00'))
