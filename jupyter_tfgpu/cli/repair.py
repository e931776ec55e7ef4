"""``jupyter tfgpu specs repair``: asks before it installs; what is done meanwhile goes to standard error."""

from __future__ import annotations

import argparse
import sys
import time

from ..api.errors import Conflict, Refused
from ..api.service import Service
from ..api.wire import TaskAnswer, TasksAnswer
from ..kernels import RepairPlan
from .common import agreed, complain, print_json, printable, service

_LOOK = 0.1
"""Seconds between two looks at a task."""


def repair(arguments: argparse.Namespace) -> int:
    """Repairs one kernelspec or, with none named, all of ours that need it. 1: one could not be."""
    with service() as asked:
        if arguments.name is not None:
            names = [arguments.name]
        else:
            names = [each.name for each in asked.catalogue.kernelspecs().kernelspecs if each.repair]
        done: list[TaskAnswer] = []
        failed = False
        for name in names:
            try:
                task = _repaired(asked, name, arguments.yes)
            except Refused as error:
                if arguments.name is not None:
                    raise
                complain(f"{name}: {error}")
                failed = True
                continue
            if task is not None:
                done.append(task)
                failed = failed or task.state != "done"
    if arguments.json:
        print_json(TasksAnswer(tasks=tuple(done)))
    else:
        _print(done, failed)
    return 1 if failed else 0


def _repaired(asked: Service, name: str, yes: bool) -> TaskAnswer | None:
    """The task when it has ended; None where there is nothing to do."""
    planned = asked.catalogue.repair_plan(name)
    if planned.what == "nothing":
        return None
    if planned.what == "install-ipykernel" and not yes and not _agreed(planned):
        raise Conflict(f"The kernelspec {name} is left as it is.", reason="not-agreed")
    return followed(asked, asked.repairs.repair(name, on_line=complain))


def _agreed(planned: RepairPlan) -> bool:
    """What the user answers. Where nobody can be asked that is no."""
    prefix = planned.environment.prefix
    if not sys.stdin.isatty():
        raise Conflict(f"ipykernel would be installed in {prefix}: say --yes to that.", reason="not-agreed")
    complain(planned.why)
    return agreed(f"Install ipykernel in {prefix}?")


def followed(asked: Service, task: TaskAnswer) -> TaskAnswer:
    """Waits for a task. Ctrl+C cancels it; while it is being installed, that is said and waited for."""
    interrupted = False
    while task.state == "running":
        try:
            time.sleep(_LOOK)
            task = asked.tasks.get(task.id)
        except KeyboardInterrupt:
            interrupted = True
            try:
                task = asked.tasks.cancel(task.id)
            except Conflict as error:
                complain(str(error))
    if interrupted:
        raise KeyboardInterrupt
    return task


def _print(done: list[TaskAnswer], failed: bool) -> None:
    for task in done:
        if task.state == "done":
            print(printable(task.message or task.title))
        else:
            complain(f"jupyter tfgpu specs: {task.message or task.title}")
    if not done and not failed:
        print("There is nothing to repair.")
