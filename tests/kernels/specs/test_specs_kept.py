"""What a user has done to a kernelspec of ours stays; a change that fails has changed nothing."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import signal
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from jupyter_tfgpu.environments import Environment
from jupyter_tfgpu.environments.activation import Activation
from jupyter_tfgpu.kernels.specs import store as specs_module
from jupyter_tfgpu.kernels.specs.errors import (
    BadName,
    IpykernelMissing,
    NameTaken,
    NotOwned,
    SpecError,
    SpecNotFound,
    SpecNotWritten,
)
from jupyter_tfgpu.kernels.specs.store import SpecStore
from tests.kernels.specs_here import add, an_environment, edit, foreign, kernel_json

pytestmark = pytest.mark.usefixtures("data_dir")


def refresh(store: SpecStore, environment: Environment, label: str = "label", **more: Any) -> bool:
    return store.refresh("tfgpu-tf2", environment, label=label, **more)


def test_nothing_is_written_where_nothing_changes(tmp_path: Path, data_dir: Path, store: SpecStore) -> None:
    environment = an_environment(tmp_path)
    store.add(environment, label="label")
    file = data_dir / "kernels/tfgpu-tf2/kernel.json"
    before = file.stat()
    assert refresh(store, environment) is False
    store.add(environment, label="label")
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
    assert refresh(store, environment, "another", dry_run=True) is True
    assert file.stat().st_ino == before.st_ino
    assert refresh(store, environment, "another") is True
    assert kernel_json(data_dir, "tfgpu-tf2")["display_name"] == "another"


def test_the_same_text_laid_out_otherwise_is_no_change(
    tmp_path: Path, data_dir: Path, store: SpecStore
) -> None:
    environment = an_environment(tmp_path)
    store.add(environment, label="label")
    edit(data_dir, "tfgpu-tf2")
    assert refresh(store, environment) is False


def test_what_a_user_adds_stays(tmp_path: Path, data_dir: Path, store: SpecStore) -> None:
    environment = an_environment(tmp_path)
    store.add(environment, label="label")
    edit(data_dir, "tfgpu-tf2", env={"MINE": "1"}, interrupt_mode="message", mine=[1])
    assert refresh(store, environment, "new") is True
    document = kernel_json(data_dir, "tfgpu-tf2")
    assert (document["env"], document["interrupt_mode"], document["mine"]) == ({"MINE": "1"}, "message", [1])
    assert document["display_name"] == "new"


def test_a_text_changed_with_an_editor_follows_no_label_any_more(
    tmp_path: Path, data_dir: Path, store: SpecStore
) -> None:
    environment = an_environment(tmp_path)
    store.add(environment, label="label")
    edit(data_dir, "tfgpu-tf2", display_name="By hand")
    refresh(store, environment, "new label")
    refresh(store, environment, "newer label")
    document = kernel_json(data_dir, "tfgpu-tf2")
    assert document["display_name"] == "By hand"
    assert document["metadata"]["tfgpu"]["chosen_display_name"] is True
    assert store.change("tfgpu-tf2", display_name="", label="newer label").display_name == "newer label"
    refresh(store, environment, "newest label")
    assert kernel_json(data_dir, "tfgpu-tf2")["display_name"] == "newest label"


def test_options_that_a_user_puts_into_the_command_stay(
    tmp_path: Path, data_dir: Path, store: SpecStore
) -> None:
    environment = an_environment(tmp_path)
    store.add(environment, label="label")
    python = str(environment.interpreter)
    edited = [python, "-X", "dev", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    edit(data_dir, "tfgpu-tf2", argv=edited)
    refresh(store, environment, "new")
    assert kernel_json(data_dir, "tfgpu-tf2")["argv"] == edited
    moved = an_environment(tmp_path / "elsewhere")
    refresh(store, moved)
    assert kernel_json(data_dir, "tfgpu-tf2")["argv"] == [moved.interpreter, *edited[1:]]


def test_another_program_in_the_command_stays_while_it_is_there(
    tmp_path: Path, data_dir: Path, store: SpecStore
) -> None:
    environment = an_environment(tmp_path)
    store.add(environment, label="label")
    wrapper = tmp_path / "with-limits"
    wrapper.touch()
    edited = [str(wrapper), *kernel_json(data_dir, "tfgpu-tf2")["argv"]]
    edit(data_dir, "tfgpu-tf2", argv=edited)
    refresh(store, environment, "new")
    assert kernel_json(data_dir, "tfgpu-tf2")["argv"] == edited
    wrapper.unlink()
    refresh(store, environment, "newer")
    assert kernel_json(data_dir, "tfgpu-tf2")["argv"][0] == environment.interpreter


@pytest.mark.parametrize("argv", [[], "text", ["/gone/python"], [1, "{connection_file}"], None])
def test_a_command_that_starts_nothing_is_ours_again(
    tmp_path: Path, data_dir: Path, store: SpecStore, argv: Any
) -> None:
    environment = an_environment(tmp_path)
    store.add(environment, label="label")
    edit(data_dir, "tfgpu-tf2", argv=argv)
    refresh(store, environment)
    assert kernel_json(data_dir, "tfgpu-tf2")["argv"][1:] == [
        "-m", "ipykernel_launcher", "-f", "{connection_file}"
    ]  # fmt: skip


def test_a_debugger_that_a_user_turned_off_stays_off(
    tmp_path: Path, data_dir: Path, store: SpecStore
) -> None:
    environment = an_environment(tmp_path)
    store.add(environment, label="label")
    metadata = {**kernel_json(data_dir, "tfgpu-tf2")["metadata"], "debugger": False, "theirs": 1}
    edit(data_dir, "tfgpu-tf2", metadata=metadata)
    refresh(store, environment, "new")
    document = kernel_json(data_dir, "tfgpu-tf2")
    assert (document["metadata"]["debugger"], document["metadata"]["theirs"]) == (False, 1)


def test_the_users_own_variables_win_and_ours_follow_the_activation(
    tmp_path: Path, data_dir: Path, store: SpecStore
) -> None:
    environment = an_environment(tmp_path)
    first = Activation(variables={"XLA_FLAGS": "--a", "CUDA_HOME": "/c", "OLD": "1"})
    store.add(environment, label="label", activation=first, activation_state="1")
    edit(data_dir, "tfgpu-tf2", env={"XLA_FLAGS": "--mine", "CUDA_HOME": "/c", "OLD": "1", "MORE": "2"})
    second = Activation(variables={"XLA_FLAGS": "--b", "CUDA_HOME": "/d"})
    assert refresh(store, environment, activation=second, activation_state="2") is True
    document = kernel_json(data_dir, "tfgpu-tf2")
    assert document["env"] == {"XLA_FLAGS": "--mine", "CUDA_HOME": "/d", "MORE": "2"}
    assert document["metadata"]["tfgpu"]["activation"] == ["CUDA_HOME"]
    assert document["metadata"]["tfgpu"]["activation_state"] == "2"


def test_without_an_activation_the_one_before_stays(tmp_path: Path, data_dir: Path, store: SpecStore) -> None:
    environment = an_environment(tmp_path)
    activation = Activation(variables={"A": "1"}, path=("/x/bin",))
    store.add(environment, label="label", activation=activation, activation_state="1")
    before = kernel_json(data_dir, "tfgpu-tf2")
    assert refresh(store, environment, "new") is True
    after = kernel_json(data_dir, "tfgpu-tf2")
    assert (after["env"], after["display_name"]) == (before["env"], "new")
    assert after["metadata"]["tfgpu"]["activation"] == ["A", "PATH"]
    assert after["metadata"]["tfgpu"]["activation_state"] == "1"


def test_a_file_that_an_editor_left_broken_is_not_overwritten(
    tmp_path: Path, data_dir: Path, store: SpecStore
) -> None:
    environment = an_environment(tmp_path)
    store.add(environment, label="label")
    file = data_dir / "kernels/tfgpu-tf2/kernel.json"
    file.write_text(file.read_text("utf-8")[:-30], "utf-8")
    broken = file.read_bytes()
    with pytest.raises(NotOwned):
        refresh(store, environment)
    assert store.add(environment, label="label").name == f"tfgpu-tf2-{environment.id[:6]}"
    assert file.read_bytes() == broken


# --- links ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["folder", "file"])
def test_what_a_link_leads_to_is_never_written(
    tmp_path: Path, data_dir: Path, store: SpecStore, what: str
) -> None:
    environment = an_environment(tmp_path)
    store.add(environment, label="label")
    linked = data_dir / "kernels" / "tfgpu-tf2"
    if what == "file":
        linked = linked / "kernel.json"
    kept = tmp_path / "kept"
    linked.rename(kept)
    linked.symlink_to(kept)
    before = kernel_json(data_dir, "tfgpu-tf2")
    changes: list[Callable[[], object]] = [
        lambda: store.refresh("tfgpu-tf2", environment, label="new"),
        lambda: store.add(environment, label="new"),
        lambda: store.change("tfgpu-tf2", display_name="new", label="label"),
    ]
    for change in changes:
        with pytest.raises(NotOwned, match="is a link"):
            change()
    assert kernel_json(data_dir, "tfgpu-tf2") == before
    assert linked.is_symlink()
    assert [spec.linked for spec in store.list()] == [True]


def test_a_data_folder_that_is_a_link_is_used_as_any_other(
    tmp_path: Path, data_dir: Path, store: SpecStore
) -> None:
    (tmp_path / "big disk").mkdir()
    data_dir.symlink_to(tmp_path / "big disk")
    environment = an_environment(tmp_path)
    store.add(environment, label="label")
    assert refresh(store, environment, "new") is True


# --- names ---------------------------------------------------------------------------------------------


def test_renaming(tmp_path: Path, data_dir: Path, store: SpecStore) -> None:
    environment = an_environment(tmp_path)
    add(store, environment)
    (data_dir / "kernels/tfgpu-tf2/mine.txt").touch()
    assert store.change("tf2", new_name="Training").name == "tfgpu-training"
    assert os.listdir(data_dir / "kernels") == ["tfgpu-training"]
    assert (data_dir / "kernels/tfgpu-training/mine.txt").exists()
    assert add(store, environment).name == "tfgpu-training"
    assert store.change("tfgpu-training", new_name="training").name == "tfgpu-training"


def test_a_name_that_is_taken_is_not_taken_away(tmp_path: Path, data_dir: Path, store: SpecStore) -> None:
    add(store, an_environment(tmp_path))
    theirs = [foreign(tmp_path / "shared", "tfgpu-a"), foreign(tmp_path / "data", "tfgpu-b")]
    (data_dir / "kernels/tfgpu-c").mkdir()
    (data_dir / "kernels/tfgpu-c/somebody's").touch()
    for name in ("a", "b", "c"):
        with pytest.raises(NameTaken, match=f"tfgpu-{name}"):
            store.change("tfgpu-tf2", new_name=name)
    assert all(file.exists() for file in theirs)
    (data_dir / "kernels/tfgpu-empty").mkdir()
    assert store.change("tfgpu-tf2", new_name="empty").name == "tfgpu-empty"


def test_only_ours_are_renamed_and_only_to_names_that_jupyter_allows(
    tmp_path: Path, store: SpecStore
) -> None:
    add(store, an_environment(tmp_path))
    foreign(tmp_path / "data", "theirs")
    for name, new, error in (
        ("theirs", "mine", NotOwned),
        ("tfgpu-none", "mine", SpecNotFound),
        ("tfgpu-tf2", "../up", BadName),
        ("tfgpu-tf2", "한글", BadName),
    ):
        with pytest.raises(error):
            store.change(name, new_name=new)
    assert [spec.name for spec in store.list()] == ["tfgpu-tf2"]


# --- disks, other programs, the end in the middle ------------------------------------------------------


def test_a_read_only_data_folder_is_said_and_nothing_changes(
    tmp_path: Path, data_dir: Path, store: SpecStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = an_environment(tmp_path)
    store.add(environment, label="label")
    before = kernel_json(data_dir, "tfgpu-tf2")
    if os.geteuid() == 0:  # root may write everywhere: the disk's refusal is made up

        def refused(*_: object, **__: object) -> None:
            raise PermissionError(13, "Permission denied", "kernel.json")

        monkeypatch.setattr(specs_module, "replace_file", refused)
    else:
        (data_dir / "kernels/tfgpu-tf2").chmod(stat.S_IRUSR | stat.S_IXUSR)
    for change in (
        lambda: store.refresh("tfgpu-tf2", environment, label="new"),
        lambda: store.change("tfgpu-tf2", display_name="new", label="label"),
    ):
        with pytest.raises(SpecNotWritten, match="could not be changed"):
            change()
    assert kernel_json(data_dir, "tfgpu-tf2") == before


def test_a_program_that_holds_the_lock_is_waited_for_and_then_said(
    tmp_path: Path, data_dir: Path, store: SpecStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = an_environment(tmp_path)
    store.add(environment, label="label")
    monkeypatch.setattr(specs_module, "_LOCK_SECONDS", 0.2)
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with FileLock(data_dir / "tfgpu" / "specs.lock"):
            held.set()
            done.wait(30)

    other = threading.Thread(target=hold)
    other.start()
    held.wait(30)
    with pytest.raises(SpecNotWritten, match=r"Another program has held .*specs\.lock for more than 0\.2 s"):
        refresh(store, environment, "new")
    done.set()
    other.join()
    assert refresh(store, environment, "new") is True


def _write_for_ever(data_dir: str, environment: Environment) -> None:
    store = SpecStore(Path(data_dir))
    for number in range(1_000_000):
        store.add(environment, label=f"label {number} " + "x" * 5000)


def test_a_writer_that_is_killed_leaves_a_whole_file(
    tmp_path: Path, data_dir: Path, store: SpecStore
) -> None:
    environment = an_environment(tmp_path)
    store.add(environment, label="label")
    for _ in range(3):
        writer = multiprocessing.get_context("spawn").Process(
            target=_write_for_ever, args=(str(data_dir), environment)
        )
        writer.start()
        while kernel_json(data_dir, "tfgpu-tf2")["display_name"] == "label":
            time.sleep(0.01)
        time.sleep(0.05)
        assert writer.pid is not None
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
        assert kernel_json(data_dir, "tfgpu-tf2")["metadata"]["tfgpu"]["owned"] is True
        refresh(store, environment)
        assert os.listdir(data_dir / "kernels" / "tfgpu-tf2") == ["kernel.json"]


def test_a_draft_that_was_left_is_no_kernelspec_and_goes_with_the_next_write(
    tmp_path: Path, data_dir: Path, store: SpecStore
) -> None:
    folder = data_dir / "kernels" / "tfgpu-tf2"
    folder.mkdir(parents=True)
    (folder / ".kernel.json.0a1b2c3d").write_text('{"argv": [', "utf-8")
    assert store.list() == ()
    add(store, an_environment(tmp_path))
    assert os.listdir(folder) == ["kernel.json"]


def _add_each(data_dir: str, environments: list[Environment]) -> None:
    store = SpecStore(Path(data_dir))
    for environment in environments:
        with contextlib.suppress(SpecError):
            store.add(environment, label=environment.name)


def test_two_programs_at_once_write_one_kernelspec_an_environment(tmp_path: Path, data_dir: Path) -> None:
    environments = [an_environment(tmp_path / str(number)) for number in range(5)]
    context = multiprocessing.get_context("spawn")
    programs = [
        context.Process(target=_add_each, args=(str(data_dir), order))
        for order in (environments, environments[::-1])
    ]
    for program in programs:
        program.start()
    for program in programs:
        program.join()
    specs = SpecStore(data_dir).list()
    assert sorted(spec.environment for spec in specs) == sorted(each.id for each in environments)


def test_an_environment_that_lost_ipykernel_keeps_its_kernelspec_as_it_was(
    tmp_path: Path, data_dir: Path, store: SpecStore
) -> None:
    store.add(an_environment(tmp_path), label="label")
    before = json.dumps(kernel_json(data_dir, "tfgpu-tf2"))
    without = an_environment(tmp_path / "other", ipykernel=None)
    with pytest.raises(IpykernelMissing):
        refresh(store, without)
    assert json.dumps(kernel_json(data_dir, "tfgpu-tf2")) == before
