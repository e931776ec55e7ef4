"""Environments made by virtualenv, and those that virtualenvwrapper keeps.

Where they are looked for: ``$WORKON_HOME``, ``~/.virtualenvs`` and ``~/Envs`` (virtualenvwrapper, and
virtualenvwrapper-win). virtualenv leaves the line ``virtualenv = …`` in ``pyvenv.cfg``.

Sources: virtualenv's documentation; virtualenvwrapper's, "Location of Environments".
"""

from __future__ import annotations

from collections.abc import Iterator

from ...machine import Machine
from ..disk import Disk
from ..layout import Layout
from . import places
from .recognised import Found, Inside, Recognised
from .venv import venv_name

TITLE = "virtualenvwrapper's environments"


def find(machine: Machine, disk: Disk) -> Iterator[Found]:
    """The folders of environments."""
    named = places.from_variable(machine, "WORKON_HOME")
    if named is not None:
        yield Inside(named)
    yield from (Inside(machine.home / name) for name in (".virtualenvs", "Envs"))


def recognise(machine: Machine, layout: Layout) -> Recognised | None:
    """A folder with ``pyvenv.cfg`` that virtualenv wrote."""
    if layout.settings is None or "virtualenv" not in layout.settings:
        return None
    return Recognised("virtualenv", venv_name(layout))
