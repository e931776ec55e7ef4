"""Kernelspecs are kept in step with the environments, and nobody else's nor a user's wish is touched."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from jupyter_tfgpu.environments import Registry, environment_id
from jupyter_tfgpu.environments.activation import Activations
from jupyter_tfgpu.kernels import PinStore, SpecSettingsFile, SpecStore, Target, parse_pin
from jupyter_tfgpu.kernels.specs.keeper import Keeper
from jupyter_tfgpu.kernels.specs.sync import SyncPlan
from jupyter_tfgpu.machine import Machine
from tests.environments.trees import conda, distribution, venv
from tests.kernels.specs_here import edit, foreign, kernel_json, own_kernel

pytestmark = pytest.mark.usefixtures("data_dir")


@pytest.fixture
def envs(tmp_path: Path) -> Path:
    (tmp_path / "envs").mkdir()
    (tmp_path / "home").mkdir()
    (tmp_path / "root").mkdir()
    return tmp_path / "envs"


@pytest.fixture
def keeper(tmp_path: Path, envs: Path, data_dir: Path) -> Keeper:
    return a_keeper(tmp_path)


def a_keeper(tmp_path: Path, **variables: str) -> Keeper:
    """A program's own, over the environments in ``envs`` and ``more``."""
    places = os.pathsep.join(str(tmp_path / name) for name in ("envs", "more"))
    variables = {"JUPYTER_TFGPU_ENVIRONMENTS": places, "PATH": os.environ["PATH"], **variables}
    machine = Machine(root=tmp_path / "root", environ=variables, home=tmp_path / "home")
    data = tmp_path / "data"
    return Keeper(
        machine,
        Registry(machine),
        SpecStore(data, machine),
        SpecSettingsFile(data / "tfgpu" / "settings.json"),
        Activations(machine, data / "tfgpu" / "activation"),
        PinStore(data / "tfgpu" / "pins.json", machine),
    )


def with_ipykernel(prefix: Path, version: str = "7.4.0") -> Path:
    """A conda prefix with ipykernel's metadata. Returns its site-packages."""
    site = conda(prefix)
    distribution(site, "ipykernel", version)
    return site


def done(plan: SyncPlan) -> list[tuple[str, str]]:
    assert plan.problems == ()
    return [(step.action, step.name) for step in plan.steps]


def names(keeper: Keeper) -> list[str]:
    return [spec.name for spec in keeper.specs() if spec.owned]


def test_every_environment_with_ipykernel_gets_one(envs: Path, keeper: Keeper, data_dir: Path) -> None:
    with_ipykernel(envs / "a")
    with_ipykernel(envs / "b")
    venv(envs / "without")
    expected = [("add", "tfgpu-a"), ("add", "tfgpu-b")]
    assert done(keeper.sync(dry_run=True)) == expected
    assert not (data_dir / "kernels").exists()
    assert done(keeper.sync()) == expected
    assert done(keeper.sync()) == []
    assert names(keeper) == ["tfgpu-a", "tfgpu-b"]


def test_a_dry_run_says_what_a_sync_then_does(tmp_path: Path, envs: Path, keeper: Keeper) -> None:
    for place in ("envs", "more"):
        with_ipykernel(tmp_path / place / "tf2")
    foreign(tmp_path / "data", "tfgpu-x")
    with_ipykernel(envs / "x")
    said = keeper.sync(dry_run=True)
    did = keeper.sync()
    assert [(step.name, step.display_name) for step in said.steps] == [
        (step.name, step.display_name) for step in did.steps
    ]
    labels = {step.display_name for step in did.steps}
    assert labels == {"tf2 (envs) · Python 3.11", "tf2 (more) · Python 3.11", "x · Python 3.11"}
    taken = environment_id(envs / "x")[:6]
    assert f"tfgpu-x-{taken}" in names(keeper)


def test_an_environment_that_somebody_elses_kernelspec_starts_needs_none(
    tmp_path: Path, envs: Path, keeper: Keeper
) -> None:
    with_ipykernel(envs / "a")
    argv = [str(envs / "a/bin/python"), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    before = foreign(tmp_path / "shared", "mine", argv=argv).read_text("utf-8")
    assert done(keeper.sync()) == []
    assert (tmp_path / "shared/kernels/mine/kernel.json").read_text("utf-8") == before


def test_what_is_installed_shows_in_the_label_at_the_next_look(
    envs: Path, keeper: Keeper, data_dir: Path
) -> None:
    site = with_ipykernel(envs / "a")
    keeper.sync()
    assert keeper.refresh() is False
    distribution(site, "torch", "2.7.0")
    (site / "torch").mkdir()
    (site / "torch" / "version.py").write_text("__version__ = '2.7.0'\ncuda = None\nhip = None\n", "utf-8")
    (site / "torch" / "__init__.py").touch()
    assert keeper.refresh() is True
    document = kernel_json(data_dir, "tfgpu-a")
    assert document["display_name"] == "a · Python 3.11 · PyTorch 2.7 (CPU build)"
    assert document["metadata"]["tfgpu"]["frameworks"][0]["version"] == "2.7.0"
    assert keeper.refresh() is False


def test_an_environment_that_is_gone_loses_its_kernelspec(envs: Path, keeper: Keeper) -> None:
    with_ipykernel(envs / "a")
    keeper.sync()
    shutil.rmtree(envs / "a")
    assert done(keeper.sync(dry_run=True)) == [("remove", "tfgpu-a")]
    assert done(keeper.sync()) == [("remove", "tfgpu-a")]
    assert names(keeper) == []


def test_a_disk_that_is_not_mounted_costs_no_kernelspec(tmp_path: Path, keeper: Keeper) -> None:
    with_ipykernel(tmp_path / "more" / "a")
    keeper.sync()
    (tmp_path / "more").rename(tmp_path / "unmounted")
    plan = keeper.sync()
    assert plan.steps == ()
    assert len(plan.problems) == 1
    assert plan.problems[0].startswith(f"The kernelspec tfgpu-a is kept although {tmp_path / 'more' / 'a'}")
    (tmp_path / "unmounted").rename(tmp_path / "more")
    assert done(keeper.sync()) == []


def test_an_environment_that_moved_keeps_its_kernelspec_and_what_the_user_did_to_it(
    tmp_path: Path, envs: Path, keeper: Keeper, data_dir: Path
) -> None:
    with_ipykernel(envs / "a")
    keeper.sync()
    edit(data_dir, "tfgpu-a", env={**kernel_json(data_dir, "tfgpu-a").get("env", {}), "MINE": "1"})
    (tmp_path / "more").mkdir()
    (envs / "a").rename(tmp_path / "more" / "a")
    assert done(keeper.sync()) == [("update", "tfgpu-a")]
    document = kernel_json(data_dir, "tfgpu-a")
    assert document["argv"][0] == str(tmp_path / "more/a/bin/python")
    assert document["env"]["MINE"] == "1"
    assert document["env"]["PATH"].startswith(str(tmp_path / "more/a/bin"))
    assert done(keeper.sync()) == []


def test_of_two_of_its_name_none_takes_the_place_of_one_that_is_gone(
    tmp_path: Path, envs: Path, keeper: Keeper
) -> None:
    with_ipykernel(envs / "a")
    keeper.sync()
    shutil.rmtree(envs / "a")
    with_ipykernel(tmp_path / "more" / "a")
    venv(tmp_path / "home" / ".virtualenvs" / "a")
    steps = keeper.sync(dry_run=True).steps
    assert (steps[0].action, steps[0].name) == ("remove", "tfgpu-a")


def test_what_the_user_removed_is_not_added_again_until_asked_for(envs: Path, keeper: Keeper) -> None:
    with_ipykernel(envs / "a")
    keeper.sync()
    [spec] = [spec for spec in keeper.specs() if spec.owned]
    keeper.remove(spec)
    assert done(keeper.sync(dry_run=True)) == []
    assert done(keeper.sync()) == []
    [environment] = [each for each in keeper.state().environments if each.name == "a"]
    keeper.add(environment)
    shutil.rmtree(envs / "a")
    keeper.sync()
    with_ipykernel(envs / "a")
    assert done(keeper.sync()) == [("add", "tfgpu-a")]


def test_what_was_removed_by_another_program_is_not_added_again_either(
    tmp_path: Path, envs: Path, keeper: Keeper, data_dir: Path
) -> None:
    with_ipykernel(envs / "a")
    keeper.sync()
    shutil.rmtree(data_dir / "kernels" / "tfgpu-a")  # as `jupyter kernelspec remove` does
    assert done(keeper.sync(dry_run=True)) == []
    assert done(keeper.sync()) == []
    assert done(a_keeper(tmp_path).sync()) == []


def test_kernels_of_other_languages_get_theirs(tmp_path: Path, envs: Path, keeper: Keeper) -> None:
    with_ipykernel(envs / "stats")
    own_kernel(envs / "stats", "ir")
    own_kernel(envs / "stats", "julia", "julia", display_name="Julia 1.10", language="julia")
    argv = [str(envs / "stats/bin/julia"), "{connection_file}"]
    foreign(tmp_path / "shared", "julia-1.10", argv=argv, language="julia")
    assert done(keeper.sync()) == [("add", "tfgpu-stats"), ("add", "tfgpu-stats-ir")]
    assert {spec.name: spec.display_name for spec in keeper.specs() if spec.owned} == {
        "tfgpu-stats": "stats · Python 3.11",
        "tfgpu-stats-ir": "stats · R",
    }
    assert done(keeper.sync()) == []


def test_a_kernel_that_jupyter_finds_in_the_environment_itself_needs_none(
    envs: Path, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    conda(envs / "stats")
    own_kernel(envs / "stats", "ir")
    monkeypatch.setenv("JUPYTER_PATH", str(envs / "stats/share/jupyter"))
    assert done(keeper.sync()) == []


def test_one_that_cannot_be_written_is_said_and_the_others_are_written(
    envs: Path, keeper: Keeper, data_dir: Path
) -> None:
    with_ipykernel(envs / "a")
    with_ipykernel(envs / "b")
    (data_dir / "kernels").mkdir(parents=True)
    (data_dir / "kernels" / "tfgpu-a").touch()
    plan = keeper.sync()
    assert [(step.action, step.name) for step in plan.steps] == [("add", "tfgpu-b")]
    assert len(plan.problems) == 1
    assert plan.problems[0].startswith("tfgpu-a: ")


def test_a_kernelspec_that_is_a_link_is_left_as_it_is(
    tmp_path: Path, envs: Path, keeper: Keeper, data_dir: Path
) -> None:
    site = with_ipykernel(envs / "a")
    keeper.sync()
    (data_dir / "kernels" / "tfgpu-a").rename(tmp_path / "kept")
    (data_dir / "kernels" / "tfgpu-a").symlink_to(tmp_path / "kept")
    before = (tmp_path / "kept" / "kernel.json").read_text("utf-8")
    distribution(site, "jax", "0.7.2")
    (site / "jax").mkdir()
    (site / "jax" / "__init__.py").touch()
    assert keeper.refresh() is False
    assert done(keeper.sync()) == []
    assert (tmp_path / "kept" / "kernel.json").read_text("utf-8") == before


def test_an_environment_that_no_listing_names_keeps_its_kernelspec_up_to_date(
    tmp_path: Path, envs: Path, keeper: Keeper, data_dir: Path
) -> None:
    site = with_ipykernel(tmp_path / "elsewhere" / "a")
    environment = Registry(Machine(environ={})).find(str(tmp_path / "elsewhere" / "a"))
    assert keeper.add(environment).display_name == "a · Python 3.11"
    assert done(keeper.sync()) == []
    (site / "jax").mkdir()
    (site / "jax" / "__init__.py").touch()
    distribution(site, "jax", "0.7.2")
    assert keeper.refresh() is True
    assert kernel_json(data_dir, "tfgpu-a")["display_name"] == "a · Python 3.11 · JAX 0.7"


def test_a_second_kernelspec_of_an_environment_has_a_label_of_its_own(envs: Path, keeper: Keeper) -> None:
    with_ipykernel(envs / "a")
    keeper.sync()
    [environment] = [each for each in keeper.state().environments if each.name == "a"]
    assert keeper.add(environment, name="debug").display_name == "a · Python 3.11 (debug)"
    assert done(keeper.sync()) == []
    [plain] = [spec for spec in keeper.specs() if spec.name == "tfgpu-a"]
    keeper.remove(plain)
    keeper.refresh()
    assert [spec.display_name for spec in keeper.specs() if spec.owned] == ["a · Python 3.11"]


# --- activation ----------------------------------------------------------------------------------------


def script(prefix: Path, text: str) -> None:
    folder = prefix / "etc/conda/activate.d"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a.sh").write_text(text, "utf-8")


def test_activations_variables_are_written_and_follow_the_scripts(
    envs: Path, keeper: Keeper, data_dir: Path
) -> None:
    with_ipykernel(envs / "a")
    script(envs / "a", "export LD_LIBRARY_PATH=$CONDA_PREFIX/lib\n")
    keeper.sync()
    document = kernel_json(data_dir, "tfgpu-a")
    assert document["env"]["LD_LIBRARY_PATH"] == f"{envs}/a/lib"
    assert document["env"]["CONDA_PREFIX"] == str(envs / "a")
    assert document["env"]["PATH"] == f"{envs}/a/bin:${{PATH}}"
    assert "LD_LIBRARY_PATH" in document["metadata"]["tfgpu"]["activation"]
    script(envs / "a", "export LD_LIBRARY_PATH=/opt/lib\n")  # a plain line: known without running it
    assert keeper.refresh() is True
    assert kernel_json(data_dir, "tfgpu-a")["env"]["LD_LIBRARY_PATH"] == "/opt/lib"
    assert keeper.refresh() is False


def test_a_script_that_was_not_run_yet_leaves_what_is_written(
    tmp_path: Path, envs: Path, keeper: Keeper, data_dir: Path
) -> None:
    with_ipykernel(envs / "a")
    script(envs / "a", "export X=1\n")
    keeper.sync()
    script(envs / "a", f"touch {tmp_path}/ran; export X=$(echo 2)\n")
    keeper.refresh()
    keeper.sync(dry_run=True)
    assert kernel_json(data_dir, "tfgpu-a")["env"]["X"] == "1"
    assert not (tmp_path / "ran").exists()
    keeper.rewrite("tfgpu-a")
    assert kernel_json(data_dir, "tfgpu-a")["env"]["X"] == "2"


def test_two_programs_with_other_variables_do_not_write_over_each_other(
    tmp_path: Path, envs: Path, data_dir: Path
) -> None:
    with_ipykernel(envs / "a")
    script(envs / "a", "export LD_LIBRARY_PATH=$CONDA_PREFIX/lib:$LD_LIBRARY_PATH\n")
    first, second = (a_keeper(tmp_path, LD_LIBRARY_PATH=value) for value in ("/one", "/two"))
    first.sync()
    written = kernel_json(data_dir, "tfgpu-a")
    for keeper in (second, first, second):
        assert keeper.refresh() is False
        assert keeper.sync().steps == ()
    assert kernel_json(data_dir, "tfgpu-a") == written


# --- repair, names, pins -------------------------------------------------------------------------------


def test_a_stale_interpreter_is_repaired(envs: Path, keeper: Keeper, data_dir: Path) -> None:
    with_ipykernel(envs / "a")
    keeper.sync()
    edit(
        data_dir, "tfgpu-a", argv=["/gone/bin/python", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    )
    state = keeper.state()
    [spec] = [spec for spec in state.specs if spec.owned]
    plan = keeper.repair_plan(spec, state)
    assert (plan.what, plan.environment.prefix) == ("rewrite", str(envs / "a"))
    keeper.rewrite("tfgpu-a")
    assert kernel_json(data_dir, "tfgpu-a")["argv"][0] == str(envs / "a/bin/python")
    state = keeper.state()
    [spec] = [spec for spec in state.specs if spec.owned]
    assert keeper.repair_plan(spec, state).what == "nothing"


def test_a_moved_prefix_is_repaired(tmp_path: Path, envs: Path, keeper: Keeper, data_dir: Path) -> None:
    with_ipykernel(envs / "a")
    keeper.sync()
    (tmp_path / "more").mkdir()
    (envs / "a").rename(tmp_path / "more" / "a")
    keeper.rewrite("tfgpu-a")
    document = kernel_json(data_dir, "tfgpu-a")
    assert document["argv"][0] == str(tmp_path / "more/a/bin/python")
    assert document["metadata"]["tfgpu"]["environment"] == environment_id(tmp_path / "more" / "a")
    assert done(keeper.sync()) == []


def test_a_pin_goes_with_the_name(tmp_path: Path, envs: Path, keeper: Keeper) -> None:
    with_ipykernel(envs / "a")
    keeper.sync()
    pins = PinStore(tmp_path / "data/tfgpu/pins.json", Machine(root=tmp_path / "root"))
    pins.set(Target(kernelspec="tfgpu-a"), parse_pin("auto"))
    [spec] = [spec for spec in keeper.specs() if spec.owned]
    assert keeper.change(spec, "new", "Shown") == "tfgpu-new"
    assert [(target.kernelspec, str(pin)) for target, pin in pins.all()] == [("tfgpu-new", "auto")]
    assert [spec.display_name for spec in keeper.specs() if spec.owned] == ["Shown"]


# --- settings ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [b"{", b"[]", b"\xff", b'{"sync": "always"}', b'{"label": "{no}"}', b'{"x": ' + b"[" * 100_000],
)
def test_damaged_settings_do_not_count_and_are_not_lost(tmp_path: Path, content: bytes) -> None:
    file = SpecSettingsFile(tmp_path / "settings.json")
    file.path.write_bytes(content)
    assert (file.get().label, file.get().sync) == (None, None)
    file.change(lambda before: before.with_removed("x"))
    assert file.get().removed == ("x",)
    if b"{no}" not in content:
        assert (tmp_path / "settings.json.damaged").read_bytes() == content


def test_settings_of_two_programs_add_up(tmp_path: Path) -> None:
    first, second = (SpecSettingsFile(tmp_path / "settings.json") for _ in range(2))
    first.change(lambda before: before.with_removed("a"))
    second.change(lambda before: before.with_removed("b"))
    first.change(lambda before: before.with_written("a"))
    assert json.loads((tmp_path / "settings.json").read_text("utf-8")) == {
        "schema": "tfgpu.settings/1",
        "label": None,
        "sync": None,
        "share_politely": None,
        "removed": ["b"],
        "written": ["a"],
    }


def test_a_disk_that_does_not_answer_shows_what_was_there_before(
    envs: Path, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    from threading import Event

    from jupyter_tfgpu.kernels.specs import installed as installed_specs

    with_ipykernel(envs / "a")
    keeper.sync()
    before = keeper.specs()
    answers = Event()
    real: Any = installed_specs._file_state

    def slow(path: str) -> Any:
        answers.wait(60)
        return real(path)

    monkeypatch.setattr(installed_specs, "_file_state", slow)
    monkeypatch.setattr(keeper._listing, "_limit", 0.1)
    assert keeper.specs() == before
    assert keeper.specs() == before
    assert len(keeper.problems) == 1
    answers.set()
    assert keeper._listing._thread is not None
    keeper._listing._thread.join()
    assert keeper.problems == ()
