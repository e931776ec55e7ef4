"""conda's line selectors: comments in a condarc that say which file's settings count, and in which order.

``#!final`` behind a key: what files read later say of it does not count. ``#!top`` and ``#!bottom`` behind a
line of a list: it comes before, and behind, the lines of all files. Sources: conda's documentation, "How to
use line selectors"; ``SequenceLoadedParameter.merge`` and ``PrimitiveLoadedParameter.merge`` in
``conda/common/configuration.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import msgspec

BEGIN = "#!"
_SELECTOR = re.compile(r"[^#]*(?<=\s)#!(final|top|bottom)\s*")
"""All of the comment; one that says more is none."""


class Selected(msgspec.Struct, frozen=True, kw_only=True):
    """The selectors of one key. ``top``, ``bottom``: which lines of its list."""

    final: bool = False
    top: tuple[int, ...] = ()
    bottom: tuple[int, ...] = ()


class Stated(msgspec.Struct, frozen=True):
    """What one file says of a key: the lines of its list, with their selectors."""

    lines: tuple[str, ...]
    selected: Selected = Selected()


Value = TypeVar("Value")


def read(text: str) -> dict[str, Selected]:
    """The selectors of the keys at the top level of a YAML text, which is known to be legible."""
    import yaml

    root = yaml.compose(text, yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode):
        return {}
    lines = text.splitlines()
    found = {}
    for key, value in root.value:
        listed = value.value if isinstance(value, yaml.SequenceNode) else ()
        behind = [_behind(lines, each) for each in listed]
        found[str(key.value)] = Selected(
            final=_behind(lines, key) == "final",
            top=tuple(at for at, selector in enumerate(behind) if selector == "top"),
            bottom=tuple(at for at, selector in enumerate(behind) if selector == "bottom"),
        )
    return found


def _behind(lines: Sequence[str], node: Any) -> str | None:
    """The selector that ends the line on which a node ends."""
    mark = node.end_mark
    selector = _SELECTOR.fullmatch(lines[mark.line][mark.column :]) if mark.line < len(lines) else None
    return selector[1] if selector else None


def that_count(stated: Iterable[tuple[Value, bool]]) -> list[Value]:
    """Of what files say of a key, in the order in which they are read, each with whether it is final: that
    up to the first that is."""
    found = []
    for value, final in stated:
        found.append(value)
        if final:
            break
    return found


def merged(stated: Iterable[Stated]) -> tuple[str, ...]:
    """The list that several files make together, in the order in which they are read: those of the later
    ones come first."""
    counting = that_count((each, each.selected.final) for each in stated)
    top = [each.lines[at] for each in counting for at in each.selected.top]
    bottom = [each.lines[at] for each in reversed(counting) for at in each.selected.bottom]
    everything = [line for each in reversed(counting) for line in each.lines]
    ordered = tuple(dict.fromkeys((*top, *everything)))
    return tuple(reversed(dict.fromkeys((*reversed(bottom), *reversed(ordered)))))
