"""Small pictures made of characters: who holds a memory, and how busy a device was."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.text import Text

from ..api.wire import Holder

REST, FREE = "░", "·"
_GLYPHS = "█▓▒"
"""Of holders, in turn: they can be told apart without colours too."""
_COLOURS = ("cyan", "magenta", "green", "blue", "yellow")
QUIET = "bright_black"
"""The colour of what is nobody's here: other users' processes, and memory of no visible process."""
_LEVELS = "▁▂▃▄▅▆▇█"

ASCII = str.maketrans("█▓▒░·▁▂▃▄▅▆▇–…°“”", '#=+:.__..--=-~ ""')
"""For terminals that know nothing else; one character for one, so that columns stay where they are."""


@dataclass(frozen=True)
class Mark:
    """How a holder is drawn, in the bar and before its name."""

    glyph: str
    style: str


def marks(holders: Sequence[Holder]) -> list[Mark]:
    """One for each holder, in their order."""
    return [
        Mark(
            _GLYPHS[number % len(_GLYPHS)],
            QUIET if holder.user == "other" else _COLOURS[number % len(_COLOURS)],
        )
        for number, holder in enumerate(holders)
    ]


def bar(parts: Iterable[tuple[int, Mark]], total: int, width: int) -> Text:
    """``total`` drawn as ``width`` characters, of which each part (bytes) gets its share."""
    made, drawn, size = Text(), 0, 0
    for part, mark in parts:
        size += part
        end = min(width, round(size / total * width))
        made.append(mark.glyph * (end - drawn), mark.style)
        drawn = max(drawn, end)
    return made.append(FREE * (width - drawn), "dim")


def sparkline(
    times: Sequence[float], values: Sequence[float | None], now: float, interval: float, width: int
) -> str:
    """Fractions (0-1) of the last minute before ``now`` as ``width`` characters, the newest last.

    Each is the mean of its share of the minute. With readings further apart than that (``interval``:
    seconds) the last one stands until the next is due. A space: not known.
    """
    step = 60 / width
    hold = max(step, 1.5 * interval)
    known = [(time, value) for time, value in zip(times, values, strict=True) if value is not None]
    drawn = []
    for cell in range(width):
        end = now - (width - 1 - cell) * step
        inside = [value for time, value in known if end - step < time <= end]
        before = [value for time, value in known if end - hold < time <= end]
        value = sum(inside) / len(inside) if inside else before[-1] if before else None
        drawn.append(" " if value is None else _LEVELS[min(len(_LEVELS) - 1, int(value * len(_LEVELS)))])
    return "".join(drawn)
