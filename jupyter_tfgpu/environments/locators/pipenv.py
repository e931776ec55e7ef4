"""Pipenv's environments: ``<project>-<8 of a hash>``, with the project's folder in the file ``.project``.

Where they are looked for: ``$WORKON_HOME``, else ``virtualenvs`` in the user's data folder, on Windows
``~/.virtualenvs``. With ``PIPENV_VENV_IN_PROJECT`` they are a project's ``.venv`` (``venv``).

Sources: pipenv's documentation of virtual environments; ``get_workon_home`` and ``do_create_virtualenv``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PureWindowsPath

from ...machine import Machine
from .. import files
from ..disk import Disk
from ..layout import Layout
from . import places
from .recognised import Found, Inside, Recognised

TITLE = "pipenv's environments"

_NAME = re.compile(r"(?P<project>.+)-[A-Za-z0-9_-]{8}(?:-.+)?")
_UNFIT = re.compile(r'[ &$`!*@"()\[\]\\\r\n\t]')
_NAME_LENGTH = 42


def find(machine: Machine, disk: Disk) -> Iterator[Found]:
    """The folder of pipenv's environments."""
    named = places.from_variable(machine, "WORKON_HOME")
    if named is not None:
        yield Inside(named)
    elif machine.platform == "win32":
        yield Inside(machine.home / ".virtualenvs")
    else:
        yield Inside(places.xdg(machine, "XDG_DATA_HOME", ".local/share") / "virtualenvs")


def recognise(machine: Machine, layout: Layout) -> Recognised | None:
    """A venv named as pipenv names them, or a project's ``.venv``, with a ``.project`` that agrees.

    virtualenvwrapper writes that file too, but its user chooses the environment's name.
    """
    prefix = layout.prefix
    made = _NAME.fullmatch(prefix.name)
    if (made is None and prefix.name != ".venv") or layout.settings is None:
        return None
    project = _name_of(files.read_text(prefix / ".project", 4096) or "")
    if not project:
        return None
    stated = made["project"] if made else prefix.parent.name
    if stated.lower() not in (project.lower(), _UNFIT.sub("_", project)[:_NAME_LENGTH].lower()):
        return None
    return Recognised("pipenv", project)


def _name_of(text: str) -> str:
    """The last part of the path that ``.project`` holds."""
    path = text.strip()
    return PureWindowsPath(path).name if "\\" in path else Path(path).name
