"""``%tfgpu watch``: what happens before a training cell."""

from typing import Any, List

from ..launch import ProgramError
from ..watcher import MODES


def run(part: Any, words: List[str]) -> None:
    """Says the mode, or changes it."""
    if not words:
        print("Before a training cell: {}.".format(part.watcher.mode))
        return
    if len(words) != 1 or words[0] not in MODES:
        raise ProgramError("Usage: %tfgpu watch {}".format("|".join(MODES)))
    part.watcher.mode = words[0]
