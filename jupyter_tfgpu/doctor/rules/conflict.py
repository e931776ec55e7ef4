"""Do two frameworks of one environment want different versions of the same library?"""

from __future__ import annotations

import re
from typing import NamedTuple

from packaging.requirements import InvalidRequirement, Requirement

from ..fixes import conflict as fixes
from ..knowledge.libraries import jax_cudnn, torch_cudnn
from ..report import Finding, Fix, Severity
from ..snapshot import Distribution, Library
from ..stack import named
from ..subject import PROPER_NAMES, Subject
from ..versions import numbers
from .fitness import compiled, refused, unfit
from .loading import described, matters
from .rule import Found, Rule
from .shadowed import owner_of

_WHEEL = re.compile(r"nvidia-(?P<library>[a-z]+)-cu(?P<major>\d+)$")
_SAME_FILES = ("cudnn", "nccl")
"""Wheels for several CUDA releases that put files of the same names into the same folder: one environment
holds those of the one that was installed last (read from the wheels)."""

_PACKAGES = ("tensorflow", "torch", "jax")
"""Those that NVIDIA's wheels are required by."""


def library_conflict(subject: Subject) -> Found | None:
    """The framework does not get the cuDNN that it needs, because another one in the environment wants
    another, or because two wheels write the same files."""
    if subject.framework is None or not subject.stack.needs or not matters(subject):
        return None
    return _overwritten(subject) or _wanted_by_another(subject) or _loaded_by_another(subject)


def _overwritten(subject: Subject) -> Found | None:
    roles = {need.role for need in subject.stack.needs}
    for library in _SAME_FILES:
        wheels = _wheels(subject, library)
        if len({_file(subject, each) for each in wheels}) == len(wheels) or library not in roles:
            continue
        names = " and ".join(f"{each.name} {each.version}" for each in wheels)
        loaded = subject.stack.loaded(subject.stack.cudnn.file) if subject.stack.cudnn else None
        broken = library == "cudnn" and loaded is not None and unfit(subject, loaded) is not None
        keep = f"-cu{subject.stack.cuda_major}"
        state = (
            f"What lies there now does not do for {subject.title}: {described(loaded)}."
            if broken and loaded
            else f"Which of them {subject.title} gets depends on the order in which they were installed, and "
            "removing or updating one takes the other's files away."
        )
        return _found(
            subject,
            severity="error" if broken else "warning",
            title=f"{names} overwrite each other's files",
            detail=(
                f"{names} are both installed here, and both put {_file(subject, wheels[0])} into the same "
                f"folder. {state}"
            ),
            evidence=tuple(f"installed: {each.name} {each.version}" for each in wheels),
            fixes_=fixes.one_cuda(
                subject,
                wrong=[each for each in wheels if not each.name.endswith(keep)],
                right=[each for each in wheels if each.name.endswith(keep)],
            ),
        )
    return None


class _Claim(NamedTuple):
    """Another framework that is content with the cuDNN that is installed. ``pin``: what it asks for."""

    framework: str
    title: str
    pin: str


def _wanted_by_another(subject: Subject) -> Found | None:
    """The cuDNN of NVIDIA's wheel does not do for this framework, and another one has asked for it."""
    stack, need = subject.stack, subject.stack.cudnn
    if need is None:
        return None
    loaded = stack.loaded(need.file)
    unfit_here = (
        loaded is not None and loaded.origin in ("wheel", None) and unfit(subject, loaded) == "too-old"
    )
    other_major = loaded is None and stack.states[need] in ("other-version", "nowhere")
    if not unfit_here and not other_major:
        return None
    for wheel in _wheels(subject, "cudnn"):
        if unfit_here and loaded and numbers(wheel.version)[:2] != numbers(loaded.version)[:2]:
            continue
        claim = _claim(subject, wheel)
        if claim is None:
            continue
        wanted = compiled(subject)
        ask = f"cuDNN {wanted} or newer" if wanted and not other_major else f"{need.file}"
        return _found(
            subject,
            severity="error",
            title=f"{subject.title} and {claim.title} want different versions of cuDNN",
            detail=(
                f"{claim.title} asks for {claim.pin}, so {wheel.name} {wheel.version} is installed; "
                f"{subject.title} needs {ask}. One environment holds one {wheel.name}, so only one of the "
                "two frameworks gets what it needs."
            ),
            evidence=(
                f"installed: {wheel.name} {wheel.version}",
                f"{claim.title} requires {claim.pin}",
                f"{subject.title} needs {ask}",
            ),
            fixes_=fixes.both_content(subject, claim.framework, need, wanted.version if wanted else ()),
        )
    return None


def _claim(subject: Subject, wheel: Distribution) -> _Claim | None:
    builds = subject.environment.frameworks or ()
    versions: dict[str, str | None] = {build.name: build.version for build in builds}
    for name in _PACKAGES:
        package = subject.distribution(name)
        version = versions.get(name) or (package.version if package else None)
        pin = _pin(subject, name, version or "", wheel) if version and name != subject.name else None
        if pin:
            return _Claim(name, f"{PROPER_NAMES[name]} {version}", pin)
    return None


def _pin(subject: Subject, framework: str, version: str, wheel: Distribution) -> str | None:
    """What the other framework asks of this wheel, where the installed one meets it. By its metadata, else
    by what is known of its release."""
    for each in subject.distributions:
        if each.name == framework or each.name.startswith(f"{framework}-"):
            for line in each.requires or ():
                if line.startswith(wheel.name) and _met(line, wheel.version):
                    return line.split(";")[0].strip()
    installed = numbers(wheel.version)
    if framework == "torch":
        known = torch_cudnn(version.split("+")[0])
        if known and wheel.name.endswith(f"-cu{known[0]}") and installed == known[1]:
            return f"{wheel.name}=={wheel.version}"
    if framework == "jax":
        plugin = next((each for each in subject.distributions if each.name.startswith("jax-cuda")), None)
        oldest = jax_cudnn(plugin.name, plugin.version or "") if plugin else None
        if oldest and installed >= oldest and oldest[0] == installed[0]:
            return f"{wheel.name}>={'.'.join(str(part) for part in oldest)}"
    return None


def _met(line: str, version: str | None) -> bool:
    try:
        return Requirement(line).specifier.contains(version or "0", prereleases=True)
    except InvalidRequirement:
        match = re.search(r"==\s*([\d.]+)", line)
        return bool(match and match[1] == version)


def _loaded_by_another(subject: Subject) -> Found | None:
    """The log says that another cuDNN was loaded than the loader takes first, and another framework has
    that one in its own folder: in one process the first that is loaded serves both."""
    said, need = refused(subject), subject.stack.cudnn
    right = subject.stack.loaded(need.file) if need else None
    if said is None or need is None or right is None or unfit(subject, right) is not None:
        return None
    for each in subject.libraries:
        if named(each.file) != named(need.file) or numbers(each.version)[:3] != said.loaded or each is right:
            continue
        other = _framework_of(subject, each)
        if other is None:
            continue
        return _found(
            subject,
            severity="error",
            title=f"{other} loads an older cuDNN in the same process",
            detail=(
                f"{other} brings its own {described(each)}. In a notebook that imports both, the copy that "
                f"is loaded first serves both: {subject.title} gets that one instead of {described(right)}, "
                "which it would find by itself."
            ),
            evidence=(
                f"loaded, as the log says: cuDNN {'.'.join(map(str, said.loaded))}",
                f"brought by {other}: {described(each)}",
                f"found by {subject.proper_name} alone: {described(right)}",
            ),
            fixes_=fixes.import_first(subject, other),
        )
    return None


def _framework_of(subject: Subject, library: Library) -> str | None:
    owner = owner_of(subject, library)
    name = "jax" if owner == "jaxlib" else owner
    build = next((each for each in subject.environment.frameworks or () if each.name == name), None)
    if build is None or name == subject.name:
        return None
    return f"{PROPER_NAMES[build.name]} {build.version or ''}".strip()


def _wheels(subject: Subject, library: str) -> list[Distribution]:
    """The wheels of a library for all CUDA releases, the first of a name."""
    found: dict[str, Distribution] = {}
    for each in subject.distributions:
        match = _WHEEL.match(each.name)
        if match and match["library"] == library:
            found.setdefault(each.name, each)
    return list(found.values())


def _file(subject: Subject, wheel: Distribution) -> str:
    """The file name that wheels of one major release share."""
    match = _WHEEL.match(wheel.name)
    library = match["library"] if match else wheel.name
    major = numbers(wheel.version)[:1]
    version = str(major[0]) if major else ""
    return f"{library}64_{version}.dll" if subject.host.os == "windows" else f"lib{library}.so.{version}"


def _found(
    subject: Subject,
    *,
    severity: Severity,
    title: str,
    detail: str,
    evidence: tuple[str, ...],
    fixes_: tuple[Fix, ...],
) -> Found:
    return Found(
        Finding(
            code="library-conflict",
            severity=severity,
            framework=subject.name,
            title=title,
            detail=detail,
            evidence=evidence,
            fixes=fixes_,
        )
    )


RULES = (Rule("library-conflict", "framework", library_conflict),)
