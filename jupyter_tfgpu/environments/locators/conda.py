"""Conda environments, whoever made them (conda, mamba, micromamba): prefixes with a ``conda-meta`` folder.

Where they are looked for, in this order; no conda program is run:

1. installations (Anaconda, Miniconda, Miniforge, mamba, micromamba): those that the variables of an
   installation or an activated environment name (CONDA_PREFIX, CONDA_EXE, …), and those in the folders that
   installers use; the base environment of each, and what lies in its ``envs``;
2. ``envs_dirs`` from the variables and condarc files (``condarc``), and conda's own defaults for it;
3. ``~/.conda/environments.txt`` (``environments_txt``);
4. the installations that the environments found name in ``conda-meta/history`` (``conda_history``).

Sources: conda's documentation of ``envs_dirs``, of the condarc search path and of the installers' default
places; micromamba's of ``MAMBA_ROOT_PREFIX``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ...machine import Machine
from .. import files
from ..disk import Disk
from ..layout import Layout
from . import condarc, environments_txt, places
from .conda_history import made
from .recognised import Found, Inside, Recognised, folder_name

TITLE = "conda environments"

_ROOT_NAMES = frozenset(
    {
        "anaconda3",
        "anaconda",
        "miniconda3",
        "miniconda",
        "miniforge3",
        "miniforge",
        "miniforge-pypy3",
        "mambaforge",
        "mambaforge-pypy3",
        "micromamba",
        "conda",
        "mamba",
        ".conda",
    }
)
_PREFIX_VARIABLES = ("CONDA_PREFIX", "CONDA_ROOT", "CONDA_DIR", "CONDA", "MAMBA_ROOT_PREFIX")
_PROGRAM_VARIABLES = ("CONDA_EXE", "MAMBA_EXE")
_UNIX_FOLDERS = ("/opt", "/usr/local", "/usr/share", "/usr/local/share")
_MAC_FOLDERS = ("/opt", "/usr/local", "/opt/homebrew", "/opt/homebrew/Caskroom", "/usr/local/Caskroom")
_WINDOWS_FOLDERS = ("C:/", "C:/ProgramData", "C:/tools")


def find(machine: Machine, disk: Disk) -> Iterator[Found]:
    """Prefixes that may be conda environments; some may be gone, or named twice."""
    roots = list(dict.fromkeys(_roots(machine, disk)))
    for root in roots:
        yield root
        yield Inside(root / "envs")
    yield from condarc.envs_dirs(machine, disk, roots)
    yield Inside(machine.home / ".conda" / "envs")
    if machine.platform == "win32":
        yield Inside(places.local_folder(machine) / "conda" / "conda" / "envs")
    yield from environments_txt.prefixes(disk, machine.home / ".conda" / "environments.txt")


def recognise(machine: Machine, layout: Layout) -> Recognised | None:
    """A prefix with ``conda-meta`` is conda's. The base environment is the one that conda itself lives in."""
    if layout.records is None:
        return None
    prefix = layout.prefix
    if prefix.parent.name == "envs" and files.is_folder(prefix.parent.parent / "conda-meta"):
        return Recognised("conda", prefix.name)
    if _is_base(layout):
        return Recognised("conda", "base", leads=(Inside(prefix / "envs"),))
    history = made(prefix)
    name = prefix.name if history.name == prefix.name else folder_name(prefix)
    leads = (history.root, Inside(history.root / "envs")) if history.root else ()
    return Recognised("conda", name, leads=leads)


def _is_base(layout: Layout) -> bool:
    """Whether conda is installed there. Not under ``envs``: people install it into environments too."""
    if layout.prefix.parent.name == "envs":
        return False
    records = layout.records or ()
    return any(name.startswith("conda-") and name[6:7].isdigit() for name in records) or files.is_folder(
        layout.prefix / "condabin"
    )


def _roots(machine: Machine, disk: Disk) -> Iterator[Path]:
    for variable in _PREFIX_VARIABLES:
        prefix = places.from_variable(machine, variable)
        if prefix is not None:
            yield prefix
            if prefix.parent.name == "envs":  # an activated environment: its base lies two folders up
                yield prefix.parent.parent
    for variable in _PROGRAM_VARIABLES:
        program = places.from_variable(machine, variable)
        if program is not None:  # <base>/bin/conda, <base>/condabin/conda, <base>\Scripts\conda.exe
            yield program.parent.parent
    for parent in _installers_folders(machine):
        for name in disk.names(parent):
            if name.lower() in _ROOT_NAMES:
                yield parent / name


def _installers_folders(machine: Machine) -> list[Path]:
    """The folders into which installers put a root prefix; micromamba's is ``mamba`` in the user's data."""
    home, share = machine.home, places.xdg(machine, "XDG_DATA_HOME", ".local/share")
    if machine.platform == "win32":
        local = places.local_folder(machine)
        folders = [home, local, local / "Continuum", places.roaming_folder(machine)]
        return [*folders, *map(machine.path, _WINDOWS_FOLDERS)]
    folders = [home, share, home / "opt"]
    return [*folders, *map(machine.path, _MAC_FOLDERS if machine.platform == "darwin" else _UNIX_FOLDERS)]
