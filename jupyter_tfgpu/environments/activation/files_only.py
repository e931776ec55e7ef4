"""A plan's effect as far as files tell it: no script is run, their plain lines are read."""

from __future__ import annotations

import os
from collections.abc import Mapping

import msgspec

from .. import files
from .activation import PATH, Activation, activated, changes
from .plain import Plain, read_plain
from .plan import Expand, Plan, Run, Set, Unset


class Applied(msgspec.Struct, frozen=True):
    """The variables after the plan, and the names that only running its scripts would tell."""

    after: dict[str, str]
    unknown: frozenset[str]


def applied(plan: Plan, base: Mapping[str, str], separator: str = os.pathsep) -> Applied:
    """``base`` with the plan's steps applied in order, and its folders put before PATH."""
    around = Activation(path=plan.path, removed=plan.removed)
    after = activated(around, base, separator)
    unknown: set[str] = set()
    for step in plan.steps:
        if isinstance(step, Set):
            after[step.name] = step.value
            unknown.discard(step.name)
        elif isinstance(step, Unset):
            after.pop(step.name, None)
            unknown.discard(step.name)
        elif isinstance(step, Expand):
            after[step.name] = step.with_variables(after)
            unknown = unknown | {step.name} if step.references & unknown else unknown - {step.name}
        else:
            plain = _lines_of(step)
            unknown -= plain.variables.keys() | plain.unset
            unknown |= plain.unknown | {name for name in plain.assigned if name in after}
            after.update({name: value for name, value in plain.variables.items() if name != PATH})
            for name in plain.unset - {PATH}:
                after.pop(name, None)
    return Applied(after, frozenset(unknown))


def from_files(plan: Plan, base: Mapping[str, str], separator: str = os.pathsep) -> Activation:
    """The activation that files tell, ``unknown`` naming what they do not. A name that is not known is
    not in ``variables``: what it was before may not hold."""
    told = plan.told or plan
    result = applied(told, base, separator)
    unknown = result.unknown | told.unknown
    found = changes(base, result.after, stated(plan), separator)
    return msgspec.structs.replace(
        found,
        variables={name: value for name, value in found.variables.items() if name not in unknown},
        unknown=tuple(sorted(unknown)),
        problem=plan.problem,
    )


def stated(plan: Plan) -> frozenset[str]:
    """The names that the plan sets itself, whatever they were before."""
    steps = (plan.told or plan).steps
    names = {step.name for step in steps if isinstance(step, Set | Expand)}
    for step in steps:
        if isinstance(step, Run):
            names |= _lines_of(step).variables.keys()
    return frozenset(names)


def _lines_of(step: Run) -> Plain:
    # Lines of a batch file are another language; they are not read.
    return read_plain(files.read_text(step.script) or "") if step.script.suffix == ".sh" else Plain()
