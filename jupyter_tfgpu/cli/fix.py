"""``jupyter tfgpu doctor --fix CODE`` and ``--undo``: shows what changes, asks, does it; takes it back."""

from __future__ import annotations

import argparse
import sys

import msgspec

from ..api.errors import BadInput, Conflict
from ..api.service import Service
from ..api.wire import ApplyFix, FixAnswer, FixChange
from .common import agreed, complain, print_json, printable, service
from .repair import followed

LAST = "last"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    change = parser.add_mutually_exclusive_group()
    change.add_argument(
        "--fix", metavar="CODE", help="apply the automatic fix of this finding, after showing what it changes"
    )
    change.add_argument(
        "--undo", nargs="?", const=LAST, metavar="ID", help="take back the last fix, or the one of this id"
    )
    parser.add_argument("--yes", action="store_true", help="with --fix: do not ask")


def wanted(arguments: argparse.Namespace) -> bool:
    """Whether something is to be changed. Raises BadInput where the arguments do not fit together."""
    chosen = [name for name in ("env", "kernel", "snapshot") if getattr(arguments, name) is not None]
    if arguments.fix is not None and arguments.snapshot is not None:
        raise BadInput("A snapshot cannot be fixed: name --env or --kernel.", reason="bad-arguments")
    if arguments.undo is not None and chosen:
        raise BadInput(f"--undo takes no --{chosen[0]}.", reason="bad-arguments")
    if arguments.yes and arguments.fix is None:
        raise BadInput("--yes goes with --fix.", reason="bad-arguments")
    return arguments.fix is not None or arguments.undo is not None


def run(arguments: argparse.Namespace) -> int:
    with service() as asked:
        if arguments.undo is not None:
            done = asked.fixes.undo(None if arguments.undo == LAST else arguments.undo)
        else:
            done = _fixed(asked, arguments)
        if arguments.json:
            print_json(done)
        else:
            _print(done)
    return 1 if done.task is not None and done.task.state != "done" else 0


def _fixed(asked: Service, arguments: argparse.Namespace) -> FixAnswer:
    environment = arguments.env if arguments.kernel is not None or arguments.env is not None else sys.prefix
    fix = ApplyFix(
        code=arguments.fix,
        environment=environment,
        kernelspec=arguments.kernel,
        framework=arguments.framework,
        dry_run=True,
    )
    look = asked.fixes.apply(fix)
    if not arguments.yes:
        _ask(look)
    exactly = msgspec.structs.replace(fix, dry_run=False, shown=look.state)
    done = asked.fixes.apply(exactly, on_line=complain)
    if done.task is None:
        return done
    return msgspec.structs.replace(done, task=followed(asked, done.task))


def _ask(look: FixAnswer) -> None:
    complain(f"{look.title}:")
    for change in look.changes:
        for line in _lines(change):
            complain(f"  {line}")
    if not sys.stdin.isatty():
        raise Conflict("Nothing was changed: say --yes to that.", reason="not-agreed")
    if not agreed("Change that?"):
        raise Conflict("Nothing was changed.", reason="not-agreed")


def _lines(change: FixChange) -> list[str]:
    if change.what == "variable":
        return [
            f"{change.name} in the kernelspec {change.target}",
            f"  before: {_value(change.before)}",
            f"  after:  {_value(change.after)}",
        ]
    if change.what == "pin":
        return [
            f"the pin of the {change.name} {change.target}",
            f"  before: {_value(change.before)}",
            f"  after:  {_value(change.after)}",
        ]
    what = "the kernelspec" if change.what == "kernelspec" else "the environment"
    return [f"{what} {change.target}: {change.why}"]


def _value(text: str | None) -> str:
    if text is None:
        return "not set"
    return text or "set, and empty"


def _print(done: FixAnswer) -> None:
    task = done.task
    if task is not None and task.state != "done":
        complain(f"jupyter tfgpu doctor: {task.message or task.title}")
        return
    print(printable(f"{'Taken back' if done.undone else 'Done'}: {done.title}"))
    for change in done.changes if task is None else ():
        for line in _lines(change):
            print(printable(f"  {line}"))
    for sentence in (task.message if task is not None else None, done.message):
        if sentence:
            print(printable(sentence))
    if done.id is not None and not done.undone:
        print(f"To take it back: jupyter tfgpu doctor --undo {done.id}")
