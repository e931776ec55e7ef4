"""The pins on disk."""

from __future__ import annotations

import errno
import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jupyter_tfgpu.kernels import ALL, PinError, PinStore, Target, choose_pin, notebook_target, parse_pin
from jupyter_tfgpu.kernels.pins.identity import machine_name
from jupyter_tfgpu.machine import Machine
from tests.kernels.readings import FIRST, SECOND

NOTEBOOK = Target(notebook="/home/me/a.ipynb")
KERNEL = Target(kernel_id="k1")
SPEC = Target(kernelspec="tfgpu-tf2")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "tfgpu" / "pins.json"


def machine(root: Path, machine_id: str = "0123456789abcdef0123456789abcdef", **environ: str) -> Machine:
    (root / "etc").mkdir(parents=True, exist_ok=True)
    (root / "etc" / "machine-id").write_text(machine_id + "\n")
    (root / "proc" / "sys" / "kernel").mkdir(parents=True, exist_ok=True)
    (root / "proc" / "sys" / "kernel" / "hostname").write_text("box\n")
    return Machine(root=root, environ=environ)


def test_a_pin_is_kept_and_forgotten(path: Path) -> None:
    store = PinStore(path)
    assert store.get(NOTEBOOK) is None
    store.set(NOTEBOOK, parse_pin(FIRST))
    store.set(KERNEL, parse_pin("none"))
    assert str(PinStore(path).get(NOTEBOOK)) == FIRST
    assert PinStore(path).all() == ((KERNEL, parse_pin("none")), (NOTEBOOK, parse_pin(FIRST)))
    assert store.clear(NOTEBOOK)
    assert not store.clear(NOTEBOOK)
    assert PinStore(path).get(NOTEBOOK) is None


def test_only_its_owner_can_read_it(path: Path) -> None:
    PinStore(path).set(NOTEBOOK, ALL)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir() if one.suffix != ".lock"] == ["pins.json"]


def test_another_program_s_change_is_seen(path: Path) -> None:
    ours, theirs = PinStore(path), PinStore(path)
    ours.set(NOTEBOOK, parse_pin("0"))
    assert str(theirs.get(NOTEBOOK)) == "0"
    theirs.set(KERNEL, parse_pin("1"))
    assert str(ours.get(KERNEL)) == "1"
    assert str(ours.get(NOTEBOOK)) == "0"


def test_the_kernel_s_pin_comes_before_the_notebook_s_and_that_before_the_kernelspec_s(path: Path) -> None:
    store = PinStore(path)
    wanted = {"kernel_id": "k1", "notebook": "/home/me/a.ipynb", "kernelspec": "tfgpu-tf2"}
    assert choose_pin(store, ALL, **wanted) == (ALL, "default")
    for target, source in ((SPEC, "kernelspec"), (NOTEBOOK, "notebook"), (KERNEL, "kernel")):
        store.set(target, parse_pin("1"))
        assert choose_pin(store, ALL, **wanted) == (parse_pin("1"), source)
    nobody = {"kernel_id": "k2", "notebook": None, "kernelspec": None}
    assert choose_pin(store, parse_pin("none"), **nobody) == (parse_pin("none"), "default")


def test_a_pin_made_on_another_machine_does_not_count_here(path: Path, tmp_path: Path) -> None:
    here = PinStore(path, machine(tmp_path / "a"))
    there = PinStore(path, machine(tmp_path / "b", "f" * 32))
    here.set(NOTEBOOK, parse_pin(FIRST))
    assert there.get(NOTEBOOK) is None
    there.set(NOTEBOOK, parse_pin(SECOND))
    assert str(here.get(NOTEBOOK)) == FIRST
    assert set(json.loads(path.read_bytes())["machines"]) == {"0123456789abcdef0123456789abcdef", "f" * 32}


def test_in_a_container_the_host_name_stands_for_the_machine(tmp_path: Path) -> None:
    assert machine_name(machine(tmp_path / "a", container="podman")) == "host-box"
    boxed = machine(tmp_path / "b")
    (tmp_path / "b" / ".dockerenv").touch()
    assert machine_name(boxed) == "host-box"
    assert machine_name(machine(tmp_path / "c", "uninitialized")) == "host-box"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b"[]",
        b'{"schema": "tfgpu.pins/9"}',
        b'{"machines": {"m": {"notebook": [1]}}}',
        b'{"machines": ' + b'{"a":' * 200_000,
        b'{"more": ' + b"[" * 200_000,
    ],
)
def test_a_damaged_file_is_moved_aside_and_reported(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    store = PinStore(path)
    assert store.all() == ()
    aside = path.with_name("pins.json.damaged")
    assert aside.read_bytes() == data
    assert str(aside) in str(store.problem)
    store.set(NOTEBOOK, parse_pin("0"))
    assert str(PinStore(path).get(NOTEBOOK)) == "0"
    path.write_bytes(data)
    assert store.get(NOTEBOOK) is None
    assert path.with_name("pins.json.damaged-2").read_bytes() == data


def test_one_bad_pin_spoils_no_other(path: Path) -> None:
    store = PinStore(path)
    store.set(NOTEBOOK, parse_pin("0"))
    store.set(KERNEL, parse_pin("1"))
    path.write_bytes(path.read_bytes().replace(b'"0"', b'"the big one"'))
    assert store.all() == ((KERNEL, parse_pin("1")),)
    assert "the big one" in str(store.problem)


def test_a_folder_that_cannot_be_written_is_told_and_nothing_breaks(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where a folder should be")
    store = PinStore(tmp_path / "data" / "pins.json")
    assert store.get(NOTEBOOK) is None
    with pytest.raises(PinError) as caught:
        store.set(NOTEBOOK, ALL)
    assert caught.value.reason == "pin-store"
    assert "could not be stored" in str(caught.value)


def test_a_writer_that_hangs_is_waited_for_only_so_long(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import filelock

    monkeypatch.setattr("jupyter_tfgpu.kernels.pins.store.LOCK_TIMEOUT", 0.05)
    store = PinStore(path)
    store.set(NOTEBOOK, ALL)
    with (
        filelock.FileLock(f"{path}.lock", mode=0o600),
        pytest.raises(PinError, match=r"Another program has held .*\.lock for more"),
    ):
        store.set(NOTEBOOK, parse_pin("0"))
    assert store.get(NOTEBOOK) == ALL


def test_many_writers_lose_nothing(path: Path) -> None:
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from jupyter_tfgpu.kernels import PinStore, Target, parse_pin\n"
        "store = PinStore(Path(sys.argv[1]))\n"
        "for n in range(20):\n    store.set(Target(notebook=f'/{sys.argv[2]}/{n}'), parse_pin(str(n)))\n"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, str(path), str(n)]) for n in range(4)]
    assert [one.wait() for one in writers] == [0, 0, 0, 0]
    assert len(PinStore(path).all()) == 80


def test_a_notebook_is_followed_when_it_or_its_folder_moves(path: Path) -> None:
    store = PinStore(path)
    for name in ("/n/a.ipynb", "/n/sub/b.ipynb", "/nn/c.ipynb"):
        store.set(Target(notebook=name), parse_pin("0"))
    assert store.move("/n", "/m") == 2
    assert store.move("/m/a.ipynb", "/m/z.ipynb") == 1
    assert store.move("/nowhere", "/m") == 0
    assert [target.notebook for target, _ in store.all()] == ["/m/sub/b.ipynb", "/m/z.ipynb", "/nn/c.ipynb"]


def test_a_notebook_has_one_pin_by_whatever_name_it_is_reached(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert notebook_target(tmp_path / "link" / "a.ipynb") == notebook_target(tmp_path / "real" / "a.ipynb")
    assert Path(notebook_target("a.ipynb").key).is_absolute()


def test_a_target_is_one_thing() -> None:
    with pytest.raises(ValueError, match="one notebook, one kernel or one kernelspec"):
        Target()
    with pytest.raises(ValueError, match="one notebook, one kernel or one kernelspec"):
        Target(notebook="/a", kernel_id="b")


def test_a_file_that_was_cut_short_anywhere_is_whole_or_moved_aside(path: Path) -> None:
    store = PinStore(path)
    store.set(NOTEBOOK, parse_pin(FIRST))
    whole = path.read_bytes()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        again = PinStore(path)
        assert again.all() == ()
        assert "were damaged" in str(again.problem)
        assert not path.exists()
    path.write_bytes(whole)
    assert str(store.get(NOTEBOOK)) == FIRST


def test_what_another_program_wrote_in_place_of_a_damaged_file_is_not_moved_aside(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = PinStore(path)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"rubbish")
    move = store._move_aside

    def late(*arguments: object) -> None:
        monkeypatch.undo()
        PinStore(path).set(NOTEBOOK, parse_pin(FIRST))
        move(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "_move_aside", late)
    assert store.get(NOTEBOOK) is None
    assert str(store.get(NOTEBOOK)) == FIRST


def test_a_pin_that_could_not_be_stored_does_not_count(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = PinStore(path)
    store.set(NOTEBOOK, parse_pin(FIRST))

    def read_only(*arguments: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("jupyter_tfgpu.kernels.pins.store.replace_file", read_only)
    for change in (lambda: store.set(NOTEBOOK, parse_pin(SECOND)), lambda: store.clear(NOTEBOOK)):
        with pytest.raises(PinError, match=r"could not be stored in .*: Read-only file system") as caught:
            change()
        assert caught.value.reason == "pin-store"
        assert str(store.get(NOTEBOOK)) == FIRST


def test_a_file_that_cannot_be_read_is_not_written_anew(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    PinStore(path).set(NOTEBOOK, parse_pin(FIRST))

    def fail(self: Path) -> bytes:
        raise OSError(errno.ESTALE, "Stale file handle")

    store = PinStore(path)
    with monkeypatch.context() as broken:
        broken.setattr(Path, "read_bytes", fail)
        assert store.get(NOTEBOOK) is None
        assert "cannot be read, so none counts: Stale file handle" in str(store.problem)
        with pytest.raises(PinError, match="Stale file handle"):
            store.set(KERNEL, ALL)
    assert str(store.get(NOTEBOOK)) == FIRST
    assert store.problem is None


def test_a_disk_without_locks_keeps_no_pin_from_being_stored(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import filelock

    def refuse(self: object, *arguments: object, **more: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(filelock.FileLock, "acquire", refuse)
    PinStore(path).set(NOTEBOOK, parse_pin(FIRST))
    assert str(PinStore(path).get(NOTEBOOK)) == FIRST
    assert not path.with_name("pins.json.lock.soft").exists()


def test_a_writer_that_is_killed_leaves_a_whole_file_at_any_moment(path: Path) -> None:
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from jupyter_tfgpu.kernels import PinStore, Target, parse_pin\n"
        "store = PinStore(Path(sys.argv[1]))\nprint('writing', flush=True)\nn = 0\n"
        "while True:\n    n += 1\n    store.set(Target(notebook=f'/n/{n % 50}'), parse_pin(str(n % 9)))\n"
    )
    PinStore(path).set(NOTEBOOK, ALL)  # on a slow machine the first is killed before it has made the folder
    last = PinStore(path).all()
    for delay in (0.0, 0.002, 0.005, 0.011, 0.02, 0.03):
        with subprocess.Popen(
            [sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "writing\n"
            time.sleep(delay)
            writer.kill()
        store = PinStore(path)
        assert len(store.all()) >= len(last)
        assert store.problem is None
        last = store.all()
    store = PinStore(path)
    for draft in path.parent.glob(".pins.json.*"):
        os.utime(draft, (0, 0))
    (path.parent / ".pins.json.12345678").write_text("begun just now")
    store.set(KERNEL, ALL)  # and is not held up by the lock of one that was killed
    assert [draft.name for draft in path.parent.glob(".pins.json.*")] == [".pins.json.12345678"]


def test_a_pin_of_ten_thousand_characters_in_the_file_is_passed_over(path: Path) -> None:
    store = PinStore(path)
    store.set(NOTEBOOK, parse_pin("0"))
    store.set(KERNEL, parse_pin("1"))
    path.write_bytes(path.read_bytes().replace(b'"0"', b'"' + b"GPU-" * 2500 + b'"'))
    assert store.all() == ((KERNEL, parse_pin("1")),)
    assert "at most 1000 characters" in str(store.problem)
    assert len(str(store.problem)) < 1000
