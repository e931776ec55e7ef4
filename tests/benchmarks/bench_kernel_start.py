"""What we add to a kernel's start: our own spans in it, and pairs of starts with and without us.

The kernel's environment has variables and two activation scripts. Spans: our part of ``pre_launch`` (a pin on
one device, a Reading at hand, the activation found before) and the in-kernel part from its first line to the
hand-over, ipykernel's own imports not counted. Pairs: from the call that starts the kernel to its first
answer, ours and the plain provisioner in turns, with the normal 95 % interval of the mean difference.
Activation: its first finding, in which the scripts run, and later ones, against bash started for nothing.
"""

from __future__ import annotations

import argparse
import os
import random
import site
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from jupyter_tfgpu.environments.activation import Activations
from jupyter_tfgpu.kernels import LaunchServices, PinStore, Target, parse_pin, set_services
from jupyter_tfgpu.machine import Machine
from tests.environments.activating import prefix_with
from tests.environments.trees import venv
from tests.kernels.kernels_here import OURS, PLAIN, kernel
from tests.kernels.readings import SECOND, three

PRE_LAUNCH_LIMIT, IN_KERNEL_LIMIT = 0.002, 0.005
"""Seconds that our spans may take, as medians of 50."""

SPAN = "get_ipython()._jupyter_tfgpu.span"


@dataclass(frozen=True)
class Start:
    """One start: seconds until the first answer, and our spans in it."""

    seconds: float
    pre_launch: float | None = None
    in_kernel: float | None = None


SCRIPTS = {
    "10-libraries.sh": 'export LD_LIBRARY_PATH="$CONDA_PREFIX/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"\n',
    "20-xla.sh": 'export XLA_FLAGS="--xla_gpu_cuda_data_dir=$CONDA_PREFIX"\n',
}


def environment(folder: Path) -> Path:
    """A conda prefix with something to activate, whose Python finds this one's ipykernel."""
    prefix = folder / "environment"
    (venv(prefix) / "bench.pth").write_text("\n".join(site.getsitepackages()) + "\n")
    return prefix_with(prefix, SCRIPTS, state={"TF_CPP_MIN_LOG_LEVEL": "1"})


def activation(prefix: Path, folder: Path, times: int) -> None:
    """Prints what finding an activation costs, the first time and later."""
    base = dict(os.environ)
    first, bash, kept, run, known = [], [], [], [], []
    for number in range(times):
        activations = Activations(Machine(), folder / str(number))
        first.append(_seconds(partial(activations.run, prefix, base)))
        bash.append(_seconds(partial(subprocess.run, ["bash", "--noprofile", "--norc", "-c", ":"])))
        later = Activations(Machine(), folder / str(number))  # as after the server was started again
        kept.append(_seconds(partial(later.run, prefix, base)))
        run.append(_seconds(partial(later.run, prefix, base)))
        later.known(prefix, base)
        known.append(_seconds(partial(later.known, prefix, base)))
    reference = statistics.median(bash)
    for name, values in (
        ("first, scripts run", first),
        ("from disk", kept),
        ("at a later start", run),
        ("looked up", known),
    ):
        median = statistics.median(values)
        print(f"activation, {name}: median {1000 * median:.2f} ms, {median / reference:.2f} of a bare bash")


def _seconds(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def start(provisioner: str, python: Path) -> Start:
    """Starts a kernel, waits for its first answer and ends it; once more where a port was taken."""
    while True:
        begun = time.perf_counter()
        with kernel(python, provisioner=provisioner, kernel_name="bench") as running:
            seconds = time.perf_counter() - begun
            if running.attempts > 1:
                continue
            if provisioner == PLAIN:
                return Start(seconds)
            return Start(seconds, running.provisioner.own_span, float(running.value(SPAN)))


def median_span(name: str, spans: Sequence[float | None], limit: float) -> bool:
    """Prints a span's figures and says whether it keeps the limit."""
    values = sorted(one for one in spans if one is not None)
    median = statistics.median(values)
    low, high = values[len(values) // 20], values[-1 - len(values) // 20]
    print(
        f"{name}: median {1000 * median:.2f} ms of {len(values)} starts "
        f"(5 % to 95 %: {1000 * low:.2f} to {1000 * high:.2f} ms); "
        f"{median / limit:.2f} of the {1000 * limit:.0f} ms allowed"
    )
    return median < limit


def compare(pairs: int, python: Path) -> list[Start]:
    """Prints the mean difference of interleaved pairs; gives our starts."""
    ours, differences, plain = [], [], []
    for _ in range(pairs):
        order = [OURS, PLAIN]
        random.shuffle(order)  # so that neither always comes second
        done = {provisioner: start(provisioner, python) for provisioner in order}
        ours.append(done[OURS])
        plain.append(done[PLAIN].seconds)
        differences.append(done[OURS].seconds - done[PLAIN].seconds)
    mean = statistics.fmean(differences)
    half = 1.96 * statistics.stdev(differences) / len(differences) ** 0.5
    reference = statistics.median(plain)
    print(
        f"start to first answer, {pairs} pairs: {1000 * mean:+.1f} ms with us "
        f"(95 %: {1000 * (mean - half):+.1f} to {1000 * (mean + half):+.1f} ms); "
        f"plain median {1000 * reference:.0f} ms, ratio {1 + mean / reference:.3f}"
    )
    return ours


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=50, help="starts that the medians are of")
    parser.add_argument("--pairs", type=int, default=100, help="pairs with the plain provisioner")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        pins = PinStore(Path(folder) / "pins.json")
        pins.set(Target(kernelspec="bench"), parse_pin(SECOND))
        set_services(
            LaunchServices(
                pins=pins,
                reading=lambda timeout: three(),
                runtime_dir=Path(folder),
                given=None,
                on_started=lambda start: None,  # as under a server, which makes the report
                activations=Activations(Machine(), Path(folder) / "kept"),
            )
        )
        prefix = environment(Path(folder))
        python = prefix / "bin" / "python"
        start(OURS, python)  # imports, file caches, the activation's scripts
        activation(prefix, Path(folder), arguments.starts)
        starts = compare(arguments.pairs, python) if arguments.pairs >= 2 else []
        starts += [start(OURS, python) for _ in range(arguments.starts - len(starts))]
    starts = starts[: arguments.starts]
    kept = [
        median_span("pre_launch, our part", [one.pre_launch for one in starts], PRE_LAUNCH_LIMIT),
        median_span("in the kernel, our part", [one.in_kernel for one in starts], IN_KERNEL_LIMIT),
    ]
    print(f"load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
