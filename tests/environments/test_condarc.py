"""Line selectors in condarc files are followed as conda follows them."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_tfgpu.environments.disk import Disk
from jupyter_tfgpu.environments.locators import Inside, condarc
from tests.environments.trees import a_machine, conda, listed


def folders(tmp_path: Path, system: str, users: str, **variables: str) -> list[str]:
    """The names of the folders in their order, where the machine's and the user's condarc say this."""
    machine = a_machine(tmp_path, **variables)
    (machine.root / "etc" / "conda").mkdir(parents=True, exist_ok=True)
    (machine.root / "etc" / "conda" / ".condarc").write_text(system, "utf-8")
    (machine.home / ".condarc").write_text(users, "utf-8")
    found = condarc.envs_dirs(machine, Disk(), [])
    return [place.folder.name for place in found if isinstance(place, Inside)]


USERS = "envs_dirs:\n  - /u/3\n  - /u/4\n"


@pytest.mark.parametrize(
    ("system", "users", "order"),
    [
        ("envs_dirs:\n  - /s/1\n  - /s/2\n", USERS, "3412"),
        ("envs_dirs:  #!final\n  - /s/1\n  - /s/2\n", USERS, "12"),
        ("envs_dirs: [/s/1, /s/2]  #!final\n", USERS, "12"),
        ("envs_dirs: #!final\n  - /s/1 #!bottom\n  - /s/2\n", USERS, "21"),
        ("envs_dirs:\n  - /s/1\n  - /s/2  #!top\n", USERS, "2341"),
        ("envs_dirs:\n  - /s/1  #!bottom\n  - /s/2\n", USERS, "3421"),
        ("envs_dirs:\n  - /s/1\n  - /s/2\n", "envs_dirs:\n  - '/u/3' #!bottom\n  - /u/4\n", "4123"),
        ("envs_dirs:\n  - /s/1 #!top\n  - /s/2\n", "envs_dirs:\n  - /s/1 #!bottom\n  - /u/4\n", "421"),
        ("envs_dirs:\n  - /s/1 # !final\n  - /s/2 # top\n", USERS, "3412"),
        ("envs_dirs: # see the wiki #!final\n  - /s/1\n  - /s/2 # not #!top\n", USERS, "3412"),
        ("channels: #!final\n  - x\nenvs_dirs:\n  - /s/1\n", USERS, "341"),
    ],
)
def test_the_order_of_folders(tmp_path: Path, system: str, users: str, order: str) -> None:
    assert folders(tmp_path, system, users) == list(order)


def test_what_is_final_leaves_out_the_variable_too(tmp_path: Path) -> None:
    final = "envs_dirs:  #!final\n  - /s/1\n"
    assert folders(tmp_path, final, USERS, CONDA_ENVS_DIRS="/v/5") == ["1"]
    assert folders(tmp_path, "", USERS, CONDA_ENVS_DIRS="/v/5") == ["5", "3", "4"]


def test_folders_that_are_left_out_are_not_listed(tmp_path: Path) -> None:
    machine = a_machine(tmp_path)
    for place in ("shared", "mine"):
        conda(tmp_path / place / f"{place}-env")
    (machine.root / "etc" / "conda").mkdir(parents=True)
    system = machine.root / "etc" / "conda" / ".condarc"
    (machine.home / ".condarc").write_text(f"envs_dirs: [{tmp_path}/mine]\n", "utf-8")
    system.write_text(f"envs_dirs:\n  - {tmp_path}/shared\n", "utf-8")
    assert set(listed(machine, tmp_path)) == {"shared-env", "mine-env"}
    system.write_text(f"envs_dirs:  #!final\n  - {tmp_path}/shared\n", "utf-8")
    assert set(listed(machine, tmp_path)) == {"shared-env"}


@pytest.mark.parametrize(
    ("system", "users", "variable", "upper"),
    [
        ("", "", "", True),
        ("", "envvars_force_uppercase: false\n", "", False),
        ("", "envvars_force_uppercase: 'no'\n", "", False),
        ("", "envvars_force_uppercase: true\n", "off", False),
        ("envvars_force_uppercase: false\n", "envvars_force_uppercase: true\n", "", True),
        ("envvars_force_uppercase: false  #!final\n", "envvars_force_uppercase: true\n", "yes", False),
    ],
)
def test_whether_names_are_put_in_upper_case(
    tmp_path: Path, system: str, users: str, variable: str, upper: bool
) -> None:
    variables = {"CONDA_ENVVARS_FORCE_UPPERCASE": variable} if variable else {}
    machine = a_machine(tmp_path, **variables)
    (machine.root / "etc" / "conda").mkdir(parents=True)
    (machine.root / "etc" / "conda" / ".condarc").write_text(system, "utf-8")
    (machine.home / ".condarc").write_text(users, "utf-8")
    assert condarc.uppercase(machine, Disk(), []) is upper
