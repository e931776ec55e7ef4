"""``jupyter tfgpu devices``."""

from __future__ import annotations

import argparse
import math

from ..api.errors import BadInput
from ..api.service import Service
from .common import add_json, console, print_json, service
from .page import Paper, page
from .watch import Watch


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_json(parser)
    parser.add_argument("--watch", action="store_true", help="go on until interrupted")
    parser.add_argument(
        "--interval", metavar="SECONDS", help="between two readings of --watch; 2 unless said"
    )


def run(arguments: argparse.Namespace) -> int:
    with service() as asked:
        interval = _interval(arguments, asked)
        if not arguments.watch:
            _once(asked, arguments.json)
            return 0
        watch, terminal = Watch(asked, interval), console()
        if arguments.json:
            watch.json()
        elif terminal.is_terminal and not terminal.is_dumb_terminal:
            watch.screen(terminal)
        else:
            watch.pages(terminal)


def _once(asked: Service, as_json: bool) -> None:
    answer = asked.watching.devices()
    if as_json:
        print_json(answer)
        return
    terminal = console()
    width = terminal.width if terminal.is_terminal else None
    terminal.print(page(answer, Paper(terminal, width)), soft_wrap=True)


def _interval(arguments: argparse.Namespace, asked: Service) -> float | None:
    """Raises BadInput for what is no number of seconds within the monitor's limits."""
    given: str | None = arguments.interval
    if given is None:
        return None
    if not arguments.watch:
        raise BadInput("--interval goes with --watch.", reason="bad-interval")
    try:
        seconds = float(given)
    except ValueError:
        seconds = math.nan
    least, most = (asked.monitor.clamp(wish) for wish in (-math.inf, math.inf))
    if not least <= seconds <= most:
        raise BadInput(
            f"--interval {given[:40]}: it has to be a number of seconds from {least:g} to {most:g}.",
            reason="bad-interval",
        )
    return seconds
