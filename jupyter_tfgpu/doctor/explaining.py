"""From a traceback or a log to what it means here: the messages in it, and what the facts say to them."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from .diagnosis import diagnose
from .explanation import ExplainedLine, Explanation, LineKind
from .memory_use import held_by_unknown, memory_advice, memory_use
from .messages import Match, cleaned, recognised
from .messages.matching import LINE_LIMIT
from .order import EXPLAINS
from .report import Finding, Report
from .snapshot import Snapshot
from .subject import PROPER_NAMES, Subject

SHOWN = 40
"""Kinds of lines that an answer holds at most."""
UNKNOWN_SHOWN = 5

ABOUT_MEMORY = frozenset({"out-of-memory", "cudnn-handle", "cublas-failed"})
ABOUT_INSTALLING = frozenset(
    {"no-module", "no-version", "no-matching-distribution", "wheel-not-supported", "native-module"}
)
"""Messages that speak of a framework that need not be installed."""

OF_GPUS = re.compile(
    r"(?:lib)?(?:cu|nv|nccl|tensorflow|_pywrap_tensorflow|torch|c10|caffe2|mxnet|jax|xla|hip|amd|roc|rccl|miopen|hsa)"
)
"""How the names of libraries begin that frameworks and drivers bring."""

_LOOKS_LIKE_AN_ERROR = re.compile(
    r"(?:[A-Za-z_][\w.]{0,100}(?:Error|Exception|Interrupt)\b\s{0,3}(?::|$)"  # the end of a traceback
    r"|(?:\d{4}-\d\d-\d\d [\d:.]{1,20}: |\s{0,4})[EF] [\w/]{1,120}\.cc:\d{1,6}\]"  # TensorFlow's
    r"|[EF]\d{4} [\d:.]{1,24}\s{1,8}\d{1,9} [\w./]{1,120}:\d{1,6}\]"  # its later ones
    r"|(?:ERROR|FATAL|Fatal error|fatal)\b ?:)"
)


def explain(text: str, snapshot: Snapshot) -> Explanation:
    """What this text, printed in this environment, comes from. Pure, as a diagnosis is."""
    matches = recognised(text)
    framework = _framework(matches, snapshot)
    with_text = msgspec.structs.replace(snapshot, log=text)
    report = diagnose(with_text, framework)
    findings, others = _parted(report.findings, matches)
    subject = Subject(with_text, framework)
    lines = _lines(matches, subject)
    of_memory = any(each.id in ABOUT_MEMORY for each in matches)
    if of_memory and held_by_unknown(subject):
        findings = tuple(each for each in findings if each.code != "gpu-memory-taken")
    return Explanation(
        summary=_summary(
            report,
            findings,
            [each for each in lines if _concerns(each, subject)],
            _absent(matches, snapshot),
        ),
        framework=report.framework,
        environment=report.environment,
        findings=findings,
        lines=lines,
        unknown=_unknown(text, matches),
        memory=memory_use(subject) if of_memory else None,
        advice=memory_advice(subject, findings) if of_memory else (),
        others=others,
        simulated=report.simulated,
    )


def _framework(matches: Sequence[Match], snapshot: Snapshot) -> str | None:
    """The one that the text is about: the snapshot's choice, else the only one whose messages are in it.

    Of a message that several print, the only one of them that is installed.
    """
    if snapshot.framework is not None:
        return snapshot.framework
    installed = _installed(snapshot)
    printed = [
        each.frameworks if len(each.frameworks) == 1 else each.frameworks & installed for each in matches
    ]
    named = {name for each in printed if len(each) == 1 for name in each}
    named |= {each.groups.get("module", "") for each in matches if each.id == "no-module"} & set(PROPER_NAMES)
    if not any(each.id in ABOUT_INSTALLING for each in matches):
        named &= installed
    return named.pop() if len(named) == 1 else None


def _installed(snapshot: Snapshot) -> set[str]:
    facts = snapshot.environment.frameworks if snapshot.environment else None
    return {each.name for each in facts or ()}


def _parted(
    findings: Sequence[Finding], matches: Sequence[Match]
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """What the text comes from, and what is wrong beside it.

    A finding belongs to the text where a message can stand for its code, or for one that it explains, and is
    not another framework's.
    """
    own: list[Finding] = []
    others: list[Finding] = []
    for each in findings:
        if each.code != "harmless-message":  # said line by line
            related = any(_is_behind(each, match) for match in matches)
            (own if related else others).append(each)
    return tuple(own), tuple(others)


def _is_behind(finding: Finding, match: Match) -> bool:
    if match.frameworks and finding.framework is not None and finding.framework not in match.frameworks:
        return False
    codes = _codes(match)
    return finding.code in codes or not EXPLAINS.get(finding.code, frozenset()).isdisjoint(codes)


def _codes(match: Match) -> tuple[str, ...]:
    """What a message can stand for; a library that has nothing to do with GPUs for nothing."""
    return () if _strange(match) else tuple(code for code in match.codes if code != "harmless-message")


def _strange(match: Match) -> bool:
    name = match.groups.get("library", "").rpartition("/")[2].lower()
    return match.id == "library-not-found" and bool(name) and not OF_GPUS.match(name)


def _lines(matches: Sequence[Match], subject: Subject) -> tuple[ExplainedLine, ...]:
    """Each kind of line once, with its first place; lines of one kind that name different things are
    different kinds."""
    kinds: dict[tuple[object, ...], list[Match]] = {}
    for each in matches:
        kinds.setdefault((each.id, each.meaning), []).append(each)
    return tuple(_line(group, subject) for group in list(kinds.values())[:SHOWN])


def _line(group: Sequence[Match], subject: Subject) -> ExplainedLine:
    first = group[0]
    whose = next(iter(first.frameworks)) if len(first.frameworks) == 1 else None
    return ExplainedLine(
        number=first.number,
        line=first.line,
        times=len(group),
        kind=_kind(first),
        meaning=first.meaning,
        here=said_here(first, subject),
        codes=_codes(first),
        framework=whose,
    )


def _concerns(line: ExplainedLine, subject: Subject) -> bool:
    return None in (line.framework, subject.name) or line.framework == subject.name


def _kind(match: Match) -> LineKind:
    if _strange(match):
        return "note"
    if match.weight == "harmless":
        return "harmless" if match.codes else "note"
    return "cause" if match.weight == "conclusive" else "hint"


def said_here(match: Match, subject: Subject) -> str | None:
    """What the facts say to a message: whether the library is found by now, what this system has."""
    if subject.name is not None and match.frameworks and subject.name not in match.frameworks:
        return f"It is not {subject.proper_name}'s, which is what is used here."
    name = match.groups.get("library", "").lower().rpartition("/")[2]
    copies = [each for each in subject.libraries if name and each.file.lower() == name]
    if match.id in ("library-not-found", "tensorrt-missing") and copies:
        first = copies[0]
        where = first.path or "a folder that is not known"
        if first.reachable:
            return f"It is found now: {where}."
        if first.reachable is False:
            return f"It lies where the loader does not look: {where}."
    if match.id == "library-not-found" and subject.environment.libraries_complete and not copies:
        return "It is nowhere on this machine."
    if match.id == "glibc-version" and subject.host.glibc:
        return f"This system has glibc {subject.host.glibc}."
    if match.id in ("driver-too-old", "runtime-needs-driver", "container-requirement", "ptx-toolchain"):
        driver = subject.driver
        if driver.version and driver.cuda_version:
            return f"The driver here is {driver.version}, for CUDA up to {driver.cuda_version}."
    return None


def _absent(matches: Sequence[Match], snapshot: Snapshot) -> str | None:
    """The framework that printed the text, by name, where it is known not to be installed here."""
    facts = snapshot.environment.frameworks if snapshot.environment else None
    named = {name for each in matches if len(each.frameworks) == 1 for name in each.frameworks}
    if facts is None or len(named) != 1 or named & {each.name for each in facts}:
        return None
    return PROPER_NAMES.get(named.pop())


def _summary(
    report: Report, findings: Sequence[Finding], lines: Sequence[ExplainedLine], absent: str | None
) -> str:
    serious = [each for each in findings if each.severity != "info"]
    if serious:
        return f"{serious[0].title}."
    if any(each.code == "no-gpu" for each in findings):
        return "There is no GPU in this machine: what the text says of one is no fault."
    if not lines:
        return f"Nothing in this text is known here. Of the environment: {report.summary}"
    open_questions = [each for each in lines if each.kind in ("cause", "hint")]
    if not open_questions:
        return "Nothing is wrong: of the lines that are known here, all are harmless."
    about = open_questions[-1]
    if absent is not None:
        return (
            f"{about.meaning} {absent} is not installed in this environment, so its facts say little about "
            "the text: ask about the environment that printed it."
        )
    if about.kind == "cause":
        return f"{about.meaning} The facts do not show it now."
    return f"{about.meaning} The facts do not tell which it is here."


def _unknown(text: str, matches: Sequence[Match]) -> tuple[str, ...]:
    """Lines that look like errors and hold no message, the last ones."""
    known = {each.number for each in matches}
    found: dict[str, None] = {}
    for number, line in enumerate(cleaned(text).split("\n"), start=1):
        stripped = line.strip()
        if number not in known and _LOOKS_LIKE_AN_ERROR.match(stripped):
            shown = stripped if len(stripped) <= LINE_LIMIT else stripped[: LINE_LIMIT - 1] + "…"
            found.pop(shown, None)
            found[shown] = None
    return tuple(found)[-UNKNOWN_SHOWN:]
