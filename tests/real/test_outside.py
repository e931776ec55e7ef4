"""Kernelspecs of ours work where this package is not installed: the same interpreter, the same variables."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.kernels.bare import bare_environment
from tests.real.outside import Outside
from tests.real.packages import R_PROBE, of_its_own
from tests.real.served import added
from tests.real.terminal import (
    Seen,
    after_conda_activation,
    after_venv_activation,
    conda_variables,
)
from tests.real.virtual import VERSIONS
from tests.server.asking import Fetch


@pytest.fixture(scope="session")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Outside:
    """A Jupyter without this package."""
    return Outside(tmp_path_factory.mktemp("outside"))


def same(seen: Seen, expected: Seen) -> None:
    assert seen.compared == expected.compared
    assert (seen.prefix, seen.executable) == (expected.prefix, expected.executable)
    assert seen.program == expected.program


async def test_nbclient_starts_them_as_a_terminal_would(
    jp_fetch: Fetch,
    conda_prefixes: Mapping[str, Path],
    made_environments: Mapping[str, Path],
    outside: Outside,
) -> None:
    conda = {await added(jp_fetch, prefix): prefix for prefix in conda_prefixes.values()}
    virtual = {await added(jp_fetch, prefix): prefix for prefix in made_environments.values()}
    virtual |= {await added(jp_fetch, prefix): prefix for prefix in map(bare_environment, VERSIONS)}
    seen = outside.seen([*conda, *virtual], os.environ)
    for name, prefix in conda.items():
        same(seen[name], after_conda_activation(prefix, os.environ))
    for name, prefix in virtual.items():
        same(seen[name], after_venv_activation(prefix, os.environ))


async def test_nbconvert_starts_one_as_a_terminal_would(
    jp_fetch: Fetch, conda_prefixes: Mapping[str, Path], outside: Outside
) -> None:
    prefix = conda_prefixes["quotes"]
    name = await added(jp_fetch, prefix)
    same(outside.convert(name, os.environ), after_conda_activation(prefix, os.environ))


def test_one_that_was_added_from_within_another_environment(
    places: None, conda_prefixes: Mapping[str, Path], outside: Outside
) -> None:
    """What was active where it was added is not in it: it is started from anywhere."""
    prefix = conda_prefixes["korean"]
    inside = after_conda_activation(conda_prefixes["space"], os.environ).variables
    # Our program as it runs in a terminal in which that environment is active: by its own interpreter.
    command = [sys.executable, "-m", "jupyter_tfgpu", "specs", "add", str(prefix), "--json"]
    done = subprocess.run(command, env=inside, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    name = json.loads(done.stdout)["name"]
    same(outside.seen([name], os.environ)[name], after_conda_activation(prefix, os.environ))


async def test_nbclient_starts_r(jp_fetch: Fetch, r_prefix: Path, outside: Outside) -> None:
    names = {kernel: await added(jp_fetch, r_prefix, kernel) for kernel in ("ir", "ir44")}
    printed = outside.nbclient(dict.fromkeys(names.values(), R_PROBE), os.environ)
    expected = conda_variables(r_prefix, os.environ)
    ir, ir44 = (json.loads(printed[name]) for name in names.values())
    assert Seen.variables_compared(ir["variables"]) == expected
    own = of_its_own(r_prefix, expected["PATH"])
    assert Seen.variables_compared(ir44["variables"]) == expected | own


async def test_a_kernelspec_names_nothing_of_ours(
    jp_fetch: Fetch, jp_data_dir: Path, conda_prefixes: Mapping[str, Path]
) -> None:
    name = await added(jp_fetch, conda_prefixes["space"])
    spec: dict[str, Any] = json.loads((jp_data_dir / "kernels" / name / "kernel.json").read_text("utf-8"))
    assert spec["argv"][0] == f"{conda_prefixes['space']}/bin/python"
    assert spec["argv"][1:] == ["-m", "ipykernel_launcher", "-f", "{connection_file}"]
    assert "kernel_provisioner" not in spec["metadata"]
    assert "CONDA_PREFIX" in spec["metadata"]["tfgpu"]["activation"]
