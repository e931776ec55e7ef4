"""What may follow ``%tfgpu`` as it is typed. Asks nobody: devices are those of the server's state file."""

from typing import Any, Dict, List

from ..state import StateFile
from ..watcher import MODES
from . import COMMANDS

PINS = ["all", "none", "auto", "auto:2", "auto:1,8GiB"]
WORDS: Dict[str, List[str]] = {
    "": sorted([name for name in COMMANDS if name] + ["help"]),
    "watch": list(MODES),
    "growth": ["on", "off"],
    "limit": ["2GiB", "4GiB", "8GiB", "16GiB"],
}


def complete(part: Any, event: Any) -> List[str]:
    """The words that begin as the one does that is being typed. ``event``: with the line up to the cursor
    (``line``) and that word (``symbol``); IPython breaks words at ``:``, ``,`` and ``-`` too."""
    line = str(event.line).lstrip()
    if not line.startswith("%tfgpu"):
        return []  # %%tfgpu takes no words
    words = line.split(" ")
    before = [word for word in words[1:-1] if word]
    if before == ["pin"]:
        choices = PINS + _devices(part)
    else:
        choices = WORDS.get(" ".join(before), [])
    # Of a word that IPython has broken, what stands before the last piece is there already.
    there = len(words[-1]) - len(event.symbol)
    found = [one[there:] for one in choices if one.startswith(words[-1])]
    return [one for one in found if one]


def _devices(part: Any) -> List[str]:
    """Indices and UUIDs, as far as they are known without asking."""
    state = StateFile(part.launch.state_file).read()
    devices = state["devices"] if state is not None else []
    indices = [str(one["index"]) for one in devices if one["index"] is not None]
    return indices + [one["uuid"] for one in devices]
