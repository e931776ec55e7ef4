"""Version numbers compared as numbers."""

from __future__ import annotations

import re
from functools import lru_cache

_NUMBERS = re.compile(r"\d+(?:\.\d+)*")


# A diagnosis asks for the same few hundred versions, those of the tables, tens of thousands of times.
@lru_cache(maxsize=4096)
def numbers(text: str | None) -> tuple[int, ...]:
    """The leading dotted number: ``"450.51.06"`` to ``(450, 51, 6)``, ``"2.4.0rc4"`` to ``(2, 4, 0)``.

    Empty where there is none.
    """
    match = _NUMBERS.match(text or "")
    return tuple(int(part) for part in match[0].split(".")) if match else ()


def minor(text: str | None) -> tuple[int, int] | None:
    """Major and minor of a version. None: not both known."""
    found = numbers(text)
    return (found[0], found[1]) if len(found) >= 2 else None
