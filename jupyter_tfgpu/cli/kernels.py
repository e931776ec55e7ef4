"""``jupyter tfgpu kernels``."""

from __future__ import annotations

import argparse

from .common import add_json, gib, print_json, row, service, show, table


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    with service() as asked:
        answer = asked.watching.state(asked.watching.reading(), asked.running()).kernels
    if arguments.json:
        print_json(answer)
        return 0
    if not answer.kernels:
        print("No kernel that was started with this package is running.")
        return 0
    made = table("Kernel", "Notebook", "Kernelspec", "Pin", "Memory by device")
    for kernel in answer.kernels:
        held = "\n".join(f"{device.uuid[:12]} {gib(device.memory)}" for device in kernel.devices)
        row(
            made,
            kernel.id[:8],
            kernel.notebook or "–",
            kernel.kernelspec or "–",
            kernel.pin,
            held or "–",
        )
    show(made)
    return 0
