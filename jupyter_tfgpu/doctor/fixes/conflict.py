"""Two frameworks in one environment: how both get the libraries that they need."""

from __future__ import annotations

from collections.abc import Sequence

from ..report import Fix
from ..snapshot import Distribution
from ..stack import Need
from ..subject import PROPER_NAMES, Subject
from .cudnn import wheel_requirement
from .tool import pip_install, pip_uninstall

_APART = Fix(
    title="Or give each framework an environment of its own, with a kernel each: only there both stay right"
)


def one_cuda(
    subject: Subject, *, wrong: Sequence[Distribution], right: Sequence[Distribution]
) -> tuple[Fix, ...]:
    """Only the wheel for this build's CUDA stays. Its files are put back: the other one may have replaced
    them, and takes them along when it goes."""
    if not wrong or not right:
        return (_apart(),)
    commands = (
        *pip_uninstall(subject, [each.name for each in wrong]),
        *(
            pip_install(subject, f"{each.name}=={each.version}", options="--force-reinstall --no-deps")
            for each in right
        ),
    )
    major = subject.stack.cuda_major
    return (
        Fix(title="Give each framework an environment of its own, with a kernel each"),
        Fix(
            title=(
                f"Or keep only what is for CUDA {major}; the framework that the other belongs to then needs "
                f"its build for CUDA {major}"
            ),
            commands=commands,
        ),
    )


def both_content(subject: Subject, other: str, need: Need, wanted: tuple[int, ...]) -> tuple[Fix, ...]:
    """A newer cuDNN of the same major release does for both; another major release never does."""
    requirement = wheel_requirement(subject, wanted or need.version)
    if requirement is None or not wanted or wanted[:1] != need.version[:1]:
        return (_apart(),)
    name = PROPER_NAMES[other]
    installed = {each.name for each in subject.distributions}
    if requirement.split(">=")[0] not in installed or not _same_major_installed(subject, wanted):
        return (_apart(),)
    return (
        Fix(
            title=(
                f"Install the newer cuDNN: {name} runs with it too (pip warns that {name} asked for an older "
                "one)"
            ),
            commands=(pip_install(subject, requirement),),
        ),
        _APART,
    )


def _same_major_installed(subject: Subject, wanted: tuple[int, ...]) -> bool:
    package = subject.distribution(f"nvidia-cudnn-cu{subject.stack.cuda_major}")
    return package is not None and (package.version or "").split(".")[0] == str(wanted[0])


def _apart() -> Fix:
    return Fix(title="Give each framework an environment of its own, with a kernel each")


def import_first(subject: Subject, other: str) -> tuple[Fix, ...]:
    """The copy that is loaded first serves the whole process; a newer one serves both."""
    module = subject.name or ""
    return (
        Fix(
            title=f"Import {subject.proper_name} before {other} in the notebook, then restart the kernel",
            commands=(f"import {module}",),
            where="notebook",
        ),
        _APART,
    )
