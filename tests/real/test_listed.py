"""Real environments are listed with what is in them, from their files alone."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from jupyter_tfgpu.environments import Environment, Registry
from tests.environments.trees import a_machine
from tests.kernels.bare import bare_environment
from tests.real.prefixes import NAMES, Channels
from tests.real.virtual import MAKERS, VERSIONS, virtual_environment

ASK = """\
import platform, ipykernel
print(platform.python_version(), ipykernel.__version__)
"""


def answer_of(prefix: Path) -> tuple[str, str]:
    """The versions of Python and ipykernel as the environment's interpreter states them."""
    asked = subprocess.run([prefix / "bin" / "python", "-c", ASK], capture_output=True, text=True, check=True)
    python, ipykernel = asked.stdout.split()
    return python, ipykernel


def the_listed(folder: Path, prefix: Path, **variables: str) -> Environment:
    """The one environment with this prefix, of a machine with these variables."""
    found = Registry(a_machine(folder, **variables)).environments()
    [environment] = [each for each in found if each.prefix == str(prefix)]
    return environment


@pytest.mark.parametrize("why", NAMES)
def test_a_conda_prefix(why: str, conda_prefixes: Mapping[str, Path], tmp_path: Path) -> None:
    prefix = conda_prefixes[why]
    listed = the_listed(tmp_path, prefix, CONDA_ENVS_DIRS=str(prefix.parent))
    assert (listed.kind, listed.name, listed.problem) == ("conda", NAMES[why], None)
    assert listed.interpreter == f"{prefix}/bin/python"
    assert (listed.python, listed.ipykernel) == answer_of(prefix)
    # The kernelspec that ipykernel's package brings is the environment's Python, not another kernel.
    assert listed.own_kernels == ()


def test_a_prefix_that_only_conda_s_list_names(
    channels: Channels, conda_prefixes: Mapping[str, Path], tmp_path: Path
) -> None:
    prefix = conda_prefixes["korean"]
    (tmp_path / "home" / ".conda").mkdir(parents=True)
    (tmp_path / "home" / ".conda" / "environments.txt").write_text(f"/gone\n{prefix}\n", "utf-8")
    assert the_listed(tmp_path, prefix).name == NAMES["korean"]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_venv(version: str, tmp_path: Path) -> None:
    prefix = bare_environment(version)
    listed = the_listed(tmp_path, prefix, JUPYTER_TFGPU_ENVIRONMENTS=str(prefix))
    assert (listed.kind, listed.name, listed.problem) == ("venv", prefix.name, None)
    assert listed.interpreter == f"{prefix}/bin/python"
    assert (listed.python, listed.ipykernel) == answer_of(prefix)


@pytest.mark.parametrize("maker", MAKERS)
def test_an_environment_of_another_maker(maker: str, tmp_path: Path) -> None:
    prefix = virtual_environment(maker, tmp_path / "it's 훈련")
    listed = the_listed(tmp_path, prefix, WORKON_HOME=str(prefix.parent))
    assert (listed.kind, listed.name, listed.problem) == (maker, "it's 훈련", None)
    assert (listed.python, listed.ipykernel) == answer_of(prefix)


def test_listing_writes_nothing_into_an_environment(
    conda_prefixes: Mapping[str, Path], tmp_path: Path
) -> None:
    prefix = conda_prefixes["space"]

    def state() -> list[tuple[str, int]]:
        return sorted(
            (folder, os.stat(folder).st_mtime_ns)  # noqa: PTH116 - as os.walk names them
            for folder, _, _ in os.walk(prefix)
        )

    before = state()
    the_listed(tmp_path, prefix, CONDA_ENVS_DIRS=str(prefix.parent))
    assert state() == before
