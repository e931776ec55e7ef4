"""The framework's own packages: a build with GPU code, its CUDA libraries, the framework itself."""

from __future__ import annotations

from ..report import Fix
from ..subject import Subject
from . import jax, mxnet, tensorflow, torch
from .tool import pip_install

_MODULES = {"tensorflow": tensorflow, "torch": torch, "jax": jax, "mxnet": mxnet}


def gpu_build(subject: Subject) -> tuple[Fix, ...]:
    """How to get from a CPU build to one with GPU code. Empty: no such build is known for this machine."""
    module = _MODULES.get(subject.name or "")
    return module.gpu_build(subject) if module else ()


def install_framework(subject: Subject) -> tuple[Fix, ...]:
    """How to get the framework in the first place: for this machine's GPU where there is one."""
    if subject.nvidia_gpu:
        return gpu_build(subject)
    if subject.name == "tensorflow":
        return tensorflow.cpu_wheel(subject)
    requirement = subject.name or ""
    return (
        Fix(
            title=f"Install {subject.proper_name} into this environment",
            commands=(pip_install(subject, requirement),),
        ),
    )
