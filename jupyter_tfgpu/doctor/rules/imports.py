"""Does the framework import on this machine: processor, glibc, Windows runtime?"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..fixes.imports import older_wheel, other_processor, without_instructions
from ..fixes.packages import visual_cpp
from ..fixes.tool import made_by_conda, python_tag
from ..knowledge.packages import CpuNeed, cpu_needs, glibc_needs
from ..packages import conda_build, listed, owners, version
from ..report import Finding
from ..snapshot import Distribution
from ..subject import Subject
from ..versions import numbers
from .rule import Found, Rule

_TAG = re.compile(r"manylinux_(\d+)_(\d+)|manylinux(1|2010|2014)")
_LEGACY_TAGS = {"1": (2, 5), "2010": (2, 12), "2014": (2, 17)}
"""The glibc that the older tags stand for (PEP 600)."""

_INSTRUCTIONS = {"avx": "AVX", "avx2": "AVX2", "sse4_1": "SSE4.1"}


def cpu_instructions_missing(subject: Subject) -> Found | None:
    """The wheel uses instructions that the processor, or the virtual machine, does not have.

    Silent about conda's builds and builds from source, which are made for other processors.
    """
    flags = subject.host.cpu_flags
    if not flags or (subject.environment.python_arch or subject.host.arch) not in ("x86_64", "i686"):
        return None
    if subject.host.arch not in ("x86_64", None) or not _is_published(subject):
        return None
    present = _present(flags)
    lacking = [each for each in _cpu_needs(subject) if each.instructions not in present]
    if not lacking:
        return None
    worst = lacking[0]  # the most basic one: a release without the others would not help
    name = _INSTRUCTIONS[worst.instructions]
    return Found(
        Finding(
            code="cpu-instructions-missing",
            severity="error",
            framework=subject.name,
            title=f"{subject.title} needs a processor with {name}",
            detail=f"The published packages of {subject.title} use {name} instructions without asking, and "
            "this processor does not have them: the import ends with an illegal instruction, on Windows with "
            '"DLL load failed". In a virtual machine the setting of its processor may hide them.',
            evidence=(f"{worst.instructions} is not among the processor's flags", *_wheels(subject)),
            fixes=without_instructions(subject)
            if worst.versions.first == worst.versions.last
            else other_processor(subject),
        ),
        stops_import=True,
    )


def _present(flags: Sequence[str]) -> set[str]:
    """The flags as Linux names them, with those that they imply; macOS writes AVX1.0 and SSE4.1."""
    names = {each.lower().replace(".", "_") for each in flags}
    if any(each.startswith(("avx2", "avx512", "avx1")) for each in names):
        names.add("avx")
    return names | {"sse4_1"} if "avx" in names else names


def _cpu_needs(subject: Subject) -> list[CpuNeed]:
    name, release = subject.name, version(subject)
    if name == "jax":
        # Both have had one version number since 0.3.
        jaxlib = subject.distribution("jaxlib")
        name, release = "jaxlib", numbers(jaxlib.version) if jaxlib else release if release >= (0, 3) else ()
    return [
        each for each in cpu_needs() if each.framework == name and release and each.versions.holds(release)
    ]


def _is_published(subject: Subject) -> bool:
    """Whether the build is a wheel of the package index, as far as is known: not conda's, nor one whose tag
    says that it was built on a machine of one's own (``linux_x86_64``)."""
    if conda_build(subject):
        return False
    return not any(re.search(r"-linux_\w+$", each.wheel_tag or "") for each in owners(subject))


def _wheels(subject: Subject) -> tuple[str, ...]:
    return tuple(f"installed: {each.name} {each.version or ''}".strip() for each in owners(subject)[:3])


def glibc_too_old(subject: Subject) -> Found | None:
    """The system's glibc is older than the wheel needs: by its tag, and where wheels need a newer one than
    their tag says, by the symbols in them. pip looks at the tag alone, and only when it installs."""
    glibc = numbers(subject.host.glibc)
    if subject.host.os not in ("linux", None) or len(glibc) < 2:
        return None
    needs = [(need, each) for each in owners(subject) if (need := _needed_glibc(subject, each))]
    if not needs:
        return None
    needed, owner = max(needs, key=lambda pair: pair[0])
    if glibc[:2] >= needed[:2]:
        return None
    words = ".".join(str(part) for part in needed)
    return Found(
        Finding(
            code="glibc-too-old",
            severity="error",
            framework=subject.name,
            title=f"{subject.title} needs glibc {words}, and this system has {subject.host.glibc}",
            detail=f"The wheel {owner.name} {owner.version or ''} is built for systems with glibc {words} or "
            f'newer. On this one its import fails ("version `GLIBC_{words}\' not found").',
            evidence=(
                f"glibc of the system: {subject.host.glibc}",
                f"tag of the wheel: {owner.wheel_tag or 'not known'}",
                *_wheels(subject),
            ),
            fixes=older_wheel(subject, glibc),
        ),
        stops_import=True,
    )


def _needed_glibc(subject: Subject, owner: Distribution) -> tuple[int, ...]:
    """Empty: not known, or conda's."""
    if made_by_conda(owner):
        return ()
    release, tag = numbers(owner.version), python_tag(subject)
    package = "tensorflow" if owner.name in ("tensorflow-gpu", "tensorflow-cpu") else owner.name
    known = [
        numbers(each.glibc)
        for each in glibc_needs()
        if each.package == package
        and release
        and each.versions.holds(release)
        and (not each.python_tags or tag in each.python_tags)
        and subject.host.arch in ("x86_64", None)
    ]
    tagged = [
        (int(found[1]), int(found[2])) if found[1] else _LEGACY_TAGS[found[3]]
        for found in _TAG.finditer(owner.wheel_tag or "")
    ]
    own_build = re.search(r"-linux_\w+$", owner.wheel_tag or "")
    return max([*([] if own_build else known), *([min(tagged)] if tagged else [])], default=())


def msvc_runtime_missing(subject: Subject) -> Found | None:
    """Windows lacks DLLs of Visual C++ that every build is linked to. Silent unless the list of libraries is
    complete; conda and Python's installer bring some of them along, which are then in the list."""
    facts = subject.environment
    if subject.host.os != "windows" or not facts.libraries_complete or facts.libraries is None:
        return None
    if subject.framework is None:
        return None
    found = {each.file.lower() for each in subject.libraries if each.reachable is not False}
    missing = [name for name in _runtime(subject) if name not in found]
    if not missing:
        return None
    names = listed(missing)
    return Found(
        Finding(
            code="msvc-runtime-missing",
            severity="error",
            framework=subject.name,
            title=f"Microsoft's Visual C++ runtime is missing: {names}",
            detail=f"{subject.title} is linked to {names} of Microsoft's Visual C++ runtime, which Windows "
            'does not bring along. The import ends with "DLL load failed" or "Could not find the DLL(s)".',
            evidence=tuple(f"not found: {name}" for name in missing),
            fixes=visual_cpp(),
        ),
        stops_import=True,
    )


def _runtime(subject: Subject) -> tuple[str, ...]:
    """TensorFlow's build_info names them: msvcp140_1.dll too from 2.1 on (read from the wheels). The others
    are built with the same compiler."""
    release = version(subject)
    if subject.name == "tensorflow" and release and release >= (2, 1):
        return ("msvcp140.dll", "msvcp140_1.dll")
    return ("msvcp140.dll",)


RULES = (
    Rule("cpu-instructions-missing", "framework", cpu_instructions_missing),
    Rule("glibc-too-old", "framework", glibc_too_old),
    Rule("msvc-runtime-missing", "framework", msvc_runtime_missing),
)
