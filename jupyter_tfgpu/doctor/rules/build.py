"""Can the installed build use a GPU at all?"""

from __future__ import annotations

from ..fixes import gpu_build
from ..report import Finding
from ..snapshot import Distribution
from ..subject import Subject
from .rule import Found, Rule

PLUGINS = (
    "tensorflow-directml",
    "tensorflow-metal",
    "tensorflow-rocm",
    "intel-extension-for-tensorflow",
    "torch-directml",
    "torch-xla",
    "jax-metal",
    "jax-rocm",
)
"""How the names of distributions begin that bring GPU code to, or instead of, a build without it."""

_PACKAGES = {
    "tensorflow": ("tensorflow", "tf-nightly", "intel-tensorflow"),
    "torch": ("torch", "pytorch"),
    "jax": ("jaxlib", "jax"),
    "mxnet": ("mxnet", "libmxnet"),
}


def cpu_only_build(subject: Subject) -> Found | None:
    """The files of the build say that it has no GPU code, and the machine has an NVIDIA GPU.

    Silent where a plug-in brings the GPU code, and on macOS, where there is no CUDA.
    """
    build = subject.framework
    if build is None or build.cuda_build is not False or build.rocm_build or not subject.nvidia_gpu:
        return None
    if subject.host.os == "macos" or any(each.name.startswith(PLUGINS) for each in subject.distributions):
        return None
    return Found(
        Finding(
            code="cpu-only-build",
            severity="error",
            framework=subject.name,
            title=f"This {subject.title} is a CPU-only build",
            detail=(
                f"{subject.title} as installed here has no GPU code, so it will train on the CPU although "
                f"the machine has a GPU ({subject.gpu_names}). {_why(subject)}"
            ).rstrip(),
            evidence=("its own files say: built without CUDA", *_installed(subject)),
            fixes=gpu_build(subject),
        )
    )


def _installed(subject: Subject) -> tuple[str, ...]:
    found = [
        each for each in subject.distributions if each.name.startswith(_PACKAGES.get(subject.name or "", ()))
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
    host, release = subject.host, subject.release
    if subject.name == "tensorflow" and host.os == "windows" and release and release >= (2, 11):
        return "TensorFlow after 2.10 has no GPU build for native Windows."
    if subject.name == "tensorflow" and host.jetson:
        return (
            "The wheels of the package index for aarch64 have no GPU code; NVIDIA builds its own for Jetson."
        )
    if subject.name == "tensorflow" and host.arch == "aarch64":
        return "TensorFlow's wheels for aarch64 have no GPU code in any release."
    for distribution in subject.distributions:
        if distribution.name == f"{subject.name}-cpu":
            return f"The package {distribution.name} never has any."
        if distribution.name in (subject.name, "pytorch") and distribution.build:
            return f"conda's build {distribution.build} is the one without it."
    return ""


RULES = (Rule("cpu-only-build", "framework", cpu_only_build),)
