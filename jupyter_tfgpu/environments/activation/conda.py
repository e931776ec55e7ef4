"""How ``conda activate`` activates a prefix: from its files, without conda.

Source: conda's activate.py (``build_activate``, ``build_deactivate``), which mamba and rattler follow.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ...machine import Machine
from .. import files
from . import conda_variables, pixi
from .plan import Plan, Run, Set, Step, Unset, same_folder


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
    stated = conda_variables.read(machine, prefix, base)
    name = _default_env(prefix)
    steps += [
        Set("CONDA_PREFIX", str(prefix)),
        Set("CONDA_SHLVL", str(level + 1)),
        Set("CONDA_DEFAULT_ENV", name),
        Set("CONDA_PROMPT_MODIFIER", f"({name}) "),
    ]
    steps += [Set(name, value) for name, value in stated.variables.items()]
    added = pixi.additions(machine, prefix)
    steps += added.before
    steps += [Run(script) for script in _scripts(machine, prefix, "activate.d")]
    steps += (*added.scripts, *added.after)
    return Plan(
        steps=tuple(steps),
        path=path_folders(machine, prefix),
        removed=before.removed,
        sources=(
            *before.sources,
            *stated.sources,
            *_script_sources(machine, prefix, "activate.d"),
            *added.sources,
        ),
        problem=stated.problem or added.problem,
        folder=added.folder,
    )


def deactivation_plan(machine: Machine, base: Mapping[str, str]) -> Plan:
    """What leaves with the prefix that is active in ``base``; nothing where none is.

    What a variable was before it was activated conda has noted in ``__CONDA_SHLVL_0_NAME``, rattler in
    ``CONDA_ENV_SHLVL_1_NAME``.
    """
    active = base.get("CONDA_PREFIX") or None
    if active is None:
        return Plan()
    prefix = Path(active)
    scripts = reversed(_scripts(machine, prefix, "deactivate.d"))
    stated = conda_variables.read(machine, prefix, base)
    level = _level(base)
    steps: list[Step] = [Run(script) for script in scripts]
    for name in (*stated.names, *pixi.additions(machine, prefix).names):
        was = base.get(f"__CONDA_SHLVL_{level - 1}_{name}") or base.get(f"CONDA_ENV_SHLVL_{level}_{name}")
        steps.append(Set(name, was) if was else Unset(name))
    return Plan(
        steps=tuple(steps),
        removed=path_folders(machine, prefix),
        sources=(*stated.sources, *_script_sources(machine, prefix, "deactivate.d")),
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


def _script_sources(machine: Machine, prefix: Path, scripts: str) -> list[Path]:
    return [prefix / "etc" / "conda" / scripts, *_scripts(machine, prefix, scripts)]
