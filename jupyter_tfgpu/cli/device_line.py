"""What is said of a device on its line of a table, and below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from rich.text import Text

from ..api.wire import DeviceAnswer, Holder
from .bars import QUIET, REST, Mark, marks
from .common import gib, percent, printable

HEADS = ("GPU", "Name", "Memory", "Use", "Last minute", "Temp.", "Power", "Fan", "Slowed by")
INDEX, NAME, MEMORY, USE, MINUTE, TEMPERATURE, POWER, FAN, SLOWED = range(len(HEADS))
_WORTH_A_LINE = 0.05
"""Of the memory: less that belongs to no visible process is what the driver keeps for itself."""

_SLOWED_BY = {
    "power": ("power", ""),
    "thermal": ("heat", "bold yellow"),
    "sync-boost": ("sync", ""),
    "power-brake": ("brake", "bold yellow"),
    "board-limit": ("board", ""),
    "reliability": ("voltage", ""),
    "hardware": ("hardware", "bold yellow"),
}
"""Reasons in a word; coloured where something is wrong with the machine, rather than at its limits."""
_STATES = {
    "lost": "lost",
    "reset-required": "needs a reset",
    "not-answering": "does not answer",
    "error": "answers with an error",
}


@dataclass(frozen=True)
class HolderLine:
    """Who holds memory: how that is drawn in the bar, a name, a pid in brackets, how much, how busy."""

    mark: Mark
    name: str
    pid: str
    memory: str
    used: str


@dataclass(frozen=True)
class DeviceLine:
    """A device's cells, one for each of HEADS, and what stands under them.

    ``parts``: of its memory, in bytes, with how they are drawn. ``total``: that memory; None: not known.
    """

    cells: tuple[Text, ...]
    parts: tuple[tuple[int, Mark], ...] = ()
    total: int | None = None
    note: Text | None = None
    holders: tuple[HolderLine, ...] = ()


HEAD = DeviceLine(tuple(Text(head) for head in HEADS))


def device_line(device: DeviceAnswer, devices: Sequence[DeviceAnswer], minute: str) -> DeviceLine:
    """``devices``: all that are listed. ``minute``: the sparkline of its last minute."""
    memory, power = device.memory, device.power
    cells = (
        Text("" if device.index is None else str(device.index)),
        Text(_name(device, devices)),
        Text("–" if memory is None else f"{_number(memory.used)}/{gib(memory.total)}"),
        Text(percent(device.utilization.gpu if device.utilization else None)),
        Text(minute, "cyan"),
        Text("–" if device.temperature is None else f"{device.temperature} °C"),
        Text("–" if power is None else f"{_watts(power.usage)}/{_watts(power.limit)} W"),
        Text(percent(device.fan)),
        _slowed_by(device.throttle),
    )
    return DeviceLine(
        cells, _parts(device), memory.total if memory else None, _note(device), _holders(device)
    )


def _parts(device: DeviceAnswer) -> tuple[tuple[int, Mark], ...]:
    """What each holder has, then what is in use besides."""
    pairs = zip(device.holders, marks(device.holders), strict=True)
    held = [(holder.memory, mark) for holder, mark in pairs if holder.memory]
    used = (device.memory.used if device.memory else None) or 0
    return (*held, (max(0, used - sum(size for size, _ in held)), Mark(REST, QUIET)))


def _name(device: DeviceAnswer, devices: Sequence[DeviceAnswer]) -> str:
    """A MIG instance's without that of its GPU, under which it stands."""
    name = printable(device.name or device.uuid)
    if device.parent is None:
        return name
    parent = next((each.name for each in devices if each.uuid == device.parent), None)
    return "  " + name.removeprefix(f"{parent} ")


def _slowed_by(reasons: tuple[str, ...] | None) -> Text:
    if reasons is None:
        return Text("–")
    words = [_SLOWED_BY.get(reason, (reason, "")) for reason in reasons]
    return Text(", ").join(Text(word, style) for word, style in words) if words else Text("no")


def _note(device: DeviceAnswer) -> Text | None:
    """What is out of the ordinary; None where nothing is."""
    said: list[Text] = []
    if device.state != "ok":
        said.append(Text(_STATES.get(device.state, device.state), "bold red"))
    if device.ecc and device.ecc.uncorrected:
        said.append(Text(f"memory errors not corrected: {device.ecc.uncorrected}", "bold yellow"))
    if device.host_memory:
        said.append(Text("shares the host's memory"))
    if not device.allotted:
        said.append(Text("not allotted", "dim"))
    return Text(", ").join(said) if said else None


def _holders(device: DeviceAnswer) -> tuple[HolderLine, ...]:
    made = [
        HolderLine(mark, _who(holder), f" ({holder.pid})", gib(holder.memory), percent(holder.utilization))
        for holder, mark in zip(device.holders, marks(device.holders), strict=True)
    ]
    rest, total = device.unattributed_memory, device.memory.total if device.memory else None
    if rest and total and rest >= total * _WORTH_A_LINE:
        made.append(HolderLine(Mark(REST, QUIET), "not visible from here", "", gib(rest), percent(None)))
    return tuple(made)


def _who(holder: Holder) -> str:
    if holder.notebook:
        return printable(PurePath(holder.notebook).name)
    if holder.command:
        return printable(holder.command)
    return "another user" if holder.user == "other" else "a process"


def _number(size: int | None) -> str:
    return "–" if size is None else f"{size / 2**30:.1f}"


def _watts(power: int | None) -> str:
    return "–" if power is None else f"{power / 1000:.0f}"
