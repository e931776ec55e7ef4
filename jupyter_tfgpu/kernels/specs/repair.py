"""What makes a kernelspec of ours start again: a pure function of what is installed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from ...environments import Environment
from .document import text
from .errors import NotOwned, NotRepairable
from .installed import InstalledSpec


class RepairPlan(msgspec.Struct, frozen=True, kw_only=True):
    """``environment``: the one it shall start; ipykernel goes into it where that is missing, before the
    kernel.json is written. ``why``: a sentence on what is wrong and what repairing does."""

    kernelspec: str
    what: Literal["nothing", "rewrite", "install-ipykernel"]
    environment: Environment
    why: str


def plan_repair(
    spec: InstalledSpec, here: Environment | None, environments: Iterable[Environment]
) -> RepairPlan:
    """How to repair a kernelspec. ``here``: what is at its prefix now.

    Where its environment is gone, another of the same name takes its place: it was moved, or made again
    elsewhere. Raises NotOwned, NotRepairable (none of this name, or several).
    """
    mark = spec.mark
    if mark is None:
        raise NotOwned.of(spec.name, spec.folder)
    kernel = text(mark.get("kernel")) or None
    name, wrong = text(mark.get("name")), spec.problem or ""
    if here is not None and has_kernel(here, kernel):
        target, moved = here, False
    else:
        target, moved = _elsewhere(spec, name, kernel, here, environments), True
    if kernel is None and target.ipykernel is None:
        where = f"{target.name!r}" + (f", now at {target.prefix}" if moved else "")
        why = f"ipykernel is not installed in {where}, so this kernel cannot start. Repairing installs it."
        return RepairPlan(kernelspec=spec.name, what="install-ipykernel", environment=target, why=why)
    if moved:
        why = f"{spec.prefix} is gone. Repairing makes it start the {name!r} in {target.prefix}."
    elif wrong:
        starts = f"a kernel of {target.name!r}" if kernel else str(target.interpreter)
        why = f"{_cause(spec)} Repairing makes it start {starts}."
    else:
        return RepairPlan(kernelspec=spec.name, what="nothing", environment=target, why="It can start.")
    return RepairPlan(kernelspec=spec.name, what="rewrite", environment=target, why=why)


def has_kernel(environment: Environment, kernel: str | None) -> bool:
    """Whether the environment has this kernel of its own, or (None) a Python."""
    if kernel is None:
        return environment.interpreter is not None
    return any(own.name == kernel for own in environment.own_kernels)


def namesakes(
    environments: Iterable[Environment], name: str, kernel: str | None, prefix: str | None
) -> list[Environment]:
    """The environments of this name that have this kernel, but the one at ``prefix``."""
    return [
        each
        for each in environments
        if each.name == name and each.prefix != prefix and has_kernel(each, kernel)
    ]


def _elsewhere(
    spec: InstalledSpec,
    name: str,
    kernel: str | None,
    here: Environment | None,
    environments: Iterable[Environment],
) -> Environment:
    found = namesakes(environments, name, kernel, spec.prefix)
    if len(found) == 1:
        return found[0]
    detail = {"name": spec.name, "prefix": spec.prefix or ""}
    if len(found) > 1:
        prefixes = ", ".join(each.prefix for each in found)
        raise NotRepairable(
            f"{_cause(spec, here)} {len(found)} others are called {name!r}: {prefixes}. Add a kernelspec for "
            "the one that is meant, and remove this one.",
            detail,
        )
    raise NotRepairable(
        f"{_cause(spec, here)} No other is called {name!r}. Make the environment again, or remove this "
        "kernelspec.",
        detail,
    )


def _cause(spec: InstalledSpec, here: Environment | None = None) -> str:
    if here is not None and here.problem:
        return here.problem
    if spec.interpreter_exists is False:
        return f"The interpreter {spec.interpreter} no longer exists."
    if here is None:
        return f"There is no environment at {spec.prefix} any more."
    return f"{spec.prefix} no longer has what this kernelspec starts."
