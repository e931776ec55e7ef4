"""Kernels of programs that are no servers: nbclient, and papermill, which is built on it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.environments.trees import distribution, tensorflow
from tests.inkernel.conftest import FRAMEWORK
from tests.made import venv_with_ipykernel

MIME = "application/vnd.jupyter-tfgpu.report+json"

RUNS_A_NOTEBOOK = """
import json, sys
import nbformat
from nbclient import NotebookClient
cells = [nbformat.v4.new_code_cell(source) for source in json.loads(sys.argv[1])]
notebook = nbformat.v4.new_notebook(cells=cells)
NotebookClient(notebook, kernel_name="made", timeout=120).execute()
print(json.dumps([cell.outputs for cell in notebook.cells]))
"""


def outputs(tmp_path: Path, *cells: str) -> list[list[dict[str, object]]]:
    """What nbclient puts into the notebook of these cells, on simulated devices."""
    environment = {
        **os.environ,
        "JUPYTER_DEFAULT_PROVISIONER_NAME": "tfgpu-provisioner",
        "JUPYTER_DATA_DIR": str(tmp_path / "data"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
        "JUPYTER_TFGPU_SIMULATE": "default",
        "JUPYTER_TFGPU_PINS": str(tmp_path / "pins.json"),
    }
    done = subprocess.run(
        [sys.executable, "-c", RUNS_A_NOTEBOOK, json.dumps(cells)],
        env=environment,
        stdout=subprocess.PIPE,
        timeout=180,
        check=True,
    )
    return json.loads(done.stdout)  # type: ignore[no-any-return]


@pytest.fixture(autouse=True)
def kernelspec(tmp_path: Path) -> None:
    """A kernelspec of an environment with a TensorFlow that was built for CPUs."""
    prefix = venv_with_ipykernel(tmp_path / "env")
    [site] = prefix.glob("lib/python3.*/site-packages")
    distribution(site, "tensorflow", "2.21.0")
    tensorflow(site, "2.21.0-cpu", config=False)
    folder = tmp_path / "data" / "kernels" / "made"
    folder.mkdir(parents=True)
    argv = [str(prefix / "bin" / "python"), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    document = {"argv": argv, "display_name": "made", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(document))


def test_nbclient_s_notebook_has_the_notice_before_the_first_training_cell(tmp_path: Path) -> None:
    first, second, third = outputs(tmp_path, FRAMEWORK, "model.fit();", "model.fit();")
    assert first == []
    notice, printed = second
    assert notice["output_type"] == "display_data"
    data = notice["data"]
    assert isinstance(data, dict)
    assert data["text/plain"].startswith("Before this cell trains:")
    assert data[MIME]["findings"][0]["code"] == "cpu-only-build"
    assert printed["text"] == "fitted\n"
    assert [output["output_type"] for output in third] == ["stream"]
    assert list((tmp_path / "runtime").glob("tfgpu-*")) == []


def test_a_pin_counts_there_too(tmp_path: Path) -> None:
    pin = ["-m", "jupyter_tfgpu", "pin", "set", "--spec", "made", "none"]
    environment = {
        **os.environ,
        "JUPYTER_DATA_DIR": str(tmp_path / "data"),
        "JUPYTER_TFGPU_PINS": str(tmp_path / "pins.json"),
    }
    subprocess.run([sys.executable, *pin], env=environment, cwd=tmp_path, check=True)
    (cell,) = outputs(tmp_path, "import os; print(os.environ['CUDA_VISIBLE_DEVICES'])\n%tfgpu pin")
    text = "".join(str(output["text"]) for output in cell)
    assert text.startswith("-1\n")
    assert "Started with none (the pin of the kernelspec)" in text
