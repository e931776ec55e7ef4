"""Fixtures for all tests: a real Jupyter Server with our extension, and what the machine has to hold."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.tools import missing

pytest_plugins = ("pytest_jupyter.jupyter_server",)


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
    """The prefix of an environment with a real TensorFlow, which ``make test`` creates and names."""
    prefix = os.environ.get("TFGPU_TENSORFLOW")
    if not prefix or not (Path(prefix) / "bin" / "python").exists():
        missing("The environment with a real TensorFlow (TFGPU_TENSORFLOW)")
    return Path(prefix)
