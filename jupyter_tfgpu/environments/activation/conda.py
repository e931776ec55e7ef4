"""How ``conda activate`` activates a prefix: from its files, without conda.

Source: conda's activate.py (``build_activate``), which mamba and rattler follow. Names of variables are put
in upper case, as conda does unless ``envvars_force_uppercase`` is off, and mamba and rattler always.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ...machine import Machine
from .. import files
from .activation import is_name
from .plan import Plan, Run, Set, Unset, same_folder

UNSET = "***unset***"
"""A value in ``conda-meta/state``: activating leaves this variable alone, whatever a package says."""

_RESERVED = frozenset({"PATH", "CONDA_PREFIX", "CONDA_SHLVL"})
"""What activating itself depends on; a state file that sets one would break it."""


def is_conda(prefix: Path) -> bool:
    """Whether conda, mamba or pixi made this prefix."""
    return files.is_folder(prefix / "conda-meta")


def activation_plan(machine: Machine, prefix: Path, base: Mapping[str, str]) -> Plan:
    """As ``conda activate PREFIX`` typed where ``base`` are the variables.

    The prefix that is active there (CONDA_PREFIX) is deactivated first; where it is this one there is
    nothing to do.
    """
    active = base.get("CONDA_PREFIX") or None
    if active is not None and same_folder(active, prefix):
        return Plan()
    before = deactivation_plan(machine, base)
    level = _level(base)
    steps = list(before.steps)
    if active is not None:
        steps.append(Set(f"CONDA_PREFIX_{level}", active))
    variables, problem = _variables(prefix)
    name = _default_env(prefix)
    steps += [
        Set("CONDA_PREFIX", str(prefix)),
        Set("CONDA_SHLVL", str(level + 1)),
        Set("CONDA_DEFAULT_ENV", name),
        Set("CONDA_PROMPT_MODIFIER", f"({name}) "),
    ]
    steps += [Set(name, value) for name, value in variables.items() if value != UNSET]
    steps += [Run(script) for script in _scripts(machine, prefix, "activate.d")]
    return Plan(
        steps=tuple(steps),
        path=path_folders(machine, prefix),
        removed=before.removed,
        sources=(*before.sources, *_sources(machine, prefix, "activate.d")),
        problem=problem,
    )


def deactivation_plan(machine: Machine, base: Mapping[str, str]) -> Plan:
    """What leaves with the prefix that is active in ``base``; nothing where none is."""
    active = base.get("CONDA_PREFIX") or None
    if active is None:
        return Plan()
    prefix = Path(active)
    scripts = reversed(_scripts(machine, prefix, "deactivate.d"))
    return Plan(
        steps=(*(Run(script) for script in scripts), *(Unset(name) for name in _variables(prefix)[0])),
        removed=path_folders(machine, prefix),
        sources=tuple(_sources(machine, prefix, "deactivate.d")),
    )


def path_folders(machine: Machine, prefix: Path) -> tuple[str, ...]:
    """The folders that a prefix has on PATH, in conda's order."""
    if machine.platform != "win32":
        return (f"{prefix}/bin",)
    text = str(prefix).rstrip("\\/")
    inside = (r"Library\mingw-w64\bin", r"Library\usr\bin", r"Library\bin", "Scripts", "bin")
    return (text, *(f"{text}\\{folder}" for folder in inside))


def _level(base: Mapping[str, str]) -> int:
    """How many prefixes are active, one upon the other. Variables handed on by hand may lack the count."""
    if not base.get("CONDA_PREFIX"):
        return 0
    try:
        return max(1, int(base.get("CONDA_SHLVL", "").strip() or 1))
    except ValueError:
        return 1


def _default_env(prefix: Path) -> str:
    """What conda calls it: the folder's name in an ``envs`` folder, ``base``, else the whole path."""
    if prefix.parent.name == "envs":
        return prefix.name
    return "base" if files.is_folder(prefix / "condabin") else str(prefix)


def _scripts(machine: Machine, prefix: Path, folder: str) -> list[Path]:
    """The scripts of a folder for this machine's shell, by path."""
    ending = ".bat" if machine.platform == "win32" else ".sh"
    place = prefix / "etc" / "conda" / folder
    return [place / name for name in sorted(files.names(place)) if name.endswith(ending)]


def _sources(machine: Machine, prefix: Path, scripts: str) -> list[Path]:
    packages = prefix / "etc" / "conda" / "env_vars.d"
    return [
        prefix / "conda-meta" / "state",
        packages,
        *_package_files(packages),
        prefix / "etc" / "conda" / scripts,
        *_scripts(machine, prefix, scripts),
    ]


def _package_files(folder: Path) -> list[Path]:
    return [folder / name for name in sorted(files.names(folder)) if name.endswith(".json")]


def _variables(prefix: Path) -> tuple[dict[str, str], str | None]:
    """The variables that packages and ``conda env config vars`` set, and a sentence on a file that is no
    JSON. Later files, and the state file at the end, win."""
    found: dict[str, str] = {}
    bad: list[Path] = []
    for file in _package_files(prefix / "etc" / "conda" / "env_vars.d"):
        found.update(_texts(_document(file, bad)))
    state = _document(prefix / "conda-meta" / "state", bad)
    if isinstance(state, dict):
        found.update(_texts(state.get("env_vars")))
    return found, f"{bad[0]} is no JSON, so what it sets is left out." if bad else None


def _document(file: Path, bad: list[Path]) -> Any:
    text = files.read_text(file)
    if text is None:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        bad.append(file)
        return None


def _texts(document: object) -> Iterator[tuple[str, str]]:
    for key, value in document.items() if isinstance(document, dict) else ():
        name = str(key).upper()
        usable = isinstance(value, str | int | float) and "\0" not in str(value)
        if is_name(name) and name not in _RESERVED and usable:
            yield name, str(value)
