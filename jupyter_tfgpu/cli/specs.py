"""``jupyter tfgpu specs list | add | remove``."""

from __future__ import annotations

import argparse

from rich.console import Console
from rich.table import Table

from ..api.wire import AddKernelspec
from .common import add_json, print_json, service


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="list|add|remove")
    add_json(actions.add_parser("list", help="every kernelspec, and whether its interpreter is there"))
    add = actions.add_parser("add", help="write a kernelspec for an environment")
    add.add_argument("environment", metavar="ENV", help="name, prefix or id of the environment")
    add.add_argument("--name", help="the kernelspec's name instead of tfgpu-<environment>")
    add.add_argument("--display-name", help="the text in the kernel picker instead of the label")
    add_json(add)
    remove = actions.add_parser("remove", help="remove a kernelspec that we wrote")
    remove.add_argument("name", metavar="NAME")
    add_json(remove)


def run(arguments: argparse.Namespace) -> int:
    with service() as asked:
        if arguments.action == "add":
            added = asked.catalogue.add_kernelspec(
                AddKernelspec(
                    environment=arguments.environment,
                    name=arguments.name,
                    display_name=arguments.display_name,
                )
            )
            if arguments.json:
                print_json(added)
            else:
                print(f"{added.name}: {added.display_name}")
            return 0
        if arguments.action == "remove":
            asked.catalogue.remove_kernelspec(arguments.name)
            if arguments.json:
                print_json({"removed": arguments.name})
            else:
                print(f"{arguments.name} is removed.")
            return 0
        answer = asked.catalogue.kernelspecs()
    if arguments.json:
        print_json(answer)
        return 0
    table = Table(show_edge=False, pad_edge=False)
    for name in ("Name", "Shown as", "Ours", "Interpreter"):
        table.add_column(name, overflow="fold")
    for spec in answer.kernelspecs:
        table.add_row(
            spec.name, spec.display_name, "yes" if spec.owned else "", spec.problem or spec.interpreter or "–"
        )
    Console().print(table)
    return 0
