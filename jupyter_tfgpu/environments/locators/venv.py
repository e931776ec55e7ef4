"""Environments that the standard library's venv made: folders with a ``pyvenv.cfg`` (PEP 405).

Where they are looked for, in this order; here lie those of other tools too, which their modules recognise:

1. ``$VIRTUAL_ENV``, the one activated in the terminal that the program was started from;
2. the folders in which people keep them: ``~/envs``, ``~/.venvs``, …, and the home folder itself;
3. the projects (``projects``): ``.venv``, ``venv``, ``.env``, ``env`` and ``.conda`` in each.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...machine import Machine
from ..disk import Disk
from ..layout import Layout
from . import places
from .projects import all_projects
from .recognised import PROJECT_FOLDER_NAMES, Found, Inside, Recognised, folder_name

TITLE = "venvs"

_IN_HOME = ("envs", ".venvs", "venvs", ".direnv")


def find(machine: Machine, disk: Disk) -> Iterator[Found]:
    """Prefixes that may be venvs; each place is looked at one level deep."""
    active = places.from_variable(machine, "VIRTUAL_ENV")
    if active is not None:
        yield active
    yield from (Inside(machine.home / name) for name in _IN_HOME)
    yield Inside(machine.home)
    projects = all_projects(machine, disk)
    if projects.trouble is not None:
        yield projects.trouble
    for index, project in enumerate(projects.folders):
        if index == 0:  # the working folder, where environments may lie under any name
            yield project
            yield Inside(project)
        yield from (project / name for name in sorted(PROJECT_FOLDER_NAMES))


def recognise(machine: Machine, layout: Layout) -> Recognised | None:
    """A folder with ``pyvenv.cfg``."""
    return None if layout.settings is None else Recognised("venv", venv_name(layout))


def venv_name(layout: Layout) -> str:
    """The prompt that activating the environment shows, where one is set; else the folder's or project's.

    venv writes ``repr(prompt)``, virtualenv and uv the text itself.
    """
    prompt = (layout.settings or {}).get("prompt", "").strip("'\"").strip("() ")
    return prompt or folder_name(layout.prefix)
