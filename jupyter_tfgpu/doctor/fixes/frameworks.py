"""The framework's own packages: a build with GPU code, the framework itself."""

from __future__ import annotations

from collections.abc import Callable

from ..report import Fix
from ..subject import Subject
from . import amd, jax, mxnet, tensorflow, torch
from .requirement import Requirement
from .tool import pip_install

_BUILDS: dict[str, Callable[[Subject], tuple[Fix, ...]]] = {
    "tensorflow": tensorflow.gpu_build,
    "torch": torch.gpu_build,
    "jax": jax.gpu_build,
    "mxnet": mxnet.gpu_build,
}
_REQUIREMENTS: dict[str, Callable[[Subject], Requirement | None]] = {
    "tensorflow": tensorflow.gpu_requirement,
    "torch": torch.gpu_requirement,
    "jax": jax.gpu_requirement,
    "mxnet": mxnet.gpu_requirement,
}


def gpu_build(subject: Subject) -> tuple[Fix, ...]:
    """How to get from a CPU build to one with GPU code. Empty: no such build is known for this machine."""
    if not subject.nvidia_gpu and any(each.vendor == "amd" for each in subject.snapshot.gpus or ()):
        return amd.amd_build(subject)
    if subject.host.jetson:
        return _for_jetson(subject)
    build = _BUILDS.get(subject.name or "")
    return build(subject) if build else ()


def _for_jetson(subject: Subject) -> tuple[Fix, ...]:
    """NVIDIA's own builds: which one is right depends on the JetPack, so there is no command."""
    title = (
        f"Install the {subject.proper_name} wheel that NVIDIA publishes for the JetPack of this board (L4T "
        f"{subject.host.jetson})"
    )
    return (Fix(title=title), Fix(title="Or start NVIDIA's container with it for this L4T release"))


def requirement(subject: Subject) -> Requirement | None:
    """What to ask pip for in this environment: a GPU build where a GPU is there that it serves.

    None: no wheel is known for this Python and platform, or which one is not known.
    """
    found = _REQUIREMENTS.get(subject.name or "")
    if found is None:
        return None
    if subject.nvidia_gpu and subject.host.os != "macos":
        return found(subject)
    return Requirement(subject.proper_name, (subject.name or "",))


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
