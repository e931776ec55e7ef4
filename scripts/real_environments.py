"""Environments with real frameworks, made once in the user's cache and used by every clone's tests."""

from __future__ import annotations

import fcntl
import platform
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from scripts.common import CACHE, Stop, ci, run, say
from scripts.stamps import Stamps, digest
from tests.interpreters import find_interpreter


@dataclass(frozen=True)
class Recipe:
    """One environment: its folder's name, the Pythons to try in order, what pip installs.

    ``everywhere``: whether every index has what is required; where not, tests that need it skip.
    """

    name: str
    pythons: tuple[str, ...]
    requirements: tuple[str, ...]
    everywhere: bool = True

    @property
    def variable(self) -> str:
        """The environment variable that tells tests its prefix."""
        return f"TFGPU_ENVIRONMENT_{self.name.upper()}"


# tensorflow-cpu has wheels for x86_64 only; elsewhere `tensorflow` is the CPU build.
_TENSORFLOW = "tensorflow-cpu" if platform.machine() in ("x86_64", "AMD64") else "tensorflow"

_GPU = sys.platform == "linux" and platform.machine() == "x86_64"
"""Whether wheels with CUDA code exist for this machine."""


_TORCH = ("torch==2.13.0+cpu",) if _GPU else ("torch==2.13.0",)
"""Where there are wheels with CUDA code, the plain name brings gigabytes of CUDA's libraries along. The build
for CPUs stands on PyTorch's own index, which a person may name in pip's settings."""


def _gpu(name: str, version: str) -> Recipe:
    """A wheel with CUDA code, without the CUDA libraries: tests lay stand-ins beside it."""
    return Recipe(name, ("3.11", "3.10"), (f"tensorflow=={version}",))


ALWAYS = (
    Recipe("tf2", ("3.11", "3.12", "3.10", "3.13"), (f"{_TENSORFLOW}==2.21.*", "ipykernel")),
    *((_gpu("gpu221", "2.21.0"),) if _GPU else ()),
)
"""What ``make test`` and ``make bench`` need."""

_KERAS_2 = Recipe(
    "keras2",
    ("3.6",),
    # The wheel for GPUs, whose import fails without CUDA 9.0. pip of that Python takes releases that are for
    # later ones, so all is named.
    (
        "--no-deps",
        "--only-binary=:all:",
        "tensorflow-gpu==1.12.0",
        "keras==2.2.4",
        "keras-preprocessing==1.1.2",
        "keras-applications==1.0.8",
        "numpy==1.19.5",
        "six==1.16.0",
        "pyyaml==5.4.1",
        "scipy==1.5.4",
        "h5py==2.10.0",
    ),
)

_OTHER_GPU = (("gpu220", "2.20.0"), ("gpu2161", "2.16.1"), ("gpu215", "2.15.1"), ("gpu212", "2.12.1"))

OTHERS = (
    # Releases of earlier generations; each with what it needs to be importable today.
    Recipe("tf24", ("3.8",), ("tensorflow-cpu==2.4.4", "ipykernel")),
    Recipe("tf1", ("3.7",), ("tensorflow-cpu==1.15.0", "protobuf<3.21", "ipykernel")),
    Recipe("mxnet", ("3.8",), ("mxnet==1.9.1", "numpy<1.24", "ipykernel")),
    Recipe("keras", ("3.11", "3.12", "3.13"), ("keras==3.15.*", "jax==0.10.*", "ipykernel")),
    Recipe("torch", ("3.11",), (*_TORCH, "numpy", "ipykernel"), everywhere=not _GPU),
    *((_KERAS_2, *(_gpu(name, version) for name, version in _OTHER_GPU)) if _GPU else ()),
)
"""What ``make test-all`` adds."""


def ensure(recipe: Recipe) -> Path | None:
    """The environment's prefix, made where it is missing. None: it cannot be had on this machine.

    Raises:
        Stop: it could not be made, or ``CI`` is set and there is no Python for it.
    """
    python = next(filter(None, map(find_interpreter, recipe.pythons)), None)
    if python is None:
        sentence = (
            f"the environment {recipe.name} needs Python {' or '.join(recipe.pythons)}; none was found."
        )
        if ci():
            raise Stop(sentence)
        say(f"{sentence} The tests that need it are skipped.")
        return None
    folder = CACHE / "environments"
    folder.mkdir(parents=True, exist_ok=True)
    stamps = Stamps(folder / ".stamps")
    value = digest([], str(python), *recipe.requirements)
    prefix = folder / recipe.name
    # Two clones may be tested at once: the second waits for the first.
    with (folder / f".{recipe.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (stamps.fresh(recipe.name, value) and (prefix / "bin" / "python").exists()):
            say(f"making the environment {recipe.name} ({', '.join(recipe.requirements)}) …")
            stamps.drop(recipe.name)
            shutil.rmtree(prefix, ignore_errors=True)
            run([python, "-m", "venv", prefix])
            try:
                run([prefix / "bin" / "python", "-m", "pip", "install", *recipe.requirements])
            except Stop:
                if recipe.everywhere:
                    raise
                shutil.rmtree(prefix, ignore_errors=True)
                say(f"The environment {recipe.name} cannot be had here. The tests that need it are skipped.")
                return None
            stamps.put(recipe.name, value)
    return prefix
