"""A report: what the doctor found, root cause first."""

from __future__ import annotations

from typing import Literal

import msgspec

Severity = Literal["error", "warning", "info"]
Verdict = Literal["ok", "degraded", "broken", "cpu"]
Where = Literal["kernelspec", "terminal", "notebook", "host"]


Repairs = Literal["kernelspec", "ipykernel"]


class Fix(msgspec.Struct, frozen=True, kw_only=True):
    """A way out: commands to type, and where. ``automatic``: we can apply it ourselves, and undo it.

    What applying it does, where it is automatic: ``sets`` variables in the kernelspec's ``env``, takes the
    variables ``unsets`` out of it (or a pin that sets one), or ``repairs`` the kernelspec, or puts ipykernel
    where it is missing. A value may refer to ``${PATH}`` and ``${LD_LIBRARY_PATH}`` as they are without it.
    """

    title: str
    commands: tuple[str, ...] = ()
    where: Where = "terminal"
    automatic: bool = False
    sets: dict[str, str] = {}
    unsets: tuple[str, ...] = ()
    repairs: Repairs | None = None


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One cause. ``framework`` None: it concerns all of them."""

    code: str
    severity: Severity
    title: str
    detail: str
    framework: str | None = None
    evidence: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()


class JudgedFramework(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    version: str | None = None


class JudgedEnvironment(msgspec.Struct, frozen=True, kw_only=True):
    name: str | None = None
    prefix: str | None = None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of ``jupyter tfgpu doctor --json``."""

    schema: Literal["tfgpu.report/1"] = "tfgpu.report/1"
    verdict: Verdict
    summary: str
    framework: JudgedFramework | None = None
    environment: JudgedEnvironment | None = None
    findings: tuple[Finding, ...] = ()
    simulated: bool = False
