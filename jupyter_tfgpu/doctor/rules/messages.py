"""What the log says beside the facts: harmless lines, and causes that no rule of facts found."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..fixes import (
    containers,
    cuda_libraries,
    devices,
    environments,
    gpu_build,
    host,
    install_framework,
    packages,
)
from ..fixes.builds import build_for_gpu
from ..messages import CauseText, Match, cause_texts
from ..order import DRIVER, EXPLAINS, WRONG_PLACE
from ..report import Finding, Fix
from ..subject import PROPER_NAMES, Subject
from .likely import import_failed
from .rule import Found, Rule
from .told import cause

LISTED = 6
"""Lines that a finding cites."""

ABOUT_THE_MACHINE = frozenset({*DRIVER, *WRONG_PLACE[:2]})
"""Codes that concern every framework."""

Fixes = tuple[Fix, ...]

_BY_CODE: dict[str, Callable[[Subject], Fixes]] = {
    "stale-kernelspec": environments.repair_kernelspec,
    "ipykernel-missing": environments.install_ipykernel,
    "python-unsupported": lambda subject: environments.other_python(subject, None),
    "gpu-package-removed": environments.removed_package,
    "framework-missing": install_framework,
    "windows-native": gpu_build,
    "cpu-only-build": gpu_build,
    "msvc-runtime-missing": lambda subject: packages.visual_cpp(),
    "container-without-gpu": containers.start_with_gpu,
    "container-capabilities": containers.give_capabilities,
    "driver-missing": host.install_driver,
    "driver-not-loaded": host.load_driver,
    "driver-library-mismatch": host.restart,
    "gpu-lost": host.recover_gpu,
    "gpu-hidden": devices.show_in_program,
    "gpu-too-old": lambda subject: build_for_gpu(subject) if subject.compute_capabilities else (),
    "gpu-too-new": lambda subject: build_for_gpu(subject) if subject.compute_capabilities else (),
    "cuda-missing": cuda_libraries,
    "cuda-version-mismatch": cuda_libraries,
    "cudnn-missing": cuda_libraries,
}
"""The fixes for a cause that need no more facts than the environment."""

_RELEASES = {
    "numpy-abi": ("numpy", "numpy<2"),
    "numpy-array-api": ("numpy", "numpy<2"),
    "numpy-too-old": ("numpy", "numpy"),
    "protobuf-descriptors": ("protobuf", "protobuf<3.21"),
}
"""By message: the package, and the requirement that ends it. protobuf 3.20 is the last that takes code
generated for protobuf 3 (https://protobuf.dev/news/2022-05-06/)."""


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
    ours = [each.finding for each in found if each.finding.framework in (None, subject.name)]
    known = [each.code for each in ours if each.severity != "info"]
    notes = [each.code for each in ours if each.severity == "info"]
    for sure in (True, False):
        for match in messages:
            code = cause(subject, match, sure=sure)
            if code is None or _covered(code, match, known):
                continue
            made = _finding(subject, code, match)
            if made.stops_import or not any(code in EXPLAINS.get(note, ()) for note in notes):
                return made
        if known:
            break
    return None


def _covered(code: str, match: Match, known: Sequence[str]) -> bool:
    """Whether a finding says the same, or explains it."""
    return any(each == code or each in match.codes or code in EXPLAINS.get(each, ()) for each in known)


def _finding(subject: Subject, code: str, match: Match) -> Found:
    text = cause_texts()[code]
    likely = match.weight != "conclusive"
    title = text.title.replace("{framework}", _whose(subject, match))
    title = title[:1].upper() + title[1:]
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
            fixes=_fixes(subject, text, match),
        ),
        stops_import=text.stops_import or import_failed(match),
    )


def _whose(subject: Subject, match: Match) -> str:
    """The framework, by the message where none is judged."""
    if subject.name is None and len(match.frameworks) == 1:
        return PROPER_NAMES.get(next(iter(match.frameworks)), subject.title)
    return subject.title


def _fixes(subject: Subject, text: CauseText, match: Match) -> Fixes:
    if match.id in _RELEASES:
        package, wanted = _RELEASES[match.id]
        return packages.another_release(subject, subject.distribution(package), wanted)
    make = _BY_CODE.get(text.code)
    return (make(subject) if make else ()) or (Fix(title=text.fix, where=text.where),)


RULES = (Rule("harmless-message", "machine", harmless_message),)
