"""TensorFlow: a GPU build of it, and its CUDA libraries."""

from __future__ import annotations

from ..knowledge import GpuWheel
from ..report import Fix
from ..snapshot import Distribution
from ..subject import Subject
from .releases import tensorflow_conda_build, tensorflow_wheel
from .tool import conda_install, made_by_conda, pip_install, pip_uninstall, wheel_platform

OWNERS = (
    "tensorflow",
    "tensorflow-cpu",
    "tensorflow-gpu",
    "tensorflow-intel",
    "tensorflow-cpu-aws",
    "intel-tensorflow",
    "tf-nightly",
    "tf-nightly-cpu",
)
"""Distributions that put their files into the one folder ``tensorflow``: with two of them in an
environment the last one installed wins, and removing either breaks the other."""


def gpu_build(subject: Subject) -> tuple[Fix, ...]:
    """From a CPU build to one with GPU code, by the tool that installed it."""
    host = subject.host
    if host.os == "windows":
        return _on_windows(subject)
    if host.jetson:
        return (
            Fix(
                title="Install NVIDIA's TensorFlow wheel for the JetPack of this board, or start NVIDIA's L4T TensorFlow "
                f"container; this board has L4T {host.jetson}"
            ),
        )
    if wheel_platform(subject) != "linux_x86_64":
        return (
            Fix(
                title="Train in NVIDIA's TensorFlow container (NGC): no wheel or conda package for this processor has GPU code"
            ),
        )
    if made_by_conda(_owner(subject)):
        return _conda(subject)
    return _pip(subject)


def _owner(subject: Subject) -> Distribution | None:
    return next((found for name in OWNERS if (found := subject.distribution(name))), None)


def _pip(subject: Subject) -> tuple[Fix, ...]:
    wheel = tensorflow_wheel(subject)
    if wheel is None:
        return _no_wheel(subject)
    present = [name for name in OWNERS if (found := subject.distribution(name)) and not made_by_conda(found)]
    extra = "[and-cuda]" if wheel.and_cuda else ""
    commands = (
        *pip_uninstall(subject, present),
        pip_install(subject, f"{wheel.package}{extra}=={wheel.version}"),
    )
    fixes = [Fix(title=f"Install a build with GPU code: {_release(subject, wheel)}", commands=commands)]
    if not wheel.and_cuda:
        fixes.append(_toolkit(wheel.cuda, wheel.cudnn))
    if subject.host.container:
        fixes.append(
            Fix(
                title="To keep the change, put these commands into the image: what is installed in a container goes with it"
            )
        )
    return tuple(fixes)


def _release(subject: Subject, wheel: GpuWheel) -> str:
    """The release in words, and why where it is not the one that is installed."""
    installed = subject.framework.version if subject.framework else None
    libraries = " with its CUDA libraries" if wheel.and_cuda else ""
    name = f"TensorFlow {wheel.version}{libraries}"
    if installed is None or installed == wheel.version:
        return name
    return (
        f"{name} (in place of {installed}: the newest GPU wheel that works as shipped on this Python and GPU)"
    )


def _no_wheel(subject: Subject) -> tuple[Fix, ...]:
    """No GPU wheel for this Python, or none with code for this GPU."""
    if subject.compute_capabilities:
        gpus = ", ".join(subject.compute_capabilities)
        title = (
            f"No GPU wheel of TensorFlow serves both this Python ({subject.environment.python or 'version not known'}) "
            f"and this GPU (compute capability {gpus}): use NVIDIA's TensorFlow container (NGC), or conda-forge's builds"
        )
    else:
        title = f"Make a new environment with Python 3.12: no GPU wheel of TensorFlow exists for {subject.environment.python}"
    return (Fix(title=title),)


def _toolkit(cuda: str, cudnn: str) -> Fix:
    return Fix(
        title=f"Install CUDA {cuda} and cuDNN {cudnn} beside it: wheels before 2.14 do not bring them, and find them "
        "through LD_LIBRARY_PATH"
    )


def _conda(subject: Subject) -> tuple[Fix, ...]:
    build = tensorflow_conda_build(subject)
    owner = _owner(subject)
    if build is None or (owner is not None and owner.channel == "defaults"):
        title = "Install conda's GPU build in place of this one"
        return (
            Fix(title=title, commands=(conda_install(subject, "tensorflow=*=gpu_*", channel="defaults"),)),
        )
    digits = build.cuda.replace(".", "")
    spec = f"tensorflow={build.version}=cuda{digits}*"
    change = (
        ""
        if subject.framework and subject.framework.version == build.version
        else " (another release than the installed)"
    )
    return (
        Fix(
            title=f"Install conda-forge's CUDA build of TensorFlow {build.version}{change}",
            commands=(conda_install(subject, spec, channel="conda-forge"),),
        ),
        Fix(
            title="Where conda itself runs on a machine without a driver (a login node, an image's build), tell it the CUDA release",
            commands=(conda_install(subject, spec, channel="conda-forge", override=build.cuda),),
        ),
    )


def _on_windows(subject: Subject) -> tuple[Fix, ...]:
    """TensorFlow 2.10 was the last with GPU code for native Windows; WSL2 takes the Linux wheels."""
    fixes = []
    wheel = tensorflow_wheel(subject)
    if wheel is not None:
        present = [
            name for name in OWNERS if (found := subject.distribution(name)) and not made_by_conda(found)
        ]
        commands = (
            *pip_uninstall(subject, present),
            pip_install(subject, f"{wheel.package}=={wheel.version}", "numpy<2"),
        )
        fixes = [
            Fix(title=f"Install {_release(subject, wheel)}", commands=commands),
            Fix(
                title=f"Install CUDA {wheel.cuda} and cuDNN {wheel.cudnn}, and put their bin folders on PATH"
            ),
        ]
    linux = Fix(
        title="Run Jupyter in WSL2 and install tensorflow[and-cuda]==2.20.* there: newer releases use the GPU only on Linux"
    )
    return (*fixes, linux) if wheel is not None and (subject.release or (9, 9)) < (2, 11) else (linux, *fixes)


def cuda_libraries(subject: Subject) -> tuple[Fix, ...]:
    """The libraries that the installed GPU build asks for, from where this build looks for them."""
    build = subject.framework
    if build is None:
        return ()
    cuda = f"CUDA {build.cuda}" if build.cuda else "CUDA"
    if made_by_conda(_owner(subject)):
        return (
            Fix(
                title=f"Let conda install {cuda} for this build",
                commands=(conda_install(subject, "cudatoolkit", "cudnn"),),
            ),
        )
    wheel = tensorflow_wheel(subject) if subject.host.os == "linux" else None
    if wheel is not None and wheel.and_cuda:
        command = pip_install(subject, f"tensorflow[and-cuda]=={wheel.version}")
        return (Fix(title=f"Install {_release(subject, wheel)}", commands=(command,)),)
    where = "PATH" if subject.host.os == "windows" else "LD_LIBRARY_PATH"
    cudnn = f" and cuDNN {build.cudnn}" if build.cudnn else " and its cuDNN"
    return (Fix(title=f"Install {cuda}{cudnn} and put their folders on {where}"),)
