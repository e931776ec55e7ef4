"""The cases, and the rule by which a report scores on one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from jupyter_tfgpu.doctor import Report, Snapshot, decode_snapshot, diagnose

FOLDER = Path(__file__).parent / "cases"

MORE = Path(__file__).parent / "more_cases"
"""Reports of further threads, made into snapshots by somebody who had not seen the rules, to see what those
are worth on reports that they were not written with. The rules were mended since for what these showed."""


@dataclass(frozen=True)
class Case:
    id: str
    url: str
    snapshot: Snapshot
    primary: frozenset[str]
    allowed: frozenset[str]
    healthy: bool


@cache
def all_cases(folder: Path = FOLDER) -> tuple[Case, ...]:
    return tuple(_case(json.loads(path.read_bytes())) for path in sorted(folder.glob("*.json")))


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
