"""``jupyter tfgpu kernels``."""

from __future__ import annotations

import argparse

from rich.console import Console
from rich.table import Table

from .common import add_json, gib, print_json, service


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    with service() as asked:
        answer = asked.watching.kernels(asked.running())
    if arguments.json:
        print_json(answer)
        return 0
    if not answer.kernels:
        print("No kernel that was started with this package is running.")
        return 0
    table = Table(show_edge=False, pad_edge=False)
    for name in ("Kernel", "Notebook", "Kernelspec", "Pin", "Memory by device"):
        table.add_column(name, overflow="fold")
    for kernel in answer.kernels:
        held = "\n".join(f"{device.uuid[:12]} {gib(device.memory)}" for device in kernel.devices)
        table.add_row(
            kernel.id[:8], kernel.notebook or "–", kernel.kernelspec or "–", kernel.pin, held or "–"
        )
    Console().print(table)
    return 0
