"""``jupyter tfgpu lab``: JupyterLab with the extension; further arguments go to JupyterLab."""

from __future__ import annotations

import argparse
import os
import sys
from importlib.util import find_spec

from ..api.errors import Conflict
from ..devices.simulated import SCENARIOS
from ..kernels import SIMULATE_VARIABLE


def add_arguments(parser: argparse.ArgumentParser) -> None:
    width = max(map(len, SCENARIOS))
    lines = [f"  {name:{width}}  {what}" for name, what in SCENARIOS.items()]
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = "\n".join(
        [
            "scenarios:",
            *lines,
            "",
            f"The other commands show them where {SIMULATE_VARIABLE} names one.",
        ]
    )
    parser.add_argument(
        "--simulate",
        nargs="?",
        const="default",
        choices=SCENARIOS,
        metavar="SCENARIO",
        help="show simulated devices, plainly marked, instead of this machine's",
    )


def run(arguments: argparse.Namespace) -> int:
    if find_spec("jupyterlab") is None:
        raise Conflict(
            "JupyterLab is not installed beside jupyter-tfgpu; install it with: "
            f'{sys.executable} -m pip install "jupyter-tfgpu[lab]"',
            reason="jupyterlab-missing",
        )
    command = [sys.executable, "-m", "jupyterlab", *arguments.rest]
    if arguments.simulate is not None:
        command.append(f"--TfGpu.simulate={arguments.simulate}")
    # The process becomes JupyterLab: signals and the terminal are its own.
    os.execv(command[0], command)
