"""What we add to a kernel's start: our own spans in it, and pairs of starts with and without us.

Spans: our part of ``pre_launch`` (a pin on one device, a Reading at hand) and the in-kernel part from its
first line to the hand-over, ipykernel's own imports not counted. Pairs: from the call that starts the
kernel to its first answer, ours and the plain provisioner in turns, with the normal 95 % interval of the
mean difference.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jupyter_tfgpu.kernels import LaunchServices, PinStore, Target, parse_pin, set_services
from tests.kernels.readings import SECOND, three
from tests.kernels.running import OURS, PLAIN, kernel

LIMIT = 0.005
"""Seconds that each span may take, as the median of 50."""

SPAN = "get_ipython()._jupyter_tfgpu.span"


@dataclass(frozen=True)
class Start:
    """One start: seconds until the first answer, and our spans in it."""

    seconds: float
    pre_launch: float | None = None
    in_kernel: float | None = None


def start(provisioner: str) -> Start:
    """Starts a kernel, waits for its first answer and ends it; once more where a port was taken."""
    while True:
        begun = time.perf_counter()
        with kernel(provisioner=provisioner, kernel_name="bench") as running:
            seconds = time.perf_counter() - begun
            if running.attempts > 1:
                continue
            if provisioner == PLAIN:
                return Start(seconds)
            return Start(seconds, running.provisioner.own_span, float(running.value(SPAN)))


def median_span(name: str, spans: Sequence[float | None]) -> bool:
    """Prints a span's figures and says whether it keeps the limit."""
    values = sorted(one for one in spans if one is not None)
    median = statistics.median(values)
    low, high = values[len(values) // 20], values[-1 - len(values) // 20]
    print(
        f"{name}: median {1000 * median:.2f} ms of {len(values)} starts "
        f"(5 % to 95 %: {1000 * low:.2f} to {1000 * high:.2f} ms); "
        f"{median / LIMIT:.2f} of the {1000 * LIMIT:.0f} ms allowed"
    )
    return median < LIMIT


def compare(pairs: int) -> list[Start]:
    """Prints the mean difference of interleaved pairs; gives our starts."""
    ours, differences, plain = [], [], []
    for _ in range(pairs):
        order = [OURS, PLAIN]
        random.shuffle(order)  # so that neither always comes second
        done = {provisioner: start(provisioner) for provisioner in order}
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
            )
        )
        start(OURS)  # imports and file caches
        starts = compare(arguments.pairs) if arguments.pairs >= 2 else []
        starts += [start(OURS) for _ in range(arguments.starts - len(starts))]
    starts = starts[: arguments.starts]
    kept = [
        median_span("pre_launch, our part", [one.pre_launch for one in starts]),
        median_span("in the kernel, our part", [one.in_kernel for one in starts]),
    ]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
