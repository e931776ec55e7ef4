"""Notebooks that programs without a server run from beginning to end: nbclient's command, and papermill.

A kernel is that of a real environment, on a machine of stand-ins; nothing is handed to it but what these
programs hand to any kernel, and what they save is read.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import nbformat

from tests.standin import driver

MIME = "application/vnd.jupyter-tfgpu.report+json"
KERNELSPEC = "made"
PROVISIONER = "JUPYTER_DEFAULT_PROVISIONER_NAME"
Runner = Literal["nbclient", "papermill"]
ATTEMPTS = 3
"""jupyter_client picks free ports, which another program may take before the kernel does."""


@dataclass(frozen=True)
class Cell:
    """A cell as it was saved, its outputs as nbformat has them."""

    outputs: Sequence[Mapping[str, Any]]

    @property
    def kinds(self) -> list[str]:
        """What kinds of output it has, in their order."""
        return [output["output_type"] for output in self.outputs]

    @property
    def notices(self) -> list[Mapping[str, Any]]:
        """The reports that stand in it, as bundles of text, HTML and JSON."""
        return [each["data"] for each in self.outputs if MIME in each.get("data", {})]

    @property
    def codes(self) -> list[tuple[str, str | None]]:
        """The findings that it shows: code, and framework."""
        found = [one for notice in self.notices for one in notice[MIME]["findings"]]
        return [(one["code"], one["framework"]) for one in found]

    @property
    def printed(self) -> str:
        """What its own code printed."""
        return self._stream("stdout")

    @property
    def complained(self) -> str:
        """What came on its standard error."""
        return self._stream("stderr")

    @property
    def error(self) -> str:
        """The error it ended with; an empty text where it did not."""
        return next((f"{o['ename']}: {o['evalue']}" for o in self.outputs if o["output_type"] == "error"), "")

    def _stream(self, name: str) -> str:
        return "".join(each["text"] for each in self.outputs if each.get("name") == name)


def machine_with_gpus(folder: Path) -> dict[str, str]:
    """Variables of a program on a machine with two stand-in devices."""
    tree = driver.write_machine_tree(folder / "machine")
    return {
        **driver.environment(driver.write_scenario(folder / "scenario.txt"), base={}),
        **places(folder, tree),
    }


def machine_without_gpu(folder: Path) -> dict[str, str]:
    """Variables of a program on a machine with no NVIDIA GPU and no driver."""
    tree = driver.write_machine_tree(folder / "machine", driver=None, kernel_module=None, pci_devices=0)
    return {**driver.environment_without_driver(folder / "no-driver", base={}), **places(folder, tree)}


def places(folder: Path, tree: Path) -> dict[str, str]:
    """Folders of the test's own, and our provisioner for every kernel."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    return {
        "HOME": str(home),
        "PATH": os.defpath,
        "JUPYTER_TFGPU_MACHINE_ROOT": str(tree),
        "JUPYTER_TFGPU_PINS": str(folder / "pins.json"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        PROVISIONER: "tfgpu-provisioner",
    }


def run_notebook(
    folder: Path,
    prefix: Path,
    cells: Sequence[str],
    variables: Mapping[str, str],
    runner: Runner = "nbclient",
) -> list[Cell]:
    """The cells of a notebook as the program saved them, run by a kernel of this environment.

    An error in a cell does not end the run with nbclient; with papermill it does, and the test fails.
    """
    _write_kernelspec(Path(variables["JUPYTER_DATA_DIR"]) / "kernels" / KERNELSPEC, prefix)
    path = folder / "notebook.ipynb"
    document = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    document.metadata["kernelspec"] = {"name": KERNELSPEC, "display_name": KERNELSPEC, "language": "python"}
    nbformat.write(document, path)
    command = {
        "nbclient": ["jupyter-execute", "--allow-errors", "--inplace", "--timeout=300", str(path)],
        "papermill": ["papermill", "--no-progress-bar", str(path), str(path)],
    }[runner]
    for _ in range(ATTEMPTS):
        done = subprocess.run(
            [Path(sys.executable).parent / command[0], *command[1:]],
            env=dict(variables),
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=600,
        )
        if "Address already in use" not in done.stderr:
            break
    assert done.returncode == 0, done.stderr
    saved = nbformat.read(path, as_version=4)
    nbformat.validate(saved)
    return [Cell(cell.outputs) for cell in saved.cells if cell.cell_type == "code"]


def _write_kernelspec(folder: Path, prefix: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    argv = [str(prefix / "bin" / "python"), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    document = {"argv": argv, "display_name": KERNELSPEC, "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(document))
