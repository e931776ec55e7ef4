"""Things on disk that several tests make."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

from tests.environments import trees


def venv_with_ipykernel(prefix: Path) -> Path:
    """A real virtual environment in which a kernel starts, made in a second.

    What is installed beside the tests is linked into it instead of being installed again. The project
    itself is not: its kernels are those of an environment that does not have it.
    """
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", prefix], check=True)
    [site] = prefix.glob("lib/python3.*/site-packages")
    for package in Path(sysconfig.get_path("purelib")).iterdir():
        if "tfgpu" not in package.name and package.suffix != ".pth":
            (site / package.name).symlink_to(package)
    return prefix


RELEASE = "2.21.0"
"""Of the TensorFlow that :func:`tensorflow_for_cpus` puts into an environment."""

_KERAS = """\
class Sequential:
    def fit(self, *values, **named):
        print("fitted")


Sequential.__module__ = "tensorflow.keras"
"""


def tensorflow_for_cpus(prefix: Path) -> None:
    """A TensorFlow with the files of a build for CPUs, which can be imported at once by any Python, and whose
    models only say that they fit."""
    [site] = prefix.glob("lib/python3.*/site-packages")
    trees.distribution(site, "tensorflow-cpu", RELEASE)
    folder = trees.tensorflow(site, f"{RELEASE}-cpu", config=False)
    (folder / "__init__.py").write_text(f'from . import keras\n\n__version__ = "{RELEASE}"\n')
    (folder / "keras.py").write_text(_KERAS)
