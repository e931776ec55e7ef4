"""Other releases of the packages beside a framework, by the tool that installed them."""

from __future__ import annotations

from collections.abc import Sequence

from packaging.version import Version

from ..knowledge import gpu_wheels, unfit_releases
from ..report import Fix
from ..snapshot import Distribution
from ..subject import Subject
from ..versions import numbers
from .releases import serves
from .tool import conda_install, made_by_conda, pip_install, pip_uninstall, python_tag, wheel_platform

REDISTRIBUTABLE = "https://aka.ms/vs/17/release/vc_redist.x64.exe"
"""Microsoft's Visual C++ runtime for x64, newest (learn.microsoft.com, "latest supported downloads")."""

_RESTART = "then restart the kernel"


def another_release(subject: Subject, installed: Distribution | None, *wanted: str) -> tuple[Fix, ...]:
    """Install what is wanted (``numpy<2``) in place of what is installed, by the tool that installed that."""
    by_conda = made_by_conda(installed)
    command = conda_install(subject, *wanted) if by_conda else pip_install(subject, *wanted)
    return (Fix(title=f"Install {' and '.join(wanted)}, {_RESTART}", commands=(command,)),)


def install_beside(subject: Subject, *wanted: str) -> tuple[Fix, ...]:
    """Install a package that is not there, with pip."""
    return (
        Fix(title=f"Install {' and '.join(wanted)}, {_RESTART}", commands=(pip_install(subject, *wanted),)),
    )


def newer_framework(subject: Subject) -> tuple[Fix, ...]:
    """A release that was built for NumPy 2, where it keeps the GPU: TensorFlow's from 2.18 on, not for native
    Windows; PyTorch's from 2.4.1 on."""
    if subject.name == "tensorflow":
        found = _newest_for_numpy_2(subject)
        if found is None:
            return ()
        extra = "[and-cuda]" if subject.nvidia_gpu else ""
        command = pip_install(subject, f"tensorflow{extra}=={found}")
        return (Fix(title=f"Or install TensorFlow {found}, which is built for NumPy 2", commands=(command,)),)
    if subject.name == "torch":
        return (Fix(title="Or install PyTorch 2.4.1 or newer, which is built for NumPy 2"),)
    return ()


def _newest_for_numpy_2(subject: Subject) -> str | None:
    """The newest release from 2.18 on that works as published, with code for this machine's GPUs."""
    tag, platform = python_tag(subject), wheel_platform(subject)
    fits = [
        wheel.version
        for wheel in gpu_wheels()
        if wheel.package == "tensorflow"
        and wheel.platform == platform == "linux_x86_64"
        and tag in wheel.python_tags
        and numbers(wheel.version) >= (2, 18)
        and wheel.version not in unfit_releases()
        and not Version(wheel.version).is_prerelease
        and all(serves(wheel.compute_capabilities, each) for each in subject.compute_capabilities)
    ]
    return max(fits, key=Version, default=None)


def slower_protobuf(variable: str) -> tuple[Fix, ...]:
    return (
        Fix(
            title=f"Or set {variable}=python in the kernelspec: protobuf then loads it, and is much slower",
            where="kernelspec",
        ),
    )


def only_one(
    subject: Subject, remove: Sequence[str], keep: str, conda: Sequence[str] = ()
) -> tuple[Fix, ...]:
    """Remove all that share one folder, then install the one to keep: removing only one breaks it.

    ``conda``: what conda installed, which pip cannot remove.
    """
    commands = (
        *(() if not conda else (conda_remove(subject, conda),)),
        *pip_uninstall(subject, remove),
        pip_install(subject, keep, options="--force-reinstall --no-deps"),
    )
    return (Fix(title=f"Remove both, then install only {keep}", commands=commands),)


def conda_remove(subject: Subject, names: Sequence[str]) -> str:
    """One command that takes conda's packages out, or pixi's out of its project."""
    installed = conda_install(subject, *names)
    if installed.startswith("pixi add"):
        return installed.replace("pixi add", "pixi remove", 1)
    return installed.replace("conda install", "conda remove", 1)


def install_again(subject: Subject, broken: Distribution, moved_aside: bool = False) -> tuple[Fix, ...]:
    """Remove what is left of a distribution, and install the same release anew. ``moved_aside``: a folder
    that begins with ~ is left, which no installer removes."""
    wanted = f"{broken.name}=={broken.version}" if broken.version else broken.name
    command = pip_install(subject, wanted, options="--force-reinstall --no-deps --no-cache-dir")
    return (
        Fix(
            title=f"End all programs that use {broken.name}, "
            f"{'delete the folders that begin with ~ in site-packages, ' if moved_aside else ''}"
            "then install it again",
            commands=(*pip_uninstall(subject, [broken.name]), command),
        ),
    )


def one_channel(subject: Subject, channel: str, names: Sequence[str]) -> tuple[Fix, ...]:
    """All of them from one conda channel; where that does not help, a new environment from it alone."""
    command = conda_install(subject, *names, channel=f"{channel} --override-channels")
    title = f"Install these packages from {channel} alone, {_RESTART}"
    new = f"conda create -n tf-gpu -c {channel} --override-channels python tensorflow ipykernel"
    again = Fix(title=title, commands=(command,))
    if subject.name != "tensorflow":
        return (again,)
    return (again, Fix(title="Or make a new environment from that channel alone", commands=(new,)))


def visual_cpp() -> tuple[Fix, ...]:
    return (
        Fix(
            title=f"Install Microsoft's Visual C++ runtime for x64 ({REDISTRIBUTABLE}), {_RESTART}",
            commands=("winget install --id Microsoft.VCRedist.2015+.x64",),
            where="host",
        ),
    )
