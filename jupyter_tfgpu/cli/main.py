"""The program: its arguments, exit codes and the one place where failures become a line on stderr.

Exit code 0: answered. 1: an error finding, something named that does not exist, an action that failed.
2: bad usage or input that cannot be read. Only what a command needs is imported: ``--version`` stays quick.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

COMMANDS = ("devices", "envs", "doctor", "snapshot", "specs", "pin", "kernels", "lab")
"""Each a module of this package with ``add_arguments(parser)`` and ``run(arguments) -> int``."""

HELP = {
    "devices": "devices, their use, and who holds them",
    "envs": "environments found, what is in them, their kernelspecs and verdicts",
    "doctor": "why a framework would not use the GPU, and what to do",
    "snapshot": "the facts that the doctor works from, fit to attach to a bug report",
    "specs": "kernelspecs for environments: list, add, remove",
    "pin": "which GPU a notebook, kernel or kernelspec gets: show, set, clear",
    "kernels": "running kernels, their notebooks, pins, devices and memory",
    "lab": "JupyterLab with the extension, with simulated devices if wanted",
}


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns the exit code."""
    arguments_given = list(sys.argv[1:] if argv is None else argv)
    parser = Parser(prog="jupyter tfgpu", description="GPUs, environments, pins and diagnoses for notebooks.")
    parser.add_argument("--version", action="store_true", help="print the version and stop")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    wanted = next((word for word in arguments_given if not word.startswith("-")), None)
    for name in COMMANDS:
        command = commands.add_parser(name, help=HELP[name], description=HELP[name])
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

    try:
        code: int = import_module(f".{arguments.command}", __package__).run(arguments)
    except Refused as error:
        print(f"jupyter tfgpu {arguments.command}: {error}", file=sys.stderr)
        return 2 if isinstance(error, BadInput) else 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader (head, less) has gone; what is still buffered must not raise again at exit.
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
        return 0
    return code
