"""TensorFlow: a GPU build of it, and its CUDA libraries."""

from __future__ import annotations

from ..knowledge import GpuWheel, gpu_wheels
from ..report import Fix
from ..snapshot import Distribution
from ..subject import Subject
from ..versions import numbers
from ..wanted import PACKAGES
from . import toolkit
from .plugins import metal_stack
from .releases import tensorflow_conda_build, tensorflow_wheel
from .requirement import Requirement, in_wsl
from .tool import conda_install, made_by_conda, pip_install, pip_uninstall, python_tag, quoted, wheel_platform

OWNERS = PACKAGES["tensorflow"]
"""Distributions that put their files into the one folder ``tensorflow``: with two of them in an
environment the last one installed wins, and removing either breaks the other."""

_KEEP_IN_IMAGE = Fix(
    title="Put these commands into the image too: what is installed in a container goes with it"
)


def gpu_build(subject: Subject) -> tuple[Fix, ...]:
    """From a CPU build to one with GPU code, by the tool that installed it."""
    host = subject.host
    if host.os == "windows":
        return _on_windows(subject)
    if host.os == "macos" and host.arch == "arm64":
        return metal_stack(subject)
    if host.os == "macos":
        return (Fix(title="Train on a Linux machine with this GPU: no TensorFlow for macOS has CUDA code"),)
    if wheel_platform(subject) != "linux_x86_64":
        title = (
            "Train in NVIDIA's TensorFlow container (NGC): no wheel or conda package for this processor has "
        )
        return (Fix(title=f"{title}GPU code"),)
    fixes = _conda(subject) if made_by_conda(_owner(subject)) else _pip(subject)
    return (*fixes, _KEEP_IN_IMAGE) if host.container else fixes


def gpu_requirement(subject: Subject) -> Requirement | None:
    """The GPU wheel for this Python and platform, with what its metadata fails to limit."""
    wheel = tensorflow_wheel(subject)
    if wheel is None:
        return None
    extra = "[and-cuda]" if wheel.and_cuda else ""
    words = (f"{wheel.package}{extra}=={wheel.version}", *companions(wheel.version))
    return Requirement(_release(subject, wheel), words)


def cpu_wheel(subject: Subject) -> tuple[Fix, ...]:
    """TensorFlow for a machine without a GPU, if it has a wheel for this Python."""
    if subject.environment.bits == 32 or (python_tag(subject) and not _python_has_wheels(subject)):
        return _no_wheel(subject)
    command = pip_install(subject, "tensorflow")
    return (Fix(title="Install TensorFlow into this environment", commands=(command,)),)


def cuda_libraries(subject: Subject) -> tuple[Fix, ...]:
    """The libraries that the installed GPU build asks for, from where this build looks for them."""
    build = subject.framework
    if build is None:
        return ()
    if made_by_conda(_owner(subject)):
        return (toolkit.by_conda(subject),)
    apart = (*toolkit.beside_pip(subject), toolkit.by_hand(subject))
    wheel = tensorflow_wheel(subject) if wheel_platform(subject) == "linux_x86_64" else None
    if wheel is None or not wheel.and_cuda:
        return apart
    command = pip_install(subject, f"tensorflow[and-cuda]=={wheel.version}", *companions(wheel.version))
    bundled = Fix(title=f"Install {_release(subject, wheel)}", commands=(command,))
    return (bundled,) if wheel.version == build.version else (bundled, *apart)


def _owner(subject: Subject) -> Distribution | None:
    return next((found for name in OWNERS if (found := subject.distribution(name))), None)


def _uninstall(subject: Subject) -> tuple[str, ...]:
    """All that share the folder ``tensorflow`` have to go first."""
    installed = ((name, subject.distribution(name)) for name in OWNERS)
    return pip_uninstall(subject, [name for name, found in installed if found and not made_by_conda(found)])


def _pip(subject: Subject) -> tuple[Fix, ...]:
    wheel = tensorflow_wheel(subject)
    if wheel is None:
        return _no_wheel(subject)
    extra = "[and-cuda]" if wheel.and_cuda else ""
    requirement = f"{wheel.package}{extra}=={wheel.version}"
    commands = (*_uninstall(subject), pip_install(subject, requirement, *companions(wheel.version)))
    fix = Fix(title=f"Install a build with GPU code: {_release(subject, wheel)}", commands=commands)
    if wheel.and_cuda:
        return (fix,)
    title = f"Install CUDA {wheel.cuda} and cuDNN {wheel.cudnn} beside it, on LD_LIBRARY_PATH: wheels before "
    return (fix, Fix(title=f"{title}2.14 do not bring them"))


def companions(release: str) -> tuple[str, ...]:
    """Upper limits that the release's own metadata lack: NumPy 2 breaks the import of what was built for
    NumPy 1 (no limit up to 2.11 and in 2.14.0), protobuf 4 that of releases before 2.9.1 (METADATA of
    the wheels)."""
    version = numbers(release)
    limits = ("numpy<2",) if version < (2, 12) or version[:3] == (2, 14, 0) else ()
    return (*limits, "protobuf<3.21") if version < (2, 9, 1) else limits


def _release(subject: Subject, wheel: GpuWheel) -> str:
    """The release in words, and why where it is not the one that is installed."""
    installed = subject.framework.version if subject.framework else None
    libraries = " with its CUDA libraries" if wheel.and_cuda else ""
    name = f"TensorFlow {wheel.version}{libraries}"
    if installed is None or installed == wheel.version:
        return name
    return f"{name} (in place of {installed}: the newest GPU release that works as shipped with this Python)"


def _python_has_wheels(subject: Subject) -> bool:
    tag = python_tag(subject)
    return any(tag in wheel.python_tags for wheel in gpu_wheels() if "rc" not in wheel.version)


def _no_wheel(subject: Subject) -> tuple[Fix, ...]:
    """No GPU wheel for this Python, or none with code for this GPU."""
    python = subject.environment.python or "of unknown version"
    others: tuple[Fix, ...] = ()
    if subject.environment.bits == 32:
        title = "Make a new environment with a 64-bit Python: TensorFlow has no wheel for a 32-bit one"
    elif _python_has_wheels(subject):
        capabilities = ", ".join(subject.compute_capabilities)
        major = "TensorFlow 1" if subject.release and subject.release < (2, 0) else "TensorFlow"
        title = (
            f"Use NVIDIA's TensorFlow container (NGC): no wheel of {major} for Python {python} has code for "
            f"this GPU (compute capability {capabilities})"
        )
        others = _new_conda(subject)
    else:
        title = f"Make a new environment with Python 3.12: TensorFlow has no wheel for Python {python}"
    return (Fix(title=title), *others)


def _new_conda(subject: Subject) -> tuple[Fix, ...]:
    """A new conda environment with conda-forge's build, where that has code for these GPUs."""
    build = tensorflow_conda_build(subject, any_python=True)
    if build is None or (subject.release and subject.release < (2, 0)):
        return ()
    spec = quoted(subject, f"tensorflow={build.version}=cuda{build.cuda.replace('.', '')}*")
    return (
        Fix(
            title=f"Or use conda-forge's TensorFlow {build.version} for CUDA {build.cuda}, with conda",
            commands=(
                f"conda create -n tensorflow-cuda -c conda-forge {spec} ipykernel",
                "jupyter tfgpu specs add tensorflow-cuda",
            ),
        ),
    )


def _conda(subject: Subject) -> tuple[Fix, ...]:
    build = tensorflow_conda_build(subject)
    owner = _owner(subject)
    if build is None or (owner is not None and owner.channel == "defaults"):
        command = conda_install(subject, "tensorflow=*=gpu_*", channel="defaults")
        return (Fix(title="Install conda's GPU build in place of this one", commands=(command,)),)
    spec = f"tensorflow={build.version}=cuda{build.cuda.replace('.', '')}*"
    installed = subject.framework.version if subject.framework else None
    change = f" in place of {installed}" if installed and installed != build.version else ""
    return (
        Fix(
            title=f"Install conda-forge's CUDA build of TensorFlow {build.version}{change}",
            commands=(conda_install(subject, spec, channel="conda-forge"),),
        ),
        Fix(
            title="Where conda sees no driver (login node, build of an image), tell it the CUDA release",
            commands=(conda_install(subject, spec, channel="conda-forge", override=build.cuda),),
        ),
    )


def _conda_remove(subject: Subject) -> tuple[str, ...]:
    """conda's own packages go before pip installs over them."""
    where = f"-p {quoted(subject, subject.environment.prefix)} " if subject.environment.prefix else ""
    return (f"conda remove {where}tensorflow tensorflow-base",)


def _in_wsl(subject: Subject) -> Fix:
    """What to install under WSL2 for this machine's GPU."""
    assumed = in_wsl(subject)
    wheel, build = tensorflow_wheel(assumed), tensorflow_conda_build(assumed, any_python=True)
    if wheel is not None and wheel.and_cuda:
        what = f"install tensorflow[and-cuda]=={wheel.version} there"
    elif build is not None:
        what = f"install conda-forge's TensorFlow {build.version} for CUDA {build.cuda} there"
    else:
        what = "start NVIDIA's TensorFlow container (NGC) there"
    return Fix(title=f"Run Jupyter in WSL2 and {what}: after 2.10 TensorFlow uses the GPU on Linux only")


def _on_windows(subject: Subject) -> tuple[Fix, ...]:
    """TensorFlow 2.10 was the last with GPU code for native Windows; WSL2 takes the Linux wheels."""
    linux = _in_wsl(subject)
    wheel = tensorflow_wheel(subject)
    if wheel is None:
        return (linux,)
    requirement = f"{wheel.package}=={wheel.version}"
    first = _conda_remove(subject) if made_by_conda(_owner(subject)) else _uninstall(subject)
    commands = (*first, pip_install(subject, requirement, *companions(wheel.version)))
    native = (
        Fix(title=f"Install {_release(subject, wheel)}", commands=commands),
        Fix(title=f"Install CUDA {wheel.cuda} and cuDNN {wheel.cudnn}, and put their bin folders on PATH"),
    )
    return (*native, linux) if (subject.release or (9, 9)) < (2, 11) else (linux, *native)
