"""``jupyter tfgpu envs``."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from ..api.wire import EnvironmentAnswer
from ..environments import Framework
from .common import add_json, complain, console, print_json, printable, service

STYLES = {"ok": "green", "degraded": "yellow", "broken": "red", "cpu": "blue"}
FRAMEWORKS = {"tensorflow": "TensorFlow", "torch": "PyTorch", "jax": "JAX", "mxnet": "MXNet"}
_INDENT = 4


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_json(parser)
    parser.add_argument(
        "--refresh",
        action="store_true",
        help="look again; a program of its own always does, a server remembers",
    )


def run(arguments: argparse.Namespace) -> int:
    with service() as asked:
        asked.catalogue.judge_all()
        answer = asked.catalogue.environments()
    if arguments.json:
        print_json(answer)
        return 0
    if answer.environments:
        _print(answer.environments)
    else:
        print(
            "No environment was found. A folder of environments can be named in JUPYTER_TFGPU_ENVIRONMENTS."
        )
    for problem in answer.problems:
        complain(problem)
    if answer.suggested:
        complain("Kernelspecs can be brought up to date: jupyter tfgpu specs sync --dry-run")
    return 0


def _print(environments: tuple[EnvironmentAnswer, ...]) -> None:
    """A line for each with what it is, under it what it holds: nothing is cut or folded in a column."""
    terminal = console()
    kinds = max(len(each.kind) for each in environments)
    beside = kinds + max(len(style) for style in STYLES) + 4
    longest = max(Text(each.label).cell_len for each in environments)
    room = min(longest, terminal.width - beside) if terminal.is_terminal else longest
    for environment in environments:
        verdict = environment.verdict
        head = Text(environment.label, style="bold")
        if head.cell_len > room:  # the rest of the line goes below
            head.append("\n")
        else:
            head.pad_right(room - head.cell_len)
        head.append("  " + environment.kind.ljust(kinds), style="not bold")
        if verdict is not None:
            head.append(f"  {verdict}", style=f"not bold {STYLES[verdict]}")
        terminal.print(head, soft_wrap=True)
        for line in _details(environment):
            _indented(terminal, line)


def _details(environment: EnvironmentAnswer) -> Iterator[Text]:
    yield Text(printable(environment.prefix), style="dim")
    holds = [f"Python {environment.python}"] if environment.python else []
    holds += [_framework(each) for each in environment.frameworks]
    holds += [f"ipykernel {environment.ipykernel}"] if environment.ipykernel else []
    if holds:
        yield Text(", ".join(holds))
    if environment.own_kernels:
        names = (f"{each.display_name} ({each.name})" for each in environment.own_kernels)
        yield Text(printable(f"kernels of its own: {', '.join(names)}"))
    yield Text(f"kernelspecs: {', '.join(environment.kernelspecs) or '–'}")
    for problem in (environment.problem, environment.activation_problem):
        if problem:
            yield Text(printable(problem), style="yellow")


def _framework(framework: Framework) -> str:
    text = f"{FRAMEWORKS[framework.name]} {framework.version or '–'}"
    if framework.build == "unknown":
        return text
    cuda = f", CUDA {framework.cuda}" if framework.cuda else ""
    return f"{text} ({framework.build.upper()} build{cuda})"


def _indented(terminal: Console, line: Text) -> None:
    # Whoever reads a pipe folds it himself.
    parts = line.wrap(terminal, max(1, terminal.width - _INDENT)) if terminal.is_terminal else [line]
    for part in parts:
        terminal.print(Text(" " * _INDENT).append_text(part), soft_wrap=True)
