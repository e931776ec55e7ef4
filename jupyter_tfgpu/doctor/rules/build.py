"""Does the installed build have code for a GPU like this machine's?"""

from __future__ import annotations

import re

from ..fixes import gpu_build
from ..fixes.tool import made_by_conda
from ..knowledge import gpu_wheels, mxnet_packages
from ..knowledge.wheels import wheels
from ..report import Finding
from ..snapshot import Distribution
from ..subject import Subject
from .rule import Found, Rule

WITH_CUDA = ("tensorflow-directml", "torch-directml", "torch-xla", "jax-cuda")
"""How the names of distributions begin that bring code for NVIDIA GPUs to a build without it."""

_OWNERS = {
    "tensorflow": ("tensorflow", "tf-nightly", "intel-tensorflow"),
    "torch": ("torch", "pytorch", "cpuonly"),
    "jax": ("jaxlib", "jax"),
    "mxnet": ("mxnet", "libmxnet"),
}
_CONDA_PACKAGES = {
    "tensorflow": ("tensorflow-base", "tensorflow"),
    "torch": ("pytorch", "torch", "libtorch"),
    "jax": ("jaxlib",),
}
"""The conda packages whose build string says for what they were built, the one with the code first."""

_NEVER = ("tensorflow-cpu", "tensorflow-intel", "tensorflow-cpu-aws", "intel-tensorflow", "tf-nightly-cpu")
_FOR_NVIDIA = re.compile(r"(?:lib)?(?:cudart|cudnn|nvcuda|cuda\.so)", re.IGNORECASE)
_CPU_BUILD = re.compile(r"(?:^|_)(?:cpu|mkl|eigen)(?:_|\d|$)")
_CUDA_BUILD = re.compile(r"(?:^|_)(?:gpu|cuda)")


def has_cuda(subject: Subject) -> bool | None:
    """Whether the build has CUDA code: its files decide. Where they were not read, its names. None: not
    known."""
    build = subject.framework
    if build is None:
        return None
    return build.cuda_build if build.cuda_build is not None else _named_as(subject, build.version or "")


def _named_as(subject: Subject, version: str) -> bool | None:
    """What version and packages say: ``+cu118`` and ``+cpu``, conda's ``cuda112…`` and ``mkl_…``, the
    packages that never or always have CUDA code."""
    local = version.partition("+")[2]
    if local.startswith(("cpu", "cu")):
        return not local.startswith("cpu")
    if subject.name == "torch" and subject.distribution("cpuonly"):
        return False
    for name in _CONDA_PACKAGES.get(subject.name or "", ()):
        build = getattr(subject.distribution(name), "build", None) or ""
        if _CUDA_BUILD.search(build):
            return True
        if _CPU_BUILD.search(build):
            return False
    if subject.name == "tensorflow":
        return _wheel_has_cuda(subject)
    if subject.name == "jax":
        return _jaxlib_has_cuda(subject)
    if subject.name == "mxnet" and subject.distributions:
        return any(each.name in mxnet_packages() for each in subject.distributions)
    return None


def _wheel_has_cuda(subject: Subject) -> bool | None:
    platform = {"linux": "linux_x86_64", "windows": "win_amd64"}.get(subject.host.os or "")
    names = [each for each in subject.distributions if each.name in (*_NEVER, "tensorflow", "tensorflow-gpu")]
    if len(names) != 1 or subject.host.arch != "x86_64" or platform is None:
        return None
    if names[0].name in _NEVER:
        return False
    name, version = names[0].name, names[0].version
    if any((each.package, each.version, each.platform) == (name, version, platform) for each in gpu_wheels()):
        return True
    rows = [each for each in wheels("tensorflow") if (each.package, each.platform) == (name, platform)]
    return False if any(version in each.versions for each in rows) else None


def _jaxlib_has_cuda(subject: Subject) -> bool | None:
    """A plug-in, or before there were any the local part of jaxlib's version (``+cuda11.cudnn86``)."""
    jaxlib = subject.distribution("jaxlib")
    if any(each.name.startswith("jax-cuda") for each in subject.distributions):
        return True
    return "+cuda" in (jaxlib.version or "") if jaxlib is not None and not jaxlib.build else None


def expects_gpu(subject: Subject) -> bool:
    """Whether the machine has an NVIDIA GPU, or what nobody installs without one: its driver, or CUDA beside
    the environment."""
    if subject.nvidia_gpu is not None or subject.host.os == "macos":
        return bool(subject.nvidia_gpu)
    driver = subject.driver.version or subject.driver.cuda_version
    return bool(driver) or any(
        _FOR_NVIDIA.match(each.file) and each.origin in ("driver", "system", "ld-library-path")
        for each in subject.libraries
    )


def cpu_only_build(subject: Subject) -> Found | None:
    """The build has no code for this machine's GPU: none at all, or a ROCm build beside an NVIDIA GPU.

    Silent where a plug-in brings the code.
    """
    build = subject.framework
    if build is None or has_cuda(subject) is not False:
        return None
    amd = any(each.vendor == "amd" for each in subject.snapshot.gpus or ()) and not build.rocm_build
    if expects_gpu(subject):
        if any(each.name.startswith(WITH_CUDA) for each in subject.distributions):
            return None
    elif not amd or subject.host.os == "macos" or _has_amd_plugin(subject):
        return None
    rocm = "for AMD GPUs, without code for NVIDIA's" if build.rocm_build else ""
    return Found(
        Finding(
            code="cpu-only-build",
            severity="error",
            framework=subject.name,
            title=f"This {subject.title} is a {f'build {rocm}' if rocm else 'CPU-only build'}",
            detail=(
                f"{subject.title} as installed here has no {'CUDA' if rocm else 'GPU'} code, so it will "
                f"train on the CPU although {machine_with_gpu(subject)}. {_why(subject)}"
            ).rstrip(),
            evidence=(what_says_so(subject), *installed(subject)),
            fixes=gpu_build(subject),
        )
    )


def _has_amd_plugin(subject: Subject) -> bool:
    plugins = ("tensorflow-directml", "torch-directml", "tensorflow-rocm", "jax-rocm")
    return any(each.name.startswith(plugins) for each in subject.distributions)


def machine_with_gpu(subject: Subject) -> str:
    """That the machine has a GPU, and which, for a sentence; or what makes one expect it."""
    names = [each.name for each in subject.snapshot.gpus or () if each.name]
    known = ", ".join(dict.fromkeys(names)) or (subject.gpu_names if subject.nvidia_gpu else "")
    if known:
        return f"the machine has a GPU ({known})"
    return "the machine seems to have a GPU (NVIDIA's driver or CUDA is installed)"


def what_says_so(subject: Subject) -> str:
    """Whence it is known that the build has no CUDA code."""
    build = subject.framework
    own_files = build is not None and build.cuda_build is False
    return f"its {'own files' if own_files else 'version and packages'} say: built without CUDA"


def installed(subject: Subject) -> tuple[str, ...]:
    """The framework's own packages, as evidence."""
    found = [
        each for each in subject.distributions if each.name.startswith(_OWNERS.get(subject.name or "", ()))
    ]
    return tuple(f"installed: {_description(each)}" for each in found[:6])


def _description(distribution: Distribution) -> str:
    parts = [f"{distribution.name} {distribution.version or ''}".strip()]
    if distribution.build:
        parts.append(f"build {distribution.build}")
    if distribution.channel:
        parts.append(f"from {distribution.channel}")
    return ", ".join(parts)


def _why(subject: Subject) -> str:
    """Which habit of packagers made it a CPU build, where the names say so."""
    if subject.host.os == "macos":
        return "No build for macOS has CUDA code."
    if subject.name == "tensorflow" and subject.host.arch == "aarch64":
        return "TensorFlow's wheels for aarch64 have no GPU code in any release."
    for distribution in subject.distributions:
        if distribution.name in _NEVER:
            return f"The package {distribution.name} never has any."
    for distribution in subject.distributions:
        if distribution.name in ("tensorflow", "tensorflow-base", "torch", "pytorch") and made_by_conda(
            distribution
        ):
            return _why_conda(distribution)
        if distribution.name == "mxnet" == subject.name:
            return "The package mxnet never has any: MXNet's GPU builds are the packages mxnet-cu…."
    if subject.name == "torch" and subject.host.os == "windows":
        return "PyTorch's wheels for Windows on the package index (PyPI) have none; PyTorch's own index has."
    if subject.name == "tensorflow" and subject.release and subject.release < (2, 1):
        return "The package tensorflow had none before 2.1, but for 1.15.0: that was tensorflow-gpu."
    return ""


def _why_conda(distribution: Distribution) -> str:
    build = distribution.build or "of this name"
    if _CUDA_BUILD.search(build):
        return f"conda's build {build} is named a GPU build; its files say otherwise."
    return f"conda's build {build} is the one without it."


RULES = (Rule("cpu-only-build", "framework", cpu_only_build),)
