"""The variables of conda's state files, by conda's rules for their names and for what they were before."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_tfgpu.environments.activation import activated, deactivated
from jupyter_tfgpu.environments.activation.active import plan_for
from jupyter_tfgpu.environments.activation.files_only import from_files
from jupyter_tfgpu.machine import Machine
from tests.environments.activating import activations, prefix_with
from tests.environments.trees import a_machine

PATH = {"PATH": "/usr/bin:/bin"}


def told(machine: Machine, prefix: Path, base: dict[str, str]) -> dict[str, str]:
    """What activating sets, conda's own left out."""
    found = from_files(plan_for(machine, prefix, base), base).variables
    return {name: value for name, value in found.items() if not name.startswith("CONDA_")}


def test_names_stay_as_they_are_where_a_condarc_says_so(tmp_path: Path) -> None:
    machine = a_machine(tmp_path)
    prefix = prefix_with(tmp_path / "base/envs/a", state={"http_proxy": "p", "X": "1"})
    assert told(machine, prefix, PATH) == {"HTTP_PROXY": "p", "X": "1"}
    (machine.home / ".condarc").write_text("envvars_force_uppercase: false\n", "utf-8")
    assert told(machine, prefix, PATH) == {"http_proxy": "p", "X": "1"}


def test_the_condarc_of_the_installation_counts_too(tmp_path: Path) -> None:
    prefix = prefix_with(tmp_path / "base/envs/a", state={"http_proxy": "p"})
    (tmp_path / "base" / ".condarc").write_text("envvars_force_uppercase: false\n", "utf-8")
    assert told(a_machine(tmp_path), prefix, PATH) == {"http_proxy": "p"}


def test_so_does_the_variable(tmp_path: Path) -> None:
    prefix = prefix_with(tmp_path / "a", state={"http_proxy": "p"})
    base = {**PATH, "CONDA_ENVVARS_FORCE_UPPERCASE": "false"}
    assert told(a_machine(tmp_path), prefix, base) == {"http_proxy": "p"}


def test_on_windows_and_in_pixi_s_they_are_in_upper_case_whatever_it_says(tmp_path: Path) -> None:
    prefix = prefix_with(tmp_path / "a", state={"http_proxy": "p"})
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / ".condarc").write_text("envvars_force_uppercase: false\n", "utf-8")
    assert told(a_machine(tmp_path, "win32"), prefix, PATH) == {"HTTP_PROXY": "p"}
    (prefix / "conda-meta" / "pixi").write_text("{}", "utf-8")
    assert told(a_machine(tmp_path), prefix, PATH) == {"HTTP_PROXY": "p"}


@pytest.mark.parametrize("upper", [True, False])
def test_two_spellings_are_two_variables_until_they_are_put_in_upper_case(
    tmp_path: Path, upper: bool
) -> None:
    machine = a_machine(tmp_path)
    if not upper:
        (machine.home / ".condarc").write_text("envvars_force_uppercase: false\n", "utf-8")
    prefix = prefix_with(
        tmp_path / "a",
        packages={"p.json": {"one": "1", "two": "2"}},
        state={"ONE": "***unset***", "TWO": "3"},
    )
    expected = {"ONE": "1", "TWO": "3"} if upper else {"one": "1", "two": "2", "TWO": "3"}
    assert told(machine, prefix, PATH) == expected


def test_a_change_of_the_condarc_shows(tmp_path: Path) -> None:
    known = activations(tmp_path)
    prefix = prefix_with(tmp_path / "a", state={"http_proxy": "p"})
    assert known.known(prefix, PATH).variables["HTTP_PROXY"] == "p"
    (tmp_path / "home" / ".condarc").write_text("envvars_force_uppercase: false\n", "utf-8")
    assert known.known(prefix, PATH).variables["http_proxy"] == "p"


def test_where_no_name_has_a_small_letter_no_condarc_is_read(tmp_path: Path) -> None:
    machine = a_machine(tmp_path)
    prefix = prefix_with(tmp_path / "a", state={"X": "1"})
    sources = plan_for(machine, prefix, PATH).sources
    assert all(prefix in source.parents for source in sources)


@pytest.mark.parametrize("noted", ["__CONDA_SHLVL_0_XLA_FLAGS", "CONDA_ENV_SHLVL_1_XLA_FLAGS"])
def test_leaving_gives_back_what_a_variable_was_before(tmp_path: Path, noted: str) -> None:
    old = prefix_with(tmp_path / "old", state={"XLA_FLAGS": "--theirs", "NEW": "1"})
    base = {
        "PATH": f"{old}/bin:/usr/bin",
        "CONDA_PREFIX": str(old),
        "CONDA_SHLVL": "1",
        "XLA_FLAGS": "--theirs",
        "NEW": "1",
        noted: "--mine",
    }
    after = deactivated(a_machine(tmp_path), base)
    assert {name: after.get(name) for name in ("PATH", "XLA_FLAGS", "NEW")} == {
        "PATH": "/usr/bin",
        "XLA_FLAGS": "--mine",
        "NEW": None,
    }
    assert noted not in after
    new = prefix_with(tmp_path / "new")
    machine = a_machine(tmp_path)
    assert activated(from_files(plan_for(machine, new, base), base), base)["XLA_FLAGS"] == "--mine"
