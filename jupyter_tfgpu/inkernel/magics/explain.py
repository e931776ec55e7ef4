"""``%tfgpu explain``: what the last error, or these words, mean here."""

import sys
from typing import Any, List

from ..explaining.said import traceback_text
from ..launch import ProgramError
from . import said_before


def run(part: Any, words: List[str]) -> None:
    """Shows our program's explanation."""
    text = " ".join(words) or _last_error()
    if not text:
        raise ProgramError("There was no error in this kernel yet. For a text: %tfgpu explain WORDS")
    displays = part.explaining.explain(text)
    for display in displays:
        part.shell.display_pub.publish(display, {})
    if not displays:
        print("Nothing is known of it.")


def _last_error() -> str:
    """The last traceback that IPython has shown; a magic's own refusal is none."""
    from IPython.core.error import UsageError

    error = getattr(sys, "last_value", None)
    if isinstance(error, UsageError):
        return said_before.text
    return "" if error is None else traceback_text(error)
