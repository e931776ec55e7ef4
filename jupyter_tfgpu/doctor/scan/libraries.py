"""The CUDA-family libraries on this machine: what a kernel's loader reaches, in its order, and what lies
out of its reach."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from ...environments import FrameworkBuild
from ...environments.files import names
from ...machine import Machine
from ..snapshot import Distribution, Library
from . import elf
from .loader import cached, default_folders, named_folders
from .needs import loading_object

Origin = Literal["wheel", "bundled", "conda", "system", "ld-library-path", "driver", "stub", "compat"]

_FAMILY = re.compile(
    r"lib(cuda|cudart|cublas|cublasLt|cufft|cufftw|curand|cusolver|cusolverMg|cusparse|cudnn\w*|cupti|nccl|nvrtc"
    r"|nvJitLink|nvinfer\w*|nvidia-ml|nvToolsExt|nvidia-ptxjitcompiler)(-[0-9a-f]{8})?\.so(?P<version>(\.\d+)*)"
)
_OWN_RELEASE = re.compile(r"lib(cudnn|nccl|nvinfer|cuda\.|nvidia-)")
"""Libraries with a release of their own; the others belong to a CUDA release."""
_TOOLKIT = re.compile(r"cuda-(\d+\.\d+)")
_CUDA_WHEEL = re.compile(r"nvidia-.+-cu(\d+)$")

_ON_DISK = ("/usr/lib/wsl/lib", "/opt/cuda/lib64", "/opt/cuda/targets/x86_64-linux/lib")


class _Found(NamedTuple):
    """A library's file. ``by_variable``: in a folder that LD_LIBRARY_PATH names."""

    path: Path
    reachable: bool
    by_variable: bool = False


def libraries(
    machine: Machine,
    prefix: Path,
    sites: Sequence[Path],
    build: FrameworkBuild | None,
    variables: Mapping[str, str],
    distributions: Sequence[Distribution],
    arch: str | None,
) -> tuple[Library, ...]:
    """All of them, first those that the loader of ``build`` finds, in its order. Without a build only what
    every program reaches counts as reachable. A file that several paths lead to is listed once."""
    releases = _Releases(prefix, sites, distributions)
    listed: dict[tuple[str, str], Library] = {}
    for found in (
        *_within_reach(machine, prefix, build, variables, arch),
        *_elsewhere(machine, prefix, sites),
    ):
        real = os.path.realpath(found.path)
        key = (found.path.name, real)
        if key not in listed:
            listed[key] = _library(found, real, releases)
    return tuple(listed.values())


def _within_reach(
    machine: Machine,
    prefix: Path,
    build: FrameworkBuild | None,
    variables: Mapping[str, str],
    arch: str | None,
) -> Iterator[_Found]:
    loading = loading_object(build) if build else None
    entries = elf.dynamic(loading) if loading else None
    folders = named_folders(machine, entries, (loading or prefix).parent, variables)
    for folder in folders.rpath:
        yield from _in_folder(folder, reachable=True)
    for folder in folders.library_path:
        yield from _in_folder(folder, reachable=True, by_variable=True)
    for folder in folders.runpath:
        yield from _in_folder(folder, reachable=True)
    for name, path in cached(machine).items():
        if _is_loaded_name(name) and machine.exists(path):
            yield _Found(machine.path(path), reachable=True)
    for folder in default_folders(machine, arch):
        yield from _in_folder(folder, reachable=True)


def _elsewhere(machine: Machine, prefix: Path, sites: Sequence[Path]) -> Iterator[_Found]:
    """In folders that are known for CUDA libraries; those within reach have been met before."""
    folders = [
        site / "nvidia" / package / "lib" for site in sites for package in sorted(names(site / "nvidia"))
    ]
    folders += [site / "torch" / "lib" for site in sites]
    folders.append(prefix / "lib")
    for name in machine.listdir("/usr/local") or ():
        if name.startswith("cuda"):
            folders += [machine.path(f"/usr/local/{name}/{place}") for place in ("lib64", "lib", "compat")]
    folders += [machine.path(folder) for folder in _ON_DISK]
    for folder in folders:
        yield from _in_folder(folder, reachable=False)


def _in_folder(folder: Path, *, reachable: bool, by_variable: bool = False) -> Iterator[_Found]:
    for name in sorted(name for name in names(folder) if name.startswith("lib") and _is_loaded_name(name)):
        yield _Found(folder / name, reachable, by_variable)


def _is_loaded_name(name: str) -> bool:
    """Whether a program would ask for this name: ``libcudart.so.11.0``, not ``libcudart.so.11.8.89``."""
    match = _FAMILY.fullmatch(name)
    if match is None:
        return False
    parts = match["version"].split(".")[1:]
    if not parts:
        return name == "libcuda.so" or match[2] is not None
    return len(parts) <= 2 and int(parts[0]) < 100


class _Releases:
    """Which release the libraries of wheels and conda packages are of, by what is installed."""

    def __init__(self, prefix: Path, sites: Sequence[Path], distributions: Sequence[Distribution]) -> None:
        self.sites = [str(site) + os.sep for site in sites]
        self.conda_lib = str(prefix / "lib") + os.sep
        self.wheels = {
            each.name: each.version or "" for each in distributions if each.name.startswith("nvidia-")
        }
        self.conda = {
            each.name: (each.version or "", each.build or "")
            for each in distributions
            if each.installer == "conda"
        }

    def of_wheel(self, folder: str, file: str) -> tuple[str | None, int | None]:
        """Version and CUDA major of a library in ``site-packages/nvidia/<folder>/lib``."""
        stem = f"nvidia-{folder.replace('_', '-')}-cu"
        owner = next((name for name in self.wheels if name.startswith(stem)), None)
        if folder.startswith("cu") and folder[2:].isdigit():  # CUDA 13's wheels share nvidia/cu13
            return folder[2:], int(folder[2:])
        if owner is None:
            return None, None
        major = _CUDA_WHEEL.match(owner)
        number = int(major[1]) if major else None
        if _OWN_RELEASE.match(file):
            return ".".join(self.wheels[owner].split(".")[:3]), number
        runtime = self.wheels.get(f"nvidia-cuda-runtime-cu{number}", "")
        return ".".join(runtime.split(".")[:2]) or (str(number) if number else None), number

    def of_conda(self, file: str) -> tuple[str | None, int | None]:
        """Version and CUDA major of a library in a conda environment's ``lib``."""
        if file.startswith("libcudnn"):
            version, build = self.conda.get("cudnn") or self.conda.get("libcudnn") or ("", "")
            built = re.search(r"cuda(\d+)", build)
            return ".".join(version.split(".")[:3]) or None, int(built[1]) if built else None
        for package in ("cudatoolkit", "cuda-version", "cuda-cudart"):
            if package in self.conda and not _OWN_RELEASE.match(file):
                return ".".join(self.conda[package][0].split(".")[:2]), None
        return None, None


def _library(found: _Found, real: str, releases: _Releases) -> Library:
    """``real``: the path with its links resolved, whose name tells the release."""
    text, file = str(found.path), found.path.name
    major: int | None = None
    version = _version_in_name(real) if _OWN_RELEASE.match(file) else _toolkit(real)
    origin: Origin = "ld-library-path" if found.by_variable else "system"
    site = next((site for site in releases.sites if text.startswith(site)), None)
    if site is not None:
        parts = Path(text[len(site) :]).parts
        origin = "wheel" if parts[0] == "nvidia" else "bundled"
        if origin == "wheel":
            stated, major = releases.of_wheel(parts[1], file)
            version = version or stated
    elif text.startswith(releases.conda_lib) and releases.conda:
        origin = "conda"
        stated, major = releases.of_conda(file)
        version = version or stated
    elif "/stubs/" in text:
        origin = "stub"
    elif file.startswith(("libcuda.so", "libnvidia-")):
        origin = "compat" if "/compat/" in real else "driver"
    return Library(
        file=file,
        version=version,
        path=text,
        origin=origin,
        reachable=found.reachable,
        cuda_major=major if file.startswith("libcudnn") else None,
    )


def _version_in_name(path: str) -> str | None:
    """``8.9.7`` of libcudnn.so.8.9.7, ``550.54.14`` of libcuda.so.550.54.14; the soname alone tells none."""
    version = path.rpartition(".so.")[2]
    return version if version.count(".") >= 1 and re.fullmatch(r"[\d.]+", version) else None


def _toolkit(path: str) -> str | None:
    match = _TOOLKIT.search(path)
    return match[1] if match else None
