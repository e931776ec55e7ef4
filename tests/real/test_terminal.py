"""What the other tests compare kernels with is what a person's terminal has."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.kernels.bare import bare_environment
from tests.real.packages import FROM_FILE, FROM_STATE
from tests.real.prefixes import NAMES
from tests.real.terminal import DIFFER_BY_NATURE, after_conda_activation, after_venv_activation


@pytest.mark.parametrize("why", NAMES)
def test_bash_activates_the_prefixes(why: str, conda_prefixes: Mapping[str, Path]) -> None:
    prefix = conda_prefixes[why]
    base = {**os.environ, "LD_LIBRARY_PATH": "/before", "PROOF_UNWANTED": "1"}
    seen = after_conda_activation(prefix, base)
    assert seen.prefix == str(prefix)
    assert seen.executable == f"{prefix}/bin/python"
    expected = {
        "CONDA_PREFIX": str(prefix),
        "CONDA_SHLVL": "1",
        "LD_LIBRARY_PATH": f"{prefix}/lib:/before",
        "XLA_FLAGS": f"--xla_gpu_cuda_data_dir={prefix}",
        "PATH": f"{prefix}/libexec/proof:{prefix}/bin:{os.environ['PATH']}",
        "PROOF_CC": f"{prefix}/bin/cc",
        "PROOF_CXX": f"{prefix}/bin/cxx",
        "PROOF_LINES": "one\ntwo = 2\n\nfour",
        **FROM_FILE,
        **FROM_STATE,
    }
    changed = {name: value for name, value in seen.compared.items() if base.get(name) != value}
    assert changed == expected
    assert set(base) - set(seen.variables) <= {"PROOF_UNWANTED", "_", "PYTEST_CURRENT_TEST"}
    assert "PROOF_UNWANTED" not in seen.variables


def test_the_library_of_the_prefix_is_found_through_the_variable_alone(
    conda_prefixes: Mapping[str, Path],
) -> None:
    prefix = conda_prefixes["space"]
    ask = [
        prefix / "bin" / "python",
        "-c",
        "import ctypes; print(ctypes.CDLL('libtfgpu_proof.so').tfgpu_proof())",
    ]
    plain = {name: value for name, value in os.environ.items() if name != "LD_LIBRARY_PATH"}
    assert subprocess.run(ask, env=plain, capture_output=True).returncode == 1
    activated = after_conda_activation(prefix, plain).variables
    assert subprocess.run(ask, env=activated, capture_output=True, text=True).stdout == "42\n"


def test_bash_activates_a_venv() -> None:
    prefix = bare_environment("3.12")
    seen = after_venv_activation(prefix, os.environ)
    changed = {name for name, value in seen.compared.items() if os.environ.get(name) != value}
    assert (seen.prefix, seen.variables["VIRTUAL_ENV"]) == (str(prefix), str(prefix))
    assert changed == {"PATH", "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT"}


def test_nothing_that_an_activation_may_set_is_left_out_of_the_comparison() -> None:
    assert not {"PATH", "LD_LIBRARY_PATH", "XLA_FLAGS", "CONDA_PREFIX", "VIRTUAL_ENV"} & set(DIFFER_BY_NATURE)
