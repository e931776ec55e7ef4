"""What the log says beside the facts: harmless lines, and causes that no rule of facts found."""

from __future__ import annotations

from collections.abc import Sequence

from .. import fixes
from ..messages import CauseText, Match, cause_texts
from ..order import DRIVER, EXPLAINS, WRONG_PLACE
from ..report import Finding, Fix
from ..subject import Subject
from .rule import Found, Rule
from .told import cause

LISTED = 6
"""Lines that a finding cites."""

ABOUT_THE_MACHINE = frozenset({*DRIVER, *WRONG_PLACE[:2]})
"""Codes that concern every framework."""

_COMMANDS = {
    "driver-missing": fixes.host.install_driver,
    "driver-not-loaded": fixes.host.load_driver,
    "driver-library-mismatch": fixes.host.restart,
    "cpu-only-build": fixes.gpu_build,
    "windows-native": fixes.gpu_build,
    "framework-missing": fixes.install_framework,
    "cuda-missing": fixes.cuda_libraries,
    "cuda-version-mismatch": fixes.cuda_libraries,
    "cudnn-missing": fixes.cuda_libraries,
}
"""The fixes for a cause that need no more facts than the environment."""


def harmless_message(subject: Subject) -> Found | None:
    """Lines that look like errors and mean that nothing is wrong."""
    lines = [each for each in subject.messages if each.weight == "harmless" and each.codes]
    if not lines:
        return None
    meanings = {each.id: each for each in reversed(lines)}
    first = [each for each in lines if meanings[each.id] is each][:LISTED]
    one = len(first) == 1
    return Found(
        Finding(
            code="harmless-message",
            severity="info",
            title="A line of the log is harmless"
            if one
            else f"{len(meanings)} kinds of lines in the log are harmless",
            detail=" ".join(dict.fromkeys(each.meaning for each in first)),
            evidence=tuple(each.line for each in first),
        )
    )


def told(subject: Subject, found: Sequence[Found], *, main: bool) -> Found | None:
    """The cause that only the log tells, for this framework, beside what the rules of facts found.

    What a message tells alone stands unless a finding is its cause, explains it, or is about the same thing.
    What it only makes likely stands where no error or warning was found at all. ``main``: the framework that
    the verdict follows, which a message is about that does not tell whose it is.
    """
    messages = [each for each in subject.messages if main or each.frameworks]
    known = [
        each.finding.code
        for each in found
        if each.finding.severity != "info" or each.finding.code == "no-gpu"
        if each.finding.framework in (None, subject.name)
    ]
    for sure in (True, False):
        for match in messages:
            code = cause(subject, match, sure=sure)
            if code is not None and not _covered(code, match, known):
                return _finding(subject, code, match)
        if known:
            break
    return None


def _covered(code: str, match: Match, known: Sequence[str]) -> bool:
    """Whether a finding says the same, or explains it."""
    return any(each in match.codes or code in EXPLAINS.get(each, ()) or each == code for each in known)


def _finding(subject: Subject, code: str, match: Match) -> Found:
    text = cause_texts()[code]
    likely = match.weight != "conclusive"
    title = text.title.replace("{framework}", subject.title)
    if likely:
        title = f"Probably: {title}"
    doubt = (
        " No other fact shows the cause: this is what the message makes likely."
        if likely
        else " The log is what tells it, not a fact of the machine."
    )
    return Found(
        Finding(
            code=code,
            severity="error" if subject.name == "jax" and code == "libdevice-missing" else text.severity,
            framework=None if code in ABOUT_THE_MACHINE else subject.name,
            title=title,
            detail=match.meaning + doubt,
            evidence=(f"the log says: {match.line}",),
            fixes=_fixes(subject, text),
        ),
        stops_import=text.stops_import,
    )


def _fixes(subject: Subject, text: CauseText) -> tuple[Fix, ...]:
    make = _COMMANDS.get(text.code)
    made = make(subject) if make else ()
    return made or (Fix(title=text.fix, where=text.where),)


RULES = (Rule("harmless-message", "machine", harmless_message),)
