"""What loading the extension adds to a server's start.

In a new process each time, in turn: a server with jupyter_server's own extensions, and the same with ours.
Both get as far as before their event loop starts; the difference of the medians is what ours costs, imports
included. The calls of the driver are counted too: there are none. The aim: no more than 100 ms.
Run by ``make bench ARGS=bench_start``.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.standin import driver

ROOT = Path(__file__).parents[2]
REPEATS = 9

PROGRAM = """
import json, sys, time
from jupyter_server.serverapp import ServerApp
from traitlets.config import Config
ours = sys.argv[1] == "ours"
app = ServerApp(config=Config({"ServerApp": {
    "jpserver_extensions": {"jupyter_tfgpu": ours}, "root_dir": sys.argv[2], "open_browser": False,
    "allow_root": True, "port": 0, "log_level": "ERROR",
}}))
began, cpu = time.perf_counter(), time.process_time()
app.initialize(argv=[])
print(json.dumps([1000 * (time.perf_counter() - began), 1000 * (time.process_time() - cpu)]))
assert bool(app.extension_manager.extension_apps.get("jupyter_tfgpu")) == ours
"""


def start(which: str, folder: Path, variables: dict[str, str]) -> tuple[float, float]:
    """Milliseconds of a server's initialisation: wall and CPU."""
    command = [sys.executable, "-c", PROGRAM, which, str(folder)]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=True, cwd=ROOT)
    wall, cpu = json.loads(done.stdout.splitlines()[-1])
    return wall, cpu


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        driver.write_scenario(folder / "scenario.txt")
        calls = folder / "calls"
        variables = driver.environment(folder / "scenario.txt", calls=calls) | {
            "JUPYTER_NO_CONFIG": "1",
            "JUPYTER_DATA_DIR": str(folder / "data"),
            "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        }
        took: dict[str, list[tuple[float, float]]] = {"theirs": [], "ours": []}
        for _ in range(REPEATS):
            for which, times in took.items():
                times.append(start(which, folder, variables))
    without, with_ours = (
        [statistics.median(each[n] for each in took[which]) for n in (0, 1)] for which in ("theirs", "ours")
    )
    print(f"a server without the extension: {without[0]:.0f} ms, {without[1]:.0f} ms of CPU")
    print(
        f"the extension adds {with_ours[0] - without[0]:.0f} ms, {with_ours[1] - without[1]:.0f} ms of CPU "
        f"(× {with_ours[0] / without[0]:.2f}); NVML calls: {driver.count_calls(calls)}"
    )


if __name__ == "__main__":
    main()
