"""The answers on environments and kernelspecs, and what a user may ask of them."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jupyter_tfgpu.api.errors import BadInput, Conflict, NotFound, Refused
from jupyter_tfgpu.api.service import Service
from jupyter_tfgpu.api.wire import (
    AddKernelspec,
    ChangeKernelspec,
    EnvironmentAnswer,
    EnvironmentsAnswer,
    KernelSettings,
    KernelspecAnswer,
    SetPin,
)
from jupyter_tfgpu.kernels import Surroundings
from jupyter_tfgpu.kernels.specs import installed
from jupyter_tfgpu.machine import Machine
from tests.environments.trees import conda, distribution, tensorflow
from tests.kernels.specs_here import edit, foreign, kernel_json, own_kernel

pytestmark = pytest.mark.usefixtures("data_dir")


@pytest.fixture
def envs(tmp_path: Path) -> Path:
    (tmp_path / "envs").mkdir()
    return tmp_path / "envs"


@pytest.fixture
def service(tmp_path: Path, envs: Path) -> Iterator[Service]:
    (tmp_path / "home").mkdir()
    variables = {"JUPYTER_TFGPU_ENVIRONMENTS": str(envs), "PATH": os.environ["PATH"]}
    machine = Machine(root=tmp_path / "root", environ=variables, home=tmp_path / "home")
    around = Surroundings(machine=machine, simulate="default", pins=tmp_path / "pins.json")
    made = Service(around, data_dir=tmp_path / "data", runtime_dir=tmp_path / "runtime", patience=5)
    yield made
    made.close()


def with_ipykernel(prefix: Path) -> Path:
    site = conda(prefix)
    distribution(site, "ipykernel", "7.4.0")
    return site


def environment(answer: EnvironmentsAnswer, name: str) -> EnvironmentAnswer:
    [found] = [each for each in answer.environments if each.name == name]
    return found


def kernelspec(service: Service, name: str) -> KernelspecAnswer:
    [found] = [each for each in service.catalogue.kernelspecs().kernelspecs if each.name == name]
    return found


def add(service: Service, name: str, **wanted: Any) -> KernelspecAnswer:
    return service.catalogue.add_kernelspec(AddKernelspec(environment=name, **wanted))


def test_environments_with_all_that_belongs_to_them(service: Service, envs: Path) -> None:
    tensorflow(with_ipykernel(envs / "tf2"), "2.20.0")
    distribution(envs / "tf2/lib/python3.11/site-packages", "tensorflow", "2.20.0")
    own_kernel(envs / "tf2", "ir")
    before = environment(service.catalogue.environments(), "tf2")
    assert (before.verdict, before.summary, before.kernelspecs) == (None, None, ())
    assert before.label == "tf2 · Python 3.11 · TensorFlow 2.20"
    assert [(own.name, own.display_name, own.language) for own in before.own_kernels] == [("ir", "R", "R")]
    add(service, "tf2")
    add(service, "tf2", kernel="IR")
    assert service.catalogue.judge_all() is True
    answer = service.catalogue.environments()
    after = environment(answer, "tf2")
    assert after.kernelspecs == ("tfgpu-tf2", "tfgpu-tf2-ir")
    report = service.catalogue.environment_report("tf2")
    assert (after.verdict, after.summary) == (report.verdict, report.summary)
    assert [(each.name, each.kernel) for each in answer.kernelspecs if each.owned] == [
        ("tfgpu-tf2", None), ("tfgpu-tf2-ir", "ir")
    ]  # fmt: skip


def test_two_environments_of_one_name_have_labels_that_tell_them_apart(
    service: Service, envs: Path, tmp_path: Path
) -> None:
    with_ipykernel(envs / "tf2")
    with_ipykernel(tmp_path / "home" / "miniforge3" / "envs" / "tf2")
    labels = {each.label for each in service.catalogue.environments().environments if each.name == "tf2"}
    assert labels == {"tf2 (miniforge3) · Python 3.11", f"tf2 ({tmp_path.name}) · Python 3.11"}


def test_a_failed_script_is_told_with_the_environment(service: Service, envs: Path) -> None:
    with_ipykernel(envs / "a")
    script = envs / "a/etc/conda/activate.d/broken.sh"
    script.parent.mkdir(parents=True)
    script.write_text("exit 3\n", "utf-8")
    assert environment(service.catalogue.environments(), "a").activation_problem is None
    add(service, "a")
    problem = environment(service.catalogue.environments(), "a").activation_problem
    assert problem is not None
    assert "broken.sh" in problem


@pytest.mark.parametrize(("sync", "expected"), [("off", []), ("suggest", ["tfgpu-a"]), ("on", [])])
def test_suggestions_only_where_they_are_wanted(
    service: Service, envs: Path, sync: Any, expected: list[str]
) -> None:
    with_ipykernel(envs / "a")
    service.catalogue.set_settings(KernelSettings(sync=sync))
    assert [each.name for each in service.catalogue.environments().suggested] == expected
    assert service.catalogue.refresh_kernelspecs() is (sync == "on")
    wrote = [each.name for each in service.catalogue.kernelspecs().kernelspecs if each.owned]
    assert wrote == (["tfgpu-a"] if sync == "on" else [])


def test_a_sync_is_answered_with_what_it_did(service: Service, envs: Path) -> None:
    with_ipykernel(envs / "a")
    said = service.catalogue.sync(True)
    did = service.catalogue.sync(False)
    assert (said.dry_run, did.dry_run) == (True, False)
    assert said.changes == did.changes
    [change] = did.changes
    assert (change.action, change.name, change.environment) == (
        "add", "tfgpu-a", environment(service.catalogue.environments(), "a").id
    )  # fmt: skip
    shutil.rmtree(envs / "a")
    [change] = service.catalogue.sync(False).changes
    assert (change.action, change.name) == ("remove", "tfgpu-a")


def test_undoing_a_removal_brings_back_what_was_there(service: Service, envs: Path, data_dir: Path) -> None:
    with_ipykernel(envs / "a")
    before = add(service, "a")
    service.catalogue.rename_kernelspec(before.name, ChangeKernelspec(display_name="Mine"))
    edit(data_dir, before.name, interrupt_mode="message")
    pin = SetPin(kernelspec=before.name, pin="none")
    service.pinning.set(pin, ())
    document, pins = kernel_json(data_dir, before.name), service.pinning.all()
    service.catalogue.remove_kernelspec(before.name)
    assert service.pinning.all().pins == ()
    again = service.catalogue.add_kernelspec(AddKernelspec(environment="a", name=before.name))
    assert again.display_name == "Mine"
    assert (kernel_json(data_dir, before.name), service.pinning.all()) == (document, pins)


# --- what is wrong with a kernelspec --------------------------------------------------------------------


def test_a_kernelspec_without_ipykernel_can_be_repaired(service: Service, envs: Path) -> None:
    site = with_ipykernel(envs / "a")
    add(service, "a")
    shutil.rmtree(site / "ipykernel-7.4.0.dist-info")
    spec = kernelspec(service, "tfgpu-a")
    assert spec.problem == (
        "ipykernel is not installed in 'a', so this kernel cannot start. Repairing installs it."
    )
    assert spec.repair == "install-ipykernel"
    plan = service.catalogue.repair_plan("tfgpu-a")
    assert (plan.what, plan.environment.prefix) == ("install-ipykernel", str(envs / "a"))
    with pytest.raises(Conflict) as error:
        service.catalogue.rewrite_kernelspec("tfgpu-a")
    assert error.value.reason == "ipykernel-missing"
    distribution(site, "ipykernel", "7.4.0")
    assert service.catalogue.rewrite_kernelspec("tfgpu-a").problem is None


def test_somebody_elses_without_ipykernel_is_told_how_to_mend_it(
    service: Service, envs: Path, tmp_path: Path
) -> None:
    conda(envs / "a")
    argv = [str(envs / "a/bin/python"), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    foreign(tmp_path / "shared", "theirs", argv=argv)
    spec = kernelspec(service, "theirs")
    assert spec.problem is not None
    assert spec.problem.endswith(f"Install it with: conda install --prefix {envs}/a ipykernel")
    assert spec.repair is None


def test_an_interpreter_that_is_gone(service: Service, envs: Path, data_dir: Path) -> None:
    with_ipykernel(envs / "a")
    add(service, "a")
    edit(data_dir, "tfgpu-a", argv=["/gone/python", "-m", "ipykernel_launcher", "-f", "{connection_file}"])
    spec = kernelspec(service, "tfgpu-a")
    assert spec.problem == (
        f"The interpreter /gone/python no longer exists. Repairing makes it start {envs}/a/bin/python."
    )
    assert spec.repair == "rewrite"
    assert service.catalogue.rewrite_kernelspec("tfgpu-a").problem is None
    shutil.rmtree(envs / "a")
    spec = kernelspec(service, "tfgpu-a")
    assert spec.repair is None
    assert spec.problem is not None
    assert spec.problem.endswith("Make the environment again, or remove this kernelspec.")
    with pytest.raises(Conflict) as error:
        service.catalogue.repair_plan("tfgpu-a")
    assert (error.value.reason, str(error.value)) == ("not-repairable", spec.problem)


def test_one_that_is_well_needs_no_repair_until_its_environment_changes(service: Service, envs: Path) -> None:
    site = with_ipykernel(envs / "a")
    add(service, "a")
    assert service.catalogue.repair_plan("tfgpu-a").what == "nothing"
    distribution(site, "jax", "0.7.2")
    (site / "jax").mkdir()
    (site / "jax" / "__init__.py").touch()
    assert service.catalogue.repair_plan("tfgpu-a").what == "rewrite"
    assert service.catalogue.refresh_kernelspecs() is True
    assert kernelspec(service, "tfgpu-a").display_name == "a · Python 3.11 · JAX 0.7"


# --- names ---------------------------------------------------------------------------------------------


def test_names_are_changed(service: Service, envs: Path) -> None:
    with_ipykernel(envs / "a")
    add(service, "a")
    changed = service.catalogue.rename_kernelspec("tfgpu-a", ChangeKernelspec(name="b", display_name="Mine"))
    assert (changed.name, changed.display_name, changed.owned) == ("tfgpu-b", "Mine", True)
    back = service.catalogue.rename_kernelspec("tfgpu-b", ChangeKernelspec(display_name=""))
    assert back.display_name == "a · Python 3.11"


@pytest.mark.parametrize(
    ("name", "wanted", "kind", "reason"),
    [
        ("tfgpu-a", {}, BadInput, "bad-body"),
        ("tfgpu-a", {"name": "../b"}, BadInput, "bad-name"),
        ("tfgpu-a", {"display_name": "a\nb"}, BadInput, "bad-display-name"),
        ("tfgpu-a", {"display_name": "x" * 201}, BadInput, "bad-display-name"),
        ("tfgpu-a", {"name": "taken"}, Conflict, "name-taken"),
        ("tfgpu-taken", {"name": "b"}, Conflict, "not-owned"),
        ("tfgpu-none", {"name": "b"}, NotFound, "no-such-kernelspec"),
    ],
)
def test_what_cannot_be_changed_is_refused(
    service: Service,
    envs: Path,
    tmp_path: Path,
    name: str,
    wanted: dict[str, str],
    kind: type[Refused],
    reason: str,
) -> None:
    with_ipykernel(envs / "a")
    add(service, "a")
    foreign(tmp_path / "shared", "tfgpu-taken")
    before = service.catalogue.kernelspecs()
    with pytest.raises(kind) as error:
        service.catalogue.rename_kernelspec(name, ChangeKernelspec(**wanted))
    assert error.value.reason == reason
    assert service.catalogue.kernelspecs() == before


def test_a_copy_of_ours_in_somebody_elses_folder_is_not_ours(
    service: Service, envs: Path, tmp_path: Path, data_dir: Path
) -> None:
    with_ipykernel(envs / "a")
    add(service, "a")
    shutil.copytree(data_dir / "kernels/tfgpu-a", tmp_path / "shared/kernels/tfgpu-copy")
    assert kernelspec(service, "tfgpu-copy").owned is False
    with pytest.raises(Conflict):
        service.catalogue.remove_kernelspec("tfgpu-copy")


def test_only_kernels_that_an_environment_has_are_added(service: Service, envs: Path) -> None:
    with_ipykernel(envs / "a")
    with pytest.raises(NotFound) as error:
        add(service, "a", kernel="ir")
    assert (error.value.reason, error.value.detail["field"]) == ("no-such-kernel", "kernel")


# --- settings ------------------------------------------------------------------------------------------


def test_the_template_names_kernels_from_now_on(service: Service, envs: Path, data_dir: Path) -> None:
    with_ipykernel(envs / "a")
    add(service, "a")
    assert service.catalogue.settings() == KernelSettings(
        label="{name} · Python {python} · {framework}", sync="suggest", share_politely=False
    )
    after = service.catalogue.set_settings(KernelSettings(label="{kind}: {name}", sync="off"))
    assert after == KernelSettings(label="{kind}: {name}", sync="off", share_politely=False)
    assert kernel_json(data_dir, "tfgpu-a")["display_name"] == "conda: a"
    assert environment(service.catalogue.environments(), "a").label == "conda: a"
    service.catalogue.set_settings(KernelSettings())
    assert kernel_json(data_dir, "tfgpu-a")["display_name"] == "a · Python 3.11"


def test_a_template_that_cannot_be_used_is_refused(service: Service) -> None:
    with pytest.raises(BadInput) as error:
        service.catalogue.set_settings(KernelSettings(label="{nothing}"))
    assert (error.value.reason, error.value.detail) == ("bad-label", {"field": "label"})


def test_settings_on_a_disk_that_refuses(service: Service, data_dir: Path) -> None:
    data_dir.mkdir(exist_ok=True)
    (data_dir / "tfgpu").touch()
    with pytest.raises(Conflict) as error:
        service.catalogue.set_settings(KernelSettings(sync="on"))
    assert error.value.reason == "not-written"


# --- cost ----------------------------------------------------------------------------------------------


def test_a_kernel_json_is_read_again_only_where_it_has_changed(
    service: Service, envs: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b"):
        with_ipykernel(envs / name)
        add(service, name)
    read: list[str] = []
    real = installed.load_document
    monkeypatch.setattr(
        installed, "load_document", lambda folder: (read.append(folder.name), real(folder))[1]
    )
    first = service.catalogue.environments()
    read.clear()
    assert service.catalogue.environments() == first
    assert read == []
    edit(data_dir, "tfgpu-b", display_name="By hand")
    assert kernelspec(service, "tfgpu-b").display_name == "By hand"
    assert read == ["tfgpu-b"]


def test_what_is_answered_is_the_same_while_nothing_changes(service: Service, envs: Path) -> None:
    """What is sent to the pages is compared as encoded."""
    with_ipykernel(envs / "a")
    add(service, "a")
    one, other = (msgspec.json.encode(service.catalogue.environments()) for _ in range(2))
    assert one == other
    assert json.loads(one)["kernelspecs"]


def test_the_answer_is_made_again_where_something_changed_only(service: Service, envs: Path) -> None:
    site = with_ipykernel(envs / "tf2")
    first = service.catalogue.environments()
    assert service.catalogue.environments() is first
    service.catalogue.add_kernelspec(AddKernelspec(environment=str(envs / "tf2")))
    with_spec = service.catalogue.environments()
    assert [each.environment for each in with_spec.kernelspecs if each.owned]
    service.catalogue.set_settings(KernelSettings(label="{name} here"))
    [named] = [each for each in service.catalogue.environments().environments if each.name == "tf2"]
    assert named.label == "tf2 here"
    service.catalogue.environment_report(str(envs / "tf2"))
    [judged] = [each for each in service.catalogue.environments().environments if each.name == "tf2"]
    assert named.verdict is None and judged.verdict is not None
    shutil.rmtree(site / "ipykernel-7.4.0.dist-info")
    [spec] = [each for each in service.catalogue.environments().kernelspecs if each.owned]
    assert spec.repair == "install-ipykernel"
