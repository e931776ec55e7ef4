"""PyTorch: a build with GPU code, from PyTorch's own index or from conda."""

from __future__ import annotations

from ..report import Fix
from ..subject import Subject
from .releases import torch_wheel
from .tool import conda_install, made_by_conda, pip_install

INDEX = "https://download.pytorch.org/whl"
"""PyTorch's own index, with a folder for each CUDA release (pytorch.org, "Get started")."""


def gpu_build(subject: Subject) -> tuple[Fix, ...]:
    """From a CPU build to one with GPU code. No command where no wheel for this machine is known."""
    owner = subject.distribution("pytorch")
    if made_by_conda(owner):
        return _conda(subject, owner.channel if owner else None)
    found = torch_wheel(subject)
    if found is None:
        return (Fix(title='Install a build with GPU code: pytorch.org ("Get started") has the command'),)
    version, cuda = found
    digits = cuda.replace(".", "")
    command = pip_install(
        subject, f"torch=={version}+cu{digits}", options=f"--force-reinstall --index-url {INDEX}/cu{digits}"
    )
    return (Fix(title=f"Install PyTorch {version} built for CUDA {cuda}", commands=(command,)),)


def _conda(subject: Subject, channel: str | None) -> tuple[Fix, ...]:
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
