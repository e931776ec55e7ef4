"""Fixes that change only what we own: a kernelspec's variables, a pin, a stale kernelspec, ipykernel.

A rule says with them what would help. Whether it can be done for this kernel or environment, which may have
no kernelspec of ours, is found out in :mod:`jupyter_tfgpu.api`: that clears ``automatic`` where it cannot.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..report import Fix, Repairs
from ..subject import Subject
from .tool import quoted


def set_variables(subject: Subject, code: str, title: str, sets: Mapping[str, str]) -> Fix:
    """Variables that the kernelspec shall set, by name.

    ``code``: the finding's. The value of PATH or LD_LIBRARY_PATH may hold ``${PATH}`` or
    ``${LD_LIBRARY_PATH}``: what a kernel would have there otherwise, nothing where it would have none. Any
    other ``$`` is meant as it is.
    """
    return Fix(
        title=title,
        commands=_by_command(subject, code),
        where="kernelspec",
        automatic=True,
        sets=dict(sets),
    )


def unset_variables(subject: Subject, code: str, title: str, *names: str) -> Fix:
    """Variables that the kernel shall not have: they go out of the kernelspec, or the pin does."""
    return Fix(
        title=title, commands=_by_command(subject, code), where="kernelspec", automatic=True, unsets=names
    )


def repair(subject: Subject, code: str, title: str, what: Repairs, commands: tuple[str, ...] = ()) -> Fix:
    """The kernelspec is made to start an interpreter again (``kernelspec``), or ipykernel is installed and
    its kernelspec written (``ipykernel``). ``commands``: how it is done by hand."""
    return Fix(
        title=title,
        commands=commands or _by_command(subject, code),
        where="terminal",
        automatic=True,
        repairs=what,
    )


def _by_command(subject: Subject, code: str) -> tuple[str, ...]:
    """Our own command, where it is known which kernelspec or environment it is for."""
    spec = subject.snapshot.kernelspec
    if spec is not None and spec.name:
        return (f"jupyter tfgpu doctor --kernel {quoted(subject, spec.name)} --fix {code}",)
    if subject.environment.prefix:
        return (f"jupyter tfgpu doctor --env {quoted(subject, subject.environment.prefix)} --fix {code}",)
    return ()
