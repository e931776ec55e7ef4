"""The registry keeps what it knows until something changes, and waits for no one for ever."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_tfgpu.environments import (
    AmbiguousEnvironment,
    Environment,
    EnvironmentNotFound,
    NotAnEnvironment,
    Registry,
    describe,
    environment_id,
    look,
)
from jupyter_tfgpu.environments import disk as disk_module
from jupyter_tfgpu.environments.locators import Inside, own, venv
from jupyter_tfgpu.machine import Machine
from tests.environments.trees import a_machine, conda, distribution, tensorflow
from tests.environments.trees import venv as make_venv


def by_name(registry: Registry) -> dict[str, Environment]:
    return {each.name: each for each in registry.environments()}


def settle(folder: Path) -> None:
    """As if all below had been made some time ago: what changed just now is looked at again."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            os.utime(path, (1_700_000_000, 1_700_000_000))


def test_what_did_not_change_is_not_described_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = a_machine(tmp_path)
    make_venv(machine.home / "envs" / "a")
    make_venv(machine.home / "envs" / "b")
    settle(tmp_path)
    registry = Registry(machine)
    before = by_name(registry)
    asked: list[Path] = []

    def counted(machine: Machine, prefix: Path, locators: tuple[look.Locator, ...]) -> object:
        asked.append(prefix)
        return real(machine, prefix, locators)

    real = look.described
    monkeypatch.setattr(look, "described", counted)
    assert by_name(registry) == before
    assert asked == []
    distribution(next((machine.home / "envs" / "b").glob("lib/*/site-packages")), "ipykernel", "7.4.0")
    assert by_name(registry)["b"].ipykernel == "7.4.0"
    assert asked == [machine.home / "envs" / "b"]
    registry.environments(refresh=True)
    assert machine.home / "envs" / "a" in asked


def test_changes_show_at_the_next_look(tmp_path: Path) -> None:
    machine = a_machine(tmp_path)
    registry = Registry(machine)
    assert "new" not in by_name(registry)
    site = make_venv(machine.home / "envs" / "new")
    assert by_name(registry)["new"].frameworks == ()
    tensorflow(site, "2.20.0")
    distribution(site, "tensorflow", "2.20.0")
    assert by_name(registry)["new"].frameworks[0].cuda == "12.5.1"
    for python in (machine.home / "envs" / "new" / "bin").glob("python*"):
        python.unlink()
    (machine.home / "envs" / "new" / "bin" / "python").symlink_to("/nonexistent/python3")
    problem = by_name(registry)["new"].problem
    assert problem is not None and "/nonexistent/python3" in problem
    shutil.rmtree(machine.home / "envs" / "new")
    assert "new" not in by_name(registry)


def test_a_change_in_the_same_tick_of_the_disks_clock_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = a_machine(tmp_path)
    site = make_venv(machine.home / "envs" / "new")
    monkeypatch.setattr(disk_module, "RECENT", 3600 * 10**9)
    registry = Registry(machine)
    now = time.time_ns()
    os.utime(site, ns=(now, now))
    assert by_name(registry)["new"].ipykernel is None
    distribution(site, "ipykernel", "7.4.0")
    os.utime(site, ns=(now, now))
    assert by_name(registry)["new"].ipykernel == "7.4.0"


def test_a_python_that_is_still_being_installed_shows_when_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = a_machine(tmp_path)
    prefix = tmp_path / "prefix"
    (prefix / "lib" / "python3.11").mkdir(parents=True)
    settle(tmp_path)
    monkeypatch.setattr(own, "own_prefix", lambda: prefix)
    registry = Registry(machine)
    assert "prefix" not in by_name(registry)
    (prefix / "lib" / "python3.11" / "os.py").touch()
    os.utime(prefix, (1_700_000_000, 1_700_000_000))
    assert by_name(registry)["prefix"].kind == "system"


def test_the_same_answer_is_the_same_object_until_something_changes(tmp_path: Path) -> None:
    machine = a_machine(tmp_path)
    make_venv(machine.home / "envs" / "a")
    settle(tmp_path)
    registry = Registry(machine)
    assert registry.environments() is registry.environments()
    make_venv(machine.home / "envs" / "b")
    assert "b" in by_name(registry)


def test_a_conda_package_that_arrives_shows(tmp_path: Path) -> None:
    machine = a_machine(tmp_path)
    conda(machine.home / "miniconda3" / "envs" / "e", python="3.10.4")
    registry = Registry(machine)
    assert by_name(registry)["e"].python == "3.10.4"
    meta = machine.home / "miniconda3/envs/e/conda-meta"
    (meta / "python-3.10.4-h955ad1f_0.json").rename(meta / "python-3.10.9-h955ad1f_0.json")
    assert by_name(registry)["e"].python == "3.10.9"


def test_the_interpreter_of_this_program_is_always_there(tmp_path: Path) -> None:
    import sys

    prefixes = [each.prefix for each in Registry(a_machine(tmp_path)).environments()]
    assert str(Path(sys.prefix).resolve()) in prefixes


def test_environments_are_found_by_id_name_and_path(tmp_path: Path) -> None:
    machine = a_machine(tmp_path)
    make_venv(machine.home / "envs" / "tf2")
    make_venv(tmp_path / "far" / "away" / "unlisted")
    registry = Registry(machine)
    listed = registry.find("tf2")
    assert registry.find(listed.id) == registry.find(listed.prefix) == registry.find("~/envs/tf2") == listed
    assert registry.find(str(tmp_path / "far/away/unlisted")).name == "unlisted"


def test_a_path_with_a_dot_and_a_name_that_is_a_hash_are_no_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_venv(tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")
    assert Registry(a_machine(tmp_path)).find(".").prefix == str(tmp_path / "here")


def test_what_is_not_there_is_said_with_what_is(tmp_path: Path) -> None:
    machine = a_machine(tmp_path)
    make_venv(machine.home / "envs" / "tf2")
    with pytest.raises(EnvironmentNotFound, match=r"'tf3'.*tf2"):
        Registry(machine).find("tf3")
    for text, what in ((f"{tmp_path}/none", "does not exist"), (str(tmp_path), "neither conda-meta")):
        with pytest.raises(NotAnEnvironment, match=what):
            Registry(machine).find(text)


def test_two_of_a_name_have_to_be_told_apart(tmp_path: Path) -> None:
    machine = a_machine(tmp_path)
    make_venv(machine.home / "envs" / "tf2")
    make_venv(machine.home / ".virtualenvs" / "tf2")
    with pytest.raises(AmbiguousEnvironment) as error:
        Registry(machine).find("tf2")
    assert {each.prefix for each in error.value.matches} == {
        str(machine.home / "envs/tf2"),
        str(machine.home / ".virtualenvs/tf2"),
    }


def test_the_id_is_of_the_real_prefix(tmp_path: Path) -> None:
    make_venv(tmp_path / "real")
    (tmp_path / "link").symlink_to("real")
    machine = a_machine(tmp_path)
    assert describe(machine, tmp_path / "link") == describe(machine, tmp_path / "real")
    assert environment_id(tmp_path / "link") == describe(machine, tmp_path / "real").id


class Hanging:
    """A locator that names a folder which does not answer, as one on a dead network server does not."""

    TITLE = "environments on the network"

    def __init__(self, place: Path) -> None:
        self.place = place

    def find(self, machine: Machine, disk: object) -> Iterator[Path | Inside]:
        yield Inside(self.place)

    def recognise(self, machine: Machine, prefix: Path) -> None:
        return None


def test_a_folder_that_does_not_answer_costs_its_own_environments_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = a_machine(tmp_path)
    make_venv(machine.home / "envs" / "kept")
    answers = threading.Event()
    real, place, asked = look.files.folder_paths, tmp_path / "network", []

    def folder_paths(folder: str, *rest: Any) -> list[str]:
        if folder == str(place):
            asked.append(folder)
            answers.wait(30)
        return real(folder, *rest)

    monkeypatch.setattr(look.files, "folder_paths", folder_paths)
    monkeypatch.setattr(look, "LOCATORS", (Hanging(place), venv))
    registry = Registry(machine, limit=0.2)
    for _ in range(2):
        assert set(by_name(registry)) == {"kept"}
        assert registry.problems == (f"{place} has not answered for 0.2 s.",)
    assert len(asked) == 1, "a place that hangs is not asked again meanwhile"
    answers.set()
    (place / "back").mkdir(parents=True)
    make_venv(place / "back")
    deadline = time.monotonic() + 10
    while registry.problems and time.monotonic() < deadline:
        registry.environments()
    assert registry.problems == ()
    assert len(asked) == 2


def test_many_threads_get_the_same_answer(tmp_path: Path) -> None:
    machine = a_machine(tmp_path)
    for number in range(5):
        make_venv(machine.home / "envs" / f"env{number}")
    registry = Registry(machine)
    answers: list[tuple[Environment, ...]] = []
    threads = [
        threading.Thread(target=lambda: answers.append(registry.environments(refresh=True))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    assert len(set(answers)) == 1
