"""Real environments, made once for all tests of this folder; a test that changes one makes its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.kernels.bare import bare_environment
from tests.real.channel import write_channel
from tests.real.packages import FROM_STATE, activating, hanging, r_like
from tests.real.prefixes import NAMES, Channels
from tests.real.python_packages import VERSION, python_channel


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
