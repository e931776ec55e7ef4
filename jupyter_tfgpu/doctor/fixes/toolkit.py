"""CUDA's libraries from NVIDIA's toolkit, or from conda, for a build that does not bring them."""

from __future__ import annotations

import ntpath
import posixpath
from collections.abc import Sequence

from ..report import Fix, Where
from ..stack.model import named
from ..subject import Subject
from ..versions import numbers
from .tool import conda_install, put_first

_WINDOWS_FOLDER = r"C:\Program Files\NVIDIA GPU Computing Toolkit\CUDA\v{}\bin"
_LINUX_FOLDER = "/usr/local/cuda-{}/lib64"
"""Where NVIDIA's installers put it (CUDA installation guides for Windows and for Linux)."""

_ARCHIVES = "developer.nvidia.com/cuda-toolkit-archive and developer.nvidia.com/cudnn-archive"


def cuda_release(subject: Subject) -> tuple[int, ...]:
    """The CUDA release that the build is for, else the one whose runtime a message asks for; empty: unknown.

    Up to CUDA 10 the runtime's file name has the minor release too.
    """
    build = subject.framework
    if build is not None and build.cuda:
        return numbers(build.cuda)[:2]
    for each in subject.messages:
        name = named(each.groups.get("library", ""))
        if name.role == "cudart" and name.version:
            return name.version[:2] if name.version < (11,) else name.version[:1]
    return ()


def by_hand(subject: Subject, *, beside: bool = False, where: Where = "terminal") -> Fix:
    """NVIDIA's installers, and the folder that they fill. ``beside``: another release is there already."""
    build, release = subject.framework, cuda_release(subject)
    cuda = f"CUDA {_dotted(release)}" if release else "the CUDA release it was built for"
    cudnn = f"cuDNN {build.cudnn}" if build and build.cudnn else "the cuDNN for it"
    windows = subject.host.os == "windows"
    there = " beside what is there" if beside else ""
    commands: tuple[str, ...] = ()
    if len(release) > 1 and windows:
        commands = (on_windows_path((_WINDOWS_FOLDER.format(_dotted(release)),)),)
    elif len(release) > 1:
        commands = (put_first("LD_LIBRARY_PATH", (_LINUX_FOLDER.format(_dotted(release)),)),)
    return Fix(
        title=(
            f"Install {cuda} and {cudnn}{there} ({_ARCHIVES}), and start Jupyter with their folder on "
            f"{'PATH' if windows else 'LD_LIBRARY_PATH'}"
        ),
        commands=commands,
        where=where,
    )


def by_conda(subject: Subject) -> Fix:
    """conda-forge has CUDA as ``cudatoolkit`` up to 11.8 and as packages of their own from 12 on."""
    release = cuda_release(subject)
    version = _dotted(release)
    specs = ("cuda-libraries", f"cuda-version={version}") if release >= (12,) else (f"cudatoolkit={version}",)
    command = conda_install(
        subject, *(specs if release else ("cudatoolkit",)), "cudnn", channel="conda-forge"
    )
    cuda = f"CUDA {version}" if release else "CUDA"
    return Fix(title=f"Let conda install {cuda} and cuDNN into this environment", commands=(command,))


def beside_pip(subject: Subject) -> tuple[Fix, ...]:
    """The same for a build that pip installed into a conda environment: it does not look into its folder."""
    facts = subject.environment
    if facts.kind != "conda" or not facts.prefix or not cuda_release(subject):
        return ()
    fix = by_conda(subject)
    if subject.host.os == "windows":
        folder = ntpath.join(facts.prefix, "Library", "bin")
        return (Fix(title=f"{fix.title} (activated, it has {folder} on PATH)", commands=fix.commands),)
    put = put_first("LD_LIBRARY_PATH", (posixpath.join(facts.prefix, "lib"),))
    title = f"{fix.title}, and start Jupyter with its folder on LD_LIBRARY_PATH"
    return (Fix(title=title, commands=(*fix.commands, put)),)


def on_windows_path(folders: Sequence[str]) -> str:
    """The user's own PATH with these folders first. Not by setx, which cuts a long PATH off."""
    joined = ";".join(folders).replace("'", "''")
    old = "[Environment]::GetEnvironmentVariable('Path', 'User')"
    return (
        f"powershell -Command \"[Environment]::SetEnvironmentVariable('Path', '{joined};' + {old}, 'User')\""
    )


def _dotted(release: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in release)
