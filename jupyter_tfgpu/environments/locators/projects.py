"""Projects: the program's working folder and the folders directly in it.

Tools that keep an environment inside the project know it by where they are started; we do by this.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from ...machine import Machine
from ..disk import Disk
from . import places
from .recognised import Trouble

MOST_PROJECTS = 300
"""Folders of the working folder that are taken for projects. One with more keeps data, not projects."""


class Projects(msgspec.Struct, frozen=True):
    """``folders``: the working folder first, then those in it by name but for hidden ones. ``trouble``:
    where there are so many that some are left out; which ones is up to the disk."""

    folders: tuple[Path, ...] = ()
    trouble: Trouble | None = None


def projects(machine: Machine, disk: Disk) -> tuple[Path, ...]:
    """The folders that are taken for projects."""
    return all_projects(machine, disk).folders


def all_projects(machine: Machine, disk: Disk) -> Projects:
    """The same with what is to be told of them: for the one locator that tells it (``venv``)."""
    working = working_folder(machine)
    if working is None:
        return Projects()
    found = disk.folder_paths(str(working), MOST_PROJECTS + 1, hidden=False)
    trouble = Trouble(
        f"{working} holds more than {MOST_PROJECTS} folders, so environments inside projects are looked for "
        f"in {MOST_PROJECTS} of them only. Start Jupyter in a folder with fewer, or name the others' "
        f"environments in the variable {places.VARIABLE}."
    )
    return Projects(
        folders=(working, *map(Path, found[:MOST_PROJECTS])),
        trouble=trouble if len(found) > MOST_PROJECTS else None,
    )


def working_folder(machine: Machine) -> Path | None:
    """The program's, or the one that a machine handed in names in PWD."""
    if not machine.real:
        named = machine.environ.get("PWD", "")
        return Path(named) if Path(named).is_absolute() else None
    try:
        return Path.cwd()
    except OSError:  # it was deleted under us
        return None
