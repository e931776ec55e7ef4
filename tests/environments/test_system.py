"""The Pythons of the machine itself, on each platform; and the one that this program runs in."""

from __future__ import annotations

import sys
from pathlib import Path

from jupyter_tfgpu.environments import Registry
from tests.environments.trees import a_machine, laid_out, listed, standalone


def names(tmp_path: Path, platform: str) -> dict[str, str]:
    """Prefix in the tree by name; each is a sound one of the system."""
    found = listed(a_machine(tmp_path, platform), tmp_path)
    assert {(each.kind, each.problem) for each in found.values()} == {("system", None)}
    return {name: each.prefix.removeprefix(f"{tmp_path}/root/") for name, each in found.items()}


def test_linux(tmp_path: Path) -> None:
    root = tmp_path / "root"
    brew = root / "home/linuxbrew/.linuxbrew"
    standalone(root / "usr")
    standalone(root / "usr/local", name="python3.12")
    standalone(brew / "Cellar/python@3.12/3.12.4_1", name="python3.12")
    (brew / "opt").mkdir()
    (brew / "opt/python@3.12").symlink_to("../Cellar/python@3.12/3.12.4_1")
    assert names(tmp_path, "linux") == {
        "system": "usr",
        "local": "usr/local",
        "homebrew-3.12": "home/linuxbrew/.linuxbrew/Cellar/python@3.12/3.12.4_1",
    }


def test_a_python_installed_beside_others_is_called_by_its_version(tmp_path: Path) -> None:
    standalone(tmp_path / "root/usr/local", name="python3.12")
    found = listed(a_machine(tmp_path), tmp_path)
    assert found["local"].interpreter == f"{tmp_path}/root/usr/local/bin/python3.12"


def test_macos(tmp_path: Path) -> None:
    root = tmp_path / "root"
    versions = "Frameworks/Python.framework/Versions"
    standalone(root / "Library" / versions / "3.12")
    (root / "Library" / versions / "Current").symlink_to("3.12")
    tools = "Library/Developer/CommandLineTools/Library/Frameworks/Python3.framework/Versions/3.9"
    standalone(root / tools, "3.9.6")
    cellar = f"opt/homebrew/Cellar/python@3.13/3.13.1/{versions}/3.13"
    standalone(root / cellar, "3.13.1")
    (root / "opt/homebrew/opt").mkdir()
    (root / "opt/homebrew/opt/python@3.13").symlink_to("../Cellar/python@3.13/3.13.1")
    assert names(tmp_path, "darwin") == {
        "python.org-3.12": f"Library/{versions}/3.12",
        "apple-3.9": tools,
        "homebrew-3.13": cellar,
    }


def test_windows(tmp_path: Path) -> None:
    home, root = tmp_path / "home", tmp_path / "root"
    standalone(home / "AppData/Local/Programs/Python/Python312", platform="win32")
    standalone(home / "AppData/Local/Python/pythoncore-3.14-64", "3.14.0", "win32")
    standalone(root / "C:/Program Files/Python311", "3.11.9", "win32")
    standalone(root / "C:/Python310", "3.10.9", "win32")
    (root / "C:/Pythonistas").mkdir()
    assert set(names(tmp_path, "win32")) == {"Python312", "pythoncore-3.14-64", "Python311", "Python310"}


def test_a_folder_of_the_home_with_a_standard_library_is_no_environment(tmp_path: Path) -> None:
    machine = a_machine(tmp_path)
    standalone(machine.home / "cpython")
    laid_out(machine.home / "kept")
    assert set(listed(machine, tmp_path)) == {"kept"}


def test_but_it_is_where_the_user_names_it(tmp_path: Path) -> None:
    standalone(tmp_path / "builds" / "cpython-debug")
    machine = a_machine(tmp_path, JUPYTER_TFGPU_ENVIRONMENTS=f"{tmp_path}/builds")
    assert listed(machine, tmp_path)["cpython-debug"].kind == "system"


def test_this_programs_own_is_always_listed(tmp_path: Path) -> None:
    found = {each.prefix for each in Registry(a_machine(tmp_path)).environments()}
    assert str(Path(sys.prefix).resolve()) in found
