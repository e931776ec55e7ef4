"""Builds that a machine can import: for its processor, and for its glibc."""

from __future__ import annotations

from collections.abc import Sequence

from packaging.version import Version

from ..knowledge import gpu_wheels
from ..knowledge.packages import glibc_needs
from ..report import Fix
from ..subject import Subject
from ..versions import numbers
from .tool import pip_install, python_tag, wheel_platform


def without_instructions(subject: Subject) -> tuple[Fix, ...]:
    """The next patch release of one that was compiled for newer processors by mistake."""
    build = subject.framework
    release = numbers(build.version if build else None)[:3]
    if len(release) < 3:
        return ()
    name = f"tensorflow=={release[0]}.{release[1]}.{release[2] + 1}"
    command = pip_install(subject, name)
    return (Fix(title=f"Install {name}, which runs without them", commands=(command,)),)


def other_processor(subject: Subject) -> tuple[Fix, ...]:
    """No wheel of the index does without these instructions; conda-forge builds for every x86-64
    processor."""
    fixes = [
        Fix(
            title="In a virtual machine, give it the host's processor type (for QEMU: cpu host-passthrough)",
            where="host",
        ),
        Fix(title="Else use a machine with a newer processor, or build the framework from source"),
    ]
    if subject.environment.kind in ("conda", "pixi") and subject.name in ("tensorflow", "jax"):
        package = "tensorflow" if subject.name == "tensorflow" else "jaxlib"
        fixes.insert(
            0,
            Fix(
                title="Make a new environment with conda-forge's build, made for every x86-64 processor",
                commands=(f"conda create -n {package}-old-cpu -c conda-forge {package} ipykernel",),
            ),
        )
    return tuple(fixes)


def older_wheel(subject: Subject, glibc: Sequence[int]) -> tuple[Fix, ...]:
    """The newest release whose wheels this glibc can load, and otherwise a newer system."""
    container = Fix(title="Or run Jupyter in a container of a newer system: it brings its own glibc")
    if subject.name != "tensorflow" or wheel_platform(subject) != "linux_x86_64":
        return (container,)
    tag = python_tag(subject)
    fits = [
        wheel
        for wheel in gpu_wheels()
        if wheel.package == "tensorflow"
        and wheel.platform == "linux_x86_64"
        and (tag is None or tag in wheel.python_tags)
        and not Version(wheel.version).is_prerelease
        and _glibc_of(wheel.version, tag) <= tuple(glibc[:2])
    ]
    best = max(fits, key=lambda wheel: Version(wheel.version), default=None)
    if best is None:
        return (container,)
    name = f"tensorflow{'[and-cuda]' if best.and_cuda else ''}=={best.version}"
    command = pip_install(subject, name)
    return (Fix(title=f"Install {name}, whose wheel this glibc can load", commands=(command,)), container)


def _glibc_of(version: str, tag: str | None) -> tuple[int, ...]:
    """Of TensorFlow's wheels for this Python; far away where it is not known."""
    release = numbers(version)
    known = [
        numbers(each.glibc)
        for each in glibc_needs()
        if each.package == "tensorflow"
        and each.versions.holds(release)
        and (not each.python_tags or tag in each.python_tags)
    ]
    return max(known, default=(9999,))
