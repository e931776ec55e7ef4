"""A Jupyter in which this package is not, and what kernels started from there see of themselves."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.made import venv_with_ipykernel
from tests.real.terminal import PROBE, Seen

_RUN = """\
import asyncio, importlib.metadata, importlib.util, json, sys
import nbformat
from nbclient import NotebookClient

assert importlib.util.find_spec("jupyter_tfgpu") is None
provisioners = importlib.metadata.entry_points(group="jupyter_client.kernel_provisioners")
assert [each.name for each in provisioners] == ["local-provisioner"], provisioners

async def printed(name, code):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    client = NotebookClient(notebook, kernel_name=name, timeout=120, startup_timeout=120)
    await client.async_execute()
    return "".join(output["text"] for output in notebook.cells[0].outputs if output["name"] == "stdout")

async def main(codes):
    two = asyncio.Semaphore(2)
    async def one(name, code):
        async with two:
            return name, await printed(name, code)
    return dict(await asyncio.gather(*(one(*each) for each in codes.items())))

print(json.dumps(asyncio.run(main(json.load(sys.stdin)))))
"""


class Outside:
    """An environment with jupyter_client, nbclient and nbconvert. Made in a second: see ``tests.made``."""

    def __init__(self, folder: Path) -> None:
        self._python = venv_with_ipykernel(folder / "jupyter") / "bin" / "python"
        self._folder = folder

    def nbclient(self, codes: Mapping[str, str], variables: Mapping[str, str]) -> dict[str, str]:
        """What nbclient has notebooks print, by kernelspec: a notebook of one cell for each.

        ``variables``: those of the program that starts the kernels.
        """
        done = subprocess.run(
            [self._python, "-c", _RUN],
            env=dict(variables),
            cwd=self._folder,  # where this project lies, it could be imported
            input=json.dumps(dict(codes)),
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        answer: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
        return answer

    def seen(self, kernelspecs: Iterable[str], variables: Mapping[str, str]) -> dict[str, Seen]:
        """What the Pythons of these kernelspecs see of themselves, started by nbclient."""
        printed = self.nbclient(dict.fromkeys(kernelspecs, PROBE), variables)
        return {name: Seen.of(text) for name, text in printed.items()}

    def convert(self, kernelspec: str, variables: Mapping[str, str]) -> Seen:
        """The same, started by ``jupyter nbconvert --execute``."""
        cells = [
            {
                "cell_type": "code",
                "id": "probe",
                "execution_count": None,
                "metadata": {},
                "outputs": [],
                "source": PROBE,
            }
        ]
        notebook = self._folder / "probe.ipynb"
        notebook.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
        words = ["nbconvert", "--to", "notebook", "--execute", "--stdout"]
        done = subprocess.run(
            [self._python, "-m", *words, f"--ExecutePreprocessor.kernel_name={kernelspec}", notebook],
            env=dict(variables),
            cwd=self._folder,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        [cell] = json.loads(done.stdout)["cells"]
        return Seen.of("".join(cell["outputs"][0]["text"]))
