"""Is there a build of the framework that could be installed here?"""

from __future__ import annotations

from collections.abc import Iterable

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from ..fixes import install_framework
from ..fixes.environments import other_python, removed_package
from ..fixes.tool import made_by_conda, python_tag, wheel_platform
from ..knowledge.wheels import Wheels, wheels
from ..report import Finding
from ..subject import Subject
from ..wanted import PACKAGES, PLUGINS, Wanted, wanted, within
from .environment import frameworks_here, holding
from .rule import Found, Rule

STUB = (2, 12)
"""From this release on ``tensorflow-gpu`` is a stub whose setup only says that it has been removed."""

COMPLETE = ("tensorflow",)
"""Frameworks whose first releases are in the table too: there a Python may be too old for all of them. Where
wheels came late it is rather the platform that had none in that Python's time."""

USUAL = ("linux_x86_64", "win_amd64", "macos_x86_64")
"""Platforms that had wheels of every release while it was new: where the index has none for a Python there,
the Python is why."""


def framework_missing(subject: Subject) -> Found | None:
    """Somebody asks for a framework that neither this environment nor another known one holds.

    Silent where its package is listed as installed: then the installation is broken; and on a Jetson, or
    another platform for which the package index has no build.
    """
    if not subject.asked or subject.environment.frameworks is None or subject.framework is not None:
        return None
    others = subject.snapshot.other_environments or ()
    if holding(subject, others) or _listed(subject) or subject.host.jetson or lacks_platform(subject):
        return None
    prefix = subject.environment.prefix
    return Found(
        Finding(
            code="framework-missing",
            severity="error",
            framework=subject.name,
            title=f"{subject.proper_name} is not installed here",
            detail=(
                f"The environment{f' at {prefix}' if prefix else ''} holds no package {subject.name!r}"
                + (", nor does another environment that is known." if others else ".")
            ),
            evidence=(f"frameworks in this environment: {frameworks_here(subject)}",),
            fixes=install_framework(subject),
        ),
        stops_import=True,
    )


def _listed(subject: Subject) -> bool:
    """Whether the list of packages has one that holds the framework; conda's may only ask for others."""
    found = [subject.distribution(name) for name in PACKAGES.get(subject.name or "", ())]
    return any(each is not None and not made_by_conda(each) for each in found)


def python_unsupported(subject: Subject) -> Found | None:
    """The framework is not here, and no wheel of it, or none of the version asked for, is for this Python.

    Where only the index says that it has nothing, this is the reason on platforms that have wheels. Silent
    on a Jetson, for which no Python has a build with GPU code there.
    """
    facts, request = subject.environment, wanted(subject)
    if _is_satisfied(subject, request):
        return None
    if facts.bits == 32 or facts.python_arch == "i686":
        name = subject.proper_name
        return _unsupported(
            subject,
            title=f"{name} has no build for a 32-bit Python",
            detail=f"This Python{_version(subject)} is a 32-bit one; {name} is published for 64-bit ones.",
            evidence=("the interpreter is a 32-bit one",),
        )
    found = None if subject.host.jetson else _why_not(subject, request)
    if found is None:
        return None
    title, reason = found
    said = (f"asked for: {request.text}",) if request else ()
    return _unsupported(
        subject,
        title=title,
        detail=reason,
        evidence=(f"Python {facts.python}", *said, *_offered(request)),
    )


def gpu_package_removed(subject: Subject) -> Found | None:
    """``tensorflow-gpu`` without a version, or of 2.12 or later: an empty package that refuses to install.

    conda's ``tensorflow-gpu`` is another package, and still there.
    """
    if subject.name != "tensorflow":
        return None
    build, log, request = subject.framework, subject.snapshot.log or "", wanted(subject)
    stub = subject.distribution("tensorflow-gpu")
    if stub is not None and (made_by_conda(stub) or not _is_stub(stub.version)):
        stub = None
    said = "tensorflow-gpu" in log and "package has been removed" in log
    if build is not None and build.cuda_build and not said:
        return None
    if stub is None and not said and not _takes_stub(subject, request):
        return None
    return Found(
        Finding(
            code="gpu-package-removed",
            severity="error",
            framework=subject.name,
            title="The package tensorflow-gpu is no more",
            detail=(
                "tensorflow-gpu ended with TensorFlow 2.11: its release 2.12.0 is an empty package whose "
                "installation fails and says so. The package tensorflow holds the GPU code since 2.1."
            ),
            evidence=(
                *((f"installed: tensorflow-gpu {stub.version}",) if stub else ()),
                *(("the installer says: the package has been removed",) if said else ()),
                *((f"asked for: {request.text}",) if request else ()),
            ),
            fixes=removed_package(subject),
        ),
        stops_import=build is None,
    )


def lacks_platform(subject: Subject) -> tuple[str, str] | None:
    """What was asked for and why it cannot be had: its wheels are for other platforms only, or the index
    offers none on one that had none for long. None: it can be had, or it is not known."""
    request, platform = wanted(subject), wheel_platform(subject)
    if request is None or platform is None or _is_satisfied(subject, request):
        return None
    rows = [row for row in wheels(subject.name or "") if row.package == request.package]
    here = [row for row in rows if row.platform == platform]
    if not _matching(here, request.limits) and _matching(rows, request.limits):
        places = ", ".join(sorted({row.platform for row in rows if _matching([row], request.limits)}))
        return request.text, f"Its wheels are for {places} only"
    tag = python_tag(subject)
    served = tag is not None and any(_number(tag) <= _number(row.python_tag) for row in here)
    if request.available == () and served and platform not in USUAL:
        return request.text, f"The index that was asked has no build of it for {platform}"
    return None


def _unsupported(subject: Subject, title: str, detail: str, evidence: tuple[str, ...]) -> Found:
    return Found(
        Finding(
            code="python-unsupported",
            severity="error",
            framework=subject.name,
            title=title,
            detail=detail,
            evidence=evidence,
            fixes=other_python(subject, wanted(subject)),
        ),
        stops_import=True,
    )


def _is_satisfied(subject: Subject, request: Wanted | None) -> bool:
    """Whether the framework is here, in a version that was asked for; or that is not known."""
    frameworks, build = subject.environment.frameworks, subject.framework
    if request is not None and _is_plugin(subject, request):
        return subject.distribution(request.package) is not None
    if build is not None:
        return request is None or not build.version or within(request.limits, build.version)
    return frameworks is None and request is None


def _why_not(subject: Subject, request: Wanted | None) -> tuple[str, str] | None:
    """The title and the reason. None: a wheel is there, or it is not known."""
    tag, platform = python_tag(subject), wheel_platform(subject)
    if tag is None:
        return None
    name, python = subject.proper_name, _short(subject)
    none = f"{_what(subject, request)} has no build for Python {python}"
    everywhere = [row for row in wheels(subject.name or "") if _is_for(row, subject, platform)]
    if request is not None and _is_plugin(subject, request):
        everywhere, name = [row for row in everywhere if row.package == request.package], request.package
    else:
        everywhere = [row for row in everywhere if row.package not in PLUGINS.get(subject.name or "", ())]
    mine = [row for row in everywhere if row.python_tag == tag]
    if everywhere and not mine:
        tags = sorted({_number(row.python_tag) for row in everywhere})
        if _number(tag) > tags[-1] or (subject.name in COMPLETE and platform in USUAL):
            first, last = (".".join(map(str, each)) for each in (tags[0], tags[-1]))
            return none, (
                f"No release of {name} that is known has a wheel for Python {python} on this platform: there "
                f"are wheels for Python {first} to {last}."
            )
    if request is None or platform is None:
        return None
    if _takes_stub(subject, request) or lacks_platform(subject):
        return None  # the Python is not why that fails
    of_package = [row for row in everywhere if row.package == request.package]
    if _matching(of_package, request.limits) and not _matching(
        [row for row in of_package if row.python_tag == tag], request.limits
    ):
        return none, (
            f"{request.text} has no wheel for Python {python}; there are some for other versions of Python."
        )
    if _before_all(request):
        first = min(request.available or (), key=Version)
        return (
            none,
            f"For this Python {python} the index has {request.package} from {first} on, nothing older.",
        )
    if request.python_refused or (request.available == () and platform in USUAL):
        why = f"The index that was asked has no build of {request.package} at all for this Python {python}."
        return f"The index has no build of {request.package} for Python {python}", why
    return None


def _is_for(row: Wheels, subject: Subject, platform: str | None) -> bool:
    """Whether the wheels are for this platform; where the processor is not known, for this system."""
    system = {"linux": "linux", "windows": "win", "macos": "macos"}.get(subject.host.os or "")
    return row.platform == platform if platform else bool(system) and row.platform.startswith(f"{system}_")


def _matching(rows: Iterable[Wheels], limits: SpecifierSet) -> bool:
    return any(within(limits, version) for row in rows for version in row.versions)


def _is_plugin(subject: Subject, request: Wanted) -> bool:
    return request.package in PLUGINS.get(subject.name or "", ())


def _before_all(request: Wanted) -> bool:
    """Whether an exact release was asked for, older than all that are on offer for this interpreter."""
    exact = [each.version for each in request.limits if each.operator == "=="]
    try:
        return bool(exact and request.available) and all(
            Version(each) > Version(exact[0].removesuffix(".*")) for each in request.available or ()
        )
    except InvalidVersion:
        return False


def _takes_stub(subject: Subject, request: Wanted | None) -> bool:
    """Whether an installer that follows the request ends at the stub, as it does since 2023."""
    if request is None or request.package != "tensorflow-gpu" or (subject.snapshot.taken_at or "9") < "2023":
        return False
    if request.available is not None:
        return any(_is_stub(each) and within(request.limits, each) for each in request.available)
    return within(request.limits, "2.12.0")


def _is_stub(version: str | None) -> bool:
    try:
        return Version(version or "0").release >= STUB
    except InvalidVersion:
        return False


def _what(subject: Subject, request: Wanted | None) -> str:
    named = request is not None and (request.limits or _is_plugin(subject, request))
    return request.text if request is not None and named else subject.proper_name


def _offered(request: Wanted | None) -> tuple[str, ...]:
    if request is None or request.available is None:
        return ()
    return (f"offered by the index: {', '.join(request.available[-6:]) or 'none'}",)


def _number(tag: str) -> tuple[int, int]:
    return int(tag[2:3]), int(tag[3:])


def _short(subject: Subject) -> str:
    return ".".join((subject.environment.python or "").split(".")[:2])


def _version(subject: Subject) -> str:
    return f" {subject.environment.python}" if subject.environment.python else ""


RULES = (
    Rule("framework-missing", "framework", framework_missing),
    Rule("python-unsupported", "framework", python_unsupported),
    Rule("gpu-package-removed", "framework", gpu_package_removed),
)
