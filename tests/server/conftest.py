"""A real Jupyter server whose machine is a tree on disk, over the stand-in driver loaded in this process."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.made import venv_with_ipykernel
from tests.standin import driver


@pytest.fixture(scope="session")
def scenario_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The stand-in's scenario. The library is loaded once a process, so all tests share the file."""
    path = tmp_path_factory.mktemp("standin") / "scenario"
    driver.write_scenario(path)
    os.environ["TFGPU_STANDIN_SCENARIO"] = str(path)
    os.environ["TFGPU_STANDIN_CALLS"] = str(path.with_name("calls"))
    # Loaded before pynvml asks for it: the loader then finds it by its soname.
    ctypes.CDLL(str(driver.build()))
    return path


@pytest.fixture
def machine_root(tmp_path: Path) -> Path:
    """A machine with two NVIDIA GPUs and a driver, as files."""
    return driver.write_machine_tree(tmp_path / "machine", pci_devices=2)


@pytest.fixture(scope="session")
def environment_prefix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real virtual environment that can be a kernel."""
    return venv_with_ipykernel(tmp_path_factory.mktemp("envs") / "train 훈련")


@pytest.fixture
def jp_server_config(
    jp_server_config: dict[str, Any],
    scenario_file: Path,
    machine_root: Path,
    environment_prefix: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[dict[str, Any]]:
    """Our extension on that machine, with that environment to be found."""
    monkeypatch.setenv("JUPYTER_TFGPU_ENVIRONMENTS", str(environment_prefix))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    driver.write_scenario(scenario_file)
    yield {**jp_server_config, "TfGpu": {"machine_root": str(machine_root), "interval": 0.5}}
