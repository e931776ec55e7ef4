"""Is what is imported what was installed: one copy of the framework, with all of its files?"""

from __future__ import annotations

from collections.abc import Sequence

from ..fixes.packages import install_again, only_one
from ..fixes.tool import made_by_conda
from ..knowledge import gpu_wheels
from ..knowledge.packages import framework_packages
from ..packages import described, is_gpu_package, listed, owners
from ..report import Finding, Severity
from ..snapshot import Distribution
from ..subject import Subject
from ..versions import numbers
from .rule import Found, Rule

_ESSENTIAL = {
    "tensorflow": ("numpy", "protobuf", "keras", "tensorflow-estimator", "ml-dtypes", "h5py"),
    "torch": ("numpy",),
    "jax": ("numpy", "jax", "ml-dtypes", "scipy"),
    "mxnet": ("numpy",),
}
"""Packages without whose files the framework cannot be imported."""


_DISTRIBUTION = {
    "tensorflow-base": "tensorflow",
    "pytorch": "torch",
    "libmxnet": "mxnet",
    "py-mxnet": "mxnet",
}
"""conda's packages to the name under which Python knows what they install."""


def duplicate_framework(subject: Subject) -> Found | None:
    """Several distributions own the folder that is imported: the one installed last wins, and removing any of
    them breaks the others.

    conda's packages of one recipe count as one, and so do a shim and what it stands for. Silent on two builds
    of one release that hold the same: nothing is lost by them.
    """
    kept = _separate(subject)
    if len(kept) < 2 or _was_replaced(subject, kept):
        return None
    releases = {numbers(each.version)[:3] for each in kept if each.version}
    severity = _severity(subject, kept, mixed=len(releases) > 1)
    if severity is None:
        return None
    names = listed(f"{each.name} {each.version or ''}".strip() for each in kept)
    pip = [each for each in kept if not made_by_conda(each)]
    conda = [each.name for each in kept if made_by_conda(each)]
    keep = _to_keep(pip or kept)
    return Found(
        Finding(
            code="duplicate-framework",
            severity=severity,
            framework=subject.name,
            title=f"{names} are installed over each other",
            detail=f"{names} put their files into the one folder {subject.name!r}, where the one "
            f"installed last overwrites the others. {_outcome(subject, mixed=len(releases) > 1)}",
            evidence=tuple(described(each) for each in kept),
            fixes=only_one(subject, [each.name for each in pip], keep, conda),
        )
    )


def _separate(subject: Subject) -> list[Distribution]:
    """Of the owners, one for each install: one for all of conda's, none for a shim's other half."""
    kinds = framework_packages(subject.name or "")
    found = owners(subject)
    from_conda = [each for each in found if made_by_conda(each)]
    rest = [
        each
        for each in dict.fromkeys(found)
        if not made_by_conda(each)
        and kinds[each.name] != "conda"
        and (each.installer == "pip" or not from_conda)
    ]
    for half in [each for each in rest if kinds[each.name] == "platform"]:
        same = [each for each in rest if each is not half and each.version == half.version]
        if same:
            rest.remove(half)
    first: dict[str, Distribution] = {}
    for each in rest:
        first.setdefault(each.name, each)
    main = next((each for each in from_conda if kinds[each.name] == "conda"), None) or next(
        iter(from_conda), None
    )
    conda = [main] if main else []
    return [*conda, *first.values()]


def _was_replaced(subject: Subject, kept: Sequence[Distribution]) -> bool:
    """Whether pip took conda's copy away before it installed its own: both are one Python distribution then,
    whatever conda calls its package. It stays a fault where GPU code was lost by that."""
    names = {_DISTRIBUTION.get(each.name, each.name) for each in kept}
    conda = [each for each in kept if made_by_conda(each)]
    build = subject.framework
    lost = build is not None and build.cuda_build is False and any(_holds_gpu_code(each) for each in conda)
    return len(names) == 1 and bool(conda) and not lost


def _severity(subject: Subject, kept: Sequence[Distribution], mixed: bool) -> Severity | None:
    """None: nothing is lost."""
    build = subject.framework
    has_gpu_code = None if build is None else build.cuda_build or build.rocm_build
    if has_gpu_code:
        return "warning" if mixed else None
    with_gpu_code = [_holds_gpu_code(each) for each in kept]
    if has_gpu_code is None and all(with_gpu_code):
        return "warning" if mixed else None
    if subject.nvidia_gpu is False and not subject.other_gpu and not mixed:
        return None  # the copy without GPU code won, where there is no GPU
    return "error" if any(with_gpu_code) or mixed else None


def _holds_gpu_code(distribution: Distribution) -> bool:
    """Whether this package is one with GPU code, by its name or by the table of wheels."""
    built = any(mark in (distribution.build or "") for mark in ("cuda", "gpu"))
    return (
        built
        or is_gpu_package(distribution)
        or any(
            wheel.package == distribution.name and wheel.version == distribution.version
            for wheel in gpu_wheels()
        )
    )


def _outcome(subject: Subject, mixed: bool) -> str:
    build = subject.framework
    parts = []
    if mixed:
        parts.append("Files of different releases are mixed there.")
    if build is not None and build.cuda_build is False and not build.rocm_build:
        parts.append("What is imported now is a build without GPU code.")
    parts.append("Removing one of them takes files away from the other.")
    return " ".join(parts)


def _to_keep(found: Sequence[Distribution]) -> str:
    """The requirement of the one to install: with GPU code before without, the newest among those."""
    best = max(found, key=lambda each: (_holds_gpu_code(each), numbers(each.version)))
    return f"{best.name}=={best.version}" if best.version else best.name


def corrupt_install(subject: Subject) -> Found | None:
    """Files of the framework, or of a package that it cannot be imported without, are missing, changed, or
    left over from another version. A folder that pip moved aside (``~ensorflow``) is only a sign that an
    installation was disturbed."""
    own = (*owners(subject), *_moved_aside(subject))
    broken = [
        each
        for each in (*_checked(subject), *_moved_aside(subject))
        if each.problem and (each in own or not _only_moved_aside(each))
    ]
    if not broken:
        return _gone(subject)
    worst = min(broken, key=_only_moved_aside)
    moved = _only_moved_aside(worst)
    what = f"{worst.name} {worst.version or ''}".strip()
    return Found(
        Finding(
            code="corrupt-install",
            severity="warning" if moved else "error",
            framework=subject.name,
            title=f"An installation of {what} was cut short"
            if moved
            else f"{what} is not installed completely",
            detail=(
                f"A folder with a name that begins with ~ is what pip moved aside and could not delete, as a "
                f"rule because a program had its files open. {worst.name} beside it may be damaged."
                if moved
                else f"The files of {what} are not those that were installed: {worst.problem}. What "
                "needs them fails, or finds files of two releases."
            ),
            evidence=tuple(f"{each.name} {each.version or ''}: {each.problem}" for each in broken[:6]),
            fixes=install_again(subject, subject.distribution(worst.name) or worst, moved_aside=moved),
        ),
        stops_import=not moved and not worst.name.startswith("nvidia-"),
    )


def _gone(subject: Subject) -> Found | None:
    """The framework is listed as installed, and its folder is not there: removing another package that owned
    it took it along, or the removal of its own was cut short."""
    facts = subject.environment
    if not subject.asked or facts.frameworks is None or subject.framework is not None:
        return None
    found = [each for each in owners(subject) if not made_by_conda(each)]
    if not found or (found[0].name == "tensorflow-gpu" and numbers(found[0].version) >= (2, 12)):
        return None
    what = f"{found[0].name} {found[0].version or ''}".strip()
    return Found(
        Finding(
            code="corrupt-install",
            severity="error",
            framework=subject.name,
            title=f"{what} is listed as installed, and its files are gone",
            detail=f"Installers know {what}, but there is no folder {subject.name!r} to import. Removing "
            "another package that put its files there takes them along.",
            evidence=(described(found[0]), f"no import package {subject.name!r} was found"),
            fixes=install_again(subject, found[0]),
        ),
        stops_import=True,
    )


def _checked(subject: Subject) -> tuple[Distribution, ...]:
    """The framework's own distributions, those it cannot be imported without, and NVIDIA's libraries; the
    last not where two of them own the same files, which has a cause of its own."""
    own = owners(subject)
    others = [subject.distribution(name) for name in _ESSENTIAL.get(subject.name or "", ())]
    stems = [
        each.name.rsplit("-cu", 1)[0] for each in subject.distributions if each.name.startswith("nvidia-")
    ]
    nvidia = [
        each
        for each in subject.distributions
        if subject.name != "mxnet"
        and each.name.startswith("nvidia-")
        and stems.count(each.name.rsplit("-cu", 1)[0]) == 1
    ]
    return tuple(dict.fromkeys((*own, *(each for each in others if each), *nvidia)))


def _moved_aside(subject: Subject) -> tuple[Distribution, ...]:
    """What pip calls an invalid distribution: ``-ensorflow``, which was the framework's. As a problem of the
    one that it was."""
    tails = {each.name[1:]: each for each in subject.distributions if each.name[:1] in ("-", "~")}
    return tuple(
        Distribution(
            name=name, version=left.version, problem=f"the leftover folder ~{tail} of an earlier copy"
        )
        for tail, left in tails.items()
        for name in framework_packages(subject.name or "")
        if len(name) == len(tail) + 1 and name.endswith(tail)
    )


def _only_moved_aside(distribution: Distribution) -> bool:
    text = (distribution.problem or "").lower()
    return "~" in text and not any(
        word in text for word in ("missing", "match", "another version", "no metadata")
    )


RULES = (
    Rule("duplicate-framework", "framework", duplicate_framework),
    Rule("corrupt-install", "framework", corrupt_install),
)
