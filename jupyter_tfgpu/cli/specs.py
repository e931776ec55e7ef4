"""``jupyter tfgpu specs list | add | rename | remove | sync | repair``."""

from __future__ import annotations

import argparse

from ..api.errors import BadInput
from ..api.wire import AddKernelspec, ChangeKernelspec, KernelspecAnswer, SyncAnswer
from .common import add_json, complain, print_json, printable, row, service, show, table
from .repair import repair


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True, metavar="list|add|rename|remove|sync|repair")
    every = actions.add_parser("list", help="every kernelspec, and whether it can start")
    every.set_defaults(act=_list)
    add = actions.add_parser("add", help="write a kernelspec for an environment")
    add.add_argument("environment", metavar="ENV", help="name, prefix or id of the environment")
    add.add_argument("--kernel", help="one of the environment's own kernels (R, Julia, …), by its name")
    add.add_argument("--name", help="the kernelspec's name instead of tfgpu-<environment>")
    add.add_argument("--display-name", help="the text in the kernel picker instead of the label")
    add.set_defaults(act=_add)
    rename = actions.add_parser("rename", help="give a kernelspec that we wrote another name")
    rename.add_argument("name", metavar="NAME")
    rename.add_argument("new", metavar="NEW", nargs="?", help="the name that notebooks know it by")
    rename.add_argument("--display-name", help="the text in the kernel picker; '' goes back to the label")
    rename.set_defaults(act=_rename)
    remove = actions.add_parser("remove", help="remove a kernelspec that we wrote")
    remove.add_argument("name", metavar="NAME")
    remove.set_defaults(act=_remove)
    sync = actions.add_parser("sync", help="add, update and remove ours as the environments are now")
    sync.add_argument("--dry-run", action="store_true", help="only say what would be done")
    sync.set_defaults(act=_sync)
    mend = actions.add_parser("repair", help="make a kernelspec start again; all of ours where none is named")
    mend.add_argument("name", metavar="NAME", nargs="?")
    mend.add_argument("--yes", action="store_true", help="install ipykernel where it is missing, unasked")
    mend.set_defaults(act=repair)
    for action in (every, add, rename, remove, sync, mend):
        add_json(action)


def run(arguments: argparse.Namespace) -> int:
    code: int | None = arguments.act(arguments)
    return code or 0


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
    show(made)


def _add(arguments: argparse.Namespace) -> None:
    wanted = AddKernelspec(
        environment=arguments.environment,
        kernel=arguments.kernel,
        name=arguments.name,
        display_name=arguments.display_name,
    )
    with service() as asked:
        _print_one(asked.catalogue.add_kernelspec(wanted), arguments.json)


def _rename(arguments: argparse.Namespace) -> None:
    if arguments.new is None and arguments.display_name is None:
        raise BadInput("Say the new name, or --display-name.", reason="no-change")
    wanted = ChangeKernelspec(name=arguments.new, display_name=arguments.display_name)
    with service() as asked:
        _print_one(asked.catalogue.rename_kernelspec(arguments.name, wanted), arguments.json)


def _print_one(spec: KernelspecAnswer, as_json: bool) -> None:
    if as_json:
        print_json(spec)
    else:
        print(printable(f"{spec.name}: {spec.display_name}"))


def _remove(arguments: argparse.Namespace) -> None:
    with service() as asked:
        asked.catalogue.remove_kernelspec(arguments.name)
    if arguments.json:
        print_json({"removed": arguments.name})
    else:
        print(f"{arguments.name} is removed.")


def _sync(arguments: argparse.Namespace) -> None:
    with service() as asked:
        answer = asked.catalogue.sync(arguments.dry_run)
    if arguments.json:
        print_json(answer)
    else:
        _print_sync(answer)


def _print_sync(answer: SyncAnswer) -> None:
    if answer.changes:
        made = table("Would" if answer.dry_run else "Done", "Name", "Shown as", "Why")
        for change in answer.changes:
            row(made, change.action, change.name, change.display_name, change.why)
        show(made)
    else:
        print("All kernelspecs are as they should be.")
    for problem in answer.problems:
        complain(problem)
