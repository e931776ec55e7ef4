"""The disk that kernelspecs of ours lie on: its locks, what else lies there, who may read them."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import SoftFileLock, UnixFileLock
from jupyter_client.kernelspec import KernelSpecManager

from jupyter_tfgpu.environments.activation import Activation
from jupyter_tfgpu.kernels.specs import store as specs_module
from jupyter_tfgpu.kernels.specs.document import load_document
from jupyter_tfgpu.kernels.specs.errors import NameTaken, SpecNotWritten
from jupyter_tfgpu.kernels.specs.store import SpecStore
from jupyter_tfgpu.machine import Machine
from tests.environments.test_bad_input import become_nobody, own_interpreter, shared_folder
from tests.environments.trees import distribution, venv
from tests.kernels.specs_here import add, an_environment, described

pytestmark = pytest.mark.usefixtures("data_dir")

__all__ = ["shared_folder"]


def _hold_by_existence(file: Path) -> None:
    lock = SoftFileLock(file)
    lock.acquire()
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture
def soft_lock(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The lock file of a disk that knows no locks, as a program on this host left it that was killed."""

    def none_here(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    file = data_dir / "tfgpu" / "specs.lock.soft"
    file.parent.mkdir(parents=True)
    holder = multiprocessing.get_context("spawn").Process(target=_hold_by_existence, args=(file,))
    holder.start()
    holder.join()
    assert file.exists()
    monkeypatch.setattr(UnixFileLock, "_acquire", none_here)
    monkeypatch.setattr(specs_module, "_LOCK_SECONDS", 3)
    return file


def test_a_lock_that_a_killed_program_left_is_taken_over(
    tmp_path: Path, soft_lock: Path, store: SpecStore
) -> None:
    assert add(store, an_environment(tmp_path)).name == "tfgpu-tf2"
    assert not soft_lock.exists()


@pytest.mark.parametrize(
    ("record", "who"), [("4321\nnode7\n", r"According to .*, process 4321 on node7 has held it since 20"),
                        ("", r"specs\.lock\.soft has been there since 20")]
)  # fmt: skip
def test_one_of_which_nobody_here_can_tell_is_named_with_what_to_do(
    tmp_path: Path,
    soft_lock: Path,
    store: SpecStore,
    monkeypatch: pytest.MonkeyPatch,
    record: str,
    who: str,
) -> None:
    monkeypatch.setattr(specs_module, "_LOCK_SECONDS", 0.2)
    soft_lock.write_text(record, "utf-8")
    with pytest.raises(SpecNotWritten, match=who) as error:
        add(store, an_environment(tmp_path))
    assert "specs.lock.soft" in str(error.value)
    assert "remove that file" in str(error.value)
    assert soft_lock.read_text("utf-8") == record


def test_what_is_no_file_is_not_waited_for_and_stays(
    tmp_path: Path, data_dir: Path, store: SpecStore
) -> None:
    environment = an_environment(tmp_path)
    fifo = data_dir / "kernels/tfgpu-tf2/kernel.json"
    fifo.parent.mkdir(parents=True)
    os.mkfifo(fifo)
    assert store.list() == ()
    with pytest.raises(NameTaken, match="is no file that could be read"):
        add(store, environment, name="tf2")
    assert add(store, environment).name == f"tfgpu-tf2-{environment.id[:6]}"
    assert fifo.is_fifo()
    with pytest.raises(OSError, match="no regular file"):
        load_document(fifo.parent)


# --- who may read them ---------------------------------------------------------------------------------


def modes(folder: Path) -> dict[str, int]:
    return {each.name: stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()}


@pytest.fixture
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def user_s_store(shared_folder: Path, monkeypatch: pytest.MonkeyPatch, usual_umask: None) -> SpecStore:
    """The store of a user who is not root, in a data folder that is opened to all as usual."""
    site = venv(shared_folder / "tf2")
    distribution(site, "ipykernel", "7.4.0")
    logos = site / "ipykernel" / "resources"
    logos.mkdir(parents=True)
    (logos / "logo-svg.svg").touch()
    own_interpreter(shared_folder / "tf2")
    data = shared_folder / "data"
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(data))
    (data / "kernels").mkdir(parents=True)
    if os.geteuid() == 0:
        for folder in (data, data / "kernels"):
            os.chown(folder, 65534, -1)
    become_nobody()
    return SpecStore(data, Machine(environ={}))


def test_what_activation_sets_is_for_the_user_alone(user_s_store: SpecStore, shared_folder: Path) -> None:
    environment = described(shared_folder / "tf2")
    activation = Activation(variables={"TOKEN": "secret"})
    folder = Path(add(user_s_store, environment, activation=activation).folder)
    assert modes(folder) == {"kernel.json": 0o600, "logo-svg.svg": 0o644}
    assert KernelSpecManager().get_kernel_spec("tfgpu-tf2").env == {"TOKEN": "secret"}
    (folder / "kernel.json").chmod(0o644)  # somebody wants others to read it
    assert user_s_store.refresh("tfgpu-tf2", environment, label="new") is True
    assert modes(folder)["kernel.json"] == 0o644


def test_a_folder_that_a_group_shares_stays_so(user_s_store: SpecStore, shared_folder: Path) -> None:
    (shared_folder / "data" / "kernels").chmod(0o2775)
    added = add(user_s_store, described(shared_folder / "tf2"))
    assert modes(Path(added.folder))["kernel.json"] == 0o644


@pytest.mark.usefixtures("usual_umask")
def test_what_root_writes_can_be_read_by_those_it_is_handed_to(tmp_path: Path, store: SpecStore) -> None:
    if os.geteuid() != 0:
        pytest.skip("for root")
    assert modes(Path(add(store, an_environment(tmp_path)).folder)) == {"kernel.json": 0o644}
