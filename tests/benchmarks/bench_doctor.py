"""The doctor's report on a real TensorFlow with all its CUDA libraries, against ``import tensorflow`` in the
same environment; many snapshots one after the other; the cases' score.

*Cold*: the first scan and diagnosis of a process, with the modules and tables that they read for it; files
and bytecode are in the page cache, and the interpreter's start is not counted. *Warm*: the same report asked
for again, as a server does, nothing having changed. Report and import are run in turns, each time in a new
process; medians are printed, then the ratio. The aims: cold under 300 ms and at least 8 times faster than
the import, warm under 5 ms and at least 400 times; 1,000 snapshots in under 2 s. The score is that of the
cases in tests/doctor/cases, by their own rule, and of the further ones beside them.

The environment is what ``tensorflow[and-cuda]`` installs, with empty libraries in place of NVIDIA's: links to
the environment that ``TFGPU_ENVIRONMENT_GPU221`` names. Run by ``make bench ARGS=bench_doctor``.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from jupyter_tfgpu.doctor import diagnose
from tests.doctor.scoring import MORE, Case, all_cases, false_alarms, report, scores
from tests.frameworks.registration import Cell, Laid, Wheel

ROOT = Path(__file__).parents[2]
REPEATS = 5
SNAPSHOTS = 1000

REPORT = """
import sys, time
from pathlib import Path
from jupyter_tfgpu.api.reports import Reports
from jupyter_tfgpu.devices.reading import Device, DriverState, Reading
from jupyter_tfgpu.doctor import diagnose, scan
from jupyter_tfgpu.environments import Registry, describe
from jupyter_tfgpu.environments.activation import Activations
from jupyter_tfgpu.machine import Machine
root, prefix = map(Path, sys.argv[1:])
machine = Machine(root=root, environ={"PATH": "/usr/bin:/bin"}, home=root, platform="linux")
device = Device(uuid="GPU-1", index=0, name="NVIDIA A100-SXM4-40GB", compute_capability="8.0")
state = DriverState(status="ok", version="570.124.06", cuda_version="12.8")
reading = Reading(taken_at=0, driver=state, devices=(device,))
start = time.perf_counter()
report = diagnose(scan(machine, prefix, reading=reading, variables=machine.environ))
cold = time.perf_counter() - start
environment = describe(machine, prefix)
reports = Reports(machine, Registry(machine), Activations(machine, root / "kept"))
first = reports.of_environment(environment, reading)
assert [each.code for each in first.findings] == [each.code for each in report.findings] != []
times = []
for _ in range(20):
    start = time.perf_counter()
    again = reports.of_environment(environment, reading)
    times.append(time.perf_counter() - start)
assert again is first
print(cold, sorted(times)[len(times) // 2])
"""

IMPORT = """
import time
start = time.perf_counter()
import tensorflow
print(time.perf_counter() - start)
"""


def seconds(command: list[str | Path], **variables: str) -> list[float]:
    """What the program printed last: times in seconds."""
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, capture_output=True, text=True, env=environ | variables)
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    return [float(each) for each in done.stdout.splitlines()[-1].split()]


def against_import(environment: Path) -> None:
    cold, warm, imported = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        laid = Laid(Cell("bench"), Wheel("gpu221", 12, 9, "9.5.1.17"), environment, Path(folder, "machine"))
        _age(laid.root)
        ours = {"PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(Path(folder, "bytecode"))}
        for turn in range(REPEATS + 1):
            times = seconds([sys.executable, "-c", REPORT, laid.root, laid.prefix], **ours)
            reference = seconds([laid.prefix / "bin" / "python", "-c", IMPORT])
            if turn:  # the first one writes the bytecode; TensorFlow's was written when it was installed
                cold.append(times[0])
                warm.append(times[1])
                imported += reference
    median = statistics.median(imported)
    print(f"import tensorflow: {median * 1e3:.0f} ms  ({_listed(imported)})")
    for name, times in (("cold", cold), ("warm", warm)):
        ours_median = statistics.median(times)
        ratio = median / ours_median
        print(f"{name} report: {ours_median * 1e3:.2f} ms  ({_listed(times)}), {ratio:.0f} times faster")


def _age(root: Path) -> None:
    """As after an installation some days ago: what has just changed is not trusted to stay."""
    before = time.time() - 5 * 24 * 3600
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files, "."):
            os.utime(Path(folder, name), (before, before), follow_symlinks=False)


def _listed(times: list[float]) -> str:
    return " ".join(f"{each * 1e3:.2f}" for each in times)


def many_snapshots() -> None:
    """The cases' snapshots in turn; the tables have been read before."""
    snapshots = [case.snapshot for case in all_cases()]
    for snapshot in snapshots:
        diagnose(snapshot)
    start = time.perf_counter()
    for number in range(SNAPSHOTS):
        diagnose(snapshots[number % len(snapshots)])
    print(f"{SNAPSHOTS} snapshots: {time.perf_counter() - start:.2f} s")


def case_score(name: str, cases: Sequence[Case]) -> None:
    for case in cases:
        serious = [each.code for each in report(case).findings if each.severity != "info"]
        wanted = "nothing" if case.healthy and not case.primary else " or ".join(sorted(case.primary))
        print(f"{'right' if scores(case) else 'WRONG'}  {case.id}: {', '.join(serious) or '–'}  ({wanted})")
    alarms = [case.id for case in cases if false_alarms(case)]
    right = sum(map(scores, cases))
    print(f"{name}: {right} of {len(cases)} right ({100 * right / len(cases):.0f} %)")
    print(f"false alarms: {', '.join(alarms) or 'none'}")


def main() -> None:
    named = os.environ.get("TFGPU_ENVIRONMENT_GPU221")
    if named is None:
        print("TFGPU_ENVIRONMENT_GPU221 names no environment with TensorFlow: the report is not timed")
    else:
        against_import(Path(named))
    many_snapshots()
    case_score("cases", all_cases())
    case_score("further cases", all_cases(MORE))


if __name__ == "__main__":
    main()
