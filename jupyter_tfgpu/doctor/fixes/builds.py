"""A build with code for this machine's GPU, where the installed one has none: another release, or the same
one for another CUDA. Nothing is offered that the tables do not show to serve it."""

from __future__ import annotations

from collections.abc import Iterable

from ..knowledge import conda_builds, mxnet_packages
from ..report import Fix
from ..subject import Subject
from ..versions import numbers
from .cuda import driver_takes, toolkit_serves
from .frameworks import gpu_build
from .releases import serves, tensorflow_wheel
from .tool import conda_install, made_by_conda, pip_install, pip_uninstall, wheel_platform
from .torch import INDEX
from .torch_releases import torch_wheel


def build_for_gpu(subject: Subject) -> tuple[Fix, ...]:
    """Releases of the framework with code for the GPUs that the driver lists."""
    if subject.host.jetson:
        return gpu_build(subject) or (_by_hand(subject),)
    found = _BY_FRAMEWORK[subject.name or ""](subject) if subject.name in _BY_FRAMEWORK else ()
    return found or (_by_hand(subject),)


def _by_hand(subject: Subject) -> Fix:
    capabilities = ", ".join(dict.fromkeys(subject.compute_capabilities))
    return Fix(
        title=(
            f"Install a release of {subject.proper_name} that was built for GPUs of compute capability "
            f"{capabilities}, or use NVIDIA's container (NGC) of it"
        ),
    )


def _tensorflow(subject: Subject) -> tuple[Fix, ...]:
    owner = next(filter(None, map(subject.distribution, ("tensorflow-base", "tensorflow"))), None)
    if not made_by_conda(owner) and tensorflow_wheel(subject) is not None:
        return gpu_build(subject)
    return (*_conda_anew(subject), _by_hand(subject))


def _conda_anew(subject: Subject) -> tuple[Fix, ...]:
    """conda-forge's newest CUDA build with code for these GPUs, in an environment of its own: its Python and
    its other packages are seldom those of this one."""
    newest = numbers(subject.driver.cuda_version)[:1]
    fits = [
        build
        for build in conda_builds()
        if build.compute_capabilities
        and all(serves(build.compute_capabilities, each) for each in subject.compute_capabilities)
        and (not newest or numbers(build.cuda)[:1] <= newest)
    ]
    best = max(fits, key=lambda build: (numbers(build.version), numbers(build.cuda)), default=None)
    if best is None or subject.host.arch != "x86_64" or subject.host.os == "macos":
        return ()
    python = max(best.pythons, key=numbers, default="3.11")
    spec = f"tensorflow={best.version}=cuda{best.cuda.replace('.', '')}*"
    where = ", in WSL2: it is for Linux" if subject.host.os == "windows" else ""
    commands = (
        f"conda create -n tensorflow-gpu -c conda-forge python={python} '{spec}' ipykernel",
        "jupyter tfgpu specs add tensorflow-gpu",
    )
    title = f"Make an environment with conda-forge's TensorFlow {best.version}, which has code for this GPU"
    return (Fix(title=title + where, commands=commands if subject.host.os == "linux" else ()),)


def _torch(subject: Subject) -> tuple[Fix, ...]:
    if made_by_conda(subject.distribution("pytorch")):
        if not all(toolkit_serves("12.6", each) for each in _capabilities(subject)):
            return ()
        command = conda_install(subject, "pytorch=*=cuda*", channel="conda-forge")
        return (Fix(title="Install conda-forge's newest CUDA build of PyTorch", commands=(command,)),)
    found = torch_wheel(subject)
    if found is None:
        return ()
    version, cuda = found
    digits = cuda.replace(".", "")
    command = pip_install(
        subject, f"torch=={version}+cu{digits}", options=f"--force-reinstall --index-url {INDEX}/cu{digits}"
    )
    return (Fix(title=f"Install PyTorch {version} built for CUDA {cuda}", commands=(command,)),)


def _capabilities(subject: Subject) -> Iterable[str]:
    return dict.fromkeys(subject.compute_capabilities)


def _jax(subject: Subject) -> tuple[Fix, ...]:
    """The plug-in for CUDA 12 is the one that the tables hold."""
    if not all(toolkit_serves("12.9", each) for each in _capabilities(subject)):
        return ()
    return gpu_build(subject)


def _mxnet(subject: Subject) -> tuple[Fix, ...]:
    version = subject.framework.version if subject.framework else None
    newest, platform = numbers(subject.driver.cuda_version), wheel_platform(subject)
    fits = {
        package: cuda
        for package, (cuda, versions, platforms) in mxnet_packages().items()
        if (version is None or version in versions)
        and platform in platforms
        and (not newest or driver_takes(newest, numbers(cuda)))
        and all(toolkit_serves(cuda, each) for each in _capabilities(subject))
    }
    best = max(fits, key=lambda package: numbers(fits[package]), default=None)
    if best is None:
        return ()
    owners = [each.name for each in subject.distributions if each.name.startswith("mxnet")]
    commands = (
        *pip_uninstall(subject, owners),
        pip_install(subject, f"{best}=={version}" if version else best),
    )
    title = f"Install MXNet for CUDA {fits[best]}; its CUDA and cuDNN have to be on the machine"
    return (Fix(title=title, commands=commands),)


_BY_FRAMEWORK = {"tensorflow": _tensorflow, "torch": _torch, "jax": _jax, "mxnet": _mxnet}
