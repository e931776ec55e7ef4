"""The installed distributions, as rules about packages look at them."""

from __future__ import annotations

from collections.abc import Iterable

from .fixes.tool import made_by_conda
from .knowledge.packages import framework_packages
from .snapshot import Distribution
from .subject import Subject
from .versions import numbers

_GPU_NAMES = ("-gpu", "-cu", "-rocm", "-directml")


def owners(subject: Subject) -> tuple[Distribution, ...]:
    """The distributions that hold the import package of the judged framework, where the copy lies that is
    imported; in path order."""
    packages = framework_packages(subject.name or "")
    found = [each for each in subject.distributions if each.name in packages]
    build = subject.framework
    place = (build.location if build else None) or (found[0].location if found else None)
    return tuple(each for each in found if place is None or each.location in (place, None))


def version(subject: Subject) -> tuple[int, ...]:
    """The framework's version as its files say it, else as its distribution does. Empty: not known."""
    build = subject.framework
    if build is not None and build.version:
        return numbers(build.version)
    return next((numbers(each.version) for each in owners(subject) if each.version), ())


def conda_build(subject: Subject) -> bool:
    """Whether conda installed the framework and no other installer did."""
    found = owners(subject)
    return any(made_by_conda(each) for each in found) and not any(by_pip(each) for each in found)


def by_pip(distribution: Distribution) -> bool:
    return distribution.installer == "pip"


def one_solver(subject: Subject, other: Distribution) -> bool:
    """Whether conda installed both the framework and the other package, so that its own metadata hold."""
    return conda_build(subject) and made_by_conda(other)


def is_gpu_package(distribution: Distribution) -> bool:
    """Whether the name says that the package is a build for GPUs."""
    return any(part in distribution.name for part in _GPU_NAMES)


def described(distribution: Distribution) -> str:
    """For a line of evidence: ``numpy 2.0.0, build py310_0, from conda-forge``."""
    parts = [f"{distribution.name} {distribution.version or ''}".strip()]
    if distribution.build:
        parts.append(f"build {distribution.build}")
    if distribution.channel:
        parts.append(f"from {distribution.channel}")
    return f"installed: {', '.join(parts)}"


def listed(names: Iterable[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    known = list(names)
    return known[0] if len(known) == 1 else f"{', '.join(known[:-1])} and {known[-1]}"
