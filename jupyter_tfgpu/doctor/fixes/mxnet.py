"""MXNet: the package whose name ends in the CUDA release."""

from __future__ import annotations

from ..knowledge import mxnet_packages
from ..report import Fix
from ..subject import Subject
from ..versions import numbers
from .tool import pip_install, pip_uninstall, wheel_platform


def gpu_build(subject: Subject) -> tuple[Fix, ...]:
    """The package for the CUDA release on this machine, else for the newest that the driver takes."""
    if wheel_platform(subject) != "linux_x86_64":
        return ()
    version = subject.framework.version if subject.framework else None
    newest = numbers(subject.driver.cuda_version)
    fits = {
        package: cuda
        for package, (cuda, versions, _) in mxnet_packages().items()
        if (version is None or version in versions) and (not newest or numbers(cuda) <= newest)
    }
    here = _runtimes(subject)
    best = max(fits, key=lambda package: (fits[package] in here, numbers(fits[package])), default=None)
    if best is None:
        return ()
    requirement = f"{best}=={version}" if version else best
    commands = (
        *pip_uninstall(subject, ["mxnet"] if subject.distribution("mxnet") else []),
        pip_install(subject, requirement),
    )
    return (
        Fix(
            title=f"Install MXNet for CUDA {fits[best]}; its CUDA and cuDNN have to be on the machine",
            commands=commands,
        ),
    )


def _runtimes(subject: Subject) -> frozenset[str]:
    """The CUDA releases whose runtime this kernel reaches."""
    return frozenset(
        ".".join(str(part) for part in numbers(each.version)[:2])
        for each in subject.libraries
        if each.file.startswith("libcudart.") and each.reachable
    )
