"""Is the framework there at all?"""

from __future__ import annotations

from ..fixes import install_framework
from ..report import Finding
from ..subject import Subject
from .rule import Found


def framework_missing(subject: Subject) -> Found | None:
    """Somebody asks for a framework that neither this environment nor another known one holds."""
    frameworks = subject.environment.frameworks
    if not subject.asked or frameworks is None or subject.framework is not None:
        return None
    name = subject.name or ""
    others = subject.snapshot.other_environments or ()
    if any(text.split()[0:1] == [name] for other in others for text in other.frameworks or ()):
        return None  # another environment holds it: this one is the wrong one, which is another cause
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
