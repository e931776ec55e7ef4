"""ptxas and libdevice for XLA: from NVIDIA's or conda's nvcc package, or the toolkit that is there."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Mapping, Sequence

from ..report import Fix
from ..subject import Subject
from ..versions import numbers
from .automatic import set_variables
from .libraries import with_current
from .tool import conda_install, made_by_conda, pip_install, put_first


def cuda_compiler(subject: Subject, missing: Mapping[str, str | None]) -> tuple[Fix, ...]:
    """``missing``: ptxas and libdevice, as far as missing, to where they lie out of reach."""
    return (*_what_is_there(subject, missing), *_package(subject), *_by_flag(subject, missing))


def _what_is_there(subject: Subject, missing: Mapping[str, str | None]) -> tuple[Fix, ...]:
    """The bin folder of the toolkit on PATH, where a toolkit is there."""
    ptxas = missing.get("ptxas")
    if not ptxas or subject.host.os == "windows":
        return ()
    folder = posixpath.dirname(ptxas)
    return (
        set_variables(
            subject,
            "libdevice-missing",
            "Put the folder of ptxas on the kernel's PATH: in the kernelspec, then restart the kernel",
            {"PATH": with_current(subject, "PATH", (folder,))},
        ),
    )


def _package(subject: Subject) -> tuple[Fix, ...]:
    build = subject.framework
    release = numbers(build.cuda if build else None)
    major = release[0] if release else None
    owner = subject.distribution("tensorflow" if subject.name == "tensorflow" else "jaxlib")
    if made_by_conda(owner) or made_by_conda(subject.distribution("cudatoolkit")):
        return _by_conda(subject, release)
    if major is None or subject.host.os == "windows":
        return (Fix(title="Install the CUDA toolkit (its nvcc package) of the build's CUDA release"),)
    if major >= 13:
        return (
            Fix(
                title="Install NVIDIA's compiler packages into this environment",
                commands=(pip_install(subject, "nvidia-cuda-nvcc", "nvidia-nvvm"),),
            ),
        )
    package = f"nvidia-cuda-nvcc-cu{major}"
    requirement = f"{package}=={release[0]}.{release[1]}.*" if len(release) >= 2 else package
    return (
        Fix(
            title="Install NVIDIA's nvcc package into this environment: it holds ptxas and libdevice",
            commands=(pip_install(subject, requirement),),
        ),
        *_tell_xla(subject, None),
    )


def _tell_xla(subject: Subject, root: str | None) -> tuple[Fix, ...]:
    """TensorFlow before 2.15 does not look in NVIDIA's wheels, before 2.20 not in conda's prefix."""
    facts = subject.environment
    release = subject.release or (9, 9)
    if subject.name != "tensorflow" or not facts.prefix or release >= ((2, 20) if root else (2, 15)):
        return ()
    if root is None:
        if not facts.python or facts.kind == "system":
            return ()
        minor = ".".join(facts.python.split(".")[:2])
        root = f"{facts.prefix}/lib/python{minor}/site-packages/nvidia/cuda_nvcc"
    return (
        Fix(
            title="Then tell XLA where it lies, before Jupyter starts: this release does not look there",
            commands=(
                f"export XLA_FLAGS={shlex.quote(_flags(subject, root))}",
                put_first("PATH", (f"{root}/bin",)),
            ),
        ),
    )


def _by_conda(subject: Subject, release: tuple[int, ...]) -> tuple[Fix, ...]:
    version = ".".join(str(part) for part in release[:2])
    if release >= (12,):
        spec, channel = f"cuda-nvcc={version}", "conda-forge"
    else:
        spec, channel = (f"cuda-nvcc={version}" if release >= (11, 3) else "cuda-nvcc"), "nvidia"
    return (
        Fix(
            title="Let conda install nvcc into this environment: it holds ptxas and libdevice",
            commands=(conda_install(subject, spec, channel=channel),),
        ),
        *_tell_xla(subject, subject.environment.prefix),
    )


def _by_flag(subject: Subject, missing: Mapping[str, str | None]) -> tuple[Fix, ...]:
    """XLA looks for nvvm/libdevice/libdevice.10.bc below the folder that its flag names; conda's cudatoolkit
    puts the file into lib itself."""
    path = missing.get("libdevice")
    prefix = subject.environment.prefix
    if not path or subject.host.os == "windows":
        return ()
    tail = "/nvvm/libdevice/libdevice.10.bc"
    if path.endswith(tail):
        root = path[: -len(tail)]
        return (
            set_variables(
                subject,
                "libdevice-missing",
                "Or tell XLA where it lies: XLA_FLAGS in the kernelspec, then restart the kernel",
                {"XLA_FLAGS": _flags(subject, root)},
            ),
        )
    if not prefix or not path.startswith(prefix):
        return ()
    folder = posixpath.dirname(path)
    return (
        Fix(
            title=(
                "Or put it where XLA looks, and name that folder in the kernelspec: "
                f"XLA_FLAGS={_flags(subject, folder)}"
            ),
            commands=(
                f"mkdir -p {shlex.quote(f'{folder}/nvvm/libdevice')}",
                f"cp {shlex.quote(path)} {shlex.quote(f'{folder}/nvvm/libdevice/')}",
            ),
        ),
    )


def _flags(subject: Subject, root: str) -> str:
    """The flag beside those that are set."""
    present = str((subject.snapshot.variables or {}).get("XLA_FLAGS") or "").split()
    kept = [each for each in present if not each.startswith("--xla_gpu_cuda_data_dir")]
    return " ".join((*kept, f"--xla_gpu_cuda_data_dir={root}"))


def newer_compiler(subject: Subject, release: str, others: Sequence[str]) -> tuple[Fix, ...]:
    """``release``: the first CUDA that knows the GPU. ``others``: paths of ptxas that do."""
    fixes: list[Fix] = []
    if others and subject.host.os != "windows":
        folder = posixpath.dirname(others[0])
        fixes.append(
            set_variables(
                subject,
                "ptxas-too-old",
                "Put the newer ptxas of this machine first: PATH in the kernelspec, then restart the kernel",
                {"PATH": with_current(subject, "PATH", (folder,))},
            )
        )
    fixes.append(Fix(title=f"Install ptxas of CUDA {release} or newer and put it before the old one on PATH"))
    return tuple(fixes)
