"""Conda environments are found without conda, wherever it or its relatives keep them."""

from __future__ import annotations

from pathlib import Path

from jupyter_tfgpu.environments import Registry, describe
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


def test_a_condarc_that_is_no_yaml_stops_nothing(tmp_path: Path) -> None:
    machine = a_machine(tmp_path)
    conda(machine.home / "miniconda3" / "envs" / "kept")
    for text in (
        "envs_dirs: [unclosed",
        "envs_dirs: {a: !!python/object:os.system b}",
        "- envs_dirs",
        "\x00",
    ):
        (machine.home / ".condarc").write_text(text, "utf-8")
        assert set(listed(machine, tmp_path)) == {"kept"}


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
