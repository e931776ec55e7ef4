"""What a rule is, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

from ..report import Finding
from ..subject import Subject


class Found(NamedTuple):
    """A finding. ``stops_import``: until it is mended the framework cannot be imported, GPU or not."""

    finding: Finding
    stops_import: bool = False


class Rule(NamedTuple):
    """A rule looks for one cause and is silent (None) where a fact it rests on is not known.

    ``about``: ``machine`` rules run once, ``framework`` rules once for each framework that is judged.
    """

    code: str
    about: Literal["machine", "framework"]
    check: Callable[[Subject], Found | None]
