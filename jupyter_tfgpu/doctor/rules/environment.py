"""Is the framework there at all?"""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from ..fixes import install_framework
from ..report import Finding, Fix
from ..snapshot import OtherEnvironment
from ..subject import Subject
from .rule import Found, Rule


def framework_missing(subject: Subject) -> Found | None:
    """Somebody asks for a framework that neither this environment nor another known one holds."""
    frameworks = subject.environment.frameworks
    if not subject.asked or frameworks is None or subject.framework is not None:
        return None
    name = subject.name or ""
    others = subject.snapshot.other_environments or ()
    if _holding(name, others):
        return None  # this environment is the wrong one: the rule below
    held = ", ".join(f"{each.name} {each.version or ''}".strip() for each in frameworks)
    prefix = subject.environment.prefix
    return Found(
        Finding(
            code="framework-missing",
            severity="error",
            framework=subject.name,
            title=f"{subject.proper_name} is not installed here",
            detail=(
                f"The environment{f' at {prefix}' if prefix else ''} holds no package {name!r}"
                + (", nor does another environment that is known." if others else ".")
            ),
            evidence=(f"frameworks in this environment: {held or 'none'}",),
            fixes=install_framework(subject),
        ),
        stops_import=True,
    )


def wrong_environment(subject: Subject) -> Found | None:
    """Somebody asks for a framework that is not here, while another known environment holds it."""
    if not subject.asked or subject.environment.frameworks is None or subject.framework is not None:
        return None
    holding = _holding(subject.name or "", subject.snapshot.other_environments or ())
    if not holding:
        return None
    best = next((each for each in holding if each.gpu_build), holding[0])
    where = best.name or best.prefix or "another environment"
    prefix = subject.environment.prefix
    return Found(
        Finding(
            code="wrong-environment",
            severity="error",
            framework=subject.name,
            title=f"{subject.proper_name} is in the environment {where}, not in this one",
            detail=f"The environment{f' at {prefix}' if prefix else ''} does not hold {subject.proper_name}. "
            f"Choose a kernel of {where} for the notebook.",
            evidence=tuple(
                f"{each.name or each.prefix}: {', '.join(each.frameworks or ())}" for each in holding
            ),
            fixes=(_use(best, where),),
        ),
        stops_import=True,
    )


def _holding(name: str, others: Sequence[OtherEnvironment]) -> list[OtherEnvironment]:
    return [each for each in others if any(text.split()[:1] == [name] for text in each.frameworks or ())]


def _use(environment: OtherEnvironment, where: str) -> Fix:
    target = shlex.quote(environment.prefix or environment.name or "")
    return Fix(
        title=f"Add a kernel for {where}, then choose it in the notebook's kernel picker",
        commands=(f"jupyter tfgpu specs add {target}",) if target else (),
        where="terminal",
    )


RULES = (
    Rule("wrong-environment", "framework", wrong_environment),
    Rule("framework-missing", "framework", framework_missing),
)
