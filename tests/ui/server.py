"""A Jupyter server for the browser tests: ``python -m tests.ui.server STATE PORT``, in the project's folder.

Each STATE is a machine: ``standin`` has two devices behind the stand-in driver, ``no-driver`` has none,
``simulated`` shows simulated ones, on ``no-extension`` the server lacks our part, and what the driver of
``states`` says changes while its server runs (scenarios.py). Everything that the server reads or writes of
a person (home, Jupyter's folders, notebooks) lies in ``build/ui/STATE``, made anew at each start and left
there afterwards. ``server.json`` there holds the variables, so that a test can run our program as on the
same machine.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.standin import driver

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "tests" / "ui" / "jupyter_server_test_config.py"
SERVERS = ROOT / "build" / "ui"

KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "TZ")
"""What a server takes over of the variables around it. No CONDA_*, VIRTUAL_ENV, CUDA_* or JUPYTER_*."""


def variables(state: str, folder: Path) -> dict[str, str]:
    """The environment of a server in this state: a home of its own and the machine to match."""
    home = folder / "home"
    given = {name: os.environ[name] for name in KEPT if name in os.environ}
    given["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{given.get('PATH', os.defpath)}"
    given |= {
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTERLAB_GALATA_ROOT_DIR": str(folder / "notebooks"),
        "IPYTHONDIR": str(home / ".ipython"),
        # TensorFlow says much about the processor on standard error; it would stand in the notebooks.
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "TF_ENABLE_ONEDNN_OPTS": "0",
    }
    if os.environ.get("TFGPU_ENVIRONMENT_TF2"):
        given["JUPYTER_TFGPU_ENVIRONMENTS"] = os.environ["TFGPU_ENVIRONMENT_TF2"]
    return given | _machine(state, folder)


def _machine(state: str, folder: Path) -> Mapping[str, str]:
    """The driver, or none, and the tree in which the rest of the machine lies."""
    tree = folder / "machine"
    if state in ("standin", "states", "no-extension"):
        devices = [driver.device(index) for index in range(2)]
        scenario = driver.write_scenario(folder / "scenario.txt", devices=devices)
        driver.write_machine_tree(tree, pci_devices=len(devices))
        given = driver.environment(scenario, base={})
        if state == "no-extension":
            given["TFGPU_UI_EXTENSION"] = "off"
    elif state == "no-driver":
        driver.write_machine_tree(tree, driver=None, pci_devices=0)
        given = driver.environment_without_driver(folder / "no-driver", base={})
    else:
        driver.write_machine_tree(tree, driver=None, pci_devices=0)
        given = {"JUPYTER_TFGPU_SIMULATE": "default"}
    return {**given, "JUPYTER_TFGPU_MACHINE_ROOT": str(tree)}


def main(arguments: list[str]) -> None:
    """Lays the state out and becomes its server."""
    state, port = arguments
    folder = SERVERS / state
    shutil.rmtree(folder, ignore_errors=True)
    given = variables(state, folder)
    for name in ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTERLAB_GALATA_ROOT_DIR"):
        Path(given[name]).mkdir(parents=True)
    Path(given["JUPYTER_RUNTIME_DIR"]).mkdir(mode=0o700)
    (folder / "server.json").write_text(json.dumps(given, indent=1))
    command = [sys.executable, "-m", "jupyterlab", f"--config={CONFIG}"]
    os.chdir(folder)
    os.execve(command[0], command, {**given, "TFGPU_UI_PORT": port})


if __name__ == "__main__":
    main(sys.argv[1:])
