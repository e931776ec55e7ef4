"""What may follow ``%tfgpu`` as it is typed."""

from typing import Any, Dict, List

from ..watcher import MODES
from . import COMMANDS

PINS = ("all", "none", "auto", "auto:2")
WORDS: Dict[str, List[str]] = {
    "": sorted([*(name for name in COMMANDS if name), "help"]),
    "watch": list(MODES),
    "growth": ["on", "off"],
    "limit": ["2GiB", "4GiB", "8GiB", "16GiB"],
    "pin": list(PINS),
}


def complete(_part: Any, event: Any) -> List[str]:
    """The words that begin as the last one does."""
    line = getattr(event, "line", "").lstrip()
    if not line.startswith("%tfgpu"):
        return []  # %%tfgpu takes no words
    words = line[: len(line) - len(event.symbol)].split()[1:]
    found = WORDS.get(" ".join(words), [])
    return [one for one in found if one.startswith(event.symbol)]
