"""PyTorch: a build with GPU code, from PyTorch's own index or from conda."""

from __future__ import annotations

from ..report import Fix
from ..subject import Subject
from .requirement import Requirement
from .tool import conda_install, made_by_conda, pip_install, wheel_platform
from .torch_releases import torch_pypi_release, torch_wheel

INDEX = "https://download.pytorch.org/whl"
"""PyTorch's own index, with a folder for each CUDA release (pytorch.org, "Get started")."""

BESIDE = ("torchvision", "torchaudio")
"""Packages with code of their own, which is built for the same CUDA; each asks for one release of torch."""


def gpu_build(subject: Subject) -> tuple[Fix, ...]:
    """From a CPU build to one with GPU code. No command where no wheel for this machine is known."""
    if subject.host.os == "macos":
        return (Fix(title="Train on a Linux or Windows machine with this GPU: macOS has no CUDA"),)
    owner = subject.distribution("pytorch")
    if made_by_conda(owner):
        return _conda(subject, owner.channel if owner else None)
    found = gpu_requirement(subject)
    if found is None:
        return (Fix(title='Install a build with GPU code: pytorch.org ("Get started") has the command'),)
    command = pip_install(subject, *found.words, options=f"--force-reinstall {found.options}".strip())
    return (Fix(title=f"Install {found.title}", commands=(command,)),)


def gpu_requirement(subject: Subject) -> Requirement | None:
    """A wheel of PyTorch's own index for this driver and these GPUs. For aarch64 only those of the package
    index are known, which have CUDA code from 2.11 on."""
    if wheel_platform(subject) == "linux_aarch64":
        release, build = torch_pypi_release(subject), subject.framework
        change = f" (in place of {build.version})" if build and build.version else ""
        title = f"PyTorch {release} built for CUDA{change}"
        return Requirement(title, (f"torch=={release}",)) if release else None
    found = torch_wheel(subject)
    if found is None:
        return None
    version, cuda = found
    digits = cuda.replace(".", "")
    title = f"PyTorch {version} built for CUDA {cuda}"
    words = (f"torch=={version}+cu{digits}", *(name for name in BESIDE if subject.distribution(name)))
    return Requirement(title, words, f"--index-url {INDEX}/cu{digits}")


def _conda(subject: Subject, channel: str | None) -> tuple[Fix, ...]:
    """conda's CUDA build. Where conda sees no driver it takes the CPU build without a word."""
    version = subject.framework.version if subject.framework else None
    if channel == "pytorch" and version:
        spec = f"pytorch={version.split('+')[0]}=*cuda*"
        return (
            Fix(
                title=f"Install a CUDA build of PyTorch {version}; conda chooses for which CUDA",
                commands=(conda_install(subject, spec, channel="pytorch -c nvidia"),),
            ),
        )
    return (
        Fix(
            title="Install conda-forge's CUDA build of PyTorch",
            commands=(conda_install(subject, "pytorch=*=cuda*", channel="conda-forge"),),
        ),
    )
