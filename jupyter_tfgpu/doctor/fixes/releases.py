"""Which release to install: one that exists for this Python and platform, works as shipped, and has code
for this machine's GPUs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from packaging.version import InvalidVersion, Version

from .. import machine_code
from ..knowledge import (
    CondaBuild,
    GpuWheel,
    conda_builds,
    gpu_wheels,
    unfit_releases,
)
from ..subject import Subject
from ..versions import numbers
from .tool import python_tag, wheel_platform


def serves(compiled: Iterable[str], capability: str) -> bool:
    """Whether a build of TensorFlow with code for ``compiled`` runs on a GPU as it is, without compiling PTX
    (TensorFlow's gpu_device.cc). The last entry of its list, ``compute_90``, means machine code too."""
    gpu = machine_code.parsed(capability)
    return gpu is not None and machine_code.runs(machine_code.entries(compiled, highest_is_both=True), gpu)


def tensorflow_wheel(subject: Subject) -> GpuWheel | None:
    """The GPU wheel to take: the release that is installed where it works, else the newest that does.

    One with the ``[and-cuda]`` extra before one without. TensorFlow 1 stays TensorFlow 1. None: none exists.
    """
    tag, platform = python_tag(subject), wheel_platform(subject)
    first = bool(subject.release and subject.release < (2, 0))
    package = "tensorflow-gpu" if first else "tensorflow"
    fits = [
        wheel
        for wheel in gpu_wheels()
        if wheel.package == package
        and wheel.platform == platform
        and (tag is None or tag in wheel.python_tags)
        and not version_of(wheel.version).is_prerelease
        and (version_of(wheel.version).major == 1) == first
        and all(serves(wheel.compute_capabilities, each) for each in subject.compute_capabilities)
        and not (wheel.and_cuda and _unfit(wheel.version, tag))
    ]
    with_libraries = [wheel for wheel in fits if wheel.and_cuda]
    installed = subject.framework.version if subject.framework else None
    same = next((wheel for wheel in fits if wheel.version == installed), None)
    if same is not None and (same.and_cuda or not with_libraries):
        return same
    return max(with_libraries or fits, key=lambda wheel: version_of(wheel.version), default=None)


def _unfit(version: str, tag: str | None) -> bool:
    tags = unfit_releases().get(version)
    return tags is not None and (not tags or tag is None or tag in tags)


def tensorflow_conda_build(subject: Subject, any_python: bool = False) -> CondaBuild | None:
    """conda-forge's CUDA build that this driver serves, of the installed release where there is one.

    ``any_python``: for a new environment, whose Python is free.
    """
    if wheel_platform(subject) != "linux_x86_64":
        return None
    python = ".".join((subject.environment.python or "").split(".")[:2])
    newest = numbers(subject.driver.cuda_version)[:1]
    fits = [
        build
        for build in conda_builds()
        if (any_python or python in build.pythons)
        and (not newest or numbers(build.cuda)[:1] <= newest)
        and (
            not build.compute_capabilities
            or _all_served(build.compute_capabilities, subject.compute_capabilities)
        )
    ]
    installed = subject.framework.version if subject.framework else None
    same = [build for build in fits if build.version == installed]
    return max(same or fits, key=lambda build: (numbers(build.version), numbers(build.cuda)), default=None)


def _all_served(compiled: Sequence[str], capabilities: Sequence[str]) -> bool:
    return all(serves(compiled, each) for each in capabilities)


@cache
def version_of(text: str) -> Version:
    """Of a row of the tables; ``0`` for what is no version."""
    try:
        return Version(text)
    except InvalidVersion:
        return Version("0")
