"""Environments that were seen stay listed while the disk that they lie on does not answer."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_tfgpu.environments import Environment, NotAnEnvironment, Registry, hanging, look
from jupyter_tfgpu.environments import disk as disk_module
from jupyter_tfgpu.environments.locators import Inside, venv
from jupyter_tfgpu.machine import Machine
from tests.environments.dead_disk import Disk
from tests.environments.test_patience import LIMIT, Naming
from tests.environments.trees import a_machine, distribution
from tests.environments.trees import venv as make_venv


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """With two environments, of which the disk of ``far`` is to hang."""
    machine = a_machine(tmp_path)
    for name in ("near", "far"):
        distribution(make_venv(machine.home / "envs" / name), "ipykernel", "7.4.0")
    return machine


@pytest.fixture
def registry(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Registry:
    monkeypatch.setattr(look, "LOCATORS", (venv,))
    return Registry(machine, limit=LIMIT)


def by_name(registry: Registry, refresh: bool = False) -> dict[str, Environment]:
    return {each.name: each for each in registry.environments(refresh)}


def assert_unanswered(found: Environment, before: Environment) -> None:
    """Of what was known all is listed but what could be started."""
    assert found.problem == (
        f"{before.prefix} does not answer, so that what is listed is what was known before."
    )
    assert not found.answers
    assert (found.interpreter, found.own_kernels) == (None, ())
    assert (found.id, found.name, found.kind, found.python) == (
        before.id,
        before.name,
        before.kind,
        before.python,
    )
    assert (found.ipykernel, found.frameworks) == (before.ipykernel, before.frameworks)


@pytest.mark.parametrize("warm", [True, False])
@pytest.mark.parametrize("refresh", [True, False])
def test_an_environment_whose_disk_hangs_stays_listed_and_says_so_until_it_is_back(
    machine: Machine,
    registry: Registry,
    disk: Disk,
    monkeypatch: pytest.MonkeyPatch,
    warm: bool,
    refresh: bool,
) -> None:
    if warm:  # nothing changed shortly before, so that the second look asks for the times alone
        monkeypatch.setattr(disk_module, "RECENT", -(10**18))
    before = by_name(registry)
    assert before["far"].answers
    assert before["far"].ipykernel == "7.4.0"
    prefix = machine.home / "envs" / "far"
    disk.gone |= {str(path) for path in (prefix, *prefix.rglob("*"))}
    for again in (refresh, False, True):
        found = by_name(registry, again)
        assert found["near"] == before["near"]
        assert_unanswered(found["far"], before["far"])
        assert registry.problems == (f"{prefix} has not answered for 0.2 s.",)
    assert registry.find("far") == registry.find(before["far"].id) == found["far"]
    with pytest.raises(NotAnEnvironment, match="does not answer"):
        registry.find(str(prefix))
    disk.answer()
    assert by_name(registry) == before
    assert registry.problems == ()


def test_so_do_all_in_a_folder_that_hangs(
    tmp_path: Path, machine: Machine, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two"):
        make_venv(tmp_path / "shared" / name)
    monkeypatch.setattr(look, "LOCATORS", (Naming(Inside(tmp_path / "shared")), venv))
    registry = Registry(machine, limit=LIMIT)
    before = by_name(registry)
    disk.hang(tmp_path / "shared")
    found = by_name(registry, refresh=True)
    assert found["near"] == before["near"]
    assert_unanswered(found["one"], before["one"])
    assert_unanswered(found["two"], before["two"])


def test_what_was_found_by_a_search_that_hangs_is_looked_at_by_itself(
    tmp_path: Path, machine: Machine, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Settled(Naming):
        def find(self, machine: Machine, disk: look.Disk) -> Iterator[Path | Inside]:  # type: ignore[override]
            disk.folder_paths(str(tmp_path / "settings"), 10)
            return super().find(machine, disk)  # reads when it is called already

    make_venv(tmp_path / "elsewhere" / "deep")
    (tmp_path / "settings").mkdir()
    monkeypatch.setattr(look, "LOCATORS", (Settled(tmp_path / "elsewhere" / "deep"), venv))
    registry = Registry(machine, limit=LIMIT)
    before = by_name(registry)
    disk.hang(tmp_path / "settings")
    assert by_name(registry, refresh=True) == before
    assert registry.problems == ("The search for environments elsewhere has not answered for 0.2 s.",)
    shutil.rmtree(tmp_path / "elsewhere" / "deep")
    assert set(by_name(registry)) == {"near", "far"}


def test_where_no_further_place_is_looked_at_all_stay_listed(
    tmp_path: Path, machine: Machine, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look, "LOCATORS", (venv,))
    registry = Registry(machine, limit=LIMIT)
    before = by_name(registry)
    places = disk.hang(*(tmp_path / f"gone{number}" for number in range(hanging.MOST)))
    monkeypatch.setattr(look, "LOCATORS", (Naming(*places), venv))
    for _ in range(2):
        assert by_name(registry) == before
        assert "no other is looked at" in registry.problems[-1] or len(registry.problems) == hanging.MOST


def test_one_that_was_deleted_meanwhile_is_not_kept(machine: Machine, registry: Registry, disk: Disk) -> None:
    make_venv(machine.home / "envs" / "doomed")
    assert set(by_name(registry)) == {"near", "far", "doomed"}
    shutil.rmtree(machine.home / "envs" / "doomed")
    disk.hang(machine.home / "envs" / "far")
    found = by_name(registry, refresh=True)
    assert set(found) == {"near", "far"}
    assert not found["far"].answers
