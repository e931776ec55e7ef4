"""A cold report on a real TensorFlow environment against ``import tensorflow`` in it, and the cases' score.

*Cold*: scan and diagnosis are the first in a process, files in the page cache, the interpreter's start and
our imports not counted. Both are run in turns, three times, each time in a new process; medians are
printed in milliseconds, then the ratio. The aim: under 300 ms, and at least 8 times faster than the
import. The score is that of the cases in tests/doctor/cases, by their own rule; only those whose cause
has a rule can be right.

Run by ``make bench ARGS=bench_doctor``, with the environment that ``TFGPU_ENVIRONMENT_TF2`` names, or as
``python -m tests.benchmarks.bench_doctor --env PREFIX``.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from jupyter_tfgpu.doctor import diagnose
from tests.doctor.scoring import all_cases, false_alarms, scores

ROOT = Path(__file__).parents[2]
REPEATS = 3

REPORT = """
import sys, time
from pathlib import Path
from jupyter_tfgpu.devices.reading import Device, DriverState, Reading
from jupyter_tfgpu.doctor import diagnose, scan
from jupyter_tfgpu.machine import Machine
machine = Machine()
device = Device(uuid="GPU-1", index=0, name="NVIDIA A100", compute_capability="8.0")
state = DriverState(status="ok", version="570.124.06", cuda_version="12.8")
reading = Reading(taken_at=0, driver=state, devices=(device,))
start = time.perf_counter()
diagnose(scan(machine, Path(sys.argv[1]), reading=reading, variables=machine.environ))
print(time.perf_counter() - start)
"""
"""With a GPU, so that rules and fixes read the tables that they need."""

IMPORT = """
import time
start = time.perf_counter()
import tensorflow
print(time.perf_counter() - start)
"""


def seconds(python: Path, program: str, *words: str) -> float:
    """What the program printed last."""
    environ = os.environ | {"PYTHONPATH": str(ROOT) if python == Path(sys.executable) else ""}
    done = subprocess.run(
        [python, "-c", program, *words], capture_output=True, text=True, check=True, env=environ
    )
    return float(done.stdout.split()[-1])


def against_import(prefix: Path) -> None:
    ours, theirs = [], []
    for _ in range(REPEATS):
        ours.append(seconds(Path(sys.executable), REPORT, str(prefix)))
        theirs.append(seconds(prefix / "bin" / "python", IMPORT))
    report, imported = statistics.median(ours), statistics.median(theirs)
    print(
        f"cold report of {prefix.name}: {report * 1e3:.0f} ms  ("
        + " ".join(f"{t * 1e3:.0f}" for t in ours)
        + ")"
    )
    print(f"import tensorflow: {imported * 1e3:.0f} ms  (" + " ".join(f"{t * 1e3:.0f}" for t in theirs) + ")")
    print(f"ratio: {imported / report:.1f} times faster")


def _listed(times: list[float]) -> str:
    return " ".join(f"{each * 1e3:.0f}" for each in times)


def case_score() -> None:
    cases = all_cases()
    ours = [case for case in cases if case.ours]
    right = [case for case in ours if scores(case)]
    alarms = [case.id for case in cases if false_alarms(case)]
    print(f"cases whose cause has a rule: {len(right)} of {len(ours)} right")
    print(f"all cases: {sum(map(scores, cases))} of {len(cases)} right")
    print(f"false alarms: {', '.join(alarms) or 'none'}")
    start = time.perf_counter()
    for case in cases:
        diagnose(case.snapshot)
    rate = (time.perf_counter() - start) / len(cases)
    print(f"diagnosis of one snapshot, tables read: {rate * 1e3:.2f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--env", type=Path, help="prefix of an environment with TensorFlow")
    named = os.environ.get("TFGPU_ENVIRONMENT_TF2")
    prefix = parser.parse_args().env or (Path(named) if named else None)
    if prefix is None:
        print("no environment with TensorFlow is named (--env PREFIX): the report is not timed")
    else:
        against_import(prefix)
    case_score()


if __name__ == "__main__":
    main()
