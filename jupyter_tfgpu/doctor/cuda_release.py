"""Which CUDA release a build runs on: of the runtime that it loads, not of a toolkit that lies somewhere."""

from __future__ import annotations

import re

from .knowledge import gpu_wheels, torch_builds
from .subject import Subject
from .versions import numbers

_LOCAL = re.compile(r"\+cu(?:da)?(?P<major>1\d|[789])\.?(?P<minor>\d)?(?:\b|\.)")
_MXNET = re.compile(r"mxnet-cu(?P<major>1\d|[789])(?P<minor>\d)(?:mkl)?$")
_RUNTIME_WHEEL = re.compile(r"nvidia-cuda-runtime(?:-cu\d\d)?")
_CONDA = re.compile(r"cuda_?(?P<major>1\d|[789])\.?(?P<minor>\d)(?!\d)")


def cuda_in_use(subject: Subject) -> tuple[int, ...]:
    """The CUDA release of the runtime that the build loads: major and, as far as known, minor. Empty: none,
    or not known.

    What the build states; where that is only a major release, the file name of its runtime says more
    (``libcudart.so.10.1``: from CUDA 11 on the file name has the major release alone). Where it states none,
    what its version (``2.1.0+cu118``), its package (``mxnet-cu102``, ``py3.8_cuda11.3_cudnn8_0``) or the
    table of releases says, or the wheel of the runtime beside it (``nvidia-cuda-runtime-cu12``).
    """
    build = subject.framework
    if build is None:
        return ()
    stated = numbers(build.cuda)[:2]
    if len(stated) == 2:
        return stated
    runtime = next((need for need in subject.stack.needs if need.role == "cudart"), None)
    named = runtime.version[:2] if runtime else ()
    if named and (not stated or named[:1] == stated):
        return named if named[0] < 11 else named[:1]
    return stated or _by_names(subject)


def _by_names(subject: Subject) -> tuple[int, ...]:
    build = subject.framework
    if build is None or build.cuda_build is False or build.rocm_build:
        return ()
    for text in (build.version, *_versions(subject)):
        match = _LOCAL.search(text or "")
        if match:
            return tuple(int(part) for part in match.groups() if part)
    for distribution in subject.distributions:
        match = _MXNET.match(distribution.name) if subject.name == "mxnet" else None
        if match is None and distribution.name in _OWN.get(subject.name or "", ()):
            match = _CONDA.search(distribution.build or "")
        if match:
            return int(match["major"]), int(match["minor"])
    if subject.name in ("torch", "jax"):
        return _of_runtime_wheel(subject) or _of_index_wheel(subject)
    if subject.name == "tensorflow" and build.cuda_build:
        wheel = next((each for each in gpu_wheels() if each.version == build.version), None)
        return numbers(wheel.cuda)[:2] if wheel else ()
    return ()


def _of_runtime_wheel(subject: Subject) -> tuple[int, ...]:
    """PyTorch and JAX run on the runtime that their wheels bring along. Two of them: it is not told whose."""
    found = {
        numbers(each.version)[:2] for each in subject.distributions if _RUNTIME_WHEEL.fullmatch(each.name)
    }
    return found.pop() if len(found) == 1 else ()


def _of_index_wheel(subject: Subject) -> tuple[int, ...]:
    """PyTorch's wheel on the package index has one CUDA a release, and for Linux alone."""
    build, package = subject.framework, subject.distribution("torch")
    if subject.name != "torch" or build is None or package is None or package.installer != "pip":
        return ()
    if subject.host.os != "linux" or subject.host.jetson:
        return ()
    platform = f"linux_{subject.environment.python_arch or subject.host.arch}"
    found = next(
        (row.cuda for row in torch_builds() if (row.version, row.platform) == (build.version, platform)), ""
    )
    return numbers(found)[:2]


_OWN = {"torch": ("pytorch", "libtorch"), "jax": ("jaxlib",), "tensorflow": ("tensorflow", "tensorflow-base")}
"""conda's packages whose build strings name the CUDA release."""


def _versions(subject: Subject) -> list[str | None]:
    """Versions of the framework's own distributions: ``jaxlib 0.4.13+cuda12.cudnn89``."""
    own = {"jax": ("jaxlib",), "torch": ("torch",)}.get(subject.name or "", ())
    return [each.version for each in subject.distributions if each.name in own]
