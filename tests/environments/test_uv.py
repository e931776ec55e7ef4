"""uv's environments and the Pythons that it manages."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_tfgpu.environments import describe
from tests.environments.trees import a_machine, laid_out, listed, standalone

MARK = "uv = 0.9.8"


def test_a_projects_environment_is_named_after_it(tmp_path: Path) -> None:
    laid_out(tmp_path / "cats" / ".venv", MARK)
    found = listed(a_machine(tmp_path, PWD=str(tmp_path)), tmp_path)
    assert {name: each.kind for name, each in found.items()} == {"cats": "uv"}


def test_the_place_for_projects_environments(tmp_path: Path) -> None:
    laid_out(tmp_path / "work" / "cats" / ".uv" / "here", MARK, "prompt = cats")
    laid_out(tmp_path / "scratch" / "shared", MARK)
    machine = a_machine(tmp_path, PWD=f"{tmp_path}/work", UV_PROJECT_ENVIRONMENT=".uv/here")
    assert set(listed(machine, tmp_path)) == {"cats"}
    machine = a_machine(tmp_path, UV_PROJECT_ENVIRONMENT=f"{tmp_path}/scratch/shared")
    assert set(listed(machine, tmp_path)) == {"shared"}


@pytest.mark.parametrize(
    ("platform", "variables", "place"),
    [
        ("linux", {}, "home/.local/share/uv/python"),
        ("linux", {"XDG_DATA_HOME": "data"}, "data/uv/python"),
        ("darwin", {}, "home/.local/share/uv/python"),
        ("win32", {}, "home/AppData/Roaming/uv/data/python"),
        ("win32", {"APPDATA": "roaming"}, "roaming/uv/data/python"),
        ("linux", {"UV_PYTHON_INSTALL_DIR": "pythons"}, "pythons"),
    ],
)
def test_managed_pythons(tmp_path: Path, platform: str, variables: dict[str, str], place: str) -> None:
    folder = tmp_path / place
    standalone(folder / "cpython-3.12.4-linux-x86_64-gnu", platform=platform)
    (folder / "cpython-3.12-linux-x86_64-gnu").symlink_to("cpython-3.12.4-linux-x86_64-gnu")
    standalone(folder / "cpython-3.13.0rc1+freethreaded-macos-aarch64-none", "3.13.0", platform)
    (folder / ".temp").mkdir()
    variables = {name: str(tmp_path / value) for name, value in variables.items()}
    found = listed(a_machine(tmp_path, platform, **variables), tmp_path)
    assert {name: each.kind for name, each in found.items()} == {
        "cpython-3.12.4": "uv",
        "cpython-3.13.0rc1+freethreaded": "uv",
    }


def test_a_mark_alone_makes_it_uvs(tmp_path: Path) -> None:
    laid_out(tmp_path / "any", MARK)
    assert describe(a_machine(tmp_path), tmp_path / "any").kind == "uv"
