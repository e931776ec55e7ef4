"""Finds the messages that a text holds."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from ..versions import numbers
from .table import Message, Pattern, Weight, patterns
from .text import cleaned, lowered

BEFORE, AFTER = 300, 1000
"""Characters around a clue in which its pattern is looked for: this bounds what a pattern costs."""
REPEATED = 25
"""How often a clue is followed up: logs repeat themselves."""
LINE_LIMIT = 300
"""Characters of a line that are kept."""


@dataclass(frozen=True)
class Match:
    """A message that was found. ``groups``: what it names, without what it left open.

    ``line``: the line that it begins on, shortened; ``number``: that line's number, from 1.
    ``frameworks``: whose message it is, by its words or by the file that it names; empty: it does not tell.
    """

    message: Message
    groups: dict[str, str]
    line: str
    number: int
    frameworks: frozenset[str]

    @property
    def id(self) -> str:
        return self.message.id

    @property
    def codes(self) -> tuple[str, ...]:
        return self.message.codes if self.weight == self.message.weight else ("harmless-message",)

    @property
    def weight(self) -> Weight:
        """``harmless`` too where a message calls a version older than one that it is not older than.

        TensorFlow 1.12 compares ptxas's version as text, and finds 10.0 older than 9.2.
        """
        found, wanted = numbers(self.groups.get("found")), numbers(self.groups.get("wanted"))
        return "harmless" if found and wanted and found >= wanted else self.message.weight

    @property
    def meaning(self) -> str:
        """The message's meaning, with what it names."""
        return self.message.meaning.format_map(_Named(self.groups))


class _Named(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "…"


@lru_cache(maxsize=4)
def recognised(text: str) -> tuple[Match, ...]:
    """The messages in a text of any size, in its order; a stretch of text is one message only.

    Bounded in time: 1 MB is read, and a pattern sees only the surroundings of its clue.
    """
    page = _Page(cleaned(text))
    for pattern in patterns():
        for place in _places(page.lower, pattern.clue):
            page.take(pattern, place)
    return tuple(page.matches)


def _places(lower: str, clue: str) -> Iterator[int]:
    place = lower.find(clue)
    for _ in range(REPEATED):
        if place < 0:
            return
        yield place
        place = lower.find(clue, place + len(clue))


_FOLDER = re.compile(r"-packages[/\\](tensorflow|torch|jax|mxnet)(?:_core|lib)?[/\\]")
"""A file of a framework in a message."""


def _by_path(line: str) -> frozenset[str]:
    """The framework whose file the line names."""
    match = _FOLDER.search(line)
    return frozenset({match[1]}) if match else frozenset()


class _Page:
    """A text and what was found in it so far, in order and without overlaps."""

    def __init__(self, text: str) -> None:
        self.text = text
        # A clue may be broken over two lines, as a pattern may.
        self.lower = lowered(text).replace("\n", " ")
        self.matches: list[Match] = []
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._line_ends = [place for place, each in enumerate(text) if each == "\n"]

    def take(self, pattern: Pattern, clue: int) -> None:
        """Takes the message around a clue at this place, if it fits and no other has taken the place."""
        first = max(0, clue - BEFORE)
        for match in pattern.compiled().finditer(self.text[first : clue + AFTER]):
            start, end = first + match.start(), first + match.end()
            if not start <= clue < end:
                continue
            place = bisect_right(self._ends, start)
            if place < len(self._starts) and self._starts[place] < end:
                return
            groups = {name: value for name, value in match.groupdict().items() if value}
            number = bisect_left(self._line_ends, start) + 1
            line = self._line(start, clue)
            found = Match(pattern.message, groups, line, number, pattern.frameworks or _by_path(line))
            self._starts.insert(place, start)
            self._ends.insert(place, end)
            self.matches.insert(place, found)
            return

    def _line(self, start: int, clue: int) -> str:
        """The line that a message begins on; of an endless one the part around the clue."""
        first = self.text.rfind("\n", 0, start) + 1
        last = self.text.find("\n", start)
        line = self.text[first : last if last >= 0 else len(self.text)]
        if len(line) > LINE_LIMIT and clue - first > LINE_LIMIT // 2:
            line = "…" + line[min(start - first, clue - first - LINE_LIMIT // 4) :]
        line = line.strip()
        return line if len(line) <= LINE_LIMIT else line[: LINE_LIMIT - 1] + "…"
