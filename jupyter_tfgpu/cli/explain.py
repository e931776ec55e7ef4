"""``jupyter tfgpu explain``: what a traceback or a log means here."""

from __future__ import annotations

import argparse
import sys

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from ..api.errors import BadInput
from ..api.explain import FILE_LIMIT, Explainer, decoded
from ..doctor import Explanation
from ..doctor.explanation import ExplainedLine, MemoryHolder, MemoryUse
from .common import add_json, complain, gib, print_json, printable, service
from .common import console as terminal
from .doctor import add_choice
from .findings import print_findings, print_head, read_input

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
    parser.add_argument(
        "--process",
        type=int,
        metavar="PID",
        help="the running process that printed it and has this program run: with the variables that it has",
    )


def run(arguments: argparse.Namespace) -> int:
    if arguments.file == "-" and sys.stdin.isatty():
        complain("Paste the message, then end with Ctrl-D (Ctrl-Z and Enter on Windows).")
    text = decoded(read_input(arguments.file, FILE_LIMIT))
    with service() as asked:
        answer = _answer(asked.explainer, text, arguments)
    if arguments.json:
        print_json(answer)
    else:
        _print(answer)
    serious = any(each.severity == "error" for each in (*answer.findings, *answer.others))
    return 1 if serious else 0


def _answer(explainer: Explainer, text: str, arguments: argparse.Namespace) -> Explanation:
    if arguments.process is None:
        return explainer.in_environment(text, arguments.env, arguments.kernel)
    if arguments.kernel is not None:
        raise BadInput("--process is of an environment: --env, not --kernel.", reason="bad-usage")
    return explainer.in_process(text, arguments.process, arguments.env)


def _print(answer: Explanation) -> None:
    console = terminal()
    print_head(console, answer)
    print_findings(console, answer.findings)
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
        for each in answer.advice:
            console.print(Padding(Text(f"→ {printable(each)}"), (0, 0, 0, 2)))
    if answer.others:
        _head(console, "Found here beside it")
        print_findings(console, answer.others)


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
