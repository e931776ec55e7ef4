"""Fixtures for all tests: a real Jupyter Server with our extension, and what the machine has to hold."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.tools import real_environment

pytest_plugins = ("pytest_jupyter.jupyter_server",)


@pytest.fixture(scope="session", autouse=True)
def heard_interrupts() -> Iterator[None]:
    """Programs that tests start hear Ctrl+C. A shell has those it starts in the background, and all that
    these start, ignore it."""
    before = signal.getsignal(signal.SIGINT)
    if before == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Jupyter data folder of the test's own, the only one on the data path."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "shared"))
    return tmp_path / "data"


@pytest.fixture
def jp_server_config() -> dict[str, Any]:
    """Our extension enabled, and no route that answers without authentication."""
    return {
        "ServerApp": {
            "jpserver_extensions": {"jupyter_tfgpu": True},
            "allow_unauthenticated_access": False,
        }
    }


@pytest.fixture(scope="session")
def tensorflow_environment() -> Path:
    """The prefix of an environment with a real TensorFlow (CPU build)."""
    return real_environment("tf2")
