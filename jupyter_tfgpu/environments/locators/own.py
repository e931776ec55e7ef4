"""The Python that this program runs in, what the user names, and any other Python that stands alone.

Looked at: the prefix of this program's interpreter; each place in ``JUPYTER_TFGPU_ENVIRONMENTS`` (separated
as in PATH), as a prefix and as a folder of prefixes.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...machine import Machine
from ..disk import Disk
from ..layout import Layout, has_standard_library, own_prefix
from . import places
from .recognised import Found, Inside, Recognised, folder_name

TITLE = "the program's own Python"


def find(machine: Machine, disk: Disk) -> Iterator[Found]:
    """This program's prefix, and the places named by the user."""
    yield own_prefix()
    for place in places.named(machine):
        yield place
        yield Inside(place)


def recognise(machine: Machine, layout: Layout) -> Recognised | None:
    """A prefix whose ``lib`` holds the standard library, which a venv's does not."""
    return Recognised("system", folder_name(layout.prefix)) if has_standard_library(layout) else None
