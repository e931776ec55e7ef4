"""``jupyter tfgpu snapshot``: the facts, redacted, fit to attach to a bug report."""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec

from ..api.errors import Conflict
from .common import add_json, print_json, service
from .doctor import add_choice


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_json(parser)
    add_choice(parser)
    parser.add_argument(
        "-o", dest="output", metavar="FILE", help="write to a file instead of standard output"
    )


def run(arguments: argparse.Namespace) -> int:
    with service() as asked:
        snapshot = asked.catalogue.snapshot(arguments.env, arguments.kernel)
    if arguments.output is None:
        if arguments.json:
            print_json(snapshot)
        else:
            print(msgspec.json.format(msgspec.json.encode(snapshot), indent=1).decode())
        return 0
    try:
        Path(arguments.output).write_bytes(msgspec.json.format(msgspec.json.encode(snapshot), indent=1))
    except OSError as error:
        raise Conflict(f"{arguments.output}: {error.strerror}.", reason="unwritable") from None
    return 0
