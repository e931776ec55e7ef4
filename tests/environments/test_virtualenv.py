"""virtualenv's environments, and those that virtualenvwrapper keeps in one folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.environments.trees import a_machine, laid_out, listed


@pytest.mark.parametrize(
    ("platform", "variables", "place"),
    [
        ("linux", {}, "home/.virtualenvs"),
        ("darwin", {}, "home/.virtualenvs"),
        ("win32", {}, "home/Envs"),
        ("linux", {"WORKON_HOME": "work"}, "work"),
        ("win32", {"WORKON_HOME": "work"}, "work"),
    ],
)
def test_places(tmp_path: Path, platform: str, variables: dict[str, str], place: str) -> None:
    laid_out(tmp_path / place / "vision", "virtualenv = 20.26.2", platform=platform)
    (tmp_path / place / "vision" / ".project").write_text("/data/cats\n", "utf-8")
    variables = {name: str(tmp_path / value) for name, value in variables.items()}
    found = listed(a_machine(tmp_path, platform, **variables), tmp_path)
    assert {name: each.kind for name, each in found.items()} == {"vision": "virtualenv"}
    python = "Scripts/python.exe" if platform == "win32" else "bin/python"
    assert found["vision"].interpreter == str(tmp_path / place / "vision" / python)


def test_the_folder_may_be_named_with_a_tilde_or_a_variable(tmp_path: Path) -> None:
    laid_out(tmp_path / "home" / "my envs" / "vision", "virtualenv = 20.26.2")
    for text in ("~/my envs", "$HOME/my envs", "${HOME}/my envs"):
        machine = a_machine(tmp_path, WORKON_HOME=text, HOME=str(tmp_path / "home"))
        assert set(listed(machine, tmp_path)) == {"vision"}
