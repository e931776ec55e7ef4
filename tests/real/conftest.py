"""Real environments, made once for all tests of this folder; a test that changes one makes its own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.kernels.bare import bare_environment
from tests.real.channel import write_channel
from tests.real.packages import FROM_STATE, activating, hanging, r_like
from tests.real.prefixes import NAMES, Channels
from tests.real.python_packages import VERSION, python_channel
from tests.real.terminal import a_terminal
from tests.real.virtual import MAKERS, VERSIONS, virtual_environment


@pytest.fixture(scope="session")
def channels(tmp_path_factory: pytest.TempPathFactory) -> Channels:
    """The channel with Python and ipykernel, and the one with what the tests prove."""
    folder = tmp_path_factory.mktemp("channel")
    python = bare_environment(VERSION) / "bin" / "python"
    proofs = write_channel(folder / "proofs", [activating(folder), hanging(), *r_like(python)])
    return Channels(python_channel(), proofs)


@pytest.fixture(scope="session")
def conda_prefixes(channels: Channels, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Conda prefixes with ipykernel, scripts and variables, by what is awkward about their names."""
    envs = tmp_path_factory.mktemp("conda") / "envs"
    wanted = ("python", "ipykernel", "proof-activating")
    return {why: channels.prefix(envs / name, wanted, state=FROM_STATE) for why, name in NAMES.items()}


@pytest.fixture(scope="session")
def r_prefix(channels: Channels, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A conda prefix with R and its kernelspecs, scripts and variables, and no Python."""
    return channels.prefix(tmp_path_factory.mktemp("r") / "R 통계", ("r-irkernel", "proof-activating"))


@pytest.fixture(scope="session")
def made_environments(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """An environment of each maker other than venv."""
    folder = tmp_path_factory.mktemp("made")
    return {maker: virtual_environment(maker, folder / f"{maker}'s 훈련") for maker in MAKERS}


@pytest.fixture
def virtual_prefix(request: pytest.FixtureRequest, made_environments: Mapping[str, Path]) -> Path:
    """The virtual environment that the test names (``indirect``): a Python's version, or a maker."""
    wanted: str = request.param
    return bare_environment(wanted) if wanted in VERSIONS else made_environments[wanted]


@pytest.fixture
def places(
    jp_environ: None,
    conda_prefixes: Mapping[str, Path],
    r_prefix: Path,
    made_environments: Mapping[str, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The variables of a terminal from which a server is started: nothing active, and where environments
    are to be looked for."""
    terminal = a_terminal()
    for name in set(os.environ) - set(terminal) - {"PYTEST_CURRENT_TEST"}:
        monkeypatch.delenv(name)
    folders = (next(iter(conda_prefixes.values())).parent, r_prefix.parent)
    monkeypatch.setenv("CONDA_ENVS_DIRS", os.pathsep.join(map(str, folders)))
    makers = next(iter(made_environments.values())).parent
    bare = [str(bare_environment(version)) for version in VERSIONS]
    monkeypatch.setenv("JUPYTER_TFGPU_ENVIRONMENTS", os.pathsep.join([str(makers), *bare]))


@pytest.fixture
def jp_server_config(jp_server_config: dict[str, Any], places: None) -> dict[str, Any]:
    """Our extension on this machine, with no GPU."""
    return {**jp_server_config, "TfGpu": {"simulate": "none"}}
