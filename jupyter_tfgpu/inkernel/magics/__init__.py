"""``%tfgpu`` and ``%%tfgpu``: a module a thing, loaded when its word is first used.

For others, by way of :mod:`..extension`: ``run``, ``run_cell``, ``transform``, ``measure`` and ``complete``.
"""

import importlib
import inspect
from typing import Any, List

from ..extension import report_failure
from ..launch import ProgramError

COMMANDS = {
    "": "devices",
    "check": "check",
    "pin": "pin",
    "explain": "explain",
    "growth": "growth",
    "limit": "limit",
    "watch": "watch",
    "allow": "allow",
}
"""By the first word the module whose ``run(part, words)`` it is."""


def run(part: Any, line: str) -> None:
    """Runs the magic with these words. Raises IPython's ``UsageError``, shown without a traceback."""
    words = line.split()
    name = words[0] if words else ""
    if name == "help":
        print(usage(part))
        return
    try:
        if name not in COMMANDS:
            raise ProgramError("%tfgpu does not know “{}”.\n{}".format(name[:60], usage(part)))
        _module(COMMANDS[name]).run(part, words[1:])
    except ProgramError as error:
        raise _usage_error(str(error)) from None
    except Exception as error:  # a fault of ours, which is no traceback in a notebook
        report_failure("%tfgpu " + name, error)
        raise _usage_error(
            "%tfgpu {} failed: {!r}. The kernel's log says it too.".format(name, error)
        ) from None


def run_cell(part: Any, line: str, cell: str) -> None:
    """Runs the cell, measured; where :func:`transform` was not asked. Raises what the cell raises."""
    if line.strip():
        raise _usage_error("%%tfgpu takes no further words.")
    if not cell.strip():
        raise _usage_error("%%tfgpu measures a cell, and this one is empty. The devices: %tfgpu")
    _module("measuring").run_cell(part, cell)


def transform(part: Any, lines: List[str]) -> List[str]:
    """The lines of a cell whose first is ``%%tfgpu``: with a call that begins to measure in its place."""
    return _module("measuring").transform(part, lines)  # type: ignore[no-any-return]


def measure(part: Any) -> None:
    """Measures from now on to the cell's end, and shows that. The call that :func:`transform` sets."""
    _module("measuring").begin(part)


def complete(part: Any, event: Any) -> List[str]:
    """What may follow what is typed; ``event`` as IPython's hook ``complete_command`` gives it."""
    return _module("completing").complete(part, event)  # type: ignore[no-any-return]


def usage(part: Any) -> str:
    """What the magics do, a line each: the magic's own documentation."""
    text = inspect.getdoc(part.magic) or ""  # nothing under python -OO
    return text.split("\n\n", 1)[-1]


def _module(name: str) -> Any:
    return importlib.import_module("." + name, __name__)


def _usage_error(text: str) -> Exception:
    from IPython.core.error import UsageError

    _module("said_before").keep()
    return UsageError(text)
