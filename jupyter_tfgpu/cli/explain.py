"""``jupyter tfgpu explain``: what a traceback or a log means here."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from ..api.errors import BadInput
from ..api.explain import FILE_LIMIT, decoded
from ..doctor import Explanation
from ..doctor.explanation import ExplainedLine, MemoryHolder, MemoryUse
from .common import add_json, complain, gib, print_json, printable, service
from .common import console as terminal
from .doctor import add_choice, print_finding

MARKS = {
    "cause": ("cause", "bold red"),
    "hint": ("hint", "bold yellow"),
    "harmless": ("harmless", "green"),
    "note": ("note", "dim"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_json(parser)
    parser.add_argument(
        "file", nargs="?", default="-", metavar="FILE|-", help="the text; '-' or nothing: standard input"
    )
    add_choice(parser)


def run(arguments: argparse.Namespace) -> int:
    text = decoded(_read(arguments.file))
    with service() as asked:
        answer = asked.explainer.in_environment(text, arguments.env, arguments.kernel)
    if arguments.json:
        print_json(answer)
    else:
        _print(answer)
    serious = any(each.severity == "error" for each in (*answer.findings, *answer.others))
    return 1 if serious else 0


def _read(name: str) -> bytes:
    try:
        if name == "-":
            if sys.stdin.isatty():
                complain("Paste the message, then end with Ctrl-D (Ctrl-Z and Enter on Windows).")
            return sys.stdin.buffer.read(FILE_LIMIT + 1)
        with Path(name).open("rb") as file:
            return file.read(FILE_LIMIT + 1)
    except OSError as error:
        raise BadInput(f"{name}: {error.strerror}.", reason="unreadable", detail={"file": name}) from None


def _print(answer: Explanation) -> None:
    console = terminal()
    if answer.simulated:
        console.print(Text("SIMULATED devices, not this machine's.", style="bold yellow"))
    console.print(Text(answer.summary, style="bold"))
    judged = answer.environment
    named = [part for part in (judged.name, judged.prefix) if part] if judged else []
    if named:
        console.print(Text(f"Environment {', '.join(named)}", style="dim"))
    for finding in answer.findings:
        console.print()
        print_finding(console, finding)
    if answer.lines:
        _head(console, "In the text")
        for line in answer.lines:
            _print_line(console, line)
    if answer.unknown:
        _head(console, "Not known here")
        for each in answer.unknown:
            console.print(Padding(Text(printable(each)), (0, 0, 0, 2)))
    if answer.memory:
        _head(console, "Who holds the GPUs' memory")
        for use in answer.memory:
            _print_memory(console, use)
    if answer.others:
        _head(console, "Found here beside it")
        for finding in answer.others:
            console.print()
            print_finding(console, finding)


def _head(console: Console, words: str) -> None:
    console.print()
    console.print(Text(words, style="bold"))


def _print_line(console: Console, line: ExplainedLine) -> None:
    word, style = MARKS[line.kind]
    again = f" ({line.times} times)" if line.times > 1 else ""
    console.print(Padding(Text.assemble((word, style), f" line {line.number}{again}"), (0, 0, 0, 2)))
    console.print(Padding(Text(printable(line.line), style="dim"), (0, 0, 0, 4)))
    said = f"{line.meaning} {line.here}" if line.here else line.meaning
    console.print(Padding(Text(said), (0, 0, 0, 4)))


def _print_memory(console: Console, use: MemoryUse) -> None:
    index = "–" if use.index is None else use.index
    head = f"GPU {index} {use.name or ''}: {gib(use.free)} of {gib(use.total)} free"
    console.print(Padding(Text(head), (0, 0, 0, 2)))
    for holder in use.holders or ():
        console.print(Padding(Text(f"· {_holder(holder)}", style="dim"), (0, 0, 0, 4)))


def _holder(holder: MemoryHolder) -> str:
    who = holder.notebook or (f"kernel {holder.kernel_id}" if holder.kernel_id else f"process {holder.pid}")
    own = ", this kernel" if holder.this_kernel else ""
    return f"{gib(holder.memory)} {printable(who)}{own}"
