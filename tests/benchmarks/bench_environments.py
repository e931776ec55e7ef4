"""Listing 50 conda environments of 400 packages, cold and warm, against a bare os.listdir.

Prints medians in milliseconds and ratios. *Cold*: nothing remembered, files in the page cache, imports
done. *Warm*: listed before, nothing changed. The reference lists the same folders (each environment's
conda-meta and site-packages) and does nothing with the names. For comparison: every conda record read
and parsed. Run by ``make bench ARGS=bench_environments``.
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from jupyter_tfgpu.environments import Registry
from jupyter_tfgpu.machine import Machine
from tests.environments.trees import conda, distribution, tensorflow

ENVIRONMENTS, PACKAGES, ROUNDS = 50, 400, 15


def make(folder: Path) -> Machine:
    """Environments under ``<home>/miniforge3/envs``; every fifth has a TensorFlow of its own."""
    machine = Machine(root=folder / "root", environ={}, home=folder / "home", platform="linux")
    machine.root.mkdir()
    for number in range(ENVIRONMENTS):
        packages = [f"package_{each}-1.{each}.0-py311h06a4308_{each % 7}" for each in range(PACKAGES - 1)]
        site = conda(machine.home / "miniforge3" / "envs" / f"env{number}", packages)
        for each in range(PACKAGES - 1):
            (site / f"package_{each}-1.{each}.0.dist-info").mkdir()
        distribution(site, "ipykernel", "7.4.0")
        if number % 5 == 0:
            tensorflow(site, "2.20.0")
            distribution(site, "tensorflow", "2.20.0")
    return machine


def folders(home: Path) -> list[Path]:
    envs = home / "miniforge3" / "envs"
    inside = ("conda-meta", "lib/python3.11/site-packages")
    return [envs / name / place for name in os.listdir(envs) for place in inside]


def records(home: Path) -> None:
    """What listing by conda's records costs."""
    for meta in home.glob("miniforge3/envs/*/conda-meta"):
        for name in os.listdir(meta):
            if name.endswith(".json"):
                json.loads((meta / name).read_bytes())


def median(call: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Of the milliseconds that the call takes."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        call()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        machine = make(Path(temporary))
        places = folders(machine.home)
        registry = Registry(machine)
        found = [each for each in registry.environments() if each.kind == "conda"]
        assert len(found) == ENVIRONMENTS
        assert sum(bool(each.frameworks) for each in found) == ENVIRONMENTS // 5
        assert all(each.ipykernel and each.problem is None for each in found)
        reference = median(lambda: [os.listdir(place) for place in places])
        cold = median(lambda: Registry(machine).environments())
        warm = median(registry.environments)
        parsed = median(lambda: records(machine.home), 3)
    print(f"os.listdir of the {len(places)} folders: {reference:.2f} ms")
    print(f"listing, cold: {cold:.2f} ms, {cold / reference:.2f} times os.listdir")
    print(f"listing, warm: {warm:.2f} ms, {warm / reference:.2f} times os.listdir")
    print(f"reading every conda record: {parsed:.0f} ms, {parsed / cold:.0f} times the cold listing")


if __name__ == "__main__":
    main()
