"""Conda environments, whoever made them (conda, mamba, micromamba): prefixes with a ``conda-meta`` folder.

Where they are looked for, in this order; no conda program is run:

1. the variables of an installation or an activated environment (CONDA_PREFIX, CONDA_EXE, …), and the
   well-known folders that installers use: the base environments, and what lies in their ``envs``;
2. ``envs_dirs`` from the variables, the condarc files, and conda's defaults;
3. ``~/.conda/environments.txt``, where conda and mamba note every prefix that they make, and forget few.

Sources: conda's documentation of the condarc search path and of ``envs_dirs``.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from ...machine import Machine
from .. import files
from .recognised import Found, Inside, Recognised, folder_name

TITLE = "conda environments"

_ROOT_NAMES = (
    "anaconda3",
    "miniconda3",
    "miniforge3",
    "mambaforge",
    "micromamba",
    "anaconda",
    "miniconda",
    "miniforge",
    "conda",
)
_SYSTEM_FOLDERS = ("/opt", "/usr/local", "/usr/share", "/opt/homebrew", "/opt/homebrew/Caskroom")
_PREFIX_VARIABLES = ("CONDA_PREFIX", "CONDA_ROOT", "CONDA_DIR", "CONDA", "MAMBA_ROOT_PREFIX")
_ENVS_VARIABLES = ("CONDA_ENVS_DIRS", "CONDA_ENVS_PATH")
_ENVS_KEYS = ("envs_dirs", "envs_path")


def find(machine: Machine) -> Iterator[Found]:
    """Prefixes that may be conda environments; some may be gone, or named twice."""
    bases = list(_bases(machine))
    for base in bases:
        yield base
        yield Inside(base / "envs")
    for folder in _envs_dirs(machine, bases):
        yield Inside(folder)
    for line in (files.read_text(machine.home / ".conda" / "environments.txt") or "").splitlines():
        if Path(line).is_absolute() and "\0" not in line:  # relative lines are rubbish; conda writes none
            yield Path(line)


def recognise(machine: Machine, prefix: Path) -> Recognised | None:
    """A prefix with ``conda-meta`` is conda's. The base environment is the one that conda itself lives in."""
    if not files.is_folder(prefix / "conda-meta"):
        return None
    if prefix.parent.name != "envs" and _is_base(prefix):
        return Recognised("conda", "base")
    return Recognised("conda", folder_name(prefix))


def _is_base(prefix: Path) -> bool:
    return files.is_folder(prefix / "condabin") or any(
        name.startswith("conda-") and name[6:7].isdigit() for name in files.names(prefix / "conda-meta")
    )


def _bases(machine: Machine) -> Iterator[Path]:
    variables = machine.environ
    for name in _PREFIX_VARIABLES:
        if variables.get(name):
            prefix = Path(variables[name])
            yield prefix
            if prefix.parent.name == "envs":  # an activated environment: its base lies two folders up
                yield prefix.parent.parent
    for name in ("CONDA_EXE", "MAMBA_EXE"):
        program = Path(variables.get(name, ""))
        if program.is_absolute():  # <base>/bin/conda, <base>/condabin/conda, <base>\Scripts\conda.exe
            yield program.parent.parent
    parents = [machine.home, machine.home / ".local" / "share", machine.home / "opt"]
    parents += [machine.path(folder) for folder in _SYSTEM_FOLDERS]
    if machine.platform == "win32":
        parents += [Path(variables[name]) for name in ("LOCALAPPDATA", "ProgramData") if variables.get(name)]
    for parent in parents:
        present = {name.lower(): name for name in files.names(parent)}
        for root in (*_ROOT_NAMES, ".conda"):
            if root in present:
                yield parent / present[root]
    yield machine.home / ".local" / "share" / "mamba"


def _envs_dirs(machine: Machine, bases: Iterable[Path]) -> Iterator[Path]:
    for name in _ENVS_VARIABLES:
        for part in machine.environ.get(name, "").split(os.pathsep):
            yield from _expanded(machine, part)
    for file in _condarcs(machine, bases):
        for part in _stated_envs_dirs(file):
            yield from _expanded(machine, part)
    yield machine.home / ".conda" / "envs"
    if machine.platform == "win32" and machine.environ.get("LOCALAPPDATA"):
        yield Path(machine.environ["LOCALAPPDATA"]) / "conda" / "conda" / "envs"


def _condarcs(machine: Machine, bases: Iterable[Path]) -> Iterator[Path]:
    """The condarc files. All of them count here, so their order does not matter."""
    variables = machine.environ
    folders = [machine.path("/etc/conda"), machine.path("/var/lib/conda")]
    if machine.platform == "win32":
        folders.append(Path(variables.get("ProgramData", "C:/ProgramData")) / "conda")
    config = Path(variables["XDG_CONFIG_HOME"]) if variables.get("XDG_CONFIG_HOME") else None
    folders += [*bases, *([config / "conda"] if config else [])]
    folders += [machine.home / ".config" / "conda", machine.home / ".conda"]
    for folder in folders:
        yield from (folder / name for name in (".condarc", "condarc"))
        yield from sorted(
            folder / "condarc.d" / name
            for name in files.names(folder / "condarc.d")
            if name.endswith((".yml", ".yaml", "condarc"))
        )
    yield from (machine.home / name for name in (".condarc", ".mambarc"))
    for name in ("CONDARC", "MAMBARC"):
        if variables.get(name):
            yield Path(variables[name])


def _stated_envs_dirs(file: Path) -> list[str]:
    """The folders under ``envs_dirs`` in a condarc. None where it is no YAML or says something else there."""
    text = files.read_text(file)
    if not text or not any(key in text for key in _ENVS_KEYS):
        return []
    try:
        settings: Any = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return []
    if not isinstance(settings, dict):
        return []
    stated = [settings.get(key) for key in _ENVS_KEYS]
    lists = [value if isinstance(value, list) else [value] for value in stated]
    return [part for parts in lists for part in parts if isinstance(part, str)]


def _expanded(machine: Machine, text: str) -> list[Path]:
    """``~`` and ``$NAME`` replaced as conda does; what is not absolute then is left out."""
    text = text.strip()
    if text == "~" or text.startswith(("~/", "~\\")):
        text = str(machine.home) + text[1:]
    for name in sorted(machine.environ, key=len, reverse=True) if "$" in text else ():
        text = text.replace(f"${{{name}}}", machine.environ[name]).replace(f"${name}", machine.environ[name])
    return [Path(text)] if Path(text).is_absolute() and "\0" not in text else []
