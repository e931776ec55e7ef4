"""Real frameworks of several generations, judged from their files as they judge themselves.

The program runs as on a terminal, on a machine with two stand-in devices; the framework's own word comes
from importing it in its own interpreter.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.standin import driver
from tests.tools import real_environment, require

TENSORFLOW_SAYS = """
import json, os
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import tensorflow as tf
print(json.dumps({"version": tf.__version__, "gpu": bool(tf.test.is_built_with_cuda())}))
"""
MXNET_SAYS = """
import json, mxnet
print(json.dumps({"version": mxnet.__version__, "gpu": mxnet.runtime.Features().is_enabled("CUDA")}))
"""


@pytest.mark.parametrize(
    ("environment", "framework", "program"),
    [
        ("tf2", "tensorflow", TENSORFLOW_SAYS),
        pytest.param("tf24", "tensorflow", TENSORFLOW_SAYS, marks=pytest.mark.slow),
        pytest.param("tf1", "tensorflow", TENSORFLOW_SAYS, marks=pytest.mark.slow),
        pytest.param("mxnet", "mxnet", MXNET_SAYS, marks=pytest.mark.slow),
    ],
)
def test_the_doctor_agrees_with_the_framework(
    environment: str, framework: str, program: str, tmp_path: Path
) -> None:
    require("gcc")
    prefix = real_environment(environment)
    own_word = json.loads(_output([prefix / "bin" / "python", "-c", program], {}).splitlines()[-1])

    variables = _machine(tmp_path)
    environments = _answer(variables | {"JUPYTER_TFGPU_ENVIRONMENTS": str(prefix)}, "envs")["environments"]
    listed = next(each for each in environments if each["prefix"] == str(prefix))
    found = next(each for each in listed["frameworks"] if each["name"] == framework)
    assert found["version"] == own_word["version"]
    assert found["build"] == ("gpu" if own_word["gpu"] else "cpu")

    report = _answer(variables, "doctor", "--env", str(prefix))
    assert report["framework"] == {"name": framework, "version": own_word["version"]}
    codes = [finding["code"] for finding in report["findings"]]
    assert ("cpu-only-build" in codes) is not own_word["gpu"]


def _machine(folder: Path) -> dict[str, str]:
    """Two devices behind the stand-in driver, the rest of the machine to match, and a home of its own."""
    scenario = driver.write_scenario(folder / "scenario.txt")
    tree = driver.write_machine_tree(folder / "machine")
    home = folder / "home"
    home.mkdir()
    return {
        **driver.environment(scenario, base={}),
        "JUPYTER_TFGPU_MACHINE_ROOT": str(tree),
        "HOME": str(home),
        "PATH": str(Path(sys.executable).parent),
    }


def _answer(variables: dict[str, str], *words: str) -> Any:
    return json.loads(_output([sys.executable, "-m", "jupyter_tfgpu", *words, "--json"], variables))


def _output(command: list[str | Path], variables: dict[str, str]) -> str:
    """What a program prints; exit code 1 is an answer too (an error finding)."""
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    assert done.stdout, done.stderr
    return done.stdout
