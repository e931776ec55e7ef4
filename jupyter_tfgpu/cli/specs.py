"""``jupyter tfgpu specs list | add | remove``."""

from __future__ import annotations

import argparse

from ..api.wire import AddKernelspec
from .common import add_json, console, print_json, row, service, table


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True, metavar="list|add|remove")
    every = actions.add_parser("list", help="every kernelspec, and whether its interpreter is there")
    every.set_defaults(act=_list)
    add = actions.add_parser("add", help="write a kernelspec for an environment")
    add.add_argument("environment", metavar="ENV", help="name, prefix or id of the environment")
    add.add_argument("--name", help="the kernelspec's name instead of tfgpu-<environment>")
    add.add_argument("--display-name", help="the text in the kernel picker instead of the label")
    add.set_defaults(act=_add)
    remove = actions.add_parser("remove", help="remove a kernelspec that we wrote")
    remove.add_argument("name", metavar="NAME")
    remove.set_defaults(act=_remove)
    for action in (every, add, remove):
        add_json(action)


def run(arguments: argparse.Namespace) -> int:
    arguments.act(arguments)
    return 0


def _list(arguments: argparse.Namespace) -> None:
    with service() as asked:
        answer = asked.catalogue.kernelspecs()
    if arguments.json:
        print_json(answer)
        return
    made = table("Name", "Shown as", "Ours", "Interpreter")
    for spec in answer.kernelspecs:
        starts = spec.problem or spec.interpreter or "–"
        row(made, spec.name, spec.display_name, "yes" if spec.owned else "", starts)
    console().print(made)


def _add(arguments: argparse.Namespace) -> None:
    wanted = AddKernelspec(
        environment=arguments.environment, name=arguments.name, display_name=arguments.display_name
    )
    with service() as asked:
        added = asked.catalogue.add_kernelspec(wanted)
    if arguments.json:
        print_json(added)
    else:
        print(f"{added.name}: {added.display_name}")


def _remove(arguments: argparse.Namespace) -> None:
    with service() as asked:
        asked.catalogue.remove_kernelspec(arguments.name)
    if arguments.json:
        print_json({"removed": arguments.name})
    else:
        print(f"{arguments.name} is removed.")
