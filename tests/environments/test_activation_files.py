"""What activating sets, as far as files tell: nothing is run here."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jupyter_tfgpu.environments.activation import Activation, activated, deactivated
from jupyter_tfgpu.environments.activation.active import plan_for
from jupyter_tfgpu.environments.activation.files_only import from_files
from jupyter_tfgpu.environments.activation.plan import Plan
from jupyter_tfgpu.machine import Machine
from tests.environments.activating import prefix_with
from tests.environments.trees import venv

PATH = {"PATH": "/usr/bin:/bin"}


def told(prefix: Path, base: dict[str, str], platform: str = "linux") -> Activation:
    machine = Machine(platform=platform)
    return from_files(plan_for(machine, prefix, base), base, ";" if platform == "win32" else ":")


def test_a_conda_prefix_sets_what_conda_activate_sets(tmp_path: Path) -> None:
    prefix = prefix_with(tmp_path / "root" / "envs" / "tf2")
    found = told(prefix, PATH)
    assert found == Activation(
        variables={
            "CONDA_DEFAULT_ENV": "tf2",
            "CONDA_PREFIX": str(prefix),
            "CONDA_PROMPT_MODIFIER": "(tf2) ",
            "CONDA_SHLVL": "1",
        },
        path=(f"{prefix}/bin",),
    )
    assert activated(found, PATH)["PATH"] == f"{prefix}/bin:/usr/bin:/bin"


def test_conda_s_names_of_a_prefix(tmp_path: Path) -> None:
    elsewhere = prefix_with(tmp_path / "elsewhere")
    assert told(elsewhere, PATH).variables["CONDA_DEFAULT_ENV"] == str(elsewhere)
    root = prefix_with(tmp_path / "miniforge3")
    (root / "condabin").mkdir()
    assert told(root, PATH).variables["CONDA_DEFAULT_ENV"] == "base"


def test_the_state_file_counts_before_packages_and_later_packages_before_earlier(tmp_path: Path) -> None:
    prefix = prefix_with(
        tmp_path / "env",
        packages={
            "b.json": {"ONE": "b", "TWO": "b", "THREE": "b", "GONE": "b"},
            "a.json": {"ONE": "a", "FOUR": "a"},
            "c.txt": {"ONE": "no variables' file"},
        },
        state={"TWO": "the state's", "GONE": "***unset***"},
    )
    found = told(prefix, PATH).variables
    assert {name: found.get(name) for name in ("ONE", "TWO", "THREE", "FOUR", "GONE")} == {
        "ONE": "b",
        "TWO": "the state's",
        "THREE": "b",
        "FOUR": "a",
        "GONE": None,
    }


def test_a_variable_marked_unset_is_left_as_it_was_as_conda_does(tmp_path: Path) -> None:
    prefix = prefix_with(tmp_path / "env", packages={"a.json": {"X": "1"}}, state={"X": "***unset***"})
    base = {**PATH, "X": "mine"}
    assert activated(told(prefix, base), base)["X"] == "mine"


def test_values_are_taken_as_they_stand_and_names_in_upper_case(tmp_path: Path) -> None:
    value = "$HOME `id` \"q\" 'q' \\ 한글\nnext line = 2"
    prefix = prefix_with(tmp_path / "env", state={"lower_case": value, "NUMBER": 4})
    found = told(prefix, PATH).variables
    assert (found["LOWER_CASE"], found["NUMBER"]) == (value, "4")
    assert "lower_case" not in found


def test_names_that_no_shell_has_and_those_that_activating_needs_are_left_out(tmp_path: Path) -> None:
    state = {
        "A B": "1",
        "A;id": "1",
        "": "1",
        "PATH": "/gone",
        "CONDA_PREFIX": "/gone",
        "NUL": "a\0b",
        "L": [],
    }
    prefix = prefix_with(tmp_path / "env", state=state)
    found = told(prefix, PATH)
    assert set(found.variables) == {
        "CONDA_DEFAULT_ENV",
        "CONDA_PREFIX",
        "CONDA_PROMPT_MODIFIER",
        "CONDA_SHLVL",
    }
    assert found.variables["CONDA_PREFIX"] == str(prefix)
    assert found.path == (f"{prefix}/bin",)


@pytest.mark.parametrize(
    ("text", "json"),
    [("{", False), ("[" * 100_000, False), ("\ud800", False), ("[1, 2]", True), ('{"env_vars": 3}', True)],
)
def test_a_state_file_that_is_rubbish_sets_nothing(tmp_path: Path, text: str, json: bool) -> None:
    prefix = prefix_with(tmp_path / "env", packages={"a.json": {"X": "1"}})
    state = prefix / "conda-meta" / "state"
    state.write_bytes(text.encode("utf-8", "surrogatepass"))
    found = told(prefix, PATH)
    assert found.variables["X"] == "1"
    assert found.problem == (None if json else f"{state} is no JSON, so what it sets is left out.")


def test_a_state_file_that_is_a_pipe_does_not_hold_anybody_up(tmp_path: Path) -> None:
    prefix = prefix_with(tmp_path / "env", packages={"a.json": {"X": "1"}})
    os.mkfifo(prefix / "conda-meta" / "state")
    assert told(prefix, PATH).variables["X"] == "1"


def test_the_prefix_that_is_active_leaves_first(tmp_path: Path) -> None:
    old = prefix_with(
        tmp_path / "old",
        state={"OLD": "1", "BOTH": "old"},
        deactivate={"a.sh": "unset FROM_SCRIPT\n"},
    )
    new = prefix_with(tmp_path / "new", state={"BOTH": "new"})
    base = {
        "PATH": f"/first:{old}/bin:/usr/bin",
        "CONDA_PREFIX": str(old),
        "CONDA_SHLVL": "1",
        "OLD": "1",
        "BOTH": "old",
        "FROM_SCRIPT": "1",
    }
    after = activated(told(new, base), base)
    assert after == {
        "PATH": f"{new}/bin:/first:/usr/bin",
        "CONDA_PREFIX": str(new),
        "CONDA_PREFIX_1": str(old),
        "CONDA_SHLVL": "2",
        "CONDA_DEFAULT_ENV": str(new),
        "CONDA_PROMPT_MODIFIER": f"({new}) ",
        "BOTH": "new",
    }


def test_the_prefix_that_is_active_already_is_not_activated_twice(tmp_path: Path) -> None:
    prefix = prefix_with(tmp_path / "env", {"a.sh": "export X=1\n"}, state={"Y": "1"})
    (tmp_path / "link").symlink_to(prefix)
    for active in (prefix, tmp_path / "link"):
        base = {"PATH": f"{prefix}/bin:/bin", "CONDA_PREFIX": str(active), "CONDA_SHLVL": "1"}
        assert told(prefix, base) == Activation()


def test_a_venv_that_is_active_leaves_for_a_conda_prefix(tmp_path: Path) -> None:
    prefix = prefix_with(tmp_path / "env")
    base = {"PATH": "/v/bin:/bin", "VIRTUAL_ENV": "/v", "VIRTUAL_ENV_PROMPT": "(v) "}
    after = activated(told(prefix, base), base)
    assert after["PATH"] == f"{prefix}/bin:/bin"
    assert not {"VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT"} & after.keys()
    base["CONDA_PREFIX"] = str(prefix)
    assert activated(told(prefix, base), base) == {"PATH": "/bin", "CONDA_PREFIX": str(prefix)}


def test_conda_s_folders_on_windows(tmp_path: Path) -> None:
    prefix = prefix_with(tmp_path / "env", {"a.sh": "export X=1\n", "a.bat": "set Y=1\n"})
    base = {"PATH": r"C:\Windows"}
    found = told(prefix, base, "win32")
    assert found.path == (
        str(prefix),
        rf"{prefix}\Library\mingw-w64\bin",
        rf"{prefix}\Library\usr\bin",
        rf"{prefix}\Library\bin",
        rf"{prefix}\Scripts",
        rf"{prefix}\bin",
    )
    assert activated(found, base, ";")["PATH"] == ";".join((*found.path, r"C:\Windows"))
    plan = plan_for(Machine(platform="win32"), prefix, base)
    assert [script.name for script in plan.scripts] == ["a.bat"]
    assert "X" not in found.variables


def test_a_venv_sets_what_its_activate_sets(tmp_path: Path) -> None:
    venv(tmp_path / "my env", prompt="값 'a'")
    prefix = tmp_path / "my env"
    base = {**PATH, "PYTHONHOME": "/usr"}
    found = told(prefix, base)
    after = activated(found, base)
    assert after["VIRTUAL_ENV"] == str(prefix)
    assert after["VIRTUAL_ENV_PROMPT"].strip("() ") == "값 'a'"
    assert after["PATH"] == f"{prefix}/bin:/usr/bin:/bin"
    assert "PYTHONHOME" not in after
    assert told(prefix, after) == Activation()


def test_another_venv_s_folder_leaves_the_path(tmp_path: Path) -> None:
    venv(tmp_path / "a")
    venv(tmp_path / "b")
    first = activated(told(tmp_path / "a", PATH), PATH)
    second = activated(told(tmp_path / "b", first), first)
    assert second["PATH"] == f"{tmp_path}/b/bin:/usr/bin:/bin"
    assert second["VIRTUAL_ENV"] == str(tmp_path / "b")


PROMPTS = {
    "Python 3.11": (
        'if x; then\n    VIRTUAL_ENV_PROMPT="(tf2) "\n    export VIRTUAL_ENV_PROMPT\nfi\n',
        "(tf2) ",
    ),
    "Python 3.13": ("VIRTUAL_ENV_PROMPT=tf2\nexport VIRTUAL_ENV_PROMPT\n", "tf2"),
    "Python 3.9": ("VIRTUAL_ENV='/x'\nexport VIRTUAL_ENV\n", None),
    "virtualenv": (
        'if [ "xtf2" != x ] ; then\n    VIRTUAL_ENV_PROMPT="tf2"\nelse\n'
        '    VIRTUAL_ENV_PROMPT=$(basename "$VIRTUAL_ENV")\nfi\n',
        "tf2",
    ),
    "virtualenv, no prompt chosen": (
        "if [ \"x\"'' != x ] ; then\n    VIRTUAL_ENV_PROMPT=''\nelse\n"
        '    VIRTUAL_ENV_PROMPT=$(basename "$VIRTUAL_ENV")\nfi\n',
        "env",
    ),
}


@pytest.mark.parametrize("made_by", PROMPTS)
def test_the_prompt_is_the_one_that_activate_names(tmp_path: Path, made_by: str) -> None:
    text, prompt = PROMPTS[made_by]
    prefix = tmp_path / "env"
    (prefix / "bin").mkdir(parents=True)
    (prefix / "pyvenv.cfg").touch()
    (prefix / "bin" / "activate").write_text(text)
    assert told(prefix, PATH).variables.get("VIRTUAL_ENV_PROMPT") == prompt


def test_lines_that_somebody_put_into_a_venv_s_activate_count(tmp_path: Path) -> None:
    venv(tmp_path / "env")
    script = tmp_path / "env" / "bin" / "activate"
    script.write_text(script.read_text() + "\nexport LD_LIBRARY_PATH=/opt/cuda/lib64\n")
    assert told(tmp_path / "env", PATH).variables["LD_LIBRARY_PATH"] == "/opt/cuda/lib64"


def test_what_is_no_environment_has_nothing_to_activate(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    assert told(tmp_path, PATH) == Activation()
    assert told(tmp_path / "missing", PATH) == Activation()


def test_variables_without_the_environments_that_are_active(tmp_path: Path) -> None:
    old = prefix_with(tmp_path / "old", state={"OLD": "1"}, deactivate={"a.sh": "unset FROM_SCRIPT\n"})
    base = {
        "PATH": f"/v/bin:{old}/bin:/usr/bin",
        "CONDA_PREFIX": str(old),
        "CONDA_PREFIX_1": "/base",
        "CONDA_SHLVL": "2",
        "CONDA_DEFAULT_ENV": "old",
        "CONDA_EXE": "/base/bin/conda",
        "VIRTUAL_ENV": "/v",
        "OLD": "1",
        "FROM_SCRIPT": "1",
        "HOME": "/home/me",
    }
    assert deactivated(Machine(), base) == {
        "PATH": "/usr/bin",
        "CONDA_EXE": "/base/bin/conda",
        "HOME": "/home/me",
    }


def test_what_leads_into_an_active_environment_leaves_with_it(tmp_path: Path) -> None:
    lines = "export LD_LIBRARY_PATH=$CONDA_PREFIX/lib:$LD_LIBRARY_PATH XLA_FLAGS=--dir=$CONDA_PREFIX/cuda\n"
    lines += "export CUDNN_PATH=$CONDA_PREFIX/cudnn GREETING=$USER\n"
    put_back = "export LD_LIBRARY_PATH=$BEFORE\n"
    old = prefix_with(tmp_path / "old", {"a.sh": lines}, deactivate={"a.sh": put_back})
    base = {
        "PATH": f"{old}/bin:/usr/bin",
        "CONDA_PREFIX": str(old),
        "LD_LIBRARY_PATH": f"{old}/lib:/usr/local/nvidia/lib64:{old}2/lib",
        "XLA_FLAGS": f"--dir={old}/cuda",
        "CUDNN_PATH": f"{old}/cudnn",
        "GREETING": "hello",
        "MINE": f"{old}/data",  # no script of the environment's names it
    }
    assert deactivated(Machine(), base) == {
        "PATH": "/usr/bin",
        "LD_LIBRARY_PATH": f"/usr/local/nvidia/lib64:{old}2/lib",
        "GREETING": "hello",
        "MINE": f"{old}/data",
    }


def test_what_only_a_script_could_tell_stays_so_in_a_plan_of_two() -> None:
    plan = Plan(unknown=frozenset({"A"})) + Plan(unknown=frozenset({"B"}))
    assert plan.unknown == {"A", "B"}


def test_path_changes_of_any_kind_are_applied_again() -> None:
    base = {"PATH": "/a:/b"}
    assert activated(Activation(path=("/x",), appended=("/y",)), base)["PATH"] == "/x:/a:/b:/y"
    assert activated(Activation(path=("/x",), removed=("/a",)), base)["PATH"] == "/x:/b"
    assert activated(Activation(variables={"A": "1"}), base) == {"PATH": "/a:/b", "A": "1"}
    # Without PATH programs are found in the system's folders; they stay so.
    assert activated(Activation(path=("/x",)), {})["PATH"] == f"/x:{os.defpath}"
