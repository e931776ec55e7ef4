"""Hatch's environments lie two folders deep below a hash; they are named after the project."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.environments.trees import a_machine, laid_out, listed


@pytest.mark.parametrize(
    ("platform", "variables", "data"),
    [
        ("linux", {}, "home/.local/share/hatch"),
        ("linux", {"XDG_DATA_HOME": "data"}, "data/hatch"),
        ("darwin", {}, "home/Library/Application Support/hatch"),
        ("win32", {}, "home/AppData/Local/hatch"),
        ("win32", {"LOCALAPPDATA": "local"}, "local/hatch"),
        ("linux", {"HATCH_DATA_DIR": "named"}, "named"),
    ],
)
def test_places(tmp_path: Path, platform: str, variables: dict[str, str], data: str) -> None:
    for name in ("cats", "docs"):
        prefix = tmp_path / data / "env" / "virtual" / "cats" / "d4_cyY-6" / name
        laid_out(prefix, "virtualenv = 20.26.2", platform=platform)
    variables = {name: str(tmp_path / value) for name, value in variables.items()}
    found = listed(a_machine(tmp_path, platform, **variables), tmp_path)
    assert {name: each.kind for name, each in found.items()} == {"cats": "hatch", "cats:docs": "hatch"}
    assert found["cats"].problem is None


def test_inside_the_project(tmp_path: Path) -> None:
    laid_out(tmp_path / "cats" / ".hatch" / "cats", "uv = 0.9.8")
    laid_out(tmp_path / "cats" / ".hatch" / "test", "uv = 0.9.8")
    found = listed(a_machine(tmp_path, PWD=str(tmp_path / "cats")), tmp_path)
    assert {name: each.kind for name, each in found.items()} == {"cats": "hatch", "cats:test": "hatch"}


@pytest.mark.parametrize(
    ("platform", "config"),
    [
        ("linux", "home/.config/hatch"),
        ("darwin", "home/Library/Application Support/hatch"),
        ("win32", "home/AppData/Local/hatch"),
    ],
)
def test_places_in_its_settings(tmp_path: Path, platform: str, config: str) -> None:
    (tmp_path / config).mkdir(parents=True)
    settings = tmp_path / config / "config.toml"
    laid_out(tmp_path / "big/env/virtual/cats/d4_cyY-6/cats", platform=platform)
    settings.write_text(f'[dirs]\ndata = "{tmp_path}/big"\n', "utf-8")
    assert set(listed(a_machine(tmp_path, platform), tmp_path)) == {"cats"}
    laid_out(tmp_path / "hot/virtual/dogs/d4_cyY-6/dogs", platform=platform)
    settings.write_text(f'[dirs.env]\nvirtual = "{tmp_path}/hot/virtual"\n', "utf-8")
    assert set(listed(a_machine(tmp_path, platform), tmp_path)) == {"dogs"}
