"""``%tfgpu allow``: the next training cell runs, whatever is found."""

from typing import Any, List

from ..launch import ProgramError


def run(part: Any, words: List[str]) -> None:
    """Lets one pass; used up by the next cell that trains."""
    if words:
        raise ProgramError("Usage: %tfgpu allow")
    part.watcher.allowed = True
    print("The next training cell runs.")
