"""A wrong copy of a library before the right one: how the right one comes first."""

from __future__ import annotations

from ..report import Fix
from ..snapshot import Library
from ..stack import folder_of
from ..subject import Subject
from .automatic import set_variables
from .libraries import with_current
from .tool import conda_install, made_by_conda


def without(subject: Subject, wrong: Library, right: Library) -> tuple[Fix, ...]:
    """How the right copy comes before the wrong one. LD_LIBRARY_PATH goes before RUNPATH and the system's
    folders; before what a build finds by itself (conda's, PyTorch's) it may not."""
    entries = [
        each
        for each in str((subject.snapshot.variables or {}).get("LD_LIBRARY_PATH") or "").split(":")
        if each
    ]
    bad, good = folder_of(wrong), folder_of(right)
    if subject.host.os == "windows" or good is None or wrong.origin in ("conda", "bundled", "wheel"):
        return _in_place_of(subject, wrong, right)
    if bad in entries and _superfluous(subject, bad, right):
        rest = ":".join(each for each in entries if each != bad)
        title = f"Take {bad} out of LD_LIBRARY_PATH, in the kernelspec, then restart the kernel"
        return (
            set_variables(subject, "library-shadowed", title, {"LD_LIBRARY_PATH": rest}),
            Fix(title="Or take it out where it is set (module, .bashrc, activate.d)"),
        )
    if bad in entries:
        first = set_variables(
            subject,
            "library-shadowed",
            "Put the right folder first in LD_LIBRARY_PATH, in the kernelspec, then restart the kernel",
            {"LD_LIBRARY_PATH": ":".join((good, *(each for each in entries if each != good)))},
        )
        taken = f"Or take {bad} out of LD_LIBRARY_PATH where it is set (module, .bashrc, activate.d)"
        return (first, Fix(title=f"{taken}, if nothing else that is needed lies there"))
    return (
        set_variables(
            subject,
            "library-shadowed",
            "Put the right folder first: LD_LIBRARY_PATH in the kernelspec, then restart the kernel",
            {"LD_LIBRARY_PATH": with_current(subject, "LD_LIBRARY_PATH", (good,))},
        ),
    )


def _superfluous(subject: Subject, folder: str, right: Library) -> bool:
    """Whether all that is loaded from a folder lies behind it as well, the right copy next."""
    stack = subject.stack
    files = dict.fromkeys([*(need.file for need in stack.needs), right.file])
    for file in files:
        reached = [each for each in stack.copies(file) if each.reachable]
        if reached and folder_of(reached[0]) == folder:
            behind = [each for each in reached if folder_of(each) != folder]
            if not behind or (file == right.file and behind[0] is not right):
                return False
    return True


def _in_place_of(subject: Subject, wrong: Library, right: Library) -> tuple[Fix, ...]:
    package = subject.distribution("cudnn")
    version = ".".join((right.version or "").split(".")[:2])
    if wrong.origin == "conda" and made_by_conda(package) and "cudnn" in wrong.file and version:
        channel = (package.channel if package else None) or "conda-forge"
        command = conda_install(subject, f"cudnn={version}.*", channel=channel)
        return (Fix(title=f"Let conda install cuDNN {version} in place of its own", commands=(command,)),)
    if subject.host.os == "windows":
        return (Fix(title=f"Put the folder of {right.path or 'the right one'} before the other on PATH"),)
    return (Fix(title=f"Bring the package that holds {wrong.path or wrong.file} to the right one's release"),)


def preloaded(subject: Subject, package: str) -> tuple[Fix, ...]:
    """A package loads its own cuDNN; in one process the copy that is loaded first serves all."""
    return (
        Fix(
            title=f"Import {subject.proper_name} before {package} in the notebook, then restart the kernel",
            commands=(f"import {subject.name}",),
            where="notebook",
        ),
        Fix(title=f"Or update {package}, or remove it if nothing needs it"),
    )
