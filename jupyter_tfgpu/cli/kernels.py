"""``jupyter tfgpu kernels``, and ``kernels shutdown ID``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Literal

import msgspec

from ..api.errors import Conflict
from ..api.kernels_by_file import environment_names, find_launch, informed, starters
from ..kernels import LaunchFile, starter_name, starter_runs, starting_server
from ..kernels.running.shutdown import ask_to_end, connection_file
from .common import add_json, print_json, printable, service
from .kernel_table import show_kernels
from .servers import end_kernel, what_they_know


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """A kernel that was shut down. ``by``: whom we asked. ``server``: of the program that started it."""

    id: str
    by: Literal["server", "kernel"]
    server: str
    message: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_json(parser)
    parser.set_defaults(act=_list)
    actions = parser.add_subparsers(metavar="shutdown")
    end = actions.add_parser("shutdown", help="end a kernel, which frees its memory")
    end.add_argument("id", metavar="ID", help="the kernel's id, or a beginning of it that no other has")
    # Not to undo a --json before the action's name.
    end.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="one JSON document")
    end.set_defaults(act=_shut_down)


def run(arguments: argparse.Namespace) -> int:
    arguments.act(arguments)
    return 0


def _list(arguments: argparse.Namespace) -> None:
    with service() as asked:
        state = asked.watching.state(asked.watching.reading(), asked.running())
        # What a server has seen over time, one look cannot tell. Of simulated devices it has seen none.
        told = {} if state.devices.simulated else what_they_know(starters(asked.launches))
        kernels = informed(state.kernels, told)
        names = environment_names(asked.launches.machine, asked.started())
    if arguments.json:
        print_json(kernels)
    elif kernels.kernels:
        show_kernels(kernels.kernels, state.devices.devices, names)
    else:
        print("No kernel that was started with this package is running.")


def _shut_down(arguments: argparse.Namespace) -> None:
    with service() as asked:
        ended = _end(asked.launches.runtime_dir, find_launch(asked.launches, arguments.id))
    if arguments.json:
        print_json(ended)
    else:
        print(printable(ended.message))


def _end(runtime_dir: Path, launch: LaunchFile) -> Ended:
    """By its server where that can be asked, else by the kernel itself. Raises Conflict where it lives on."""
    name, kernel_id = starter_name(runtime_dir, launch), launch.kernel_id
    server = starting_server(runtime_dir, launch)
    if server is not None and end_kernel(server, kernel_id):
        message = f"Kernel {kernel_id} was shut down by its server, {name}."
        return Ended(id=kernel_id, by="server", server=name, message=message)
    path = connection_file(launch, runtime_dir)
    if path is None or not _ends(launch, path):
        why = "did not end when it was asked to" if path else "has no connection file, so it cannot be asked"
        raise Conflict(f"Kernel {kernel_id} {why}. Its process is {launch.pid}.", reason="kernel-still-runs")
    message = f"Kernel {kernel_id} was asked to end itself, and has."
    if starter_runs(launch):
        message += f" What started it ({name}) could not be asked, and may start it again."
    return Ended(id=kernel_id, by="kernel", server=name, message=message)


def _ends(launch: LaunchFile, path: Path) -> bool:
    try:
        return ask_to_end(launch, path)
    except (OSError, ValueError):
        return False
