"""Does the build serve this machine's AMD GPU?"""

from __future__ import annotations

import posixpath
import re

from ..fixes.amd import amd_access, amd_build, amd_override
from ..report import Finding, Fix
from ..subject import Subject
from ..versions import numbers
from .build import has_cuda
from .rule import Found, Rule

_GFX = re.compile(r"gfx[0-9a-f]{3,4}")


def rocm_mismatch(subject: Subject) -> Found | None:
    """An AMD GPU that this build, or the override in force, does not serve, or that this user may not open.

    Silent where an NVIDIA GPU is there too.
    """
    build, amd = subject.framework, [each for each in subject.snapshot.gpus or () if each.vendor == "amd"]
    kfd = "/dev/kfd" in (subject.host.device_nodes or ())
    if build is None or subject.nvidia_gpu or subject.host.os == "macos" or not (amd or kfd):
        return None
    name = next((each.name for each in amd if each.name), "an AMD GPU")
    if build.rocm_build:
        return _denied(subject) or _no_kfd(subject, name) or _unserved(subject, name)
    if has_cuda(subject) and amd and not _has_plugin(subject):
        return _rocm(
            subject,
            title=f"This {subject.title} is built for NVIDIA GPUs, and the machine has {name}",
            detail=f"{subject.title} has CUDA code and none for ROCm, so it will not use {name}.",
            evidence=(f"GPU: {name}", "its own files say: built with CUDA, not with ROCm"),
            fixes=amd_build(subject),
        )
    return None


def _has_plugin(subject: Subject) -> bool:
    return any(
        each.name.startswith(("tensorflow-directml", "torch-directml")) for each in subject.distributions
    )


def _denied(subject: Subject) -> Found | None:
    denied = [
        node for node in subject.host.device_nodes_denied or () if node.startswith(("/dev/kfd", "/dev/dri"))
    ]
    if not denied:
        return None
    groups = subject.host.groups
    return _rocm(
        subject,
        title="This user may not open the AMD GPU's device nodes",
        detail=(
            f"ROCm needs {' and '.join(denied)}, which this user may not open. They belong to the groups "
            "render and video."
        ),
        evidence=(
            *(f"not permitted: {node}" for node in denied),
            *((f"groups of the user: {', '.join(groups)}",) if groups else ()),
        ),
        fixes=amd_access(subject),
    )


def _no_kfd(subject: Subject, name: str) -> Found | None:
    """The kernel's side of ROCm is not there, or the container was not given it."""
    nodes = subject.host.device_nodes
    if subject.host.os != "linux" or subject.host.wsl or nodes is None or "/dev/kfd" in nodes:
        return None
    return _rocm(
        subject,
        title="ROCm's device node /dev/kfd is not there",
        detail=(
            f"ROCm reaches {name} through /dev/kfd, which "
            + (
                "the container was not given."
                if subject.host.container
                else "is not there: the kernel module amdgpu does not run, or was built without it."
            )
        ),
        evidence=(f"GPU: {name}", "does not exist: /dev/kfd"),
        fixes=amd_access(subject),
    )


def _unserved(subject: Subject, name: str) -> Found | None:
    """The target that ROCm is shown, by the override or the GPU itself, and the build's own list of them.

    With several GPUs it is enough that one is served.
    """
    targets = [each.gfx for each in subject.snapshot.gpus or () if each.gfx]
    build = subject.framework
    override = str((subject.snapshot.variables or {}).get("HSA_OVERRIDE_GFX_VERSION") or "")
    served = [each.split(":")[0] for each in (build.compute_capabilities if build else None) or ()]
    served = [each for each in served if each.startswith("gfx")]
    gfx = next((each for each in targets if each in served), next(iter(targets), None))
    shown = override_target(override) or gfx
    evidence = [f"GPU: {name}{f' ({gfx})' if gfx else ''}"]
    if override:
        evidence.append(f"HSA_OVERRIDE_GFX_VERSION={override}")
    if override and gfx and shown and _generation(shown) != _generation(gfx):
        helps = not served or gfx in served
        return _rocm(
            subject,
            title=f"HSA_OVERRIDE_GFX_VERSION={override} is for another generation of AMD GPUs",
            detail=(
                f"The override makes {name}, which is {gfx}, pass for {shown}: code for another generation "
                f"is run on it and fails.{f' This build has code for {gfx} itself.' if gfx in served else ''}"
            ),
            evidence=tuple(evidence),
            fixes=amd_override(subject, None) if helps else amd_build(subject),
        )
    if shown and served and shown not in served:
        near = None if override else _nearest(shown, served)
        return _no_code(subject, name, shown, served, near, tuple(evidence))
    return None


def _no_code(
    subject: Subject, name: str, shown: str, served: list[str], near: str | None, evidence: tuple[str, ...]
) -> Found:
    listed = f" It has code for {', '.join(served)}." if served else ""
    return _rocm(
        subject,
        title=f"{subject.title} has no code for {shown}",
        detail=f"{name} is {shown} to ROCm, and this build has no code for that.{listed}",
        evidence=evidence,
        fixes=(*(amd_override(subject, near) if near else ()), *amd_build(subject)),
    )


def _nearest(target: str, served: list[str]) -> str | None:
    """The served target whose code may do for this one: of its generation, and next to it in number. Only
    among the consumer generations from 10 on: what AMD makes for data centres differs too much."""
    own = [each for each in served if _generation(each) == _generation(target)]
    if not own or int(_generation(target)) < 10:
        return None
    return max(own, key=lambda each: len(posixpath.commonprefix([each, target])))


def override_target(override: str) -> str | None:
    """``gfx1030`` for ``10.3.0``, ``gfx90a`` for ``9.0.10``: minor and stepping are hexadecimal digits."""
    parts = numbers(override)
    return f"gfx{parts[0]}{parts[1]:x}{parts[2]:x}" if len(parts) == 3 else None


def _generation(target: str) -> str:
    """``10`` of ``gfx1030``, ``9`` of ``gfx90a``: what goes before minor and stepping; ``0`` for none."""
    match = _GFX.match(target)
    return match[0][3:-2] if match else "0"


def _rocm(
    subject: Subject, title: str, detail: str, evidence: tuple[str, ...], fixes: tuple[Fix, ...]
) -> Found:
    return Found(
        Finding(
            code="rocm-mismatch",
            severity="error",
            framework=subject.name,
            title=title,
            detail=detail,
            evidence=evidence,
            fixes=fixes,
        )
    )


RULES = (Rule("rocm-mismatch", "framework", rocm_mismatch),)
