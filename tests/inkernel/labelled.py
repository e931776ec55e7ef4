"""Notebooks written for this, as people write tutorials, each cell with the answer that is right.

``notebooks/development`` was at hand when the recogniser was written; the labels of ``notebooks/held_out``
were set before it saw one of those cells. A cell begins with ``#:`` and its label: ``trains`` and the
framework, ``imports`` and the frameworks it is the first to import, or ``no``. A cell that does both trains.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

PARTS = ("development", "held_out")

_FOLDER = Path(__file__).with_name("notebooks")


@dataclass(frozen=True)
class Cell:
    """A cell: ``label`` is ``trains``, ``imports`` or ``no``."""

    notebook: str
    number: int
    label: str
    frameworks: tuple[str, ...]
    source: str


@cache
def notebooks(part: str) -> tuple[tuple[Cell, ...], ...]:
    """The cells of each notebook of a part, in the order in which they run."""
    return tuple(_cells(path) for path in sorted((_FOLDER / part).glob("*.txt")))


def _cells(path: Path) -> tuple[Cell, ...]:
    cells = []
    for number, text in enumerate(f"\n{path.read_text()}".split("\n#: ")[1:]):
        head, _, source = text.partition("\n")
        label, *frameworks = head.split()
        cells.append(Cell(path.stem, number, label, tuple(frameworks), source.rstrip("\n")))
    return tuple(cells)
