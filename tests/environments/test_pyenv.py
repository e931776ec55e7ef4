"""Pyenv's versions are found, with the environments and the conda installations among them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.environments.trees import a_machine, conda, laid_out, listed, standalone


@pytest.mark.parametrize(
    ("platform", "variables", "root"),
    [
        ("linux", {}, "home/.pyenv"),
        ("darwin", {}, "home/.pyenv"),
        ("win32", {}, "home/.pyenv/pyenv-win"),
        ("linux", {"PYENV_ROOT": "tools/py"}, "tools/py"),
        ("win32", {"PYENV": "tools/py"}, "tools/py"),
    ],
)
def test_places(tmp_path: Path, platform: str, variables: dict[str, str], root: str) -> None:
    standalone(tmp_path / root / "versions" / "3.12.4", platform=platform)
    laid_out(tmp_path / root / "versions" / "3.12.4" / "envs" / "cats", platform=platform)
    variables = {name: str(tmp_path / value) for name, value in variables.items()}
    found = listed(a_machine(tmp_path, platform, **variables), tmp_path)
    assert {name: each.kind for name, each in found.items()} == {"3.12.4": "pyenv", "cats": "pyenv"}
    assert (found["cats"].problem, found["3.12.4"].problem) == (None, None)
    if platform != "win32":
        assert found["3.12.4"].python == "3.12.4"


def test_the_link_to_an_environment_is_no_second_one(tmp_path: Path) -> None:
    machine = a_machine(tmp_path)
    versions = machine.home / ".pyenv" / "versions"
    standalone(versions / "3.12.4")
    laid_out(versions / "3.12.4" / "envs" / "cats")
    (versions / "cats").symlink_to("3.12.4/envs/cats")
    found = listed(machine, tmp_path)
    assert {each.prefix for each in found.values()} == {
        str(versions / "3.12.4"),
        str(versions / "3.12.4/envs/cats"),
    }


def test_a_root_that_is_a_link_is_known_all_the_same(tmp_path: Path) -> None:
    standalone(tmp_path / "disk" / "py" / "versions" / "3.12.4")
    (tmp_path / "link").symlink_to("disk/py")
    machine = a_machine(tmp_path, PYENV_ROOT=str(tmp_path / "link"))
    assert listed(machine, tmp_path)["3.12.4"].kind == "pyenv"


def test_conda_installations_among_the_versions(tmp_path: Path) -> None:
    machine = a_machine(tmp_path)
    base = machine.home / ".pyenv" / "versions" / "miniforge3-24.11.3"
    conda(base, ["conda-24.11.3-py311h06a4308_0"])
    conda(base / "envs" / "tf2")
    found = listed(machine, tmp_path)
    assert {name: each.kind for name, each in found.items()} == {"base": "conda", "tf2": "conda"}


def test_what_is_no_python_is_left_out(tmp_path: Path) -> None:
    machine = a_machine(tmp_path)
    (machine.home / ".pyenv" / "versions" / "3.13.0" / "lib").mkdir(parents=True)
    assert listed(machine, tmp_path) == {}
