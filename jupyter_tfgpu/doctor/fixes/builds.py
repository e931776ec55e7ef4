"""A build with code for this machine's GPU, where the installed one has none: another release, or the same
one for another CUDA. Nothing is offered that the tables do not show to serve it."""

from __future__ import annotations

from collections.abc import Iterable

from packaging.version import Version

from .. import machine_code
from ..knowledge import conda_builds, mxnet_packages, torch_builds
from ..knowledge.gpus import generation, torch_code
from ..report import Fix
from ..subject import Subject
from ..versions import numbers
from .frameworks import gpu_build
from .releases import serves, tensorflow_wheel
from .tool import conda_install, made_by_conda, pip_install, pip_uninstall, python_tag, wheel_platform
from .torch import INDEX


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
        if not all(_toolkit_serves("12.6", each) for each in _capabilities(subject)):
            return ()
        command = conda_install(subject, "pytorch=*=cuda*", channel="conda-forge")
        return (Fix(title="Install conda-forge's newest CUDA build of PyTorch", commands=(command,)),)
    found = _torch_wheel(subject)
    if found is None:
        return ()
    version, cuda = found
    digits = cuda.replace(".", "")
    command = pip_install(
        subject, f"torch=={version}+cu{digits}", options=f"--force-reinstall --index-url {INDEX}/cu{digits}"
    )
    return (Fix(title=f"Install PyTorch {version} built for CUDA {cuda}", commands=(command,)),)


def _torch_wheel(subject: Subject) -> tuple[str, str] | None:
    """Release and CUDA variant: the installed release where one of its variants serves, else the newest."""
    tag, platform = python_tag(subject), wheel_platform(subject)
    installed = str(subject.framework.version if subject.framework else "").split("+")[0]
    rows = [
        row for row in torch_builds() if row.platform == platform and (tag is None or tag in row.python_tags)
    ]
    newest = numbers(subject.driver.cuda_version)
    for row in sorted(rows, key=lambda row: (row.version == installed, Version(row.version)), reverse=True):
        fits = [
            cuda
            for cuda in row.variants
            if (not newest or _driver_takes(newest, numbers(cuda)))
            and all(_torch_serves(row.version, row.platform, cuda, each) for each in _capabilities(subject))
        ]
        if fits:
            return row.version, max(fits, key=numbers)
    return None


def _driver_takes(newest: tuple[int, ...], cuda: tuple[int, ...]) -> bool:
    """From CUDA 11 on a driver takes every release of the major release that it supports."""
    return cuda[0] <= newest[0] if cuda[0] >= 11 else cuda <= newest


def _capabilities(subject: Subject) -> Iterable[str]:
    return dict.fromkeys(subject.compute_capabilities)


def _torch_serves(version: str, platform: str, cuda: str, capability: str) -> bool:
    gpu = machine_code.parsed(capability)
    code = machine_code.entries(torch_code(version, platform, cuda))
    if gpu is None or code:
        return gpu is not None and machine_code.runs(code, gpu)
    oldest = machine_code.oldest(_nearest(version, platform, cuda))
    return _toolkit_serves(cuda, capability) and (oldest is None or gpu >= oldest)


def _nearest(version: str, platform: str, cuda: str) -> tuple[machine_code.Entry, ...]:
    """What the same release was compiled for with the next older CUDA of the same major that is known:
    with a newer one it has code for no older GPUs."""
    wanted = numbers(cuda)
    for minor in range(wanted[1] if len(wanted) > 1 else 0, -1, -1):
        code = machine_code.entries(torch_code(version, platform, f"{wanted[0]}.{minor}"))
        if code:
            return code
    return ()


def _toolkit_serves(cuda: str, capability: str) -> bool:
    """Whether this CUDA release can have made machine code for the GPU."""
    facts, release = generation(capability), numbers(cuda)
    if facts is None:
        return False
    return facts.family <= release[:2] and (facts.last_cuda is None or release[0] <= facts.last_cuda)


def _jax(subject: Subject) -> tuple[Fix, ...]:
    """The plug-in for CUDA 12 is the one that the tables hold."""
    if not all(_toolkit_serves("12.9", each) for each in _capabilities(subject)):
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
        and (not newest or _driver_takes(newest, numbers(cuda)))
        and all(_toolkit_serves(cuda, each) for each in _capabilities(subject))
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
