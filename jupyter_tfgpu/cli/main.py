"""The program: its arguments, exit codes and the one place where failures become a line on stderr.

Exit code 0: answered. 1: an error finding, something named that does not exist, an action that failed.
2: bad usage or input that cannot be read. Only what a command needs is imported: ``--version`` stays quick.
"""

from __future__ import annotations

import argparse
import io
import logging
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

COMMANDS = {
    "devices": "devices, their use, and who holds them",
    "envs": "environments found, what is in them, their kernelspecs and verdicts",
    "doctor": "why a framework would not use the GPU, and what to do",
    "explain": "what an error message or a log means here",
    "snapshot": "the facts that the doctor works from, fit to attach to a bug report",
    "specs": "kernelspecs for environments: list, add, rename, remove, sync, repair",
    "pin": "which GPU a notebook, kernel or kernelspec gets: show, set, clear, resolve",
    "kernels": "running kernels, their notebooks, pins, devices and memory",
    "lab": "JupyterLab with the extension, with simulated devices if wanted",
}
"""Each a module of this package with ``add_arguments(parser)`` and ``run(arguments) -> int``."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns the exit code."""
    try:
        return _main(argv)
    except KeyboardInterrupt:
        return 130


def _main(argv: Sequence[str] | None) -> int:
    arguments_given = list(sys.argv[1:] if argv is None else argv)
    parser = Parser(prog="jupyter tfgpu", description="GPUs, environments, pins and diagnoses for notebooks.")
    parser.add_argument("--version", action="store_true", help="print the version and stop")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    wanted = next((word for word in arguments_given if not word.startswith("-")), None)
    for name, what in COMMANDS.items():
        command = commands.add_parser(name, help=what, description=what)
        if name == wanted:
            import_module(f".{name}", __package__).add_arguments(command)
    if wanted == "lab":
        arguments, rest = parser.parse_known_args(arguments_given)
        arguments.rest = rest
    else:
        arguments = parser.parse_args(arguments_given)
    if arguments.version:
        from .._version import __version__

        print(__version__)
        return 0
    if arguments.command is None:
        parser.print_help()
        return 2
    return _run(arguments)


def _run(arguments: argparse.Namespace) -> int:
    from ..api.errors import BadInput, Refused

    _prepare_streams()
    try:
        code: int = import_module(f".{arguments.command}", __package__).run(arguments)
        sys.stdout.flush()
    except Refused as error:
        _complain(arguments, str(error))
        return 2 if isinstance(error, BadInput) else 1
    except BrokenPipeError:
        _drop_output()
        return 0
    except OSError as error:
        _complain(arguments, f"the answer could not be written: {error.strerror}.")
        _drop_output()
        return 1
    return code


def _prepare_streams() -> None:
    """No encoding of the terminal's keeps an answer from it, and what is logged stays one line."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    logging.basicConfig(level=logging.WARNING, format="%(message)s", handlers=[OneLine()])


class OneLine(logging.StreamHandler[Any]):
    """Log records on standard error without their tracebacks, which are for a server's log."""

    def format(self, record: logging.LogRecord) -> str:
        return record.getMessage()


def _complain(arguments: argparse.Namespace, text: str) -> None:
    from .common import complain

    complain(f"jupyter tfgpu {arguments.command}: {' '.join(text.splitlines())}")


def _drop_output() -> None:
    """What is still buffered for a reader that has gone (head, less) must not fail again at exit."""
    sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115 - lives until the exit
