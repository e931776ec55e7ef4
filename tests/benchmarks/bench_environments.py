"""Listing 100 conda environments of 400 packages, cold and warm, against a bare os.listdir.

Prints medians in milliseconds and ratios. *Cold*: nothing remembered, files in the page cache, imports
done. *Warm*: listed before, nothing changed. The reference lists the same folders (each environment's
conda-meta and site-packages) and does nothing with the names. *The whole answer*: what an open page's watch
asks for every 3 s, each environment with a kernelspec of ours, encoded. For comparison: every conda record
read and parsed. The aims: cold at most 2.5 times os.listdir, warm under 3 ms.

Run by ``make bench ARGS=bench_environments``; bench_environments_loop has what it costs a server.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import msgspec

from jupyter_tfgpu.api.service import Service
from jupyter_tfgpu.environments import Registry
from jupyter_tfgpu.kernels import Surroundings
from jupyter_tfgpu.machine import Machine
from tests.benchmarks._environments import ENVIRONMENTS, folders, in_turn, make

ROUNDS = 25


def records(home: Path) -> None:
    """What listing by conda's records costs."""
    for meta in home.glob("miniforge3/envs/*/conda-meta"):
        for name in os.listdir(meta):
            if name.endswith(".json"):
                json.loads((meta / name).read_bytes())


def a_service(folder: Path, machine: Machine) -> Service:
    """With a kernelspec of ours for each environment."""
    os.environ["JUPYTER_DATA_DIR"] = str(folder / "data")
    around = Surroundings(machine=machine, simulate="default", pins=folder / "pins.json")
    service = Service(around, data_dir=folder / "data", runtime_dir=folder / "runtime")
    service.catalogue.sync(False)
    assert sum(each.owned for each in service.catalogue.kernelspecs().kernelspecs) >= ENVIRONMENTS
    return service


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        machine = make(Path(temporary))
        places = folders(machine.home)
        registry = Registry(machine)
        found = [each for each in registry.environments() if each.kind == "conda" and each.name != "base"]
        assert len(found) == ENVIRONMENTS
        assert sum(bool(each.frameworks) for each in found) == ENVIRONMENTS // 5
        assert all(each.ipykernel and each.problem is None for each in found)
        service = a_service(Path(temporary), machine)
        took = in_turn(
            {
                "reference": lambda: [os.listdir(place) for place in places],
                "cold": lambda: Registry(machine).environments(),
                "warm": registry.environments,
                "answer": lambda: msgspec.json.encode(service.catalogue.environments()),
            },
            ROUNDS,
        )
        parsed = in_turn({"records": lambda: records(machine.home)}, 3)["records"]
        service.close()
    reference, cold, warm = took["reference"], took["cold"], took["warm"]
    print(f"os.listdir of the {len(places)} folders: {reference:.2f} ms")
    print(f"listing, cold: {cold:.2f} ms, {cold / reference:.2f} times os.listdir")
    print(f"listing, warm: {warm:.2f} ms, {warm / reference:.3f} times os.listdir")
    print(
        f"the whole answer, warm: {took['answer']:.2f} ms, {took['answer'] / reference:.3f} times os.listdir"
    )
    print(f"reading every conda record: {parsed:.0f} ms, {parsed / cold:.0f} times the cold listing")


if __name__ == "__main__":
    main()
