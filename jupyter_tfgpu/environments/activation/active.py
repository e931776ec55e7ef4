"""Which plan a prefix has, and the variables without the environments that are active in them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from ...machine import Machine
from . import conda, venv
from .activation import PATH
from .files_only import applied, from_files, stated
from .plan import Plan

_ACTIVE = re.compile(r"CONDA_PREFIX(_\d+)?|VIRTUAL_ENV")
_CONDA_S = re.compile(
    r"CONDA_(PREFIX(_\d+)?|SHLVL|DEFAULT_ENV|PROMPT_MODIFIER|STACKED_\d+|ENV_SHLVL_.*)|__CONDA_SHLVL_.*"
)


def plan_for(machine: Machine, prefix: Path, base: Mapping[str, str]) -> Plan:
    """What activates this prefix where ``base`` are the variables; nothing for what is no environment.

    A virtual environment that is active in ``base`` is left for a conda environment: its ``pip`` and what
    goes by VIRTUAL_ENV would install into it.
    """
    if conda.is_conda(prefix):
        return venv.deactivation_plan(machine, base) + conda.activation_plan(machine, prefix, base)
    if venv.is_venv(prefix):
        return venv.activation_plan(machine, prefix, base)
    return Plan()


def deactivated(machine: Machine, base: Mapping[str, str]) -> dict[str, str]:
    """``base`` as in a shell in which no environment was ever activated, as far as files tell.

    Nothing is run. What their scripts have set stays unless a plain line of a script takes it back, or it
    leads into the environment: libraries of one shall not be written into the kernelspec of another.
    """
    separator = ";" if machine.platform == "win32" else os.pathsep
    plan = conda.deactivation_plan(machine, base) + venv.deactivation_plan(machine, base)
    variables = applied(plan, base, separator).after
    for prefix in {value for name, value in base.items() if value and _ACTIVE.fullmatch(name)}:
        theirs = plan_for(machine, Path(prefix), {})
        for name in {*stated(theirs), *from_files(theirs, variables, separator).unknown} - {PATH}:
            if name in variables:
                variables[name] = _without(variables[name], prefix, separator)
                if not variables[name]:
                    del variables[name]
    return {name: value for name, value in variables.items() if not _CONDA_S.fullmatch(name)}


def _without(value: str, prefix: str, separator: str) -> str:
    """A list of folders without those of this prefix; nothing where it leads there in another way."""
    inside = (f"{prefix}/", f"{prefix}\\")
    kept = [each for each in value.split(separator) if each != prefix and not each.startswith(inside)]
    left = separator.join(kept)
    return "" if left.endswith(prefix) or any(each in left for each in inside) else left
