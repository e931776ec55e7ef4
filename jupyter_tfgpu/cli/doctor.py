"""``jupyter tfgpu doctor``: the report on an environment, a kernelspec or a snapshot; and its fixes."""

from __future__ import annotations

import argparse

from ..api.fix_subjects import settled
from ..api.service import Service
from ..doctor import SNAPSHOT_LIMIT, Report
from . import fix
from .common import add_json, console, print_json, service
from .findings import print_findings, print_head, read_input

FRAMEWORKS = ("tensorflow", "torch", "mxnet", "jax")


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
        data = read_input(arguments.snapshot, SNAPSHOT_LIMIT)
        report = asked.catalogue.snapshot_report(data, arguments.framework)
        return settled(report, lambda: None)  # it may be about another machine
    return asked.fixable.report(arguments.env, arguments.kernel, arguments.framework)


def _print(report: Report) -> None:
    terminal = console()
    print_head(terminal, report)
    print_findings(terminal, report.findings)
