"""Removing a kernelspec can be undone; a change of one is made as a whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from jupyter_tfgpu.kernels import PinStore, Target, parse_pin
from jupyter_tfgpu.kernels.pins.pin import PinError
from jupyter_tfgpu.kernels.specs import store as specs_module
from jupyter_tfgpu.kernels.specs.errors import NameTaken, NotOwned, SpecError, SpecNotWritten
from jupyter_tfgpu.kernels.specs.installed import InstalledSpec
from jupyter_tfgpu.kernels.specs.keeper import Keeper
from jupyter_tfgpu.machine import Machine
from tests.environments.trees import conda, distribution, tensorflow
from tests.kernels.specs.test_sync import a_keeper
from tests.kernels.specs_here import described, edit, foreign, kernel_json, own_kernel

pytestmark = pytest.mark.usefixtures("data_dir")


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """An environment with a Python's kernel and one of its own."""
    for name in ("home", "root", "envs"):
        (tmp_path / name).mkdir()
    made = tmp_path / "envs" / "a"
    distribution(conda(made), "ipykernel", "7.4.0")
    own_kernel(made, "ir")
    return made


@pytest.fixture
def keeper(tmp_path: Path, prefix: Path) -> Keeper:
    made = a_keeper(tmp_path)
    made.add(described(prefix))
    return made


@pytest.fixture
def pins(tmp_path: Path) -> PinStore:
    return PinStore(tmp_path / "data/tfgpu/pins.json", Machine(root=tmp_path / "root"))


def the_spec(keeper: Keeper, name: str = "tfgpu-a") -> InstalledSpec:
    [found] = [spec for spec in keeper.specs() if spec.name == name]
    return found


def pinned(pins: PinStore) -> dict[str | None, str]:
    return {target.kernelspec: str(pin) for target, pin in pins.all()}


def what_a_user_does(data_dir: Path, prefix: Path) -> None:
    """Additions by hand, in the kernel.json and beside it."""
    folder = data_dir / "kernels" / "tfgpu-a"
    python = str(prefix / "bin" / "python")
    argv = [python, "-X", "dev", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    env = {**kernel_json(data_dir, "tfgpu-a")["env"], "MINE": "1"}
    edit(data_dir, "tfgpu-a", argv=argv, env=env, display_name="By hand", more=[1])
    (folder / "logo-svg.svg").write_bytes(b"mine")


def texts(data_dir: Path) -> tuple[bytes, bytes]:
    folder = data_dir / "kernels" / "tfgpu-a"
    return (folder / "kernel.json").read_bytes(), (folder / "logo-svg.svg").read_bytes()


# --- removing ------------------------------------------------------------------------------------------


def test_a_removal_that_is_undone_has_changed_nothing(
    prefix: Path, keeper: Keeper, pins: PinStore, data_dir: Path
) -> None:
    what_a_user_does(data_dir, prefix)
    keeper.refresh()  # the mark says from now on that the text is the user's
    before = texts(data_dir)
    pins.set(Target(kernelspec="tfgpu-a"), parse_pin("auto:2"))
    keeper.remove(the_spec(keeper))
    assert (os.listdir(data_dir / "kernels"), pinned(pins)) == ([], {})
    added = keeper.add(described(prefix), name="tfgpu-a")
    assert (added.name, added.display_name) == ("tfgpu-a", "By hand")
    assert texts(data_dir) == before
    assert pinned(pins) == {"tfgpu-a": "auto:2"}
    assert keeper.sync(dry_run=True).steps[0].name == "tfgpu-a-ir"  # nothing else is to be done


def test_what_has_changed_meanwhile_is_in_it(prefix: Path, keeper: Keeper, data_dir: Path) -> None:
    what_a_user_does(data_dir, prefix)
    keeper.remove(the_spec(keeper))
    site = prefix / "lib/python3.11/site-packages"
    tensorflow(site, "2.20.0")
    distribution(site, "tensorflow", "2.20.0")
    keeper.add(described(prefix), name="tfgpu-a")
    document = kernel_json(data_dir, "tfgpu-a")
    assert (document["env"], document["more"]) == ({**document["env"], "MINE": "1"}, [1])
    assert [each["name"] for each in document["metadata"]["tfgpu"]["frameworks"]] == ["tensorflow"]


@pytest.mark.parametrize("wanted", [{}, {"name": "b"}, {"name": "tfgpu-a", "kernel": "ir"}])
def test_who_asks_for_another_gets_a_new_one(
    prefix: Path, keeper: Keeper, pins: PinStore, data_dir: Path, wanted: dict[str, Any]
) -> None:
    what_a_user_does(data_dir, prefix)
    pins.set(Target(kernelspec="tfgpu-a"), parse_pin("0"))
    keeper.remove(the_spec(keeper))
    name = keeper.add(described(prefix), **wanted).name
    assert "more" not in kernel_json(data_dir, name)
    assert pinned(pins) == {}


def test_it_is_undone_once(prefix: Path, keeper: Keeper, data_dir: Path) -> None:
    what_a_user_does(data_dir, prefix)
    keeper.remove(the_spec(keeper))
    keeper.add(described(prefix))  # a new one, under the same name
    keeper.add(described(prefix), name="tfgpu-a")
    assert "more" not in kernel_json(data_dir, "tfgpu-a")


def test_an_undoing_that_fails_leaves_nothing_and_may_be_tried_again(
    prefix: Path, keeper: Keeper, pins: PinStore, data_dir: Path
) -> None:
    what_a_user_does(data_dir, prefix)
    pins.set(Target(kernelspec="tfgpu-a"), parse_pin("0"))
    keeper.remove(the_spec(keeper))
    site = prefix / "lib/python3.11/site-packages"
    (site / "ipykernel-7.4.0.dist-info").rename(site / "away")
    with pytest.raises(SpecError, match="ipykernel is not installed"):
        keeper.add(described(prefix), name="tfgpu-a")
    assert (os.listdir(data_dir / "kernels"), pinned(pins)) == ([], {})
    (site / "away").rename(site / "ipykernel-7.4.0.dist-info")
    keeper.add(described(prefix), name="tfgpu-a")
    assert kernel_json(data_dir, "tfgpu-a")["more"] == [1]
    assert pinned(pins) == {"tfgpu-a": "0"}


def test_a_removal_that_fails_leaves_the_pin(keeper: Keeper, pins: PinStore, tmp_path: Path) -> None:
    pins.set(Target(kernelspec="theirs"), parse_pin("0"))
    foreign(tmp_path / "data", "theirs")
    with pytest.raises(NotOwned):
        keeper.remove(the_spec(keeper, "theirs"))
    assert pinned(pins) == {"theirs": "0"}


def test_without_the_pins_nothing_is_removed(
    keeper: Keeper, pins: PinStore, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pins.set(Target(kernelspec="tfgpu-a"), parse_pin("0"))

    def refused(*_: object) -> None:
        raise PinError("The disk is full.", "pin-store")

    monkeypatch.setattr(PinStore, "_change", refused)
    with pytest.raises(SpecNotWritten, match=r"its pin would not follow\. The disk is full"):
        keeper.remove(the_spec(keeper))
    assert kernel_json(data_dir, "tfgpu-a")["display_name"]


def test_a_label_is_the_same_after_an_undoing(prefix: Path, keeper: Keeper) -> None:
    keeper.add(described(prefix), name="second")
    before = {spec.name: spec.display_name for spec in keeper.specs() if spec.owned}
    assert before["tfgpu-second"] == f"{before['tfgpu-a']} (second)"
    for name in ("tfgpu-a", "tfgpu-second"):
        keeper.remove(the_spec(keeper, name))
        keeper.refresh()
        keeper.add(described(prefix), name=name)
        keeper.refresh()
        assert {spec.name: spec.display_name for spec in keeper.specs() if spec.owned} == before


# --- changing ------------------------------------------------------------------------------------------


def test_a_text_that_is_refused_leaves_the_name_and_the_pin(
    keeper: Keeper, pins: PinStore, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pins.set(Target(kernelspec="tfgpu-a"), parse_pin("0"))
    before = kernel_json(data_dir, "tfgpu-a")

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", "kernel.json")

    monkeypatch.setattr(specs_module, "replace_file", refused)
    with pytest.raises(SpecNotWritten, match="Permission denied"):
        keeper.change(the_spec(keeper), "new", "Shown")
    assert (kernel_json(data_dir, "tfgpu-a"), pinned(pins)) == (before, {"tfgpu-a": "0"})


def test_a_link_is_neither_named_nor_written(
    keeper: Keeper, pins: PinStore, data_dir: Path, tmp_path: Path
) -> None:
    pins.set(Target(kernelspec="tfgpu-a"), parse_pin("0"))
    file = data_dir / "kernels" / "tfgpu-a" / "kernel.json"
    file.rename(tmp_path / "kept.json")
    file.symlink_to(tmp_path / "kept.json")
    with pytest.raises(NotOwned, match="is a link"):
        keeper.change(the_spec(keeper), "new", "Shown")
    assert (file.is_symlink(), pinned(pins)) == (True, {"tfgpu-a": "0"})


def test_a_name_that_is_refused_leaves_the_text_and_the_pins(
    keeper: Keeper, pins: PinStore, data_dir: Path, tmp_path: Path
) -> None:
    foreign(tmp_path / "shared", "tfgpu-new")
    before = {"tfgpu-a": "0", "tfgpu-new": "1"}
    for name, pin in before.items():
        pins.set(Target(kernelspec=name), parse_pin(pin))
    shown = kernel_json(data_dir, "tfgpu-a")["display_name"]
    with pytest.raises(NameTaken):
        keeper.change(the_spec(keeper), "new", "Shown")
    assert (kernel_json(data_dir, "tfgpu-a")["display_name"], pinned(pins)) == (shown, before)


def test_a_pin_that_was_left_under_the_new_name_is_not_inherited(keeper: Keeper, pins: PinStore) -> None:
    pins.set(Target(kernelspec="tfgpu-new"), parse_pin("1"))
    keeper.change(the_spec(keeper), "new", None)
    assert pinned(pins) == {}


def test_the_label_again_under_a_new_name(prefix: Path, keeper: Keeper, data_dir: Path) -> None:
    keeper.add(described(prefix), name="second", display_name="Chosen")
    keeper.change(the_spec(keeper, "tfgpu-second"), "third", "")
    shown = [kernel_json(data_dir, name)["display_name"] for name in ("tfgpu-a", "tfgpu-third")]
    assert shown[1] == f"{shown[0]} (third)"
