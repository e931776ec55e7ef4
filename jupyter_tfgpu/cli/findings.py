"""What ``doctor`` and ``explain`` have in common: what they read, and a judgement's head and findings."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from ..api.errors import BadInput
from ..doctor import Explanation, Finding, Report

STYLES = {"error": "bold red", "warning": "bold yellow", "info": "bold blue"}


def read_input(name: str, limit: int) -> bytes:
    """The file of this name, or standard input where that is ``-``: a byte more than the limit at most.

    Raises BadInput where it cannot be read.
    """
    try:
        if name == "-":
            return sys.stdin.buffer.read(limit + 1)
        with Path(name).open("rb") as file:
            return file.read(limit + 1)
    except OSError as error:
        raise BadInput(f"{name}: {error.strerror}.", reason="unreadable", detail={"file": name}) from None


def print_head(console: Console, judged: Report | Explanation) -> None:
    """Its summary, and the environment that it is about."""
    if judged.simulated:
        console.print(Text("SIMULATED devices, not this machine's.", style="bold yellow"))
    console.print(Text(judged.summary, style="bold"))
    environment = judged.environment
    named = [part for part in (environment.name, environment.prefix) if part] if environment else []
    if named:
        console.print(Text(f"Environment {', '.join(named)}", style="dim"))


def print_findings(console: Console, findings: Iterable[Finding]) -> None:
    """Each after an empty line."""
    for finding in findings:
        console.print()
        _print_finding(console, finding)


def _print_finding(console: Console, finding: Finding) -> None:
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
