"""Devices as the lines of a table: one each, under it what holds its memory.

Not one of rich's tables: the lines of holders go across its columns, and how much each column gets
depends on what the others leave.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from rich.text import Text

from ..api.wire import DeviceAnswer
from .bars import bar
from .device_line import (
    FAN,
    HEAD,
    HEADS,
    INDEX,
    MEMORY,
    MINUTE,
    NAME,
    POWER,
    TEMPERATURE,
    USE,
    DeviceLine,
    HolderLine,
    device_line,
)

SPARK = 12
"""Characters of a minute's sparkline."""
_RIGHT = (INDEX, MEMORY, USE, TEMPERATURE, POWER, FAN)
_BRAND = "NVIDIA "
_SHORTEST_NAME, _LONGEST_BAR = 8, 32


@dataclass(frozen=True)
class _Layout:
    """Widths of the columns (0: left out), of the bar in that of the memory, of the gap between two."""

    widths: tuple[int, ...]
    bar: int
    gap: int

    @property
    def total(self) -> int:
        shown = [width for width in self.widths if width]
        return sum(shown) + self.gap * (len(shown) - 1) + self.bar + 1

    @property
    def before_memory(self) -> int:
        """The columns up to the figures of the memory."""
        return self.widths[INDEX] + self.widths[NAME] + 2 * self.gap + self.bar

    def having(self, column: int, width: int) -> _Layout:
        return replace(self, widths=(*self.widths[:column], width, *self.widths[column + 1 :]))


def device_lines(
    devices: Sequence[DeviceAnswer],
    width: int | None,
    *,
    minutes: Mapping[str, str] | None = None,
    holders: bool = True,
) -> list[Text]:
    """The table's lines, its head first. ``width``: columns of the terminal; None: as wide as it gets.

    ``minutes``: sparklines by UUID, shown where there is room. ``holders``: whether they are listed.
    """
    lines = [
        device_line(device, devices, (minutes or {}).get(device.uuid, "")) for device in _ordered(devices)
    ]
    layout = _layout(lines, width, bool(minutes))
    made = [_drawn(HEAD, layout)]
    made[0].stylize("bold")
    for line in lines:
        made.append(_drawn(line, layout))
        indent = " " * _indent(line, layout)
        if line.note is not None:
            made.append(Text.assemble(indent, line.note))
        if holders:
            made += [_holder_line(each, indent, layout) for each in line.holders]
    for text in made:
        text.rstrip()
        if width is not None:
            text.truncate(width, overflow="ellipsis")
    return made


def _ordered(devices: Sequence[DeviceAnswer]) -> Iterable[DeviceAnswer]:
    """MIG instances behind their GPU; those whose GPU is not listed come last."""
    listed = {device.uuid for device in devices}
    for device in devices:
        if device.parent is None:
            yield device
            yield from (each for each in devices if each.parent == device.uuid)
    yield from (each for each in devices if each.parent is not None and each.parent not in listed)


def _indent(line: DeviceLine, layout: _Layout) -> int:
    """Columns before what stands under a line; a MIG instance's name is indented itself."""
    name = line.cells[NAME].plain
    return layout.widths[INDEX] + layout.gap + len(name) - len(name.lstrip()) + 2


def _layout(lines: Sequence[DeviceLine], width: int | None, minutes: bool) -> _Layout:
    """The roomiest that fits.

    What is given up in turn: the brand that all names begin with, the last minute, wide gaps, the name.
    """
    widths = [max(line.cells[column].cell_len for line in (HEAD, *lines)) for column in range(len(HEADS))]
    short = max(_short(line.cells[NAME]).cell_len for line in (HEAD, *lines))
    full = _Layout(tuple(widths), 12, 2).having(MINUTE, SPARK if minutes else 0)
    if width is None:
        complete = replace(full, bar=20)
        lacking = max((_room(line, complete) - complete.before_memory for line in lines), default=0)
        return complete.having(NAME, widths[NAME] + max(0, lacking))
    least = replace(full.having(NAME, short).having(MINUTE, 0), bar=8, gap=1)
    for wish in (full, full.having(NAME, short), replace(least, bar=12, gap=2), least):
        if wish.total <= width:
            return replace(wish, bar=min(_LONGEST_BAR, wish.bar + width - wish.total))
    return least.having(NAME, max(_SHORTEST_NAME, short - (least.total - width)))


def _room(line: DeviceLine, layout: _Layout) -> int:
    """Columns up to the figures that its holders take, uncut."""
    who = max((Text(each.name + each.pid).cell_len for each in line.holders), default=0)
    return _indent(line, layout) + 2 + who


def _short(name: Text) -> Text:
    return Text(name.plain.removeprefix(_BRAND))


def _drawn(line: DeviceLine, layout: _Layout) -> Text:
    made = Text()
    for column, width in enumerate(layout.widths):
        if not width:
            continue
        cell = line.cells[column].copy()
        if column == NAME and cell.cell_len > width:
            cell = _short(cell)
        if column == MEMORY:
            made.append(bar(line.parts, line.total, layout.bar) if line.total else " " * layout.bar)
            made.append(" ")
        cell.overflow = "ellipsis"
        cell.align("right" if column in _RIGHT else "left", width)
        made.append(cell).append(" " * layout.gap)
    return made


def _holder_line(holder: HolderLine, indent: str, layout: _Layout) -> Text:
    """Its name across those of name and bar, memory and use below those of the device."""
    name = Text(holder.name)
    name.truncate(max(4, layout.before_memory - len(indent) - 2 - len(holder.pid)), overflow="ellipsis")
    made = Text.assemble(indent, (holder.mark.glyph, holder.mark.style), " ", name, holder.pid)
    made.pad_right(layout.before_memory - made.cell_len)
    made.append(" " + holder.memory.rjust(layout.widths[MEMORY]))
    return made.append(" " * layout.gap + holder.used.rjust(layout.widths[USE]))
