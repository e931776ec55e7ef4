"""Projects: the program's working folder and the folders directly in it.

Tools that keep an environment inside the project know it by where they are started; we do by this.
"""

from __future__ import annotations

from pathlib import Path

from ...machine import Machine
from ..disk import Disk

MOST_PROJECTS = 300
"""Folders of the working folder that are taken for projects. One with more keeps data, not projects."""


def projects(machine: Machine, disk: Disk) -> list[Path]:
    """The working folder first, then those in it but for hidden ones; where there are very many,
    only the first by name of as many as are read."""
    working = working_folder(machine)
    if working is None:
        return []
    return [working, *map(Path, disk.folder_paths(str(working), MOST_PROJECTS, hidden=False))]


def working_folder(machine: Machine) -> Path | None:
    """The program's, or the one that a machine handed in names in PWD."""
    if not machine.real:
        named = machine.environ.get("PWD", "")
        return Path(named) if Path(named).is_absolute() else None
    try:
        return Path.cwd()
    except OSError:  # it was deleted under us
        return None
