"""What frameworks, CUDA, loaders and installers print, and what it means: the tables, as typed rows.

``messages.csv`` says what a message means, ``patterns*.csv`` how it is recognised: one message has a pattern
for each program, release or language that prints it otherwise. The order of the rows counts: a stretch of
text is taken by the first pattern that fits. ``causes.csv`` has the words for a cause that only a log tells.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple, cast

from ..report import Severity, Where

FOLDER = Path(__file__).parent

Weight = Literal["conclusive", "hint", "harmless"]


class Message(NamedTuple):
    """What a message means.

    ``weight``: ``conclusive`` where it alone tells that one of ``codes`` is the cause, ``hint`` where its
    causes are many, ``harmless`` where nothing is wrong. ``codes``: what it can stand for, the likeliest
    first. ``meaning``: a sentence, with ``{name}`` where a pattern's group belongs.
    """

    id: str
    weight: Weight
    codes: tuple[str, ...]
    meaning: str


class Pattern(NamedTuple):
    """How a message is recognised. ``clue``: text in lower case without which the pattern cannot fit.

    ``frameworks``: whose message it is; empty: it does not tell. ``example``: a line as it was printed.
    """

    message: Message
    frameworks: frozenset[str]
    clue: str
    regex: str
    example: str

    def compiled(self) -> re.Pattern[str]:
        return _compiled(self.regex)


class CauseText(NamedTuple):
    """How a cause is put that only a log tells. ``title`` may name the ``{framework}``.

    ``stops_import``: without its fix the framework cannot be imported. ``fix``: the way out in words.
    """

    code: str
    severity: Severity
    stops_import: bool
    title: str
    where: Where
    fix: str


def rows(name: str) -> list[dict[str, str]]:
    """The rows of ``<name>.csv`` as text, with all columns."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def messages() -> dict[str, Message]:
    """All messages by their id."""
    return {
        row["id"]: Message(
            id=row["id"],
            weight=cast(Weight, row["weight"]),
            codes=tuple(row["codes"].split()),
            meaning=row["meaning"],
        )
        for row in rows("messages")
    }


@cache
def cause_texts() -> dict[str, CauseText]:
    """The words for a cause, by its code."""
    return {
        row["code"]: CauseText(
            code=row["code"],
            severity=cast(Severity, row["severity"]),
            stops_import=row["stops_import"] == "yes",
            title=row["title"],
            where=cast(Where, row["where"]),
            fix=row["fix"],
        )
        for row in rows("causes")
    }


@cache
def patterns() -> tuple[Pattern, ...]:
    """All patterns in the order in which they are tried."""
    return tuple(_patterns())


PATTERN_FILES = ("patterns", "patterns_translated")


def _patterns() -> Iterator[Pattern]:
    known = messages()
    for name in PATTERN_FILES:
        for row in rows(name):
            yield Pattern(
                message=known[row["id"]],
                frameworks=frozenset(row["frameworks"].split()),
                clue=row["clue"],
                regex=row["pattern"],
                example=row["example"],
            )


@cache
def _compiled(regex: str) -> re.Pattern[str]:
    # A line may have been broken between any two words, and the next one be indented.
    return re.compile(regex.replace(" ?", r"\s{0,40}").replace(" ", r"\s{1,40}"), re.IGNORECASE)
