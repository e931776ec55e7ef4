"""The cases, and the rule by which a report scores on one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from jupyter_tfgpu.doctor import Report, Snapshot, decode_snapshot, diagnose
from jupyter_tfgpu.doctor.rules import RULES

FOLDER = Path(__file__).parent / "cases"


PARTLY = {"wrong-environment"}
"""Codes of which only one form is found so far: a framework that was asked for and is elsewhere."""
KNOWN = {rule.code for rule in RULES} - PARTLY


@dataclass(frozen=True)
class Case:
    id: str
    url: str
    snapshot: Snapshot
    primary: frozenset[str]
    allowed: frozenset[str]
    healthy: bool

    @property
    def ours(self) -> bool:
        """Whether a code that we have a rule for is the case's cause."""
        return bool(self.primary & KNOWN)


@cache
def all_cases() -> tuple[Case, ...]:
    return tuple(_case(json.loads(path.read_bytes())) for path in sorted(FOLDER.glob("*.json")))


def _case(facts: dict[str, Any]) -> Case:
    expected = facts["expect"]
    return Case(
        id=facts["id"],
        url=facts["url"],
        snapshot=decode_snapshot(msgspec.json.encode(facts["snapshot"])),
        primary=frozenset(expected["primary"]),
        allowed=frozenset(expected["allowed"]),
        healthy=expected["healthy"],
    )


def report(case: Case) -> Report:
    return diagnose(case.snapshot)


def false_alarms(case: Case) -> list[str]:
    """Errors and warnings that are neither the cause nor allowed beside it."""
    wrong = case.primary | case.allowed
    return [each.code for each in report(case).findings if each.severity != "info" and each.code not in wrong]


def scores(case: Case) -> bool:
    """Right by the cases' own rule: the first error or warning names the cause, and no other is wrong. A
    control may have none outside ``primary`` and ``allowed``; where its primary is an info code, that one
    has to be there."""
    findings = report(case).findings
    serious = [each.code for each in findings if each.severity != "info"]
    if false_alarms(case):
        return False
    if case.healthy:
        return not case.primary or bool(case.primary & {each.code for each in findings})
    return bool(serious) and serious[0] in case.primary
