"""From a snapshot to a report: a pure function. No disk but our own tables, no clock, no environment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from .order import EXPLAINS, KEEPS_BROKEN_IMPORTS, ORDER
from .report import Finding, JudgedEnvironment, JudgedFramework, Report, Verdict
from .snapshot import Snapshot
from .subject import PROPER_NAMES, Subject

if TYPE_CHECKING:
    from .rules import Found

PREFERENCE = ("tensorflow", "torch", "jax", "mxnet")
"""Verdict and exit code follow, where nobody chose, the first of these that is installed."""

_PLACE = {code: place for place, code in enumerate(ORDER)}


def diagnose(snapshot: Snapshot, framework: str | None = None) -> Report:
    """The findings on a snapshot, root cause first, and the verdict.

    ``framework``: the one to judge; without it the snapshot's own choice, and without that all that are
    installed, each finding with its framework.
    """
    asked = framework or snapshot.framework
    judged = (asked,) if asked else tuple(name for name in PREFERENCE if name in _installed(snapshot))
    main = judged[0] if judged else None
    found = _unexplained(_check(snapshot, judged, asked is not None))
    findings = tuple(each.finding for each in _sorted(found, judged))
    verdict = _verdict(findings, main)
    return Report(
        verdict=verdict,
        summary=_summary(snapshot, verdict, findings, main),
        framework=_judged_framework(snapshot, main),
        environment=_judged_environment(snapshot),
        findings=findings,
        simulated=bool(snapshot.simulated),
    )


def _installed(snapshot: Snapshot) -> frozenset[str]:
    """The frameworks that somebody may train with: not a jax without GPU code that TensorFlow brings along,
    as 2.12 does (METADATA of the wheels: jax>=0.3.15)."""
    facts = snapshot.environment.frameworks if snapshot.environment else None
    found = {each.name: each for each in facts or ()}
    brought = "tensorflow" in found and "jax" in found and found["jax"].cuda_build is False
    if brought and _asks_for_jax(Subject(snapshot, "tensorflow")):
        del found["jax"]
    return frozenset(found)


def _asks_for_jax(tensorflow: Subject) -> bool:
    named = [each for each in tensorflow.distributions if each.name.startswith("tensorflow")]
    lines = [line for each in named for line in each.requires or ()]
    return any(re.match(r"jax\b", line) for line in lines) if lines else tensorflow.release == (2, 12)


def _check(snapshot: Snapshot, judged: Sequence[str], asked: bool) -> list[Found]:
    # With the first diagnosis, not with the import: a Jupyter server starts without rules and their tables.
    from .rules import RULES, told

    machine = Subject(snapshot)
    subjects = [Subject(snapshot, name, asked) for name in judged]
    found: list[Found] = []
    for rule in RULES:
        for subject in (machine,) if rule.about == "machine" else subjects:
            one = rule.check(subject)
            if one is not None:
                found.append(one)
    if snapshot.log:
        # What only the log tells, after the facts: it stands where they found nothing of the kind.
        for place, subject in enumerate(subjects or [machine]):
            if (heard := told(subject, found, main=place == 0)) is not None:
                found.append(heard)
    return found


def _unexplained(found: Sequence[Found]) -> list[Found]:
    """Without what another finding explains: a finding of the same framework, or of the machine."""
    return [one for one in found if not any(_explains(other, one) for other in found)]


def _explains(cause: Found, effect: Found) -> bool:
    if effect.finding.code not in EXPLAINS.get(cause.finding.code, ()):
        return False
    if effect.stops_import and cause.finding.code in KEEPS_BROKEN_IMPORTS:
        return False
    if cause.finding.severity == "warning" and effect.finding.severity == "error":
        return False  # with what only warns it would still work
    return cause.finding.framework in (None, effect.finding.framework)


def _sorted(found: Iterable[Found], judged: Sequence[str]) -> list[Found]:
    """What has to be mended before what is worth knowing; the judged framework's and the machine's own
    before another's; root cause first."""

    def key(one: Found) -> tuple[bool, bool, int, int]:
        finding = one.finding
        framework = judged.index(finding.framework) if finding.framework in judged else 0
        return finding.severity == "info", framework > 0, _PLACE[finding.code], framework

    return sorted(found, key=key)


def _verdict(findings: Sequence[Finding], main: str | None) -> Verdict:
    own = [each for each in findings if each.framework in (None, main)]
    if any(each.severity == "error" for each in own):
        return "broken"
    if any(each.code == "no-gpu" for each in findings):
        return "cpu"
    if any(each.severity != "info" for each in findings):
        return "degraded"
    return "ok"


def _judged_framework(snapshot: Snapshot, name: str | None) -> JudgedFramework | None:
    if name is None:
        return None
    build = Subject(snapshot, name).framework
    return JudgedFramework(name=name, version=build.version if build else None)


def _judged_environment(snapshot: Snapshot) -> JudgedEnvironment | None:
    facts = snapshot.environment
    return JudgedEnvironment(name=facts.name, prefix=facts.prefix) if facts else None


def _summary(snapshot: Snapshot, verdict: Verdict, findings: Sequence[Finding], main: str | None) -> str:
    subject = Subject(snapshot, main)
    what = subject.title if subject.framework else PROPER_NAMES.get(main or "", "")
    if verdict == "broken":
        first = next(each for each in findings if each.severity == "error" and each.framework in (None, main))
        return f"{first.title}."
    if verdict == "cpu":
        return f"No GPU in this machine: {what or 'training'} {'will run' if what else 'runs'} on the CPU."
    if verdict == "degraded":
        return f"{next(each.title for each in findings if each.severity != 'info')}."
    if not what:
        return "No framework that trains on GPUs is installed here."
    if subject.framework is None:
        return f"It is not known whether {what} is installed here."
    return f"Nothing found that keeps {what} from the GPU."
