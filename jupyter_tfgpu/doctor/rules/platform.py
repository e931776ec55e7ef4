"""Is the build, or the interpreter, made for this machine?"""

from __future__ import annotations

import re

from ..fixes import gpu_build
from ..fixes.environments import native_python
from ..report import Finding
from ..subject import Subject
from ..versions import numbers
from ..wanted import is_absent
from .build import expects_gpu, has_cuda, installed, machine_with_gpu, what_says_so
from .installing import lacks_platform
from .rule import Found, Rule

LAST_ON_WINDOWS = (2, 10)
"""TensorFlow's last release with GPU code for native Windows (its own installation guide; its wheels)."""

_TEGRA = ("5.3", "6.2", "7.2", "8.7")
"""Compute capabilities of Jetson boards whose machine code is in builds for JetPack alone. From L4T 38 on
the ordinary wheels for aarch64 serve them too (NVIDIA's CUDA 13 release notes)."""


def windows_native(subject: Subject) -> Found | None:
    """A TensorFlow after 2.10 on native Windows, and a GPU that an earlier one would use."""
    if subject.name != "tensorflow" or subject.host.os != "windows" or subject.release is None:
        return None
    gpu = expects_gpu(subject) or any(each.vendor == "amd" for each in subject.snapshot.gpus or ())
    if subject.release <= LAST_ON_WINDOWS or has_cuda(subject) or not gpu:
        return None
    return Found(
        Finding(
            code="windows-native",
            severity="error",
            framework=subject.name,
            title=f"{subject.title} cannot use a GPU on native Windows",
            detail=(
                f"TensorFlow 2.10 was the last release with GPU code for native Windows. {subject.title} "
                f"runs on the CPU there, whatever CUDA is installed, although {machine_with_gpu(subject)}. "
                "Under WSL2, Linux's builds use it."
            ),
            evidence=("the system is Windows", *installed(subject)),
            fixes=gpu_build(subject),
        )
    )


def platform_unsupported(subject: Subject) -> Found | None:
    """The build, or the interpreter, is for another machine, and the ordinary packages have none for it."""
    return _translated(subject) or _on_jetson(subject) or _on_windows(subject) or _nowhere(subject)


def _translated(subject: Subject) -> Found | None:
    """An interpreter for another processor, as under Rosetta: what it installs is for that one as well."""
    machine, python = subject.host.arch, subject.environment.python_arch
    if machine not in ("arm64", "aarch64") or python != "x86_64" or subject.host.os == "windows":
        return None
    if subject.framework is None and not subject.asked:
        return None
    how = " through Rosetta" if subject.host.os == "macos" else ""
    harm = ""
    if subject.name == "tensorflow" and subject.host.os == "macos":
        harm = " TensorFlow's builds for x86_64 need AVX, which is not there, and end the process."
    return _unsupported(
        subject,
        title=f"This Python is built for another processor ({python} on {machine})",
        detail=(
            f"The interpreter is built for {python} and runs{how} on {machine}. {subject.proper_name} as it "
            f"is installed by it has no way to this machine's GPU.{harm}"
        ),
        evidence=(f"processor: {machine}", f"Python built for: {python}"),
        stops_import=subject.framework is None or bool(harm),
    )


def _on_jetson(subject: Subject) -> Found | None:
    """A generic build on a Jetson, or none at all: only builds for its JetPack have code for it."""
    build, release = subject.framework, subject.host.jetson
    if not release:
        return None
    if build is None:
        if not subject.asked or not is_absent(subject):
            return None
        what = f"{subject.proper_name} is not installed, and the package index has no build with GPU code "
        evidence: tuple[str, ...] = (f"Jetson, L4T {release}", f"{subject.proper_name}: not installed")
    elif has_cuda(subject) is False:
        what = f"{subject.title} as installed here is a generic build for aarch64 without GPU code, not one "
        evidence = (f"Jetson, L4T {release}", what_says_so(subject), *installed(subject))
    elif (lacking := _tegra_lacking(subject)) is not None:
        what = f"{subject.title} as installed here is a generic build without code for this board's GPU "
        what += f"(compute capability {lacking}), not one "
        listed = " ".join(build.compute_capabilities or ())
        evidence = (f"Jetson, L4T {release}", f"compiled for: {listed}", *installed(subject))
    else:
        return None
    return _unsupported(
        subject,
        title=f"{subject.title} has no ordinary build for a Jetson's GPU",
        detail=f"{what}made for this board's JetPack (L4T {release}). NVIDIA publishes those itself.",
        evidence=evidence,
        stops_import=build is None,
    )


def _tegra_lacking(subject: Subject) -> str | None:
    """The board's compute capability where the build has neither machine code for exactly it (that of other
    GPUs of its generation does not run on a Tegra) nor PTX that is old enough."""
    build = subject.framework
    capability = next((each for each in subject.compute_capabilities if each in _TEGRA), None)
    if build is None or not build.compute_capabilities or capability is None:
        return None
    mine = int(capability.replace(".", ""))
    for each in build.compute_capabilities:
        kind, _, number = each.partition("_")
        digits = re.match(r"\d+", number)
        if digits and (int(digits[0]) == mine or (kind == "compute" and int(digits[0]) <= mine)):
            return None
    return capability if numbers((subject.host.jetson or "").lstrip("R"))[:1] < (38,) else None


def _on_windows(subject: Subject) -> Found | None:
    """JAX has no GPU build for native Windows in any release."""
    if subject.name != "jax" or subject.host.os != "windows" or not expects_gpu(subject):
        return None
    if subject.framework is None or has_cuda(subject):
        return None
    return _unsupported(
        subject,
        title=f"{subject.title} cannot use a GPU on native Windows",
        detail="JAX is published for Windows without GPU code. Under WSL2, Linux's builds use the GPU.",
        evidence=("the system is Windows", *installed(subject)),
        stops_import=False,
    )


def _nowhere(subject: Subject) -> Found | None:
    """What an installer was asked for is not built for this platform."""
    lacking = lacks_platform(subject)
    if lacking is None or not subject.asked or subject.environment.bits == 32:
        return None
    text, why = lacking
    return _unsupported(
        subject,
        title=f"{text} has no build for this platform",
        detail=f"{why}; this machine is {subject.host.os} on {subject.host.arch}.",
        evidence=(f"asked for: {text}",),
        stops_import=subject.framework is None,
    )


def _unsupported(
    subject: Subject, title: str, detail: str, evidence: tuple[str, ...], stops_import: bool
) -> Found:
    return Found(
        Finding(
            code="platform-unsupported",
            severity="error",
            framework=subject.name,
            title=title,
            detail=detail,
            evidence=evidence,
            fixes=native_python(subject) or gpu_build(subject),
        ),
        stops_import=stops_import,
    )


RULES = (
    Rule("windows-native", "framework", windows_native),
    Rule("platform-unsupported", "framework", platform_unsupported),
)
