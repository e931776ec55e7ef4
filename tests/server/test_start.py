"""What a server does before anybody asks: nothing on the disk's environments, nothing with the driver."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.environments.trees import venv
from tests.standin import driver

PROGRAM = """
import json, os, sys, threading
from pathlib import Path

touched = []
home = os.environ["HOME"]

def note(event, arguments):
    if event in ("open", "os.listdir", "os.scandir") and str(arguments[0]).startswith(home):
        touched.append(str(arguments[0]))

from jupyter_server.serverapp import ServerApp
from traitlets.config import Config
app = ServerApp(config=Config({"ServerApp": {
    "jpserver_extensions": {"jupyter_tfgpu": True}, "root_dir": sys.argv[1], "open_browser": False,
    "allow_root": True, "port": 0, "log_level": "ERROR",
}}))
sys.addaudithook(note)
app.initialize(argv=[])
[ours] = app.extension_manager.extension_apps["jupyter_tfgpu"]
ours.service.executor.shutdown(wait=True)  # what was begun off the loop is done
print(json.dumps({"touched": touched, "threads": [thread.name for thread in threading.enumerate()]}))
sys.stdout.flush()
os._exit(0)
"""


def test_nothing_is_scanned_and_the_driver_is_not_asked_before_somebody_asks(tmp_path: Path) -> None:
    home = tmp_path / "home"
    venv(home / "envs" / "here")
    scenario = driver.write_scenario(tmp_path / "scenario.txt")
    variables = driver.environment(scenario, calls=tmp_path / "calls") | {
        "HOME": str(home),
        "JUPYTER_NO_CONFIG": "1",
        "JUPYTER_DATA_DIR": str(tmp_path / "data"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
        "JUPYTER_TFGPU_ENVIRONMENTS": str(home / "envs"),
    }
    (tmp_path / "root").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "root")],
        env=variables,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout.splitlines()[-1])
    assert [path for path in found["touched"] if os.path.realpath(path).startswith(str(home / "envs"))] == []
    ours = ("tfgpu-environments", "tfgpu-timekeeper")
    assert [name for name in found["threads"] if name.startswith(ours)] == []
    assert driver.count_calls(tmp_path / "calls") == 0
