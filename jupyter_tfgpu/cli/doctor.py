"""``jupyter tfgpu doctor``: the report on an environment, a kernelspec or a snapshot; and its fixes."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from ..api.errors import BadInput
from ..api.fix_subjects import settled
from ..api.service import Service
from ..doctor import SNAPSHOT_LIMIT, Finding, Report
from . import fix
from .common import add_json, print_json, service
from .common import console as terminal

FRAMEWORKS = ("tensorflow", "torch", "mxnet", "jax")
STYLES = {"error": "bold red", "warning": "bold yellow", "info": "bold blue"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_json(parser)
    add_choice(parser).add_argument(
        "--snapshot", metavar="FILE|-", help="judge a snapshot taken elsewhere, '-' for standard input"
    )
    parser.add_argument("--framework", choices=FRAMEWORKS, help="the one that the verdict follows")
    fix.add_arguments(parser)


def add_choice(parser: argparse.ArgumentParser) -> argparse._MutuallyExclusiveGroup:
    """``--env`` and ``--kernel``, as ``doctor`` and ``snapshot`` have them."""
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--env", metavar="NAME_OR_PREFIX", help="an environment")
    choice.add_argument("--kernel", metavar="KERNELSPEC", help="a kernelspec: what a kernel of it would have")
    return choice


def run(arguments: argparse.Namespace) -> int:
    if fix.wanted(arguments):
        return fix.run(arguments)
    with service() as asked:
        report = _report(asked, arguments)
    if arguments.json:
        print_json(report)
    else:
        _print(report)
    return 1 if report.verdict == "broken" else 0


def _report(asked: Service, arguments: argparse.Namespace) -> Report:
    if arguments.snapshot is not None:
        report = asked.catalogue.snapshot_report(_read(arguments.snapshot), arguments.framework)
        return settled(report, lambda: None)  # it may be about another machine
    return asked.fixable.report(arguments.env, arguments.kernel, arguments.framework)


def _read(name: str) -> bytes:
    try:
        if name == "-":
            return sys.stdin.buffer.read(SNAPSHOT_LIMIT + 1)
        with Path(name).open("rb") as file:
            return file.read(SNAPSHOT_LIMIT + 1)
    except OSError as error:
        raise BadInput(f"{name}: {error.strerror}.", reason="unreadable", detail={"file": name}) from None


def _print(report: Report) -> None:
    console = terminal()
    if report.simulated:
        console.print(Text("SIMULATED devices, not this machine's.", style="bold yellow"))
    console.print(Text(report.summary, style="bold"))
    judged = report.environment
    named = [part for part in (judged.name, judged.prefix) if part] if judged else []
    if named:
        console.print(Text(f"Environment {', '.join(named)}", style="dim"))
    for finding in report.findings:
        console.print()
        print_finding(console, finding)


def print_finding(console: Console, finding: Finding) -> None:
    """A finding for a person, its commands ready to be copied."""
    head = Text.assemble(
        (finding.severity, STYLES[finding.severity]), f" {finding.title} ", (finding.code, "dim")
    )
    console.print(head)
    console.print(Padding(Text(finding.detail), (0, 0, 0, 2)))
    for line in finding.evidence:
        console.print(Padding(Text(f"· {line}", style="dim"), (0, 0, 0, 2)))
    for each in finding.fixes:
        console.print(Padding(Text(f"→ {each.title} ({each.where})"), (0, 0, 0, 2)))
        for command in each.commands:
            # No wrapping: a command broken over two lines cannot be copied.
            console.print(Text(f"    {command}", style="cyan"), soft_wrap=True)
    if any(each.automatic for each in finding.fixes):
        console.print(Padding(Text(f"Can be done from here: --fix {finding.code}"), (0, 0, 0, 2)))
