"""Conda environments on disk to be listed, and how long a call takes."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from jupyter_tfgpu.machine import Machine
from tests.environments.trees import conda, distribution, tensorflow

ENVIRONMENTS, PACKAGES = 100, 400


def make(folder: Path, environments: int = ENVIRONMENTS) -> Machine:
    """A Miniforge in the home with this many environments; every fifth has a TensorFlow of its own.

    Their times are those of an installation some days ago.
    """
    machine = Machine(root=folder / "root", environ={}, home=folder / "home", platform="linux")
    machine.root.mkdir()
    conda(machine.home / "miniforge3", ["conda-26.9.1-py311h06a4308_0"])
    for number in range(environments):
        packages = [f"package_{each}-1.{each}.0-py311h06a4308_{each % 7}" for each in range(PACKAGES - 1)]
        site = conda(machine.home / "miniforge3" / "envs" / f"env{number}", packages)
        for each in range(PACKAGES - 1):
            (site / f"package_{each}-1.{each}.0.dist-info").mkdir()
        distribution(site, "ipykernel", "7.4.0")
        if number % 5 == 0:
            tensorflow(site, "2.20.0")
            distribution(site, "tensorflow", "2.20.0")
    before = time.time() - 5 * 24 * 3600
    for path in machine.home.rglob("*"):
        os.utime(path, (before, before), follow_symlinks=False)
    return machine


def folders(home: Path) -> list[Path]:
    """Where the packages stand of every environment that was made."""
    envs = home / "miniforge3" / "envs"
    inside = ("conda-meta", "lib/python3.11/site-packages")
    return [envs / name / place for name in os.listdir(envs) for place in inside]


def in_turn(calls: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The median of the milliseconds that each call takes; what else the machine does weighs on all alike."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            began = time.perf_counter()
            call()
            times[name].append((time.perf_counter() - began) * 1000)
    return {name: statistics.median(each) for name, each in times.items()}
