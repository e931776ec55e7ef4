"""The CUDA libraries on a Windows machine: those that a program finds, in Windows' order, and others on disk.

TensorFlow opens its DLLs by name from native code, so the plain order holds: the program's own folder, the
system's, Windows', then PATH (learn.microsoft.com, "Dynamic-link library search order"). What PyTorch brings
lies in ``torch/lib``, which it adds itself.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PureWindowsPath
from typing import NamedTuple

from ...environments import FrameworkBuild
from ...environments.files import names
from ...environments.layout import pyvenv_settings
from ...machine import Machine
from ..snapshot import Distribution, Library
from .family import is_listed
from .origins import Origins

_TOOLKITS = "C:\\Program Files\\NVIDIA GPU Computing Toolkit\\CUDA"
_CUDNN = "C:\\Program Files\\NVIDIA\\CUDNN"
_OTHERS = ("C:\\tools\\cuda\\bin", "C:\\cuda\\bin")
"""Where the guides for cuDNN put it."""


class _Place(NamedTuple):
    folder: Path
    reachable: bool


def windows_libraries(
    machine: Machine,
    prefix: Path,
    sites: Sequence[Path],
    build: FrameworkBuild | None,
    variables: Mapping[str, str],
    distributions: Sequence[Distribution],
    interpreter: Path | None,
) -> tuple[Library, ...]:
    """All of them, first those within reach. Variables are found under any case of their names."""
    programs = [interpreter.parent] if interpreter else []
    home = (pyvenv_settings(prefix) or {}).get("home", "")
    if PureWindowsPath(home).is_absolute():  # a venv's python.exe starts that of the Python it is made from
        programs.append(folder_of(machine, home))
    known = {name.upper(): value for name, value in variables.items()}
    origins = Origins(prefix, sites, distributions)
    listed: dict[tuple[str, str], Library] = {}
    for place in (*_searched(machine, build, known, programs), *_elsewhere(machine, prefix, sites, known)):
        for name in sorted(name for name in names(place.folder) if is_listed(name, windows=True)):
            path = place.folder / name
            real = os.path.realpath(path)
            if (name.lower(), real) in listed:
                continue
            origin, version, major = origins.describe(path, real, by_variable=False)
            listed[name.lower(), real] = Library(
                file=name,
                version=version,
                path=str(path),
                origin=origin,
                reachable=place.reachable,
                cuda_major=major if "cudnn" in name.lower() else None,
            )
    return tuple(listed.values())


def _searched(
    machine: Machine,
    build: FrameworkBuild | None,
    variables: Mapping[str, str],
    programs: Sequence[Path],
) -> Iterator[_Place]:
    if build is not None and build.name == "torch":
        yield _Place(build.folder / "lib", True)
    yield from (_Place(folder, True) for folder in programs)
    root = variables.get("SYSTEMROOT") or "C:\\Windows"
    yield from (_Place(folder_of(machine, folder), True) for folder in (f"{root}\\System32", root))
    for folder in variables.get("PATH", "").split(";"):
        if PureWindowsPath(folder.strip().strip('"')).is_absolute():
            yield _Place(folder_of(machine, folder.strip().strip('"')), True)


def _elsewhere(
    machine: Machine, prefix: Path, sites: Sequence[Path], variables: Mapping[str, str]
) -> Iterator[_Place]:
    folders = [prefix / "Library" / "bin", *(site / "torch" / "lib" for site in sites)]
    folders += [
        site / "nvidia" / package / "bin" for site in sites for package in sorted(names(site / "nvidia"))
    ]
    for parent in (_TOOLKITS, _CUDNN):
        at = folder_of(machine, parent)
        folders += [at / name / "bin" for name in sorted(names(at), reverse=True)]
    if PureWindowsPath(variables.get("CUDA_PATH", "")).is_absolute():
        folders.append(folder_of(machine, variables["CUDA_PATH"]) / "bin")
    folders += [folder_of(machine, folder) for folder in _OTHERS]
    yield from (_Place(folder, False) for folder in folders)


def folder_of(machine: Machine, path: str) -> Path:
    r"""Where a path of the machine lies on this disk: ``C:\x`` itself, or ``<root>/C/x`` in a tree."""
    if machine.real:
        return Path(path)
    stated = PureWindowsPath(path)
    return machine.root.joinpath(stated.drive.rstrip(":").upper(), *stated.parts[1:])
