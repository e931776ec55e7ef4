"""Kernelspecs of ours are real ones: any Jupyter starts them, and nobody else's is touched."""

from __future__ import annotations

import json
import os
import re
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

from jupyter_tfgpu.environments import Environment, Framework, describe, labels
from jupyter_tfgpu.kernels.specs.errors import (
    BadName,
    InterpreterGone,
    IpykernelMissing,
    NameTaken,
    NotOwned,
    SpecError,
    SpecNotFound,
    SpecNotWritten,
)
from jupyter_tfgpu.kernels.specs.name import slug
from jupyter_tfgpu.kernels.specs.start import install_command
from jupyter_tfgpu.kernels.specs.store import SpecStore
from jupyter_tfgpu.machine import Machine
from tests.environments.test_bad_input import become_nobody, own_interpreter, shared_folder
from tests.environments.trees import conda, distribution
from tests.kernels.specs_here import add, an_environment, foreign, kernel_json
from tests.made import venv_with_ipykernel

pytestmark = pytest.mark.usefixtures("data_dir")

__all__ = ["shared_folder"]


def test_a_real_kernel_starts_in_the_environment(tmp_path: Path, store: SpecStore) -> None:
    prefix = venv_with_ipykernel(tmp_path / "envs" / "it's 한글")
    environment = describe(Machine(environ={}, home=tmp_path), prefix)
    added = add(store, environment)
    manager = KernelManager(kernel_name=added.name)
    manager.start_kernel()
    try:
        client = manager.blocking_client()
        client.start_channels()
        client.wait_for_ready(timeout=60)
        printed: list[str] = []
        client.execute_interactive(
            "import sys; print(sys.prefix)",
            output_hook=lambda message: printed.append(message["content"].get("text", "")),
            timeout=60,
        )
        client.stop_channels()
    finally:
        manager.shutdown_kernel(now=True)
    assert "".join(printed).strip() == str(prefix)


def test_what_is_written(tmp_path: Path, data_dir: Path, store: SpecStore) -> None:
    environment = an_environment(tmp_path)
    frameworks = (Framework(name="tensorflow", version="2.20.0", build="gpu", cuda="12.5.1"),)
    environment = Environment(**{**_fields(environment), "python": "3.12.1", "frameworks": frameworks})
    added = add(store, environment)
    assert added.name == "tfgpu-tf2"
    document = kernel_json(data_dir, "tfgpu-tf2")
    assert document["argv"] == [
        str(tmp_path / "tf2/bin/python"), "-m", "ipykernel_launcher", "-f", "{connection_file}"
    ]  # fmt: skip
    assert document["display_name"] == "tf2 · Python 3.12 · TensorFlow 2.20"
    assert document["language"] == "python"
    assert document["metadata"]["debugger"] is True
    assert "kernel_provisioner" not in document["metadata"]
    mark = document["metadata"]["tfgpu"]
    assert (mark["owned"], mark["environment"], mark["prefix"]) == (True, environment.id, environment.prefix)
    assert mark["frameworks"] == [
        {"name": "tensorflow", "version": "2.20.0", "build": "gpu", "cuda": "12.5.1"}
    ]
    assert os.listdir(data_dir / "kernels" / "tfgpu-tf2") == ["kernel.json"]
    assert store.list() == (added,)


def _fields(environment: Environment) -> dict[str, Any]:
    return {name: getattr(environment, name) for name in environment.__struct_fields__}


def test_the_interpreter_is_the_link_of_the_environment(tmp_path: Path, store: SpecStore) -> None:
    """Resolved, it would be the Python that the environment was made from, without its packages."""
    added = add(store, an_environment(tmp_path))
    assert Path(added.interpreter).is_symlink()
    assert Path(added.interpreter).parent == tmp_path / "tf2" / "bin"


def test_adding_again_refreshes_the_same_spec(tmp_path: Path, data_dir: Path, store: SpecStore) -> None:
    environment = an_environment(tmp_path)
    add(store, environment)
    file = data_dir / "kernels" / "tfgpu-tf2" / "kernel.json"
    edited = {**kernel_json(data_dir, "tfgpu-tf2"), "env": {"MINE": "1"}, "argv": ["/gone/python"]}
    file.write_text(json.dumps(edited), "utf-8")
    assert [spec.problem for spec in store.list()] == ["The interpreter /gone/python no longer exists."]
    newer = Environment(**{**_fields(environment), "frameworks": (Framework(name="jax", version="0.7.2"),)})
    again = add(store, newer)
    assert store.list() == (again,)
    assert (again.name, again.problem) == ("tfgpu-tf2", None)
    assert again.display_name.endswith("· JAX 0.7")
    assert kernel_json(data_dir, "tfgpu-tf2")["env"] == {"MINE": "1"}


def test_a_chosen_display_name_stays(tmp_path: Path, store: SpecStore) -> None:
    environment = an_environment(tmp_path)
    assert add(store, environment, display_name="My TensorFlow").display_name == "My TensorFlow"
    assert add(store, environment).display_name == "My TensorFlow"
    assert add(store, environment, display_name=" Another ").display_name == "Another"
    blank = add(store, environment, display_name="  ").display_name
    assert blank == labels([environment])[environment.id]


def test_environments_of_one_name_get_a_hash_only_where_the_name_is_taken(
    tmp_path: Path, store: SpecStore
) -> None:
    first, second = an_environment(tmp_path / "a"), an_environment(tmp_path / "b")
    assert add(store, first).name == "tfgpu-tf2"
    assert add(store, second).name == f"tfgpu-tf2-{second.id[:6]}"
    assert add(store, first).name == "tfgpu-tf2"
    assert add(store, second).name == f"tfgpu-tf2-{second.id[:6]}"
    assert len(store.list()) == 2


@pytest.mark.parametrize("place", ["data", "shared"])
def test_a_name_of_somebody_else_counts_as_taken(tmp_path: Path, store: SpecStore, place: str) -> None:
    before = foreign(tmp_path / place, "tfgpu-tf2").read_text("utf-8")
    environment = an_environment(tmp_path)
    assert add(store, environment).name == f"tfgpu-tf2-{environment.id[:6]}"
    assert (tmp_path / place / "kernels/tfgpu-tf2/kernel.json").read_text("utf-8") == before
    with pytest.raises(NameTaken, match="tfgpu-tf2"):
        add(store, environment, name="tf2")


def test_a_folder_without_a_kernel_json_takes_no_name(
    tmp_path: Path, data_dir: Path, store: SpecStore
) -> None:
    (data_dir / "kernels" / "tfgpu-tf2").mkdir(parents=True)
    assert add(store, an_environment(tmp_path)).name == "tfgpu-tf2"


def test_a_name_may_be_chosen(tmp_path: Path, store: SpecStore) -> None:
    environment = an_environment(tmp_path)
    assert add(store, environment, name="Training.v1").name == "tfgpu-training.v1"
    assert add(store, environment, name="tfgpu-other").name == "tfgpu-other"
    assert {spec.name for spec in store.list()} == {"tfgpu-training.v1", "tfgpu-other"}


@pytest.mark.parametrize(
    "name", ["", "..", ".", "a/b", "../up", "with space", "한글", "a\0b", "x\n", "x" * 10_000]
)
def test_names_that_jupyter_does_not_allow_are_refused(tmp_path: Path, store: SpecStore, name: str) -> None:
    environment = an_environment(tmp_path)
    with pytest.raises(BadName) as error:
        add(store, environment, name=name)
    assert error.value.reason == "bad-name"
    assert error.value.detail["field"] == "name"
    assert (len(str(error.value)) < 200, store.list()) == (True, ())


@pytest.mark.parametrize("name", ["", "..", "a/b", "a\0b", "x" * 10_000])
def test_a_name_that_no_disk_takes_is_the_name_of_no_kernelspec(store: SpecStore, name: str) -> None:
    with pytest.raises(SpecNotFound):
        store.remove(name)


def test_a_folder_of_kernelspecs_that_may_not_be_read_is_no_hindrance(
    shared_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = an_environment(shared_folder)
    own_interpreter(shared_folder / "tf2")
    others = shared_folder / "closed"
    (others / "kernels").mkdir(parents=True)
    others.chmod(0)
    (shared_folder / "data").mkdir()
    (shared_folder / "data").chmod(0o777)
    monkeypatch.setenv("JUPYTER_PATH", str(others))
    store = SpecStore(shared_folder / "data", Machine(environ={}))
    become_nobody()
    assert add(store, environment).name == "tfgpu-tf2"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("tf2", "tf2"), ("My Env (GPU)", "my-env-gpu"), ("Übung_1.0", "ubung_1.0"), ("텐서 tf", "tf"),
     ("../../etc", "etc"), ("x" * 90, "x" * 40)],
)  # fmt: skip
def test_slugs(name: str, expected: str) -> None:
    assert slug(name) == expected


def test_a_korean_name_gives_a_usable_slug_that_is_the_same_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert re.fullmatch(r"env-[0-9a-f]{8}", slug("한글"))
    assert slug("한글") != slug("환경")
    for machine in ("here", "there"):
        monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / machine / "data"))
        added = add(SpecStore(), an_environment(tmp_path / machine, "한글"))
        assert (added.name, added.display_name[:2]) == (f"tfgpu-{slug('한글')}", "한글")


def test_without_ipykernel_the_command_that_installs_it_is_said(tmp_path: Path, store: SpecStore) -> None:
    environment = an_environment(tmp_path, "no kernel", ipykernel=None)
    with pytest.raises(IpykernelMissing) as error:
        add(store, environment)
    command = f"'{tmp_path}/no kernel/bin/python' -m pip install ipykernel"
    assert error.value.detail["command"] == command
    assert command in str(error.value)
    assert (error.value.reason, store.list()) == ("ipykernel-missing", ())


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("conda", "conda install --prefix /e ipykernel"),
     ("uv", "uv pip install --python /e/bin/python ipykernel"),
     ("venv", "/e/bin/python -m pip install ipykernel")],
)  # fmt: skip
def test_the_command_fits_the_tool(kind: Any, expected: str) -> None:
    environment = Environment(id="0" * 12, name="e", kind=kind, prefix="/e", interpreter="/e/bin/python")
    assert install_command(environment) == expected


def test_an_interpreter_that_went_meanwhile_is_refused(tmp_path: Path, store: SpecStore) -> None:
    environment = an_environment(tmp_path)
    for name in os.listdir(tmp_path / "tf2" / "bin"):
        (tmp_path / "tf2" / "bin" / name).unlink()
    with pytest.raises(InterpreterGone, match="no longer exists"):
        add(store, environment)
    with pytest.raises(InterpreterGone, match="There is no interpreter at"):
        add(store, describe(Machine(environ={}, home=tmp_path), tmp_path / "tf2"))


def test_an_old_ipykernel_has_no_debugger(tmp_path: Path, data_dir: Path, store: SpecStore) -> None:
    add(store, an_environment(tmp_path, ipykernel="5.5.6"))
    assert kernel_json(data_dir, "tfgpu-tf2")["metadata"]["debugger"] is False


def test_removing(tmp_path: Path, data_dir: Path, store: SpecStore) -> None:
    add(store, an_environment(tmp_path))
    store.remove("tfgpu-tf2")
    assert store.list() == ()
    assert not (data_dir / "kernels" / "tfgpu-tf2").exists()
    with pytest.raises(SpecNotFound) as error:
        store.remove("tfgpu-tf2")
    assert error.value.reason == "not-found"


@pytest.mark.parametrize(
    "metadata",
    [{}, {"metadata": None}, {"metadata": {"tfgpu": {"owned": False}}}, {"metadata": {"tfgpu": []}}],
)
@pytest.mark.parametrize("place", ["data", "shared"])
def test_what_is_not_ours_is_never_removed(
    tmp_path: Path, store: SpecStore, place: str, metadata: dict[str, object]
) -> None:
    file = foreign(tmp_path / place, "tfgpu-theirs", **metadata)
    with pytest.raises(NotOwned) as error:
        store.remove("tfgpu-theirs")
    assert error.value.reason == "not-owned"
    assert file.exists()
    assert store.list() == ()


def test_a_chosen_name_may_be_given_without_its_beginning(tmp_path: Path, store: SpecStore) -> None:
    environment = an_environment(tmp_path)
    add(store, environment, name="second")
    add(store, environment, name="tfgpu-tfgpu-second")
    store.remove("second")
    assert [spec.name for spec in store.list()] == ["tfgpu-tfgpu-second"]
    add(store, environment, name="other")
    foreign(tmp_path / "shared", "other")
    with pytest.raises(NotOwned):
        store.remove("other")  # the exact name is somebody else's
    with pytest.raises(SpecNotFound):
        store.remove("third")


def test_adding_again_prefers_the_plain_spec_to_one_of_a_chosen_name(
    tmp_path: Path, store: SpecStore
) -> None:
    environment = an_environment(tmp_path)
    plain = add(store, environment).name
    add(store, environment, name="a-first-by-name")
    assert add(store, environment).name == plain
    store.remove(plain)
    assert add(store, environment).name == "tfgpu-a-first-by-name"


@pytest.mark.parametrize("name", ["..", ".", "", "../kernels/tfgpu-tf2", "/etc", "a\0b"])
def test_names_that_lead_elsewhere_remove_nothing(tmp_path: Path, store: SpecStore, name: str) -> None:
    added = add(store, an_environment(tmp_path))
    with pytest.raises(SpecNotFound):
        store.remove(name)
    assert store.list() == (added,)


def test_removing_a_linked_spec_leaves_what_it_links_to(
    tmp_path: Path, data_dir: Path, store: SpecStore
) -> None:
    add(store, an_environment(tmp_path))
    kept = tmp_path / "kept"
    (data_dir / "kernels" / "tfgpu-tf2").rename(kept)
    (data_dir / "kernels" / "tfgpu-tf2").symlink_to(kept)
    store.remove("tfgpu-tf2")
    assert store.list() == ()
    assert (kept / "kernel.json").exists()


def test_broken_files_beside_ours_do_not_matter(tmp_path: Path, data_dir: Path, store: SpecStore) -> None:
    added = add(store, an_environment(tmp_path))
    for name, content in (
        ("cut", b'{"argv": ['),
        ("list", b"[]"),
        ("bytes", b"\xff\xfe"),
        ("deep", b"[" * 99999),
    ):
        folder = data_dir / "kernels" / name
        folder.mkdir()
        (folder / "kernel.json").write_bytes(content)
    (data_dir / "kernels" / "loop").symlink_to("loop")
    (data_dir / "kernels" / "a_file").touch()
    assert store.list() == (added,)


def test_a_disk_that_refuses_is_said(tmp_path: Path) -> None:
    (tmp_path / "data_file").touch()
    with pytest.raises(SpecNotWritten) as error:
        add(SpecStore(tmp_path / "data_file"), an_environment(tmp_path))
    assert error.value.reason == "not-written"
    assert str(tmp_path / "data_file") in str(error.value)


def test_whoever_lists_meanwhile_never_sees_half_a_file(
    tmp_path: Path, data_dir: Path, store: SpecStore
) -> None:
    environment = an_environment(tmp_path)
    add(store, environment)
    done = threading.Event()

    def rewrite() -> None:
        for number in range(200):
            add(store, environment, display_name=f"number {number} " + "x" * 5000)
        done.set()

    writer = threading.Thread(target=rewrite)
    writer.start()
    read = 0
    while not done.is_set():
        assert kernel_json(data_dir, "tfgpu-tf2")["metadata"]["tfgpu"]["owned"] is True
        assert "tfgpu-tf2" in KernelSpecManager().find_kernel_specs()
        read += 1
    writer.join()
    assert read > 0


def test_many_writers_at_once_agree_on_names(tmp_path: Path) -> None:
    environments = [an_environment(tmp_path / str(number)) for number in range(6)]
    failures: list[SpecError] = []

    def write(environment: Environment) -> None:
        try:
            add(SpecStore(), environment)
        except SpecError as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(each,)) for each in environments for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert {spec.environment for spec in SpecStore().list()} == {each.id for each in environments}
    assert len(SpecStore().list()) == 6


def test_a_conda_environment(tmp_path: Path, store: SpecStore) -> None:
    distribution(conda(tmp_path / "envs" / "vision"), "ipykernel", "6.29.5")
    added = add(store, describe(Machine(environ={}, home=tmp_path), tmp_path / "envs" / "vision"))
    assert (added.name, added.display_name) == ("tfgpu-vision", "vision · Python 3.11")
    assert added.interpreter == str(tmp_path / "envs/vision/bin/python")
    assert sys.executable != added.interpreter
