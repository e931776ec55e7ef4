"""The recogniser under every Python that a kernel may have: their syntax trees differ."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from jupyter_tfgpu.inkernel import recogniser
from jupyter_tfgpu.inkernel.recogniser.recognise import Recogniser
from tests.inkernel.labelled import PARTS, notebooks
from tests.interpreters import find_interpreter

SOURCES = [[cell.source for cell in cells] for part in PARTS for cells in notebooks(part)]

ALONE = """
import json, sys, types
package = types.ModuleType("alone")
package.__path__ = [sys.argv[1]]
sys.modules["alone"] = package
from alone.recognise import Recogniser
judged = []
for sources in json.load(sys.stdin):
    recogniser = Recogniser()
    judged.append([list(recogniser.judge_source(source)) for source in sources])
print(json.dumps(judged))
"""


@pytest.mark.parametrize("version", ["3.6", "3.7", "3.8", "3.9", "3.10", "3.12", "3.13", "3.14"])
def test_every_python_judges_alike(version: str) -> None:
    python = find_interpreter(version)
    if python is None:
        pytest.skip(f"no Python {version} here")
    here = []
    for sources in SOURCES:
        judge = Recogniser()
        here.append([list(judge.judge_source(source)) for source in sources])
    folder = str(Path(recogniser.__file__).parent)
    done = subprocess.run(
        [python, "-I", "-c", ALONE, folder],
        input=json.dumps(SOURCES),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=60,
    )
    assert json.loads(done.stdout) == json.loads(json.dumps(here))
