"""Listing 50 virtual environments of 200 packages: ours beside nb_venv_kernels' and mamba_gator's listing.

Prints medians in milliseconds and ratios to a bare os.listdir of the same folders (each environment's
site-packages and kernels), measured in the same process in turn with what it is compared with. *Cold*:
nothing remembered, files in the page cache, imports done. *Warm*: listed before, nothing changed. They are
not the same work: ours finds the environments anew each time and tells Python, packages and frameworks;
nb_venv_kernels lists those that were registered with it, by their kernelspecs, and its warm answer is up to
60 s old; *scan* is what finds environments for it. mamba_gator asks the conda program, and is left out where
there is none.

Run by ``make bench ARGS=bench_environments_peers``. The peers are installed once into the user's cache.
"""

from __future__ import annotations

import inspect
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from jupyter_tfgpu.environments import Registry
from jupyter_tfgpu.machine import Machine
from scripts.common import Stop
from scripts.real_environments import Recipe, ensure
from tests.benchmarks._environments import in_turn
from tests.environments.trees import kernelspec, laid_out

ENVIRONMENTS, PACKAGES, ROUNDS = 50, 200, 25
PYTHONS = ("3.11", "3.12", "3.10", "3.13")
VENVS = Recipe("venvpeer", PYTHONS, ("nb_venv_kernels==1.2.46",))
CONDAS = Recipe("condapeer", PYTHONS, ("mamba_gator==6.1.1",))
IPYKERNELS = {
    "argv": ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
    "display_name": "Python 3 (ipykernel)",
    "language": "python",
}

THEIRS = f"""
from __future__ import annotations
import json, os, statistics, sys, time
{inspect.getsource(in_turn)}
folder, rounds, places = sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3])
calls = {{"reference": lambda: [os.listdir(place) for place in places]}}
"""

NB_VENV_KERNELS = (
    THEIRS
    + """
from nb_venv_kernels.manager import VEnvKernelSpecManager
first = VEnvKernelSpecManager(venv_only=True)
first.scan_environments(folder)
warm = VEnvKernelSpecManager(venv_only=True)
for manager in (warm, VEnvKernelSpecManager(venv_only=True)):
    assert len(manager.get_all_specs()) == len(os.listdir(folder)), manager.get_all_specs().keys()
calls["cold"] = lambda: VEnvKernelSpecManager(venv_only=True).get_all_specs()
calls["warm"] = warm.get_all_specs
calls["scan"] = lambda: warm.scan_environments(folder, dry_run=True)
print(json.dumps(in_turn(calls, rounds)))
"""
)

GATOR = (
    THEIRS
    + """
import asyncio
from jupyter_client.kernelspec import KernelSpecManager
from mamba_gator.envmanager import EnvManager
manager = EnvManager(folder, KernelSpecManager())
assert "error" not in asyncio.run(manager.list_envs())
calls["cold and warm"] = lambda: asyncio.run(manager.list_envs())
print(json.dumps(in_turn(calls, 3)))
"""
)


def make(folder: Path) -> list[Path]:
    """The environments, in ``envs`` of a home, with the times of some days ago. Returns what is listed for
    reference."""
    home, places = folder / "home", []
    (folder / "root").mkdir()
    for number in range(ENVIRONMENTS):
        prefix = home / "envs" / f"env{number}"
        site = laid_out(prefix)
        for each in range(PACKAGES - 1):
            (site / f"package_{each}-1.{each}.0.dist-info").mkdir()
        (site / "ipykernel-7.4.0.dist-info").mkdir()
        places += [site, kernelspec(prefix, "python3", IPYKERNELS).parent]
    before = time.time() - 5 * 24 * 3600
    for path in (folder, *folder.rglob("*")):
        os.utime(path, (before, before), follow_symlinks=False)
    return places


def ours(folder: Path, places: list[Path]) -> dict[str, float]:
    machine = Machine(root=folder / "root", environ={}, home=folder / "home", platform="linux")
    registry = Registry(machine)
    found = [each for each in registry.environments() if each.kind == "venv" and each.ipykernel]
    assert len([each for each in found if each.prefix.startswith(str(machine.home))]) == ENVIRONMENTS
    calls = {
        "reference": lambda: [os.listdir(place) for place in places],
        "cold": lambda: Registry(machine).environments(),
        "warm": registry.environments,
    }
    return in_turn(calls, ROUNDS)


def theirs(peer: Path, code: str, home: Path, places: list[Path]) -> dict[str, float]:
    """The same of a peer, in a process of its own with a home of its own."""
    command = [str(peer / "bin" / "python"), "-c", code, str(home / "envs"), str(ROUNDS)]
    done = subprocess.run(
        [*command, json.dumps(list(map(str, places)))],
        cwd=home,
        env={"HOME": str(home), "PATH": os.environ["PATH"]},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    took: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return took


def show(who: str, took: dict[str, float]) -> None:
    reference = took.pop("reference")
    print(f"{who}: os.listdir of the same folders {reference:.2f} ms")
    for what, milliseconds in took.items():
        print(f"{who}, {what}: {milliseconds:.2f} ms, {milliseconds / reference:.2f} times os.listdir")


def main() -> int:
    conda = shutil.which("conda") or shutil.which("mamba")
    try:
        venvs, condas = ensure(VENVS), ensure(CONDAS) if conda else None
    except Stop as stop:
        print(stop, file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary).resolve()
        places = make(folder)
        show("ours", ours(folder, places))
        if venvs is not None:
            show("nb_venv_kernels 1.2.46", theirs(venvs, NB_VENV_KERNELS, folder / "home", places))
        if condas is not None:
            show("mamba_gator 6.1.1", theirs(condas, GATOR, folder / "home", places))
        else:
            print("mamba_gator: left out, for there is no conda program.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
