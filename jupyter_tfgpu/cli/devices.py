"""``jupyter tfgpu devices``."""

from __future__ import annotations

import argparse
import time

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from ..api.service import Service
from ..api.wire import DeviceAnswer, Holder, ReadingAnswer
from .common import add_json, gib, percent, print_json, row, service, table

INTERVAL = 2.0
"""Seconds between two documents of ``--watch``."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_json(parser)
    parser.add_argument("--watch", action="store_true", help="go on until interrupted")


def run(arguments: argparse.Namespace) -> int:
    with service() as asked:
        if not arguments.watch:
            _print(asked.watching.devices(), arguments.json)
        elif arguments.json:
            _watch_json(asked)
        else:
            _watch(asked)
    return 0


def _print(answer: ReadingAnswer, as_json: bool) -> None:
    if as_json:
        print_json(answer)
    else:
        Console().print(_page(answer))


def _watch_json(asked: Service) -> None:
    while True:
        print_json(asked.watching.devices())
        time.sleep(INTERVAL)


def _watch(asked: Service) -> None:
    with Live(_page(asked.watching.devices()), console=Console(), screen=False) as live:
        while True:
            time.sleep(INTERVAL)
            live.update(_page(asked.watching.devices()))


def _page(answer: ReadingAnswer) -> Group:
    parts: list[Text | Table] = []
    if answer.simulated:
        parts.append(Text("SIMULATED devices, not this machine's.", style="bold yellow"))
    driver = answer.driver
    if driver.status == "ok":
        parts.append(Text(f"Driver {driver.version or '–'}, up to CUDA {driver.cuda_version or '–'}"))
    if driver.message or driver.status != "ok":
        parts.append(Text(driver.message or f"The driver is in the state {driver.status}.", style="bold"))
    if driver.advice:
        parts.append(Text(driver.advice))
    if answer.devices:
        parts.append(_table(answer.devices))
    elif driver.status == "ok":
        parts.append(Text("The driver lists no device."))
    return Group(*parts)


def _table(devices: tuple[DeviceAnswer, ...]) -> Table:
    made = table("GPU", "Name", "Memory", "Use", "Temp.", "Power", "Held by")
    for column in made.columns[2:6]:
        column.justify = "right"
    for device in devices:
        memory, power = device.memory, device.power
        row(
            made,
            "–" if device.index is None else str(device.index),
            _name(device),
            "–" if memory is None else f"{gib(memory.used)} / {gib(memory.total)}",
            percent(device.utilization.gpu if device.utilization else None),
            "–" if device.temperature is None else f"{device.temperature} °C",
            "–" if power is None or power.usage is None else f"{power.usage / 1000:.0f} W",
            "\n".join(_holder(holder) for holder in device.holders) or "–",
        )
    return made


def _name(device: DeviceAnswer) -> str:
    name = device.name or device.uuid
    marks: list[str] = [] if device.state == "ok" else [device.state]
    if not device.allotted:
        marks.append("not allotted")
    return name + (f" ({', '.join(marks)})" if marks else "")


def _holder(holder: Holder) -> str:
    who = holder.notebook or holder.command or ("another user" if holder.user == "other" else "a process")
    return f"{who} ({holder.pid}) {gib(holder.memory)}"
