"""What conda and mamba are told in their variables and condarc files: where to keep environments
(``envs_dirs``), and whether to leave variables' names as they stand (``envvars_force_uppercase``).

The files in their order, in which what a later one says comes first (conda's documentation, "Searching for
.condarc" and "Precedence"): the machine's, the installation's, the user's, the active environment's, and the
one that ``$CONDARC`` names. In each folder ``.condarc``, ``condarc``, then those in ``condarc.d`` by name.
Mamba reads ``.mambarc`` too (its documentation of configuration files). conda merges the lists of all files,
so all folders count, but for those that a line selector leaves out (``selectors``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ...machine import Machine
from ..disk import Disk
from . import places, settings
from .recognised import Inside, Trouble
from .selectors import Selected, Stated, merged, that_count

_VARIABLES = ("CONDA_ENVS_DIRS", "CONDA_ENVS_PATH")
_KEYS = ("envs_dirs", "envs_path")
_UPPERCASE = "envvars_force_uppercase"
_NAMES = (".condarc", "condarc", ".mambarc")
_FALSE = frozenset({"false", "off", "n", "no", "non", "none", "", "0"})
"""What conda takes for no (``conda/auxlib/type_coercion.py``), in lower case."""


def envs_dirs(machine: Machine, disk: Disk, roots: Iterable[Path]) -> Iterator[Inside | Trouble]:
    """The folders of environments, those with the highest precedence first, and files that are illegible.

    ``roots``: the installations, each of which may have a condarc of its own.
    """
    stated = []
    for file in condarcs(machine, disk, roots):
        read = settings.of(disk, file)
        if read.trouble is not None:
            yield read.trouble
        stated += [
            Stated(_lines(read.get(key)), read.selected.get(key, Selected()))
            for key in _KEYS
            if read.get(key)
        ]
    variables = [str(path) for variable in _VARIABLES for path in places.separated(machine, variable)]
    for text in merged([*stated, Stated(tuple(variables))]):
        folder = places.absolute(machine, text)
        if folder is not None:
            yield Inside(folder)


def uppercase(machine: Machine, disk: Disk, roots: Iterable[Path]) -> bool:
    """``envvars_force_uppercase``: whether conda puts the names of the variables that environments set in
    upper case, as it does unless it is told otherwise (conda 24.7 and later)."""
    stated = []
    for file in condarcs(machine, disk, roots):
        read = settings.of(disk, file)
        value = read.get(_UPPERCASE)
        if value is not None:
            stated.append((value, read.selected.get(_UPPERCASE, Selected()).final))
    variable = machine.environ.get(f"CONDA_{_UPPERCASE.upper()}")
    counting = that_count([*stated, *([(variable, False)] if variable else [])])
    return not counting or str(counting[-1]).strip().lower() not in _FALSE


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


def _lines(stated: Any) -> tuple[str, ...]:
    lines = stated if isinstance(stated, list) else [stated]
    return tuple(line if isinstance(line, str) else "" for line in lines)
