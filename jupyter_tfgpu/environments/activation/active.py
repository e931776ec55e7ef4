"""Which plan a prefix has, and the variables without the environments that are active in them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from ...machine import Machine
from . import conda, venv
from .files_only import applied
from .plan import Plan

_CONDA_S = re.compile(r"CONDA_(PREFIX(_\d+)?|SHLVL|DEFAULT_ENV|PROMPT_MODIFIER|STACKED_\d+)|__CONDA_SHLVL_.*")


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

    What their scripts have set stays unless a plain line of a script takes it back: nothing is run.
    """
    plan = conda.deactivation_plan(machine, base) + venv.deactivation_plan(machine, base)
    variables = applied(plan, base, ";" if machine.platform == "win32" else os.pathsep).after
    return {name: value for name, value in variables.items() if not _CONDA_S.fullmatch(name)}
