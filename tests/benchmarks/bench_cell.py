"""What we add to a cell in a real kernel that has its report and its state file, in milliseconds of the
processor and as a ratio to ``ast.parse`` of the same text, which IPython does for each cell anyhow. The texts
are those of ``bench_recognise.py``, which measures the recogniser alone.

All that is ours is counted: from the event before the cell to the hand-over of its tree, and the event after
a cell that went well. 100 lines without any of the words; 100 lines that are judged and train, what they have
to show shown before; a first such cell, with the modules loaded, the files read and the notice sent.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from jupyter_tfgpu.kernels import LaunchServices, PinStore, StartedKernel, set_services, write_private
from tests.benchmarks.bench_recognise import JUDGED, LOOP, PLAIN, WITHOUT_WORDS
from tests.inkernel.samples import content, device, finding, holder, report
from tests.kernels.kernels_here import kernel
from tests.kernels.readings import FIRST, three

LIMITS = {"judged": JUDGED, "without words": WITHOUT_WORDS}
"""Milliseconds."""

TRAINS = "import torch\n" + LOOP * 3

SCRIPT = """
import ast, json, statistics, time, types
part = get_ipython()._jupyter_tfgpu
now = getattr(time, "thread_time", time.process_time)

class Told:
    def __init__(self, source):
        self.raw_cell, self.store_history = source, True

def ours(source, tree):
    info = Told(source)
    result = types.SimpleNamespace(info=info, error_in_exec=None, error_before_exec=None)
    begun = now()
    part.remember(info)
    part.visit(tree)
    between = now()
    part.after(result)
    return between - begun, now() - between

def told(source, times):
    tree = ast.parse(source)
    first = ours(source, tree)
    both = [ours(source, tree) for _ in range(times)]
    parse = []
    for _ in range(times):
        begun = now()
        ast.parse(source)
        parse.append(now() - begun)
    before, after = zip(*both)
    return [first[0], statistics.median(before), statistics.median(after), statistics.median(parse)]

import sys
sys.modules["torch"] = types.ModuleType("torch")
print(json.dumps({"judged": told(TRAINS, TIMES), "without words": told(PLAIN, TIMES)}))
"""


def measure(python: Path | str, times: int) -> dict[str, list[float]]:
    """In a kernel of its own, seconds by kind of cell: the first, before and after later ones, parsing."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["JUPYTER_RUNTIME_DIR"] = folder
        state_file = Path(folder) / "tfgpu-state-bench.json"
        services = LaunchServices(
            pins=PinStore(Path(folder) / "pins.json"),
            reading=lambda timeout: three(),
            runtime_dir=Path(folder),
            given=None,
            state_file=state_file,
        )

        def put(started: StartedKernel) -> None:
            assert started.report is not None
            write_private(started.report, json.dumps(report(finding(framework="torch"))).encode())

        set_services(replace(services, on_started=put))
        devices = [device(n, f"{FIRST[:-1]}{n}", holders=[holder("k2", 9)] * 8) for n in range(8)]
        with kernel(python) as running:
            write_private(state_file, json.dumps(content(*devices, taken_at=time.time() + 1)).encode())
            script = f"PLAIN, TRAINS, TIMES = {PLAIN!r}, {TRAINS!r}, {times}\n{SCRIPT}"
            (line,) = [line for line in running.run(script).text.splitlines() if line.startswith("{")]
        set_services(None)
    found: dict[str, list[float]] = json.loads(line)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", default=sys.executable, help="interpreter with ipykernel")
    parser.add_argument("--times", type=int, default=300)
    arguments = parser.parse_args()
    kept = True
    for name, figures in measure(arguments.python, arguments.times).items():
        first, before, after, parse = (1000 * figure for figure in figures)
        print(
            f"100 lines, {name}: {before:.3f} ms before the cell ({before / parse:.2f} of parsing it), "
            f"{after:.3f} ms after it; {before / LIMITS[name]:.2f} of the {LIMITS[name]} ms allowed; "
            f"the first time {first:.1f} ms"
        )
        kept = kept and before < LIMITS[name]
    print(f"load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
