"""Where conda and mamba are told to keep environments: ``envs_dirs`` in their variables and condarc files.

The files in their order, in which what a later one says comes first (conda's documentation, "Searching for
.condarc" and "Precedence"): the machine's, the installation's, the user's, the active environment's, and the
one that ``$CONDARC`` names. In each folder ``.condarc``, ``condarc``, then those in ``condarc.d`` by name.
Mamba reads ``.mambarc`` too (its documentation of configuration files). conda merges the lists of all files,
so all folders count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ...machine import Machine
from ..disk import Disk
from . import places, settings
from .recognised import Inside, Trouble

_VARIABLES = ("CONDA_ENVS_DIRS", "CONDA_ENVS_PATH")
_KEYS = ("envs_dirs", "envs_path")
_NAMES = (".condarc", "condarc", ".mambarc")


def envs_dirs(machine: Machine, disk: Disk, roots: Iterable[Path]) -> Iterator[Inside | Trouble]:
    """The folders of environments, those with the highest precedence first, and files that are illegible.

    ``roots``: the installations, each of which may have a condarc of its own.
    """
    for variable in _VARIABLES:
        yield from map(Inside, places.separated(machine, variable))
    for file in reversed(list(condarcs(machine, disk, roots))):
        stated = settings.of(disk, file)
        if stated.trouble is not None:
            yield stated.trouble
        yield from map(Inside, _folders(machine, [stated.get(key) for key in _KEYS]))


def condarcs(machine: Machine, disk: Disk, roots: Iterable[Path]) -> Iterator[Path]:
    """The files that are there, in the order in which conda reads them."""
    if machine.platform == "win32":
        folders = [machine.path("C:/ProgramData/conda")]
    else:
        folders = [machine.path("/etc/conda"), machine.path("/var/lib/conda")]
    config = places.from_variable(machine, "XDG_CONFIG_HOME")
    folders += [*roots, *([config / "conda"] if config else [])]
    folders += [machine.home / ".config" / "conda", machine.home / ".conda"]
    active = places.from_variable(machine, "CONDA_PREFIX")
    for folder in dict.fromkeys(folders):
        yield from _in_folder(disk, folder)
    yield from (machine.home / name for name in (".condarc", ".mambarc"))
    if active is not None and active not in folders:
        yield from _in_folder(disk, active)
    for variable in ("CONDARC", "MAMBARC"):
        named = places.from_variable(machine, variable)
        if named is not None:
            yield named


def _in_folder(disk: Disk, folder: Path) -> Iterator[Path]:
    """One listing costs less than looking for each file where most are not there."""
    present = set(disk.names(folder))
    yield from (folder / name for name in _NAMES if name in present)
    if "condarc.d" in present:
        more = folder / "condarc.d"
        yield from (
            more / name for name in sorted(disk.names(more)) if name.endswith((".yml", ".yaml", "condarc"))
        )


def _folders(machine: Machine, stated: list[Any]) -> Iterator[Path]:
    lists = [value if isinstance(value, list) else [value] for value in stated]
    for text in [each for several in lists for each in several if isinstance(each, str)]:
        folder = places.absolute(machine, text)
        if folder is not None:
            yield folder
