"""``%load_ext jupyter_tfgpu`` in the first cell of a notebook, run by a program that knows nothing of us."""

from __future__ import annotations

from pathlib import Path

import pytest

import jupyter_tfgpu
from tests.made import tensorflow_for_cpus, venv_with_ipykernel
from tests.notebooks import PROVISIONER, Runner, machine_with_gpus, run_notebook

IMPORTS = "import tensorflow as tf"
TRAINS = "model = tf.keras.Sequential()\nmodel.fit();"


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """An environment into which a person has installed us beside a TensorFlow."""
    made = venv_with_ipykernel(tmp_path / "env")
    tensorflow_for_cpus(made)
    [site] = made.glob("lib/python3.*/site-packages")
    (site / "jupyter_tfgpu").symlink_to(Path(jupyter_tfgpu.__file__).parent)
    return made


@pytest.mark.parametrize(
    ("runner", "cells"),
    [("nbclient", (f"{IMPORTS}\n{TRAINS}",)), ("papermill", (IMPORTS, TRAINS))],
    ids=["nbclient, one cell", "papermill, two"],
)
def test_the_notice_stands_in_the_saved_notebook(
    prefix: Path, tmp_path: Path, runner: Runner, cells: tuple[str, ...]
) -> None:
    variables = machine_with_gpus(tmp_path)
    del variables[PROVISIONER]
    first, *others = run_notebook(tmp_path, prefix, ["%load_ext jupyter_tfgpu", *cells], variables, runner)
    assert first.outputs == []
    assert [cell.codes for cell in others] == [[("cpu-only-build", "tensorflow")], [], []][: len(cells)]
    assert others[0].kinds[0] == "display_data"
    assert "[cpu-only-build]" in others[0].notices[0]["text/plain"]
    assert others[-1].printed == "fitted\n"
