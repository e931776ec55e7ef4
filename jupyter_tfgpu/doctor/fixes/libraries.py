"""CUDA's libraries: how to get those that a build asks for, and how to show its loader the way to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from packaging.version import Version

from ..knowledge import GpuWheel, gpu_wheels
from ..knowledge.libraries import tensorflow_cudnn
from ..report import Fix
from ..subject import Subject
from ..versions import numbers
from . import jax, mxnet, tensorflow, torch
from .automatic import set_variables
from .releases import serves
from .tool import pip_install, put_first, python_tag, wheel_platform
from .toolkit import by_hand, on_windows_path


def cuda_libraries(subject: Subject) -> tuple[Fix, ...]:
    """How to get the CUDA libraries that the installed build asks for."""
    if subject.host.jetson:
        return _of_jetpack(subject)
    if subject.name == "tensorflow":
        return tensorflow.cuda_libraries(subject)
    if subject.name == "torch":
        return torch.gpu_build(subject)
    if subject.name == "jax":
        return jax.gpu_build(subject)
    return (by_hand(subject, beside=True, where="host"),)


def other_cuda(subject: Subject) -> tuple[Fix, ...]:
    """The CUDA release that the build asks for, or a build for the one that is there."""
    if subject.host.jetson:
        return _of_jetpack(subject)
    if subject.name == "mxnet":
        return (by_hand(subject, beside=True, where="host"), *mxnet.gpu_build(subject))
    fixes = cuda_libraries(subject)
    return (*fixes, *_for_what_is_there(subject)) if subject.name == "tensorflow" else fixes


def within_reach(subject: Subject, folders: Sequence[str]) -> tuple[Fix, ...]:
    """How the kernel's loader comes to look in these folders, too."""
    if subject.host.os == "windows":
        return (
            Fix(
                title="Put the folder on PATH, for all programs of yours, then start Jupyter again",
                commands=(on_windows_path(folders),) if folders else (),
            ),
            *_conda_activation(subject),
        )
    if not folders:
        return (Fix(title="Put the folder of these libraries on LD_LIBRARY_PATH before Jupyter starts"),)
    return (
        set_variables(
            subject,
            "cuda-not-on-path",
            "Let kernels of this environment look there: LD_LIBRARY_PATH in the kernelspec, then restart "
            "the kernel",
            {"LD_LIBRARY_PATH": with_current(subject, "LD_LIBRARY_PATH", folders)},
        ),
        Fix(
            title="Or set it where Jupyter is started, before it starts; in a cell it is too late",
            commands=(put_first("LD_LIBRARY_PATH", folders),),
        ),
        *_better_release(subject),
    )


def with_current(subject: Subject, name: str, folders: Sequence[str]) -> str:
    """The folders, then what the variable holds otherwise. An empty entry would mean the current folder, so
    there is none where the variable is known not to be set."""
    separator = ";" if subject.host.os == "windows" else ":"
    variables = subject.snapshot.variables
    rest = () if variables is not None and not variables.get(name) else (f"${{{name}}}",)
    return separator.join((*folders, *rest))


def variables_fix(subject: Subject, code: str, sets: Mapping[str, str]) -> Fix:
    """The variables that activation or the login shell would set, in the kernelspec."""
    names = " and ".join(sets)
    return set_variables(subject, code, f"Set {names} in the kernelspec, then restart the kernel", dict(sets))


def _better_release(subject: Subject) -> tuple[Fix, ...]:
    """TensorFlow finds NVIDIA's wheels by itself from 2.14 on, where the release is not broken as shipped."""
    if subject.name != "tensorflow" or (subject.release or (9, 9)) >= (2, 14):
        return ()
    if not any(each.origin == "wheel" for each in subject.libraries):
        return ()
    return (Fix(title="Or take TensorFlow 2.14.1 or newer, which searches NVIDIA's wheels by itself"),)


def _conda_activation(subject: Subject) -> tuple[Fix, ...]:
    other = next((each for each in subject.libraries if each.origin == "conda" and not each.reachable), None)
    if other is None:
        return ()
    return (
        Fix(
            title=(
                "Or run the notebook in the conda environment that holds these libraries, with a kernel of "
                "its own"
            )
        ),
    )


def _of_jetpack(subject: Subject) -> tuple[Fix, ...]:
    return (
        Fix(
            title=(
                f"Install NVIDIA's build of {subject.proper_name} for the JetPack of this board (L4T "
                f"{subject.host.jetson}): each is made for the CUDA and cuDNN of one JetPack release"
            )
        ),
    )


def _for_what_is_there(subject: Subject) -> tuple[Fix, ...]:
    """The newest TensorFlow that was built for the CUDA release on this machine."""
    there = {
        numbers(copy.version)[:2]
        for need in subject.stack.in_state("other-version", cudnn=False)
        for copy in subject.stack.others(need)
        if copy.reachable and copy.version
    }
    tag, platform = python_tag(subject), wheel_platform(subject)

    def fits(wheel: GpuWheel) -> bool:
        return (
            wheel.package == "tensorflow"
            and wheel.platform == platform
            and (tag is None or tag in wheel.python_tags)
            and not Version(wheel.version).is_prerelease
            and all(serves(wheel.compute_capabilities, each) for each in subject.compute_capabilities)
        )

    best = max(
        (wheel for wheel in gpu_wheels() if numbers(wheel.cuda)[:2] in there and fits(wheel)),
        key=lambda wheel: Version(wheel.version),
        default=None,
    )
    if best is None:
        return ()
    compiled = tensorflow_cudnn(numbers(best.version)[:2])
    cudnn = ".".join(str(part) for part in compiled.version) if compiled else best.cudnn
    # Upper limits that the metadata of these releases lack: they were built for NumPy 1 and protobuf 3.
    limits = ("numpy<2", "protobuf<3.21") if numbers(best.version) < (2, 12) else ()
    return (
        Fix(
            title=(
                f"Or take the TensorFlow that is built for the CUDA {best.cuda} on this machine (with cuDNN "
                f"{cudnn} or a newer minor release of it)"
            ),
            commands=(pip_install(subject, f"tensorflow=={best.version}", *limits),),
        ),
    )
