"""What starts an explanation in a notebook: the texts of ``starts.txt``."""

from __future__ import annotations

from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("starts.txt")


@cache
def start_patterns() -> tuple[str, ...]:
    """Texts in lower case; one of them in an error or on standard error starts an explanation.

    After ``"! "``: a text whose line starts nothing.
    """
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line.strip() and not line.startswith("#"))
