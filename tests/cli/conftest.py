"""The real program over the stand-in driver, on a pipe or in a terminal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.made import venv_with_ipykernel
from tests.standin import driver


class Program:
    """Runs ``jupyter tfgpu`` on a made machine, with a home and data folder of its own."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self.folder = folder
        self.environ = environ

    def __call__(self, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "jupyter_tfgpu", *arguments],
            env=self.environ,
            cwd=self.folder,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def answer(self, *arguments: str) -> Any:
        done = self(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="module")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return venv_with_ipykernel(tmp_path_factory.mktemp("envs") / "with space")


@pytest.fixture
def program(tmp_path: Path, prefix: Path) -> Program:
    scenario = driver.write_scenario(tmp_path / "scenario")
    variables = driver.environment(scenario)
    for name in ("CUDA_VISIBLE_DEVICES", "VIRTUAL_ENV", "CONDA_PREFIX"):
        variables.pop(name, None)
    project = str(Path(__file__).parents[2])
    variables |= {
        "HOME": str(tmp_path),
        "JUPYTER_DATA_DIR": str(tmp_path / "data"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
        "JUPYTER_TFGPU_ENVIRONMENTS": str(prefix),
        "JUPYTER_TFGPU_MACHINE_ROOT": str(driver.write_machine_tree(tmp_path / "machine")),
        "PYTHONPATH": os.pathsep.join(p for p in (project, variables.get("PYTHONPATH", "")) if p),
        "COLUMNS": "200",
    }
    return Program(tmp_path, variables)
