"""Is what is imported what was installed here?"""

from __future__ import annotations

from collections.abc import Iterator

from ..fixes.environments import unshadow
from ..report import Finding, Severity
from ..snapshot import Distribution
from ..subject import Subject
from ..versions import numbers
from ..wanted import PACKAGES
from .rule import Found, Rule

PLACES = {"user": "the user site", "pythonpath": "PYTHONPATH", "system": "the system's Python"}
"""Where a copy that comes before the environment's own lies."""

DEPENDENCIES = {
    "tensorflow": (
        "absl-py",
        "flatbuffers",
        "gast",
        "grpcio",
        "h5py",
        "keras",
        "keras-preprocessing",
        "ml-dtypes",
        "opt-einsum",
        "scipy",
        "tensorboard",
        "tensorflow-estimator",
        "termcolor",
        "tf-keras",
        "wrapt",
    ),
    "torch": ("torchvision", "torchaudio", "triton", "pytorch-triton", "sympy", "networkx", "filelock"),
    "jax": ("jaxlib", "ml-dtypes", "opt-einsum", "scipy"),
    "mxnet": ("graphviz",),
}
"""Packages whose version a framework depends on, beside those of all of them (METADATA of their wheels)."""

_OF_ALL = ("numpy", "protobuf", "six", "typing-extensions")
_CLOSE = ("keras", "tf-keras", "tensorflow-estimator", "torchvision", "torchaudio", "triton", "jaxlib")
_PREFIXES = ("nvidia-", "jax-cuda")

Pair = tuple[Distribution, Distribution]
"""The distribution that comes first, and the environment's own of the same name."""


def shadowed_packages(subject: Subject) -> Found | None:
    """A copy from the user site, PYTHONPATH or the system comes before the environment's own.

    Of the framework: the copy that was installed here is not the one that runs. Of a package that it depends
    on: only where the two versions are far apart.
    """
    builds = [each for each in subject.environment.frameworks or () if each.name == subject.name]
    pairs = list(_pairs(subject))
    own = [first for first, _ in pairs if first.name in PACKAGES.get(subject.name or "", ())]
    if builds and builds[0].location in PLACES and any(each.location == "site" for each in builds[1:]):
        return _of_framework(subject, builds[0].location, pairs)
    if own and own[0].location:
        return _of_framework(subject, own[0].location, pairs)
    return _of_dependencies(subject, pairs) if pairs else None


def _pairs(subject: Subject) -> Iterator[Pair]:
    owners = PACKAGES.get(subject.name or "", ())
    names = {*owners, *DEPENDENCIES.get(subject.name or "", ()), *_OF_ALL}
    firsts: dict[str, Distribution] = {}
    for each in subject.distributions:
        first = firsts.setdefault(each.name, each)
        if first.location not in PLACES or each.location != "site":
            continue
        if not (each.name in names or each.name.startswith(_PREFIXES)) or None in (
            first.version,
            each.version,
        ):
            continue
        if each.name in owners or _matters(first, each):
            yield first, each


def _matters(first: Distribution, own: Distribution) -> bool:
    """Whether the two are so far apart that one may not do for the other: another major release, and for what
    is made for one release of its partner another minor one."""
    close = own.name in _CLOSE or own.name.startswith(_PREFIXES)
    digits = 2 if close else 1
    return numbers(first.version)[:digits] != numbers(own.version)[:digits]


def _of_framework(subject: Subject, place: str, pairs: list[Pair]) -> Found:
    name, where = subject.proper_name, PLACES[place]
    return _found(
        subject,
        severity="error",
        title=f"Another {name} from {where} comes before the environment's own",
        detail=(
            f"Python looks in {where} before the environment's own packages and takes the {name} there: the "
            f"one that was installed into this environment is not the one that runs.{_listed(pairs)}"
        ),
        pairs=pairs,
        place=place,
    )


def _of_dependencies(subject: Subject, pairs: list[Pair]) -> Found:
    place = pairs[0][0].location or "user"
    names = " and ".join(first.name for first, _ in pairs[:2]) if len(pairs) < 3 else "Other packages"
    verb = "comes" if len(pairs) == 1 else "come"
    return _found(
        subject,
        severity="warning",
        title=f"{names} from {PLACES[place]} {verb} before the environment's own",
        detail=(
            f"Python looks in {PLACES[place]} before the environment's own packages. {subject.proper_name} "
            f"was installed with other versions, and may fail with these.{_listed(pairs)}"
        ),
        pairs=pairs,
        place=place,
    )


def _listed(pairs: list[Pair]) -> str:
    taken = [
        f"{first.name} {first.version} in place of "
        + ("its own copy" if own.version == first.version else str(own.version))
        for first, own in pairs[:6]
    ]
    return f" It takes {', '.join(taken)}." if taken else ""


def _found(
    subject: Subject, severity: Severity, title: str, detail: str, pairs: list[Pair], place: str
) -> Found:
    evidence = tuple(
        f"{first.name} {first.version} from {PLACES[first.location or 'user']}, before {own.version}"
        for first, own in pairs[:8]
    )
    return Found(
        Finding(
            code="shadowed-packages",
            severity=severity,
            framework=subject.name,
            title=title,
            detail=detail,
            evidence=evidence or (f"two copies of {subject.name}, the first from {PLACES[place]}",),
            fixes=unshadow(subject, place, [first.name for first, _ in pairs]),
        )
    )


RULES = (Rule("shadowed-packages", "framework", shadowed_packages),)
