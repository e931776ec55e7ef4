"""What is captured of an activation is what bash has after it, for every kind of environment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from jupyter_tfgpu.environments.activation import Activations, activated
from jupyter_tfgpu.machine import Machine
from tests.kernels.bare import bare_environment
from tests.real.packages import FROM_FILE
from tests.real.prefixes import NAMES, Channels
from tests.real.terminal import (
    Seen,
    a_terminal,
    after_conda_activation,
    after_venv_activation,
    conda_variables,
)
from tests.real.virtual import MAKERS, VERSIONS, virtual_environment

BASES = {
    "nothing set": {},
    "libraries set": {"LD_LIBRARY_PATH": "/one:/two", "XLA_FLAGS": "--before", "PROOF_UNWANTED": "1"},
}


def captured(folder: Path, prefix: Path, base: Mapping[str, str]) -> dict[str, str]:
    """The variables of a kernel, without those that differ by nature."""
    activation = Activations(Machine(), folder / "activation").run(prefix, base)
    return Seen.variables_compared(activated(activation, base))


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("why", NAMES)
def test_a_conda_prefix(why: str, base: str, conda_prefixes: Mapping[str, Path], tmp_path: Path) -> None:
    before = a_terminal(**BASES[base])
    expected = after_conda_activation(conda_prefixes[why], before).compared
    assert captured(tmp_path, conda_prefixes[why], before) == expected


def test_a_conda_prefix_where_another_is_active(conda_prefixes: Mapping[str, Path], tmp_path: Path) -> None:
    first, second = conda_prefixes["space"], conda_prefixes["korean"]
    inside = after_conda_activation(first, a_terminal()).variables
    expected = after_conda_activation(second, inside, active=first).compared
    # conda itself counts: the second stands on the first, to which leaving leads back. py-rattler does not.
    expected |= {"CONDA_SHLVL": "2", "CONDA_PREFIX_1": str(first)}
    assert captured(tmp_path, second, inside) == expected


@pytest.mark.parametrize("maker", MAKERS)
def test_a_conda_prefix_where_a_virtual_environment_is_active(
    maker: str, conda_prefixes: Mapping[str, Path], tmp_path: Path
) -> None:
    before = a_terminal(PKG_CONFIG_PATH="/before")
    inside = after_venv_activation(virtual_environment(maker, tmp_path / "first"), before).variables
    # Its variables go, as if it had been left first.
    expected = after_conda_activation(conda_prefixes["space"], before).compared
    assert captured(tmp_path, conda_prefixes["space"], inside) == expected


def test_a_conda_prefix_of_r(r_prefix: Path, tmp_path: Path) -> None:
    before = a_terminal()
    assert captured(tmp_path, r_prefix, before) == conda_variables(r_prefix, before)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_venv(version: str, tmp_path: Path) -> None:
    prefix, before = bare_environment(version), a_terminal()
    assert captured(tmp_path, prefix, before) == after_venv_activation(prefix, before).compared


@pytest.mark.parametrize("maker", MAKERS)
def test_an_environment_of_another_maker(maker: str, tmp_path: Path) -> None:
    prefix, before = virtual_environment(maker, tmp_path / "it's 훈련"), a_terminal()
    assert captured(tmp_path, prefix, before) == after_venv_activation(prefix, before).compared


@pytest.mark.parametrize("maker", [*MAKERS, "venv"])
def test_a_venv_where_another_is_active(maker: str, tmp_path: Path) -> None:
    second = bare_environment("3.12")
    first = bare_environment("3.11") if maker == "venv" else virtual_environment(maker, tmp_path / "first")
    inside = after_venv_activation(first, a_terminal()).variables
    expected = after_venv_activation(second, a_terminal(), active=first).compared
    assert captured(tmp_path, second, inside) == expected


def test_an_activation_that_printed_is_reported_and_counts(
    conda_prefixes: Mapping[str, Path], tmp_path: Path
) -> None:
    activation = Activations(Machine(), tmp_path).run(conda_prefixes["space"], a_terminal())
    assert activation.problem is not None
    assert "20-bashisms.sh printed text" in activation.problem
    assert "PROOF_NOT_A_VARIABLE" not in activation.variables


def test_a_script_that_hangs_costs_one_try(channels: Channels, tmp_path: Path) -> None:
    prefix = channels.prefix(tmp_path / "hanging", ("proof-activating", "proof-hanging"))
    before = a_terminal()
    activations = Activations(Machine(), tmp_path / "kept")
    first = activations.run(prefix, before)
    assert first.problem is not None
    assert "proof-hanging.sh did not end within 5 s" in first.problem
    # What the files tell is there nevertheless.
    assert first.variables["CONDA_PREFIX"] == str(prefix)
    assert {name: first.variables[name] for name in FROM_FILE} == FROM_FILE
    assert activations.run(prefix, before) == first
    again = Activations(Machine(), tmp_path / "kept").run(prefix, before | {"OTHER": "1"})
    assert again.problem == first.problem
    assert (prefix / "hung").read_text() == "started\n"
