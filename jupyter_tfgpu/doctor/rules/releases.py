"""Releases that are known to be broken, whatever the environment."""

from __future__ import annotations

import re

from ..fixes.automatic import set_variables
from ..fixes.libraries import with_current
from ..fixes.packages import another_release
from ..fixes.releases import tensorflow_wheel
from ..fixes.tool import made_by_conda, pip_install, wheel_platform
from ..knowledge.known_bugs import KnownBug, known_bugs
from ..knowledge.libraries import WheelLibrary, searched_folders, wheel_libraries
from ..packages import conda_build, described, listed, owners, version
from ..report import Finding, Fix
from ..snapshot import Distribution
from ..stack import Need, folder_of
from ..subject import Subject
from ..versions import numbers
from .rule import Found, Rule

_SELF_SEARCHING = (2, 14)
"""From this TensorFlow on, wheels with the extra ``and-cuda`` are to find NVIDIA's wheels by themselves."""


def known_bug(subject: Subject) -> Found | None:
    """A release is broken as published, and what its bug needs to be met is there."""
    return _unsearched_wheels(subject) or _of_table(subject)


def _unsearched_wheels(subject: Subject) -> Found | None:
    """TensorFlow's own extra brings libraries into folders that this release does not look in (its RUNPATH
    lacks them), and nothing else shows its loader the way."""
    if subject.name != "tensorflow" or wheel_platform(subject) not in ("linux_x86_64", None):
        return None
    release = version(subject)
    if release < _SELF_SEARCHING or subject.host.os not in ("linux", None) or not _from_the_index(subject):
        return None
    searched = searched_folders(release)
    unsearched = _unsearched(subject, searched) if searched else {}
    lost = [
        need for need in subject.stack.needs if need.file.lower() in unsearched and _is_lost(subject, need)
    ]
    if not lost:
        return None
    folders = dict.fromkeys(unsearched[need.file.lower()] for need in lost)
    names = listed(need.file for need in lost)
    paths = [
        folder
        for need in lost
        for copy in subject.stack.copies(need.file)[:1]
        if (folder := folder_of(copy)) is not None
    ]
    return Found(
        Finding(
            code="known-bug",
            severity="error",
            framework="tensorflow",
            title=f"{subject.title} does not find libraries of its own extra and-cuda",
            detail=f"The wheel of {subject.title} was published without {listed(folders)} among the folders "
            f"that it searches. {names} {'is' if len(lost) == 1 else 'are'} there and not found, so no GPU "
            "is registered.",
            evidence=(
                *(f"{need.file} lies in {unsearched[need.file.lower()]}, out of reach" for need in lost),
                *(described(each) for each in owners(subject)[:1]),
            ),
            fixes=(*_other_wheel(subject), *_search_path(subject, list(dict.fromkeys(paths)))),
        )
    )


def _from_the_index(subject: Subject) -> bool:
    own = owners(subject)
    vendors = any("+" in (each.version or "") for each in own)
    return bool(own) and not conda_build(subject) and not vendors


def _unsearched(subject: Subject, searched: frozenset[str]) -> dict[str, str]:
    """Files (in lower case) of installed NVIDIA wheels to their folder, where this release does not look."""
    present = {each.name for each in subject.distributions}
    held = wheel_libraries(wheel_platform(subject) or "linux_x86_64")
    cudnn = {name: _CUDNN for name in ("nvidia-cudnn-cu11", "nvidia-cudnn-cu12")}
    return {
        library.file.lower(): library.folder
        for package, libraries in (held | cudnn).items()
        if package in present
        for library in libraries
        if library.folder not in searched
    }


_CUDNN = tuple(WheelLibrary(f"libcudnn.so.{major}", "nvidia/cudnn/lib") for major in (8, 9))
"""Of nvidia-cudnn-cu11 and -cu12, which are in a table of their own without files."""


def _is_lost(subject: Subject, need: Need) -> bool:
    """The loader finds no copy; where libraries are not listed, nothing in LD_LIBRARY_PATH leads to the
    wheels."""
    copies = subject.stack.copies(need.file)
    if copies:
        return subject.stack.states[need] == "out-of-reach" and any(each.origin == "wheel" for each in copies)
    variables = subject.snapshot.variables
    if subject.environment.libraries is not None or variables is None:
        return False
    return not variables.get("LD_LIBRARY_PATH")


def _search_path(subject: Subject, folders: list[str]) -> tuple[Fix, ...]:
    if not folders:
        return ()
    return (
        set_variables(
            subject,
            "known-bug",
            "Or keep it, and put the folders on LD_LIBRARY_PATH in the kernelspec; then restart the kernel",
            {"LD_LIBRARY_PATH": with_current(subject, "LD_LIBRARY_PATH", folders)},
        ),
    )


def _other_wheel(subject: Subject) -> tuple[Fix, ...]:
    wheel = tensorflow_wheel(subject)
    if wheel is None or not wheel.and_cuda or numbers(wheel.version) == version(subject):
        return ()
    name = f"tensorflow[and-cuda]=={wheel.version}"
    return (Fix(title=f"Install {name}, which finds them", commands=(pip_install(subject, name),)),)


def _of_table(subject: Subject) -> Found | None:
    if subject.framework is None and subject.environment.frameworks is not None:
        return None
    for bug in known_bugs():
        package = _package(subject, bug)
        if package is not None and _is_met(subject, bug, package):
            return _finding(subject, bug, package)
    return None


def _package(subject: Subject, bug: KnownBug) -> Distribution | None:
    """The installed package that has the bug. A package of the framework's own name may be known by its files
    alone."""
    found = subject.distribution(bug.package)
    if found is None and bug.package == subject.name and subject.framework is not None:
        found = Distribution(name=bug.package, version=subject.framework.version)
    if found is None or not numbers(found.version) or not bug.versions.holds(numbers(found.version)[:3]):
        return None
    own = {each.name for each in owners(subject)} | {subject.name}
    return found if bug.package in own else None


def _is_met(subject: Subject, bug: KnownBug, package: Distribution) -> bool:
    other = subject.distribution(bug.beside[0]) if bug.beside else None
    if bug.beside and (other is None or numbers(other.version) < numbers(bug.beside[1])):
        return False
    if bug.variable:
        value = str((subject.snapshot.variables or {}).get(bug.variable[0]) or "")
        if not any(re.match(bug.variable[1], part.strip()) for part in value.split(",")):
            return False
    return (
        (not bug.platform or bug.platform == subject.host.os)
        and (not bug.installer or (bug.installer == "conda") == made_by_conda(package))
        and (not bug.gfx or bool(set(bug.gfx) & set(_targets(subject))))
        and (not bug.log or bug.log in (subject.snapshot.log or ""))
    )


def _targets(subject: Subject) -> tuple[str, ...]:
    """AMD targets as the framework sees them: HSA_OVERRIDE_GFX_VERSION=10.3.0 makes every GPU a gfx1030."""
    override = str((subject.snapshot.variables or {}).get("HSA_OVERRIDE_GFX_VERSION") or "")
    parts = override.split(".")
    if len(parts) == 3 and all(part.isdigit() for part in parts):
        return (f"gfx{parts[0]}{int(parts[1]):x}{int(parts[2]):x}",)
    return tuple(gpu.gfx for gpu in subject.snapshot.gpus or () if gpu.gfx)


def _finding(subject: Subject, bug: KnownBug, package: Distribution) -> Found:
    other = subject.distribution(bug.beside[0]) if bug.beside else None
    value = (subject.snapshot.variables or {}).get(bug.variable[0]) if bug.variable else None
    return Found(
        Finding(
            code="known-bug",
            severity=bug.severity,
            framework=subject.name,
            title=f"A bug of {package.name} {package.version}: it {bug.what}",
            detail=f"{package.name} {package.version} {bug.what}: {bug.consequence}",
            evidence=(
                described(package),
                *((described(other),) if other else ()),
                *((f"{bug.variable[0]}={value}",) if bug.variable else ()),
            ),
            fixes=another_release(subject, other or package, bug.requirement),
        ),
        stops_import=bug.stops_import,
    )


RULES = (Rule("known-bug", "framework", known_bug),)
