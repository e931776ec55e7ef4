"""``jupyter tfgpu envs``."""

from __future__ import annotations

import argparse
import sys

from rich.table import Table
from rich.text import Text

from ..api.wire import EnvironmentAnswer
from .common import add_json, console, print_json, row, service, table

STYLES = {"ok": "green", "degraded": "yellow", "broken": "red", "cpu": "blue"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_json(parser)
    parser.add_argument(
        "--refresh",
        action="store_true",
        help="look again; a program of its own always does, a server remembers",
    )


def run(arguments: argparse.Namespace) -> int:
    with service() as asked:
        asked.catalogue.judge_all()
        answer = asked.catalogue.environments()
    if arguments.json:
        print_json(answer)
        return 0
    if not answer.environments:
        print(
            "No environment was found. A folder of environments can be named in JUPYTER_TFGPU_ENVIRONMENTS."
        )
        return 0
    console().print(_table(answer.environments))
    for problem in answer.problems:
        print(problem, file=sys.stderr)
    return 0


def _table(environments: tuple[EnvironmentAnswer, ...]) -> Table:
    made = table("Environment", "Kind", "Verdict", "Kernelspecs", "Prefix")
    for environment in environments:
        verdict = environment.verdict
        row(
            made,
            environment.label + (f"\n{environment.problem}" if environment.problem else ""),
            environment.kind,
            Text(verdict, style=STYLES[verdict]) if verdict else "–",
            ", ".join(environment.kernelspecs) or "–",
            environment.prefix,
        )
    return made
