"""Which release to install: one that exists for this Python and platform, works as shipped, and has code
for this machine's GPUs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

from packaging.version import InvalidVersion, Version

from ..knowledge import (
    CondaBuild,
    GpuWheel,
    TorchBuild,
    conda_builds,
    gpu_wheels,
    torch_builds,
    unfit_releases,
)
from ..subject import Subject
from ..versions import numbers
from .tool import python_tag, wheel_platform

_MACHINE_CODE = re.compile(r"(?:sm|compute)_(\d+)(\d)[a-z]?$")


def serves(compiled: Iterable[str], capability: str) -> bool:
    """Whether a build with machine code for ``compiled`` runs on a GPU as it is, without compiling PTX:
    an entry of the same major version and at most its minor (TensorFlow's gpu_device.cc). The last
    entry of TensorFlow's list, ``compute_90``, means machine code too."""
    return _serves(tuple(compiled), capability)


@lru_cache(maxsize=1024)
def _serves(compiled: tuple[str, ...], capability: str) -> bool:
    wanted = numbers(capability)
    entries = (_MACHINE_CODE.match(each) for each in compiled)
    return any(
        len(wanted) == 2 and int(entry[1]) == wanted[0] and int(entry[2]) <= wanted[1]
        for entry in entries
        if entry
    )


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
        and not _version(wheel.version).is_prerelease
        and (_version(wheel.version).major == 1) == first
        and all(serves(wheel.compute_capabilities, each) for each in subject.compute_capabilities)
        and not (wheel.and_cuda and _unfit(wheel.version, tag))
    ]
    with_libraries = [wheel for wheel in fits if wheel.and_cuda]
    installed = subject.framework.version if subject.framework else None
    same = next((wheel for wheel in fits if wheel.version == installed), None)
    if same is not None and (same.and_cuda or not with_libraries):
        return same
    return max(with_libraries or fits, key=lambda wheel: _version(wheel.version), default=None)


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


def torch_wheel(subject: Subject) -> tuple[str, str] | None:
    """Release and CUDA variant on PyTorch's own index: the installed release where one of its variants
    serves driver and GPUs, else the newest that does. None: none is known."""
    tag, platform = python_tag(subject), wheel_platform(subject)
    rows = [
        row for row in torch_builds() if row.platform == platform and (tag is None or tag in row.python_tags)
    ]
    installed = str(subject.framework.version if subject.framework else "").split("+")[0]
    ordered = sorted(rows, key=lambda row: (row.version == installed, _version(row.version)), reverse=True)
    for row in ordered:
        variant = _variant(subject, row)
        if variant:
            return row.version, variant
    return None


def torch_pypi_release(subject: Subject) -> str | None:
    """The newest release whose wheel on the package index itself has CUDA code for this platform and driver.
    None: none is known."""
    tag, newest = python_tag(subject), numbers(subject.driver.cuda_version)
    fits = [
        row.version
        for row in torch_builds()
        if row.platform == wheel_platform(subject)
        and (tag is None or tag in row.python_tags)
        and row.cuda
        and (not newest or numbers(row.cuda)[:1] <= newest[:1])
    ]
    return max(fits, key=_version, default=None)


@cache
def _version(text: str) -> Version:
    """Of a row of the tables; ``0`` for what is no version."""
    try:
        return Version(text)
    except InvalidVersion:
        return Version("0")


def _variant(subject: Subject, row: TorchBuild) -> str | None:
    """The newest CUDA variant that this driver and these GPUs take: CUDA 13 ended Maxwell, Pascal and
    Volta, 12.8 began Blackwell (NVIDIA's toolkit, driver and architecture matrix)."""
    newest = numbers(subject.driver.cuda_version)
    capabilities = [numbers(each) for each in subject.compute_capabilities]
    fits = [
        each
        for each in row.variants
        if (not newest or numbers(each)[:1] <= newest[:1])
        and (numbers(each)[0] >= 11 or not newest or numbers(each) <= newest)
        and not (numbers(each) >= (13, 0) and any(each_gpu < (7, 5) for each_gpu in capabilities))
        and not (numbers(each) < (12, 8) and any(each_gpu >= (10, 0) for each_gpu in capabilities))
    ]
    return max(fits, key=numbers, default=None)
