"""The variables that activating a conda prefix sets without a script: those of its packages, and those that
``conda env config vars`` noted.

Source: conda's activate.py (``_get_environment_env_vars``, ``get_export_unset_vars``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from ...machine import Machine
from .. import files
from ..disk import Disk
from ..locators import condarc
from .activation import is_name

UNSET = "***unset***"
"""A value in ``conda-meta/state``: activating leaves this variable alone, whatever a package says."""

_RESERVED = frozenset({"PATH", "CONDA_PREFIX", "CONDA_SHLVL"})
"""What activating itself depends on; a state file that sets one would break it."""


class CondaVariables(msgspec.Struct, frozen=True, kw_only=True):
    """``variables``: what activating sets; ``names``: what deactivating takes back, those included that the
    state file marks unset. ``sources``: where this comes from. ``problem``: on a file that is no JSON."""

    variables: dict[str, str]
    names: tuple[str, ...]
    sources: tuple[Path, ...]
    problem: str | None = None


def read(machine: Machine, prefix: Path, base: Mapping[str, str]) -> CondaVariables:
    """The variables of this prefix, as conda takes them where ``base`` are those before.

    Later files win, and the state file at the end. conda puts the names in upper case only after that, unless
    ``envvars_force_uppercase`` is off; mamba and rattler, and so pixi, always do.
    """
    folder = prefix / "etc" / "conda" / "env_vars.d"
    packages = [folder / name for name in sorted(files.names(folder)) if name.endswith(".json")]
    state = prefix / "conda-meta" / "state"
    bad: list[Path] = []
    stated: dict[str, Any] = {}
    for file in packages:
        stated.update(_mapping(_document(file, bad)))
    stated.update(_mapping(_mapping(_document(state, bad)).get("env_vars")))
    sources = [state, folder, *packages]
    if any(name != name.upper() for name in stated) and machine.platform != "win32":
        upper, settings = _uppercase(machine, prefix, base)
        sources += settings
    else:  # no setting matters
        upper = True
    set_by_it = {name: value for name, value in stated.items() if value != UNSET}
    return CondaVariables(
        variables=_named(set_by_it, upper),
        names=tuple(_named(stated, upper)),
        sources=tuple(sources),
        problem=f"{bad[0]} is no JSON, so what it sets is left out." if bad else None,
    )


def _uppercase(machine: Machine, prefix: Path, base: Mapping[str, str]) -> tuple[bool, list[Path]]:
    """Whether names are put in upper case, and the files that say so."""
    if files.is_file(prefix / "conda-meta" / "pixi"):
        return True, []
    # The conda that activates it is its installation's.
    root = prefix.parent.parent if prefix.parent.name == "envs" else prefix
    around = replace(machine, environ=base)
    read = list(condarc.condarcs(around, Disk(), [root]))
    return condarc.uppercase(around, Disk(), [root]), read


def _document(file: Path, bad: list[Path]) -> Any:
    text = files.read_text(file)
    if text is None:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        bad.append(file)
        return None


def _mapping(document: object) -> dict[str, Any]:
    return document if isinstance(document, dict) else {}


def _named(values: Mapping[str, Any], upper: bool) -> dict[str, str]:
    """The variables of these names, but for what no variable can be called or hold."""
    named = {(name.upper() if upper else name): value for name, value in values.items()}
    return {
        name: str(value)
        for name, value in named.items()
        if is_name(name)
        and name not in _RESERVED
        and isinstance(value, str | int | float)
        and "\0" not in str(value)
    }
