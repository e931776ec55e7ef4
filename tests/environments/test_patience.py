"""No place holds up a look for ever: one that hangs, one with too many folders, one that goes away."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_tfgpu.environments import NotAnEnvironment, Registry, hanging, look
from jupyter_tfgpu.environments import disk as disk_module
from jupyter_tfgpu.environments.hanging import network_disk
from jupyter_tfgpu.environments.locators import Inside, venv
from jupyter_tfgpu.machine import Machine
from tests.environments.dead_disk import Disk, left_behind
from tests.environments.trees import a_machine
from tests.environments.trees import venv as make_venv

LIMIT = 0.2


class Naming:
    """A locator that names these places and knows no environment."""

    TITLE = "environments elsewhere"

    def __init__(self, *places: Path | Inside, pause: float = 0.0, error: Exception | None = None) -> None:
        self.places, self.pause, self.error = places, pause, error

    def find(self, machine: Machine, disk: object) -> Iterator[Path | Inside]:
        for place in self.places:
            time.sleep(self.pause)
            yield place
        if self.error is not None:
            raise self.error

    def recognise(self, machine: Machine, prefix: object) -> None:
        return None


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """With one sound environment, ``kept``."""
    machine = a_machine(tmp_path)
    make_venv(machine.home / "envs" / "kept")
    return machine


def names(registry: Registry) -> set[str]:
    return {each.name for each in registry.environments()}


def mounts(machine: Machine, *lines: str) -> None:
    table = machine.path("/proc/self/mountinfo")
    table.parent.mkdir(parents=True, exist_ok=True)
    table.write_text("21 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n" + "\n".join(lines), "utf-8")


def test_a_network_disk_that_does_not_answer_is_waited_for_once(
    tmp_path: Path, machine: Machine, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = tmp_path / "net work"
    written = str(network).replace(" ", "\\040")
    mounts(machine, f"30 21 0:48 / {written} rw master:2 - nfs4 server:/export rw,hard")
    places = disk.hang(*(network / f"envs{number}" for number in range(50)))
    monkeypatch.setattr(look, "LOCATORS", (Naming(*places), venv))
    registry = Registry(machine, limit=LIMIT)
    for _ in range(3):
        assert names(registry) == {"kept"}
        assert registry.problems == (
            f"{network}/envs0 has not answered for 0.2 s. "
            f"All that lies on the network disk {network} is left out meanwhile.",
        )
    assert len(disk.asked) == len(left_behind()) == 1


def test_whatever_number_of_places_hangs_few_threads_are_left_behind(
    tmp_path: Path, machine: Machine, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = Registry(machine, limit=LIMIT)
    monkeypatch.setattr(look, "LOCATORS", (venv,))
    assert names(registry) == {"kept"}
    places = disk.hang(*(tmp_path / f"gone{number}" for number in range(20)))
    monkeypatch.setattr(look, "LOCATORS", (venv, Naming(*places)))
    for _ in range(3):
        assert names(registry) == {"kept"}
        assert len(registry.problems) >= hanging.MOST
    assert "no other is looked at until one of them does" in registry.problems[-1]
    assert len(left_behind()) == hanging.MOST
    disk.back.set()
    deadline = time.monotonic() + 20
    while registry.problems and time.monotonic() < deadline:
        assert names(registry) == {"kept"}
    assert registry.problems == ()


def test_what_an_unfinished_look_described_is_not_described_again(
    tmp_path: Path, machine: Machine, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    described: list[Path] = []

    def counted(machine: Machine, prefix: Path, locators: tuple[look.Locator, ...]) -> object:
        described.append(prefix)
        return real(machine, prefix, locators)

    real = look.described
    monkeypatch.setattr(look, "described", counted)
    monkeypatch.setattr(disk_module, "RECENT", -(10**18))  # the environment was made long ago
    monkeypatch.setattr(look, "LOCATORS", (venv, Naming(*disk.hang(tmp_path / "gone"))))
    assert names(Registry(machine, limit=LIMIT)) == {"kept"}
    assert described.count(machine.home / "envs" / "kept") == 1


def test_an_environment_that_hangs_while_it_is_described_costs_itself_only(
    machine: Machine, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix = machine.home / "envs" / "dead"
    make_venv(prefix)
    disk.hang(prefix)
    monkeypatch.setattr(look, "LOCATORS", (venv,))
    registry = Registry(machine, limit=LIMIT)
    assert names(registry) == {"kept"}
    assert registry.problems == (f"{prefix} has not answered for 0.2 s.",)


def test_a_prefix_that_is_named_and_hangs_is_refused_in_time(
    tmp_path: Path, machine: Machine, disk: Disk
) -> None:
    disk.hang(tmp_path / "dead")
    registry = Registry(machine, limit=LIMIT)
    for said in ("has not answered for 0.2 s", "does not answer", "does not answer"):
        with pytest.raises(NotAnEnvironment, match=said):
            registry.find(str(tmp_path / "dead"))
    assert len(disk.asked) == 1
    assert registry.find(str(machine.home / "envs" / "kept")).name == "kept"


def test_more_folders_than_anybody_has_environments(
    tmp_path: Path, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(12):
        (tmp_path / "data" / f"{number:02}").mkdir(parents=True)
    monkeypatch.setattr(look, "MOST", 10)
    many = (tmp_path / f"named{number}" for number in range(12))
    monkeypatch.setattr(look, "LOCATORS", (Naming(Inside(tmp_path / "data")), Naming(*many), venv))
    registry = Registry(machine)
    assert "kept" in names(registry)
    assert registry.problems == (
        f"{tmp_path}/data holds more than 10 folders; the others were left out.",
        "The search for environments elsewhere named more than 10 places; the others were left out.",
    )


def test_a_look_that_takes_too_long_is_ended_and_the_next_ones_get_further(
    tmp_path: Path, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = [tmp_path / "slow" / str(number) for number in range(10)]
    for place in places:
        make_venv(place)
    monkeypatch.setattr(look, "LOCATORS", (venv, Naming(*places, pause=0.02)))
    real = look.described

    def slow(machine: Machine, prefix: Path, locators: tuple[look.Locator, ...]) -> object:
        time.sleep(0.2)
        return real(machine, prefix, locators)

    monkeypatch.setattr(look, "described", slow)
    monkeypatch.setattr(disk_module, "RECENT", -(10**18))
    registry = Registry(machine, patience=0.7)
    first = names(registry)
    assert len(first) < 11
    assert "was ended after 0.7 s" in registry.problems[-1]
    found: set[str] = set()
    deadline = time.monotonic() + 30
    while registry.problems and time.monotonic() < deadline:
        found = names(registry)
    assert registry.problems == ()
    assert found == {"kept", *map(str, range(10))}


def test_a_folder_that_disappears_while_it_is_looked_at(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_venv(machine.home / "envs" / "doomed")
    real = look.described

    def removed(machine: Machine, prefix: Path, locators: tuple[look.Locator, ...]) -> object:
        if prefix.name == "doomed":
            shutil.rmtree(prefix)
        return real(machine, prefix, locators)

    monkeypatch.setattr(look, "described", removed)
    registry = Registry(machine)
    assert {"kept"} <= names(registry)
    assert "doomed" not in names(registry)
    assert registry.problems == ()


def test_whatever_fails_in_one_place_the_others_are_listed(
    tmp_path: Path, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_venv(tmp_path / "odd")
    real = look.described

    def failing(machine: Machine, prefix: Path, locators: tuple[look.Locator, ...]) -> object:
        if prefix.name == "odd":
            raise ZeroDivisionError("odd")
        return real(machine, prefix, locators)

    monkeypatch.setattr(look, "described", failing)
    ending = Naming(tmp_path / "odd", error=RecursionError("deep"))
    monkeypatch.setattr(look, "LOCATORS", (ending, venv))
    registry = Registry(machine)
    assert names(registry) == {"kept"}
    assert registry.problems == (
        f"{tmp_path}/odd could not be looked at: ZeroDivisionError: odd.",
        "The search for environments elsewhere ended early: RecursionError: deep.",
    )


@pytest.mark.parametrize(
    ("lines", "place", "disk"),
    [
        (["30 21 0:48 / /data rw - nfs4 server:/x rw"], "/data/envs", "/data"),
        (["30 21 0:48 / /data rw - nfs4 server:/x rw"], "/data", "/data"),
        (["30 21 0:48 / /data rw - nfs4 server:/x rw"], "/database/envs", None),
        (["30 21 0:48 / /data rw - fuse.sshfs me@there: rw"], "/data/envs", "/data"),
        (["30 21 254:1 / /data rw - xfs /dev/vdb rw"], "/data/envs", None),
        (["30 21 0:48 / /h rw - nfs a:/ rw", "31 30 8:1 / /h/me rw - ext4 /dev/sda rw"], "/h/me/envs", None),
        (["30 21 0:48 / /h rw - nfs a:/ rw", "31 30 8:1 / /h/me rw - ext4 /dev/sda rw"], "/h/you", "/h"),
        (["30 21 0:48 / /h rw - autofs a rw", "31 30 0:49 / /h rw - cifs //a/b rw"], "/h/envs", "/h"),
        (["rubbish", "30 21 0:48 /"], "/data/envs", None),
    ],
)
def test_the_network_disk_of_a_path(tmp_path: Path, lines: list[str], place: str, disk: str | None) -> None:
    machine = a_machine(tmp_path)
    mounts(machine, *lines)
    assert network_disk(machine, place) == disk


def test_without_a_table_of_mounts_no_disk_is_known(tmp_path: Path) -> None:
    assert network_disk(a_machine(tmp_path), "/data/envs") is None
