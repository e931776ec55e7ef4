"""Releases that are broken as published, and what has to be there for their bug to be met."""

from __future__ import annotations

from functools import cache
from typing import Literal, NamedTuple

from ..versions import numbers
from .packages import Range
from .tables import table


class KnownBug(NamedTuple):
    """A bug of ``package``, in its ``versions``.

    It is met where all that is stated holds: ``platform`` (the host's system), ``installer`` (conda or pip),
    ``beside`` (another package and its oldest release with the bug), ``variable`` (a name and a regular
    expression for its value's beginnings), ``gfx`` (AMD targets, any of them), ``log`` (what was printed).
    ``requirement``: what to install instead, by the tool that installed the package.
    """

    id: str
    package: str
    versions: Range
    platform: str
    installer: str
    beside: tuple[str, str] | None
    variable: tuple[str, str] | None
    gfx: tuple[str, ...]
    log: str
    severity: Literal["error", "warning"]
    stops_import: bool
    what: str
    consequence: str
    requirement: str


def _pair(text: str, separator: str) -> tuple[str, str] | None:
    name, _, rest = text.partition(separator)
    return (name, rest) if name and rest else None


@cache
def known_bugs() -> tuple[KnownBug, ...]:
    """All that the table holds."""
    return tuple(
        KnownBug(
            id=row["id"],
            package=row["package"],
            versions=Range(numbers(row["first"]), numbers(row["last"])),
            platform=row["platform"],
            installer=row["installer"],
            beside=_pair(row["beside"], ">="),
            variable=_pair(row["variable"], "="),
            gfx=tuple(row["gfx"].split()),
            log=row["log"],
            severity=row["severity"],  # type: ignore[arg-type]
            stops_import=row["stops_import"] == "yes",
            what=row["what"],
            consequence=row["consequence"],
            requirement=row["requirement"],
        )
        for row in table("known_bugs")
    )
