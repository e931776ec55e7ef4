"""uv's environments, and the Pythons that it manages.

Where they are looked for: ``$UV_PROJECT_ENVIRONMENT``, where it is relative in each project (``projects``); a
project's ``.venv`` is found with every other venv there (``venv``). The Pythons lie in
``$UV_PYTHON_INSTALL_DIR``, else in ``uv/python`` of the user's data folder, on Windows
``%APPDATA%\\uv\\data\\python``; their folders are called ``cpython-3.12.4-linux-x86_64-gnu``.

uv leaves the line ``uv = …`` in ``pyvenv.cfg``. Sources: uv's documentation of storage, of environment
variables and of project environments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ...machine import Machine
from ..disk import Disk
from ..layout import Layout, has_standard_library
from . import places
from .projects import projects
from .recognised import Found, Inside, Recognised
from .venv import venv_name

TITLE = "uv's environments"

_MANAGED = re.compile(r"(?P<python>(?:cpython|pypy|graalpy)-\d+\.\d+[\w.+]*)-\w+-\w+-\w+")


def find(machine: Machine, disk: Disk) -> Iterator[Found]:
    """The environments of the projects, where their place is stated, and the managed Pythons."""
    stated = machine.environ.get("UV_PROJECT_ENVIRONMENT", "").strip()
    anywhere = places.absolute(machine, stated)
    if anywhere is not None:
        yield anywhere
    elif stated and "\0" not in stated:
        yield from (project / stated for project in projects(machine, disk))
    yield Inside(_pythons(machine))


def recognise(machine: Machine, layout: Layout) -> Recognised | None:
    """A venv with uv's mark, or a Python in a folder that uv named. Its name is the version."""
    if layout.settings is not None:
        return Recognised("uv", venv_name(layout)) if "uv" in layout.settings else None
    managed = _MANAGED.fullmatch(layout.prefix.name)
    if managed is not None and has_standard_library(layout):
        return Recognised("uv", managed["python"])
    return None


def _pythons(machine: Machine) -> Path:
    named = places.from_variable(machine, "UV_PYTHON_INSTALL_DIR")
    if named is not None:
        return named
    if machine.platform == "win32":
        return places.roaming_folder(machine) / "uv" / "data" / "python"
    return places.xdg(machine, "XDG_DATA_HOME", ".local/share") / "uv" / "python"
