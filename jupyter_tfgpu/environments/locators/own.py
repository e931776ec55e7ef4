"""The Python that this program runs in, and any other that stands alone: a prefix with a standard library."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ...machine import Machine
from .. import files
from ..layout import lib_folders, own_prefix
from .recognised import Found, Recognised

TITLE = "the program's own Python"

_SYSTEM_PREFIXES = ("/usr", "/usr/local")


def find(machine: Machine) -> Iterator[Found]:
    """The prefix of this program's interpreter."""
    yield own_prefix()


def recognise(machine: Machine, prefix: Path) -> Recognised | None:
    """A prefix whose ``lib`` holds the standard library, which a venv's does not."""
    if not any(files.is_file(folder / "os.py") for folder in lib_folders(machine, prefix)):
        return None
    system = prefix in [machine.path(path) for path in _SYSTEM_PREFIXES]
    return Recognised("system", "system" if system else prefix.name)
