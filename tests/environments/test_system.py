"""The Pythons of the machine itself, on each platform; and the one that this program runs in."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from jupyter_tfgpu.environments import Registry, describe, environment_id
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
        "homebrew-3.12": "home/linuxbrew/.linuxbrew/opt/python@3.12",
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
        "homebrew-3.13": f"opt/homebrew/opt/python@3.13/{versions}/3.13",
    }


def upgraded(brew: Path, version: str) -> None:
    """Homebrew puts another version in the place of the one before."""
    standalone(brew / "Cellar/python@3.12" / version, version, name="python3.12")
    (brew / "opt").mkdir(exist_ok=True)
    (brew / "opt/python@3.12").unlink(missing_ok=True)
    (brew / "opt/python@3.12").symlink_to(f"../Cellar/python@3.12/{version}")


def test_an_upgrade_of_homebrews_leaves_the_environment_and_its_interpreter_where_they_were(
    tmp_path: Path,
) -> None:
    machine, brew = a_machine(tmp_path), tmp_path / "root/home/linuxbrew/.linuxbrew"
    registry = Registry(machine)
    upgraded(brew, "3.12.4")
    [before] = [each for each in registry.environments() if each.name == "homebrew-3.12"]
    assert before.interpreter == f"{brew}/opt/python@3.12/bin/python3.12"
    assert environment_id(brew / "Cellar/python@3.12/3.12.4") == before.id
    upgraded(brew, "3.12.5")
    shutil.rmtree(brew / "Cellar/python@3.12/3.12.4")
    [after] = [each for each in registry.environments() if each.name == "homebrew-3.12"]
    assert (after.id, after.prefix, after.interpreter) == (before.id, before.prefix, before.interpreter)
    assert (before.python, after.python, after.problem) == ("3.12.4", "3.12.5", None)


def test_a_version_that_homebrew_keeps_beside_is_another_environment(tmp_path: Path) -> None:
    machine, brew = a_machine(tmp_path), tmp_path / "brew"
    upgraded(brew, "3.12.4")
    upgraded(brew, "3.12.5")
    old, new = (describe(machine, brew / "Cellar/python@3.12" / each) for each in ("3.12.4", "3.12.5"))
    assert (old.prefix, old.python) == (f"{brew}/Cellar/python@3.12/3.12.4", "3.12.4")
    assert (new.prefix, new.python) == (f"{brew}/opt/python@3.12", "3.12.5")


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
