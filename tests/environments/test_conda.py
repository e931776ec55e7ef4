"""Conda environments are found without conda, wherever it or its relatives keep them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from jupyter_tfgpu.environments import Registry, describe
from jupyter_tfgpu.environments.disk import Disk
from jupyter_tfgpu.environments.locators import Inside, condarc
from tests.environments.trees import a_machine, conda, listed, venv


def test_the_base_and_its_envs_are_found_in_the_home(tmp_path: Path) -> None:
    machine = a_machine(tmp_path)
    conda(machine.home / "miniforge3", ["conda-24.9.2-py311h06a4308_0"])
    conda(machine.home / "miniforge3" / "envs" / "tf2", python="3.10.4")
    found = listed(machine, tmp_path)
    assert {name: each.kind for name, each in found.items()} == {"base": "conda", "tf2": "conda"}
    assert found["tf2"].python == "3.10.4"
    assert found["tf2"].interpreter == str(machine.home / "miniforge3/envs/tf2/bin/python")


def test_installations_of_the_machine_are_found(tmp_path: Path) -> None:
    machine = a_machine(tmp_path)
    conda(machine.root / "opt" / "Anaconda3" / "envs" / "shared")
    assert set(listed(machine, tmp_path)) == {"shared"}


def test_environments_txt_lists_prefixes_anywhere(tmp_path: Path) -> None:
    machine = a_machine(tmp_path)
    conda(tmp_path / "data" / "here")
    notes = machine.home / ".conda" / "environments.txt"
    notes.parent.mkdir()
    notes.write_text(
        f"{tmp_path}/data/deleted\n{tmp_path}/data/here\n\n\x00\x00rubbish\nrelative/one\n", "utf-8"
    )
    assert set(listed(machine, tmp_path)) == {"here"}


def test_a_condarc_names_folders_of_environments(tmp_path: Path) -> None:
    machine = a_machine(tmp_path, SCRATCH=str(tmp_path / "scratch"))
    conda(tmp_path / "scratch" / "envs" / "one")
    conda(machine.home / "mine" / "two")
    conda(machine.root / "srv" / "three")
    (machine.home / ".condarc").write_text("envs_dirs:\n  - ${SCRATCH}/envs\n  - ~/mine\n", "utf-8")
    system = machine.root / "etc/conda/condarc.d"
    system.mkdir(parents=True)
    (system / "site.yml").write_text(f"envs_path: {machine.root}/srv\n", "utf-8")
    assert set(listed(machine, tmp_path)) == {"one", "two", "three"}


def test_the_variable_of_conda_names_folders_of_environments(tmp_path: Path) -> None:
    conda(tmp_path / "first" / "a")
    conda(tmp_path / "second" / "b")
    machine = a_machine(tmp_path, CONDA_ENVS_DIRS=f"{tmp_path}/first:{tmp_path}/second")
    assert set(listed(machine, tmp_path)) == {"a", "b"}


def test_an_activated_environment_leads_to_its_installation(tmp_path: Path) -> None:
    conda(tmp_path / "tools" / "mamba" / "envs" / "active")
    conda(tmp_path / "tools" / "mamba" / "envs" / "other")
    machine = a_machine(tmp_path, CONDA_PREFIX=f"{tmp_path}/tools/mamba/envs/active")
    assert set(listed(machine, tmp_path)) == {"active", "other"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("channels:\n  - defaults\nenvs_dirs: [unclosed", "is no YAML (line 3)"),
        ("envs_dirs: {a: !!python/object:os.system b}", "is no YAML (line 1)"),
        ("- envs_dirs", "holds no settings"),
        ("\x00", "is no YAML"),
        ("a: " * 30_000, "is longer than 16 KiB"),
        ("[" * 9999, "is no YAML"),
    ],
)
def test_a_condarc_that_is_no_yaml_is_told_and_stops_nothing(tmp_path: Path, text: str, why: str) -> None:
    machine = a_machine(tmp_path)
    conda(machine.home / "miniconda3" / "envs" / "kept")
    (machine.home / ".condarc").write_text(text, "utf-8")
    registry = Registry(machine)
    assert "kept" in {each.name for each in registry.environments()}
    [told] = registry.problems
    assert told.startswith(f"{machine.home}/.condarc {why}")
    (machine.home / ".condarc").unlink()
    registry.environments()
    assert registry.problems == ()


def test_an_environment_inside_a_project_is_named_after_the_project(tmp_path: Path) -> None:
    conda(tmp_path / "segmentation" / ".conda")
    assert describe(a_machine(tmp_path), tmp_path / "segmentation" / ".conda").name == "segmentation"


def test_conda_marks_win_over_a_venv_mark(tmp_path: Path) -> None:
    """Some packages bring a pyvenv.cfg along."""
    conda(tmp_path / "both")
    (tmp_path / "both" / "pyvenv.cfg").write_text("home = /usr/bin\n", "utf-8")
    assert describe(a_machine(tmp_path), tmp_path / "both").kind == "conda"


def test_a_venv_in_an_envs_folder_is_a_venv(tmp_path: Path) -> None:
    machine = a_machine(tmp_path)
    venv(machine.home / "envs" / "plain")
    conda(machine.home / "envs" / "big")
    found = Registry(machine).environments()
    assert {each.name: each.kind for each in found if each.name in ("plain", "big")} == {
        "plain": "venv",
        "big": "conda",
    }


def history(prefix: Path, command: str) -> None:
    """What conda notes when it makes an environment."""
    conda(prefix)
    text = (
        f"==> 2026-01-02 03:04:05 <==\n# cmd: {command}\n# conda version: 24.9.2\n+defaults/noarch::a-1-0\n"
    )
    (prefix / "conda-meta" / "history").write_text(text, "utf-8")


@pytest.mark.parametrize(
    "program",
    [
        "{root}/bin/conda",
        "{root}/condabin/conda",
        "{root}/bin/mamba",
        "{root}/Scripts/conda-script.py",
        "{root}/Scripts/conda.exe",
        "{root}/bin/conda-env",
        "{root}/lib/python3.10/site-packages/conda/__main__.py",
        "{root}/lib/site-packages/conda/__main__.py",
    ],
)
def test_the_history_leads_to_the_installation(tmp_path: Path, program: str) -> None:
    root = tmp_path / "soft ware" / "anaconda 2026"
    conda(root, ["conda-24.9.2-py311h06a4308_0"])
    conda(root / "envs" / "other")
    machine = a_machine(tmp_path)
    history(machine.home / ".conda" / "envs" / "tf2", f"{program.format(root=root)} create -n tf2 python")
    assert set(listed(machine, tmp_path)) == {"tf2", "base", "other"}


@pytest.mark.parametrize(
    ("folder", "command", "name"),
    [
        ("cats/env", "/opt/c/bin/conda create -p ./env python", "cats"),
        ("cats/env", "/opt/c/bin/conda create --prefix=env", "cats"),
        ("envs/env", "/opt/c/bin/conda create -n env python", "env"),
        ("envs/env", "/opt/c/bin/conda create --yes --name env", "env"),
        ("envs/venv", "micromamba create --name=venv -c conda-forge", "venv"),
        ("cats/vision", "/opt/c/bin/conda create -n other", "vision"),
        ("cats/.conda", "", "cats"),
    ],
)
def test_the_history_says_whether_it_was_given_a_name(
    tmp_path: Path, folder: str, command: str, name: str
) -> None:
    history(tmp_path / folder, command)
    assert describe(a_machine(tmp_path), tmp_path / folder).name == name


@pytest.mark.parametrize(
    "text", ["", "# cmd: ", "# cmd: \x00 create", "==>\n# cmd: relative/bin/conda x -n", "x" * 9999]
)
def test_a_history_that_says_nothing_leads_nowhere(tmp_path: Path, text: str) -> None:
    machine = a_machine(tmp_path)
    conda(machine.home / ".conda" / "envs" / "tf2")
    (machine.home / ".conda/envs/tf2/conda-meta/history").write_text(text, "utf-8")
    assert set(listed(machine, tmp_path)) == {"tf2"}


def test_condarcs_are_read_in_the_order_of_conda(tmp_path: Path) -> None:
    """Each names a folder of its own; conda puts those of later files first and keeps them all."""
    active = tmp_path / "active"
    machine = a_machine(
        tmp_path,
        CONDA_PREFIX=str(active),
        XDG_CONFIG_HOME=str(tmp_path / "xdg"),
        CONDARC=str(tmp_path / "mine.yml"),
    )
    files = [
        machine.root / "etc/conda/.condarc",
        machine.root / "etc/conda/condarc",
        machine.root / "etc/conda/condarc.d/a.yml",
        machine.root / "var/lib/conda/.condarc",
        machine.home / "miniforge3/.condarc",
        tmp_path / "xdg/conda/condarc",
        machine.home / ".config/conda/.condarc",
        machine.home / ".conda/condarc",
        machine.home / ".condarc",
        machine.home / ".mambarc",
        active / "condarc.d/z.yaml",
        tmp_path / "mine.yml",
    ]
    for number, file in enumerate(files):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"envs_dirs: [{tmp_path}/{number}]\n", "utf-8")
    roots = [machine.home / "miniforge3"]
    assert list(condarc.condarcs(machine, Disk(), roots)) == files
    stated = [
        place.folder.name for place in condarc.envs_dirs(machine, Disk(), roots) if isinstance(place, Inside)
    ]
    assert stated == [str(number) for number in reversed(range(len(files)))]


@pytest.mark.parametrize("name", ["Anaconda3", "miniconda3", "miniforge3", "mambaforge", "micromamba"])
@pytest.mark.parametrize(
    ("platform", "folder"),
    [
        ("linux", "home"),
        ("linux", "root/opt"),
        ("linux", "home/.local/share"),
        ("darwin", "home/opt"),
        ("darwin", "root/opt/homebrew/Caskroom"),
        ("win32", "home"),
        ("win32", "root/C:/ProgramData"),
        ("win32", "home/AppData/Local/Continuum"),
        ("win32", "root/C:/tools"),
    ],
)
def test_where_installers_put_it(tmp_path: Path, platform: str, folder: str, name: str) -> None:
    conda(tmp_path / folder / name / "envs" / "tf2")
    assert set(listed(a_machine(tmp_path, platform), tmp_path)) == {"tf2"}


@pytest.mark.parametrize(
    ("platform", "folder"),
    [
        ("linux", "home/.local/share/mamba/envs"),
        ("win32", "home/AppData/Roaming/mamba/envs"),
        ("linux", "home/.conda/envs"),
        ("darwin", "home/.conda/envs"),
        ("win32", "home/.conda/envs"),
        ("win32", "home/AppData/Local/conda/conda/envs"),
    ],
)
def test_the_users_own_folders(tmp_path: Path, platform: str, folder: str) -> None:
    conda(tmp_path / folder / "tf2")
    assert set(listed(a_machine(tmp_path, platform), tmp_path)) == {"tf2"}


def test_on_windows_several_folders_are_separated_by_semicolons(tmp_path: Path) -> None:
    conda(tmp_path / "first" / "a")
    conda(tmp_path / "second" / "b")
    named = f"{tmp_path}/first;%PLACE%"
    machine = a_machine(tmp_path, "win32", CONDA_ENVS_DIRS=named, PLACE=f"{tmp_path}/second")
    assert set(listed(machine, tmp_path)) == {"a", "b"}


def test_conda_in_an_environment_makes_it_no_base(tmp_path: Path) -> None:
    machine = a_machine(tmp_path)
    conda(machine.home / "miniconda3", ["conda-24.9.2-py311h06a4308_0"])
    conda(machine.home / "miniconda3" / "envs" / "tools", ["conda-24.9.2-py311h06a4308_0"])
    assert set(listed(machine, tmp_path)) == {"base", "tools"}


def test_a_condarc_is_parsed_again_only_where_it_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = a_machine(tmp_path)
    conda(tmp_path / "one" / "a")
    conda(tmp_path / "another" / "b")
    (machine.home / ".condarc").write_text(f"envs_dirs: [{tmp_path}/one]\n", "utf-8")
    registry = Registry(machine)
    parsed: list[object] = []
    real = yaml.safe_load
    monkeypatch.setattr(yaml, "safe_load", lambda text: (parsed.append(text), real(text))[1])

    def names() -> set[str]:
        return {each.name for each in registry.environments() if each.kind == "conda"}

    assert names() == names() == {"a"}
    assert len(parsed) == 1
    (machine.home / ".condarc").write_text(f"envs_dirs: [{tmp_path}/another]\n", "utf-8")
    assert names() == {"b"}
