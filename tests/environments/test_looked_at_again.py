"""A search is not made again while all that it read is as it was; whatever changes shows at the next look."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jupyter_tfgpu.environments import Registry, look
from jupyter_tfgpu.environments.disk import Disk
from jupyter_tfgpu.environments.locators import Locator, venv
from jupyter_tfgpu.machine import Machine
from tests.environments.test_registry import by_name, settle
from tests.environments.trees import a_machine, conda
from tests.environments.trees import venv as make_venv


class Counting:
    """The locator of venvs, counting its searches."""

    TITLE = venv.TITLE
    recognise = staticmethod(venv.recognise)

    def __init__(self, error: Exception | None = None) -> None:
        self.searches, self.error = 0, error

    def find(self, machine: Machine, disk: Disk) -> Iterator[object]:
        self.searches += 1
        yield from venv.find(machine, disk)
        if self.error is not None:
            raise self.error


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """With environments found in several ways, all made long ago; links lead to three of them."""
    home = tmp_path / "home"
    home.mkdir()
    make_venv(home / "envs" / "a")
    make_venv(tmp_path / "elsewhere" / "one")
    make_venv(tmp_path / "elsewhere" / "two")
    make_venv(tmp_path / "work" / "project" / ".venv")
    conda(tmp_path / "condas" / "c")
    (home / "envs" / "linked").symlink_to(tmp_path / "elsewhere" / "one")
    (home / "envs" / "dangling").symlink_to(tmp_path / "later")
    (tmp_path / "active").symlink_to(tmp_path / "elsewhere" / "one")
    (home / ".condarc").write_text(f"envs_dirs: [{tmp_path}/condas]\n", "utf-8")
    settle(tmp_path)
    return home


def a_registry(home: Path) -> Registry:
    folder = home.parent
    variables = {"VIRTUAL_ENV": f"{folder}/active", "PWD": f"{folder}/work"}
    return Registry(a_machine(folder, **variables))


def counting(monkeypatch: pytest.MonkeyPatch, error: Exception | None = None) -> Counting:
    locator = Counting(error)
    locators: tuple[Locator, ...] = (locator,)  # type: ignore[assignment]
    monkeypatch.setattr(look, "LOCATORS", locators)
    return locator


def test_nothing_is_searched_again_while_nothing_changes(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locator = counting(monkeypatch)
    registry = a_registry(home)
    found = registry.environments()
    assert {"a", "one", "project"} <= set(by_name(registry))
    assert registry.environments() is found
    assert locator.searches == 1
    registry.environments(refresh=True)
    assert locator.searches == 2


def test_a_search_that_failed_is_made_again(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locator = counting(monkeypatch, OSError("the disk was busy"))
    registry = a_registry(home)
    for _ in range(2):
        assert "a" in by_name(registry)
        assert registry.problems == ("The search for venvs ended early: the disk was busy.",)
    locator.error = None
    assert "a" in by_name(registry)
    assert registry.problems == ()


def _relink(home: Path) -> None:
    (home.parent / "active").unlink()
    (home / "envs" / "linked").unlink()
    (home.parent / "active").symlink_to(home.parent / "elsewhere" / "two")


def _list(home: Path) -> None:
    conda(home.parent / "other" / "two")
    (home / ".conda").mkdir()
    (home / ".conda" / "environments.txt").write_text(f"{home.parent}/other/two\n", "utf-8")


def _not_an_environment_any_more(home: Path) -> None:
    (home / "envs" / "a" / "pyvenv.cfg").unlink()


CHANGES: dict[str, tuple[Callable[[Path], object], set[str], set[str]]] = {
    "a link is given": (
        lambda home: (home.parent / "later").symlink_to(home.parent / "elsewhere" / "two"),
        {"two"},
        set(),
    ),
    "a link is set to another": (_relink, {"two"}, {"one"}),
    "a new folder of environments": (lambda home: make_venv(home / ".venvs" / "new"), {"new"}, set()),
    "a new environment": (lambda home: make_venv(home / "envs" / "new"), {"new"}, set()),
    "a new project": (lambda home: make_venv(home.parent / "work" / "new" / ".venv"), {"new"}, set()),
    "an environment in a project": (
        lambda home: make_venv(home.parent / "work" / "project" / "env", prompt="second"),
        {"second"},
        set(),
    ),
    "a new installation": (lambda home: conda(home / "miniforge3" / "envs" / "new"), {"new"}, set()),
    "conda's settings": (lambda home: (home / ".condarc").write_text("envs_dirs: []\n"), set(), {"c"}),
    "conda's list": (_list, {"two"}, set()),
    "a folder is gone": (lambda home: shutil.rmtree(home / "envs" / "a"), set(), {"a"}),
    "a mark is gone": (_not_an_environment_any_more, set(), {"a"}),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_what_was_read_shows_at_the_next_look(home: Path, change: str) -> None:
    act, come, gone = CHANGES[change]
    registry = a_registry(home)
    before = set(by_name(registry))
    assert set(by_name(registry)) == before >= {"a", "one", "project", "c"}
    act(home)
    after = set(by_name(registry))
    assert (after - before, before - after) == (come, gone)


def test_a_change_of_the_variables_shows_at_the_next_look(home: Path) -> None:
    variables = {"PWD": "/"}
    machine = Machine(root=home.parent / "root", environ=variables, home=home, platform="linux")
    registry = Registry(machine)
    assert "project" not in by_name(registry)
    variables["PWD"] = f"{home.parent}/work"
    assert "project" in by_name(registry)
