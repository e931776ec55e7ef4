"""What an installer was asked for, and what it had to offer: from the snapshot, else from the words of pip,
uv or conda in its log."""

from __future__ import annotations

import re
from typing import NamedTuple

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from .subject import Subject

PACKAGES = {
    "tensorflow": (
        "tensorflow",
        "tensorflow-gpu",
        "tensorflow-cpu",
        "tensorflow-macos",
        "tensorflow-intel",
        "tensorflow-cpu-aws",
        "tensorflow-rocm",
        "tensorflow-directml",
        "nvidia-tensorflow",
        "intel-tensorflow",
        "tf-nightly",
        "tf-nightly-cpu",
        "tf-nightly-gpu",
    ),
    "torch": ("torch", "pytorch", "pytorch-gpu"),
    "jax": ("jax", "jaxlib", "jax-cuda12-plugin", "jax-cuda13-plugin"),
    "mxnet": ("mxnet",),
}
"""The packages by which each framework is installed."""

PLUGINS = {"tensorflow": ("tensorflow-metal", "tensorflow-directml-plugin")}
"""Packages that are installed beside the framework, to bring it code for a GPU."""

_WORD = re.compile(
    r"(?<![\w./-])(?P<name>[A-Za-z][A-Za-z0-9]*(?:[-_.][A-Za-z0-9]+)*)(?P<extra>\[[^\]\s]*\])?"
    r"\s*(?P<limits>(?:(?:===|[=<>!~]=?)\s*[\w.*+!]+\s*,?\s*)*)"
)
_NAME = r"(?<![\w.-])(?P<text>[A-Za-z][\w.-]{0,60}(?:[=<>!~]{1,3}[\w.*+]{1,30}(?:=[^\s\[]{1,60})?)?)"
_PIP = re.compile(
    r"satisfies the requirement (?P<text>[^\n]{1,200}?)\s*\(from versions:\s*(?P<versions>[^)\n]*)\)",
    re.IGNORECASE,
)
_PIP_SHORT = re.compile(r"No matching distribution found for (?P<text>[^\n]{1,200})", re.IGNORECASE)
_UV = re.compile(rf"{_NAME} has no wheels? with a matching Python", re.IGNORECASE)
_CONDA = re.compile(
    rf"{_NAME}[^\n]{{0,200}} -> python\[version='(?P<pythons>[^']{{1,400}})'\]", re.IGNORECASE
)
_CLUES = ("satisfies the requirement", "No matching distribution", "has no wheel", " -> python[version=")
"""What one of the installers' lines has to hold: most logs hold none, and are not searched further."""

_OFFLINE = re.compile(
    r"NewConnectionError|ConnectionError|ProxyError|SSLError|name resolution|Read timed out|Retrying \(Retry",
    re.IGNORECASE,
)


class Wanted(NamedTuple):
    """``package``: normalised. ``limits``: the versions asked for. ``available``: the versions that the
    installer was offered for this interpreter; empty for none, None where that is not known.

    ``python_refused``: the installer itself says that the interpreter is why.
    """

    text: str
    package: str
    limits: SpecifierSet
    available: tuple[str, ...] | None = None
    python_refused: bool = False


def is_absent(subject: Subject) -> bool:
    """Whether the framework is known not to be in this environment: its packages were looked for, or Python
    says so."""
    if subject.environment.frameworks is not None or subject.framework is not None:
        return subject.framework is None
    named = {each.groups.get("module") for each in subject.messages if each.id == "no-module"}
    return subject.name in named


def within(limits: SpecifierSet, version: str) -> bool:
    """Whether a release is within the limits, whatever local part (``+cu118``) either has."""
    public = SpecifierSet(",".join(str(each).split("+")[0] for each in limits))
    try:
        return public.contains(Version(version.split("+")[0]), prereleases=True)
    except InvalidVersion:
        return True


def wanted(subject: Subject) -> Wanted | None:
    """What was asked for of the framework that is judged. None: nothing is known of it."""
    asked, log = subject.snapshot.requested, subject.snapshot.log or ""
    if asked is not None and asked.requirement:
        available = asked.available
        return _parsed(subject, asked.requirement, available if available is None else tuple(available))
    if not any(clue in log for clue in _CLUES):
        return None
    pip = next((found for match in _PIP.finditer(log) if (found := _of_pip(subject, match, log))), None)
    return pip or _of_others(subject, log)


def _of_pip(subject: Subject, match: re.Match[str], log: str) -> Wanted | None:
    versions = tuple(each for each in re.split(r"[,\s]+", match["versions"]) if each and each != "none")
    reached = bool(versions) or not _OFFLINE.search(log)
    return _parsed(subject, match["text"], versions if reached else None)


def _of_others(subject: Subject, log: str) -> Wanted | None:
    for match in _UV.finditer(log):
        found = _parsed(subject, match["text"])
        if found is not None:
            return found._replace(python_refused=True)
    for match in _CONDA.finditer(log):
        found = _parsed(subject, match["text"])
        if found is not None:
            return found._replace(python_refused=_refused(subject, match["pythons"]))
    for match in _PIP_SHORT.finditer(log):
        found = _parsed(subject, match["text"])
        if found is not None:
            return found
    return None


def _parsed(subject: Subject, text: str, available: tuple[str, ...] | None = None) -> Wanted | None:
    """The first word of the text that is one of the framework's packages."""
    for match in _WORD.finditer(text):
        name = re.sub(r"[-_.]+", "-", match["name"]).lower()
        if name in _packages(subject) or (subject.name == "mxnet" and name.startswith("mxnet-")):
            limits = match["limits"].strip().rstrip(",")
            return Wanted(f"{match['name']}{limits}", name, _limits(limits), available)
    return None


def _packages(subject: Subject) -> tuple[str, ...]:
    return (*PACKAGES.get(subject.name or "", ()), *PLUGINS.get(subject.name or "", ()))


def _limits(text: str) -> SpecifierSet:
    """pip's ``==2.4.1`` and ``>=2,<3``, conda's ``=2.4`` and ``=2.4=gpu_*``; no limit where it is not
    understood."""
    compact = re.sub(r"^(==?[\w.*]+)=[^=,]+$", r"\1", re.sub(r"\s+", "", text))
    try:
        return SpecifierSet(re.sub(r"(?<![=<>!~])=(?!=)([\w.]+)", r"==\1.*", compact))
    except InvalidSpecifier:
        return SpecifierSet()


def _refused(subject: Subject, pythons: str) -> bool:
    """Whether this Python is outside conda's list: ``3.5.*|3.6.*|>=3.7,<3.8.0a0``."""
    python = subject.environment.python
    if not python:
        return False
    try:
        return not any(
            SpecifierSet(each if each[:1] in "<>=!" else f"=={each}").contains(python)
            for each in pythons.split("|")
        )
    except InvalidSpecifier:
        return False
