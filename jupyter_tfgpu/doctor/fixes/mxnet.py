"""MXNet: the package whose name ends in the CUDA release."""

from __future__ import annotations

from ..knowledge import mxnet_packages
from ..report import Fix
from ..subject import Subject
from ..versions import numbers
from .requirement import Requirement
from .tool import pip_install, pip_uninstall, wheel_platform


def gpu_build(subject: Subject) -> tuple[Fix, ...]:
    """The package for the CUDA release on this machine, else for the newest that the driver takes."""
    found = gpu_requirement(subject)
    if found is None:
        title = "Install the package mxnet-cu… whose digits are the CUDA release of this machine"
        return (Fix(title=title),) if subject.host.os == "windows" else ()
    owned = [each.name for each in subject.distributions if each.name.startswith("mxnet")]
    commands = (
        *pip_uninstall(subject, [name for name in owned if name == "mxnet" or "-cu" in name]),
        pip_install(subject, *found.words),
    )
    return (Fix(title=f"Install {found.title}", commands=commands),)


def gpu_requirement(subject: Subject) -> Requirement | None:
    """The installed release's package where it has one for a CUDA that the driver takes, else the newest."""
    if wheel_platform(subject) != "linux_x86_64":
        return None
    version = subject.framework.version if subject.framework else None
    newest = numbers(subject.driver.cuda_version)
    served = {
        package: (cuda, versions)
        for package, (cuda, versions, _) in mxnet_packages().items()
        if not newest or numbers(cuda) <= newest
    }
    of_release: dict[str, tuple[str, str | None]] = {
        package: (cuda, release)
        for package, (cuda, versions) in served.items()
        if (release := _release(version, versions))
    }
    here = _runtimes(subject)
    fits = of_release or {package: (cuda, None) for package, (cuda, _) in served.items()}
    best = max(fits, key=lambda package: (fits[package][0] in here, numbers(fits[package][0])), default=None)
    if best is None:
        return None
    cuda, release = fits[best]
    title = f"MXNet for CUDA {cuda}; its CUDA and cuDNN have to be on the machine"
    return Requirement(title, (f"{best}=={release}" if release else best,))


def _release(version: str | None, versions: frozenset[str]) -> str | None:
    """The package's release of this version: itself, or its last rebuild (``1.6.0.post0``)."""
    if version is None or version in versions:
        return version
    return max((each for each in versions if each.startswith(f"{version}.post")), default=None)


def _runtimes(subject: Subject) -> frozenset[str]:
    """The CUDA releases whose runtime this kernel reaches."""
    return frozenset(
        ".".join(str(part) for part in numbers(each.version)[:2])
        for each in subject.libraries
        if each.file.startswith("libcudart.") and each.reachable
    )
