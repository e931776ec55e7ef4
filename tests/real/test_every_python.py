"""All that we bring to a notebook, in a kernel of every Python; its environment has nothing of ours.

A program without a server runs the notebook, on a machine with two stand-in devices; the report, the figures
and the explanations are our program's own.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.environments.trees import package
from tests.kernels.bare import bare_environment
from tests.made import tensorflow_for_cpus
from tests.notebooks import Cell, machine_with_gpus, run_notebook
from tests.standin import driver
from tests.tools import INTERPRETERS, interpreter, require

OLDEST = INTERPRETERS[0]
PYTHONS = pytest.mark.parametrize(
    "version",
    [
        pytest.param(version, marks=() if version == OLDEST else (pytest.mark.slow,))
        for version in INTERPRETERS
    ],
)

NO_CUDART = """\
raise ImportError(
    "Could not find 'cudart64_100.dll'. TensorFlow requires that this DLL be installed in a directory "
    "that is named in your %PATH% environment variable. Download and install CUDA 10.0 from this URL: "
    "https://developer.nvidia.com/cuda-90-download-archive"
)
"""
"""What Keras says whose TensorFlow does not find CUDA 10.0."""

DLOPEN = (
    b"Cannot dlopen some GPU libraries. Please make sure the missing libraries mentioned above are installed "
    b"properly if you would like to use GPU.\n"
)
"""What TensorFlow writes on standard error, past Python's."""

CODE = ("cpu-only-build", "tensorflow")


def environment_of(version: str, prefix: Path) -> Path:
    """A virtual environment with ipykernel, a TensorFlow for CPUs, and a Keras that cannot be imported."""
    subprocess.run([interpreter(version), "-m", "venv", "--without-pip", prefix], check=True)
    [site] = prefix.glob("lib/python3.*/site-packages")
    [kernels] = bare_environment(version).glob("lib/python3.*/site-packages")
    (site / "ipykernel.pth").write_text(f"{kernels}\n")
    tensorflow_for_cpus(prefix)
    (package(site, "keras") / "__init__.py").write_text(NO_CUDART)
    return prefix


def ran(folder: Path, version: str, cells: dict[str, str]) -> dict[str, Cell]:
    """The cells by their names, after a kernel of this Python has run them one after another."""
    require("gcc")
    prefix = environment_of(version, folder / "env")
    done = run_notebook(folder, prefix, list(cells.values()), machine_with_gpus(folder))
    return dict(zip(cells, done, strict=True))


@PYTHONS
def test_the_notice_and_the_block(version: str, tmp_path: Path) -> None:
    cells = ran(
        tmp_path,
        version,
        {
            "version": "import sys\nprint('%d.%d' % sys.version_info[:2])\nimport jupyter_tfgpu",
            "off": "%tfgpu watch off",
            "import": "import tensorflow as tf\nmodel = tf.keras.Sequential()",
            "warn": "%tfgpu watch warn",
            "first": "print('before')\nmodel.fit();",
            "second": "%time model.fit();",
            "block": "%tfgpu watch block",
            "stopped": "model.fit();",
            "allow": "%tfgpu allow",
            "between": "print(model)",
            "allowed": "!true\nmodel.fit();",
            "stopped again": "%%time\nmodel.fit();",
            "no Python": "model.fit )",
            "off again": "%tfgpu watch off",
            "last": "model.fit();",
        },
    )
    assert cells["version"].printed == f"{version}\n"
    assert cells["version"].error.startswith("ModuleNotFoundError")
    assert [name for name, cell in cells.items() if cell.notices] == ["first"]
    assert cells["first"].codes == [CODE]
    assert cells["first"].kinds == ["display_data", "stream"]
    assert cells["first"].printed == "before\nfitted\n"
    assert cells["first"].notices[0]["text/plain"].startswith("Before this cell trains:\n✖ This TensorFlow")
    assert "fitted\n" in cells["second"].printed
    for name in ("stopped", "stopped again"):
        assert cells[name].error.endswith("To run it all the same: %tfgpu allow")
        assert cells[name].printed == ""
    assert cells["allowed"].printed == "fitted\n"
    assert cells["no Python"].error.startswith("SyntaxError")
    assert cells["last"].printed == "fitted\n"
    assert [name for name, cell in cells.items() if "tfgpu" in cell.complained] == []


@PYTHONS
def test_the_magics(version: str, tmp_path: Path) -> None:
    cells = ran(
        tmp_path,
        version,
        {
            "devices": "%tfgpu",
            "check": "%tfgpu check",
            "growth": "%tfgpu growth on",
            "grows": "import os\nprint(os.environ.get('TF_FORCE_GPU_ALLOW_GROWTH'))",
            "pin": "%tfgpu pin 1",
            "pinned": "print(os.environ.get('CUDA_VISIBLE_DEVICES'))",
            "pin shown": "%tfgpu pin",
            "limit": "%tfgpu limit 4GiB",
            "measured": "%%tfgpu\nprint(6 * 7)",
            "measured and awaited": "%%tfgpu\nimport asyncio\nawait asyncio.sleep(0)\nprint(6 * 7)",
            "measured and failed": "%%tfgpu\n1 / 0",
            "help": "%tfgpu help",
            "nonsense": "%tfgpu nonsense",
            "completed": "print(get_ipython().complete(None, '%tfgpu wat')[1])",
        },
    )
    table = cells["devices"].outputs[0]["data"]["text/plain"]
    assert [line.split()[0] for line in table.splitlines()] == ["GPU", "0", "1"]
    assert cells["check"].codes == [CODE]
    assert cells["grows"].printed == "true\n"
    assert cells["pinned"].printed == "1\n"
    assert driver.device_uuid(1) in cells["pin"].printed
    assert "'1'" in cells["pin shown"].printed
    for name in ("measured", "measured and awaited", "measured and failed"):
        shown = cells[name].outputs[-1]["data"]["text/plain"]
        assert "peak, this kernel" in shown and "\nTime: " in shown
        assert "NVIDIA A100-SXM4-40GB" in shown
    assert cells["measured"].printed == cells["measured and awaited"].printed == "42\n"
    assert cells["measured and failed"].error == "ZeroDivisionError: division by zero"
    assert "%tfgpu allow" in cells["help"].printed
    assert "does not know “nonsense”" in cells["nonsense"].complained
    assert cells["completed"].printed == "['watch']\n"
    assert [name for name, cell in cells.items() if cell.error] == ["measured and failed"]


@PYTHONS
def test_errors_are_explained(version: str, tmp_path: Path) -> None:
    cells = ran(
        tmp_path,
        version,
        {
            "harmless": "1 / 0",
            "said": f"import os\nos.write(2, {DLOPEN!r});",
            "said again": f"os.write(2, {DLOPEN!r});",
            "failed": "import keras",
            "explained": "%tfgpu explain",
            "after": "print('goes on')",
        },
    )
    said = ["said"] if ipykernel_of(version) >= 6 else []
    shown = [name for name, cell in cells.items() if cell.notices]
    assert shown == [*said, "failed", "explained"]
    # It is a first import too; so the notice stands above the error, and below what it comes from.
    assert cells["failed"].kinds == ["display_data", "error", "display_data"]
    assert cells["after"].printed == "goes on\n"


def ipykernel_of(version: str) -> int:
    """The major release of the environment's ipykernel: 5 does not capture what is printed on stderr."""
    [found] = bare_environment(version).glob("lib/python3.*/site-packages/ipykernel-*.dist-info")
    return int(found.name.split("-")[1].split(".")[0])
