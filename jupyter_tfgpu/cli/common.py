"""What several commands share: the service on this machine, JSON out, the terminal's console."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..api.service import Service, from_variables

UNFOLDED = 10_000
"""Columns of a table that goes to a file or another program."""
DRIVER_PATIENCE = 10.0
"""Seconds a command waits for the driver. A cold NVML initialisation takes one to three on real machines."""


@contextmanager
def service() -> Iterator[Service]:
    """The service for this machine; no server is needed for it."""
    made = from_variables(patience=DRIVER_PATIENCE)
    try:
        yield made
    finally:
        made.close()


class _Terminal(Console):
    """rich's console, but for a reader that goes away: that is for :mod:`.main` to answer."""

    def on_broken_pipe(self) -> None:
        raise  # called while the BrokenPipeError is handled


def console() -> Console:
    """Standard output for a person: colours where it is a terminal and NO_COLOR is not set."""
    return _Terminal(highlight=False)


def add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")


def print_json(document: Any) -> None:
    """One document on one line, flushed, so that a reader of ``--watch`` gets it at once."""
    sys.stdout.write(msgspec.json.encode(document).decode() + "\n")
    sys.stdout.flush()


def table(*columns: str) -> Table:
    """An empty table of the terminal's width. Fill it with :func:`row`."""
    made = Table(show_edge=False, pad_edge=False)
    for column in columns:
        made.add_column(column, overflow="fold")
    return made


def show(made: Table) -> None:
    """Prints a table; where it goes to no terminal it is as wide as it needs to be."""
    terminal = console()
    if not terminal.is_terminal:
        terminal.width = UNFOLDED
    terminal.print(made)


def row(made: Table, *cells: str | Text) -> None:
    """Adds a row. Names are shown as they are: rich would read brackets in them as markup."""
    made.add_row(*(cell if isinstance(cell, Text) else Text(printable(cell)) for cell in cells))


def printable(text: str) -> str:
    """On one line, with nothing that a terminal takes for an order: names and paths may hold anything."""
    return "".join(each if each.isprintable() else "?" for each in text)


def complain(text: str) -> None:
    """A line on standard error."""
    print(printable(text.expandtabs()), file=sys.stderr, flush=True)


def agreed(question: str) -> bool:
    """What the user answers to a question, asked on standard error."""
    print(printable(f"{question} [y/N] "), end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def gib(size: int | None) -> str:
    """Bytes as GiB for a person; a dash where they are not known."""
    return "–" if size is None else f"{size / 2**30:.1f} GiB"


def percent(fraction: float | None) -> str:
    return "–" if fraction is None else f"{fraction:.0%}"
