"""Is NumPy one that the framework can use, whatever the metadata of its packages allow?"""

from __future__ import annotations

from ..fixes.packages import another_release, newer_framework
from ..knowledge.packages import Limit, numpy1_companions, numpy_limits
from ..packages import by_pip, conda_build, described, listed, owners, version
from ..report import Finding
from ..snapshot import Distribution
from ..subject import Subject
from ..versions import numbers
from .rule import Found, Rule

_CONSEQUENCES = {
    "import": "The import fails.",
    "arrays": "torch.from_numpy, Tensor.numpy, data loaders and torchvision need that exchange.",
    "symbolic": 'It ends with "Cannot convert a symbolic Tensor … to a numpy array".',
}


def numpy_incompatible(subject: Subject) -> Found | None:
    """NumPy is newer or older than what the build was made for, or a package that the framework imports was
    compiled for NumPy 1 while NumPy 2 is installed.

    Silent where conda's packages state what they were built with, as those of conda-forge do, and on a limit
    that only some layers meet, unless the log shows that one was met.
    """
    numpy = subject.distribution("numpy")
    if numpy is None or not numbers(numpy.version):
        return None
    limit = next((each for each in _limits(subject) if _broken(subject, each, numpy)), None)
    return _of_build(subject, numpy, limit) if limit else _of_companion(subject, numpy)


def _limits(subject: Subject) -> tuple[Limit, ...]:
    return numpy_limits("jaxlib" if subject.name == "jax" else subject.name or "")


def _version(subject: Subject) -> tuple[int, ...]:
    jaxlib = subject.distribution("jaxlib") if subject.name == "jax" else None
    return numbers(jaxlib.version) if jaxlib and jaxlib.version else version(subject)


def _broken(subject: Subject, limit: Limit, numpy: Distribution) -> bool:
    release = _version(subject)
    if not release or not limit.versions.holds(release):
        return False
    if limit.platform and limit.platform != subject.host.os:
        return False
    if conda_build(subject) and limit.conda != "yes" and limit.conda not in _channels(subject):
        return False
    found = numbers(numpy.version)
    too_new = limit.below is not None and found >= numbers(limit.below)
    too_old = limit.at_least is not None and found < numbers(limit.at_least)
    met = limit.effect != "symbolic" or subject.said("numpy-symbolic") is not None
    return met and (too_new or too_old)


def _channels(subject: Subject) -> set[str]:
    return {each.channel for each in owners(subject) if each.channel}


def _of_build(subject: Subject, numpy: Distribution, limit: Limit) -> Found:
    wanted = f"numpy<{_lowest(subject)}" if limit.below else f"numpy>={limit.at_least}"
    where = f"{subject.proper_name} needs {wanted} here"
    fixes = another_release(subject, numpy, wanted)
    if limit.below == "2":
        fixes = (*fixes, *newer_framework(subject))
    return Found(
        Finding(
            code="numpy-incompatible",
            severity="error",
            framework=subject.name,
            title=f"{subject.title} does not work with NumPy {numpy.version}",
            detail=f"{subject.title} {limit.why}. {_CONSEQUENCES[limit.effect]} {where}, and NumPy "
            f"{numpy.version} is installed{_allowed(subject, limit)}.",
            evidence=(described(numpy), *(described(each) for each in owners(subject)[:3])),
            fixes=fixes,
        ),
        stops_import=limit.effect == "import",
    )


def _lowest(subject: Subject) -> str | None:
    """The lowest of all upper limits of this release: below it everything works."""
    release = _version(subject)
    known = [each.below for each in _limits(subject) if each.below and each.versions.holds(release)]
    return min(known, key=numbers, default=None)


def _allowed(subject: Subject, limit: Limit) -> str:
    """Whether the framework's own metadata let it in: then an installer says nothing."""
    lines = [line for each in owners(subject) for line in each.requires or () if _asks_for_numpy(line)]
    if limit.below is None or not lines or any("<" in line or "==" in line or "~=" in line for line in lines):
        return ""
    return "; its own metadata have no upper limit, so installers do not notice"


def _asks_for_numpy(line: str) -> bool:
    return line.lower().replace("(", " ").lstrip().startswith("numpy")


def _of_companion(subject: Subject, numpy: Distribution) -> Found | None:
    """A package that the framework imports, compiled against NumPy 1, beside NumPy 2."""
    if numbers(numpy.version) < (2,):
        return None
    old = [
        found
        for each in numpy1_companions(subject.name or "")
        if (found := subject.distribution(each.package)) is not None
        and by_pip(found)
        and numbers(found.version)
        and numbers(found.version) < numbers(each.fixed)
    ]
    if not old or subject.framework is None:
        return None
    names = listed(f"{each.name} {each.version}" for each in old)
    fixed = {each.package: each.fixed for each in numpy1_companions(subject.name or "")}
    wanted = tuple(f"{each.name}>={fixed[each.name]}" for each in old)
    return Found(
        Finding(
            code="numpy-incompatible",
            severity="error",
            framework=subject.name,
            title=f"{names} cannot be imported with NumPy {numpy.version}",
            detail=f"{subject.proper_name} imports {names}, compiled against NumPy 1. NumPy "
            f"{numpy.version} has another binary interface, so the import fails.",
            evidence=(described(numpy), *(described(each) for each in old)),
            fixes=another_release(subject, old[0], *wanted),
        ),
        stops_import=True,
    )


RULES = (Rule("numpy-incompatible", "framework", numpy_incompatible),)
