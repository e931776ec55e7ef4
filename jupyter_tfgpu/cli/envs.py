"""``jupyter tfgpu envs``."""

from __future__ import annotations

import argparse

from rich.console import Console
from rich.table import Table

from ..api.wire import EnvironmentAnswer
from .common import add_json, print_json, service

STYLES = {"ok": "green", "degraded": "yellow", "broken": "red", "cpu": "blue"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_json(parser)
    parser.add_argument(
        "--refresh", action="store_true", help="look again instead of using what is remembered"
    )


def run(arguments: argparse.Namespace) -> int:
    with service() as asked:
        asked.catalogue.judge_all()
        answer = asked.catalogue.environments(refresh=arguments.refresh)
    if arguments.json:
        print_json(answer)
        return 0
    if not answer.environments:
        print(
            "No environment was found. A folder of environments can be named in JUPYTER_TFGPU_ENVIRONMENTS."
        )
        return 0
    Console().print(_table(answer.environments))
    return 0


def _table(environments: tuple[EnvironmentAnswer, ...]) -> Table:
    table = Table(show_edge=False, pad_edge=False)
    for name in ("Environment", "Kind", "Verdict", "Kernelspecs", "Prefix"):
        table.add_column(name, overflow="fold")
    for environment in environments:
        verdict = environment.verdict
        table.add_row(
            environment.label + (f"\n{environment.problem}" if environment.problem else ""),
            environment.kind,
            f"[{STYLES[verdict]}]{verdict}[/]" if verdict else "–",
            ", ".join(environment.kernelspecs) or "–",
            environment.prefix,
        )
    return table
