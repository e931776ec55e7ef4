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


class _Place(NamedTuple):
    folder: Path
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
    """All of them, first those that the loader of ``build`` finds. Without a build only what every program
    reaches counts as reachable."""
    releases = _Releases(prefix, sites, distributions)
    found: dict[str, Library] = {}
    cache = _from_cache(machine)
    places = _places(machine, prefix, sites, build, variables, arch)
    reached = [place for place in places if place.reachable]
    # The cache stands between the folders that are named and the default ones.
    last = len(default_folders(machine, arch))
    for place in (*reached[: len(reached) - last], None, *reached[len(reached) - last :], *places):
        for path, by_variable, reachable in cache if place is None else _in_folder(place):
            found.setdefault(str(path), _library(path, by_variable, reachable, releases))
    return tuple(found.values())


def _places(
    machine: Machine,
    prefix: Path,
    sites: Sequence[Path],
    build: FrameworkBuild | None,
    variables: Mapping[str, str],
    arch: str | None,
) -> list[_Place]:
    loading = loading_object(build) if build else None
    folders = named_folders(
        machine, elf.dynamic(loading) if loading else None, (loading or prefix).parent, variables
    )
    places = [_Place(folder, True) for folder in folders.rpath]
    places += [_Place(folder, True, by_variable=True) for folder in folders.library_path]
    places += [_Place(folder, True) for folder in folders.runpath]
    places += [_Place(folder, True) for folder in default_folders(machine, arch)]
    return places + [_Place(folder, False) for folder in _elsewhere(machine, prefix, sites)]


def _elsewhere(machine: Machine, prefix: Path, sites: Sequence[Path]) -> Iterator[Path]:
    """Folders with CUDA libraries that a loader does not look into by itself."""
    for site in sites:
        for package in sorted(names(site / "nvidia")):
            yield site / "nvidia" / package / "lib"
        yield site / "torch" / "lib"
    yield prefix / "lib"
    for name in machine.listdir("/usr/local") or ():
        if name.startswith("cuda"):
            yield machine.path(f"/usr/local/{name}/lib64")
            yield machine.path(f"/usr/local/{name}/lib")
            yield machine.path(f"/usr/local/{name}/compat")
    yield from (machine.path(folder) for folder in _ON_DISK)


def _from_cache(machine: Machine) -> list[tuple[Path, bool, bool]]:
    named = ((name, machine.path(path)) for name, path in cached(machine).items() if _is_loaded_name(name))
    return [(path, False, True) for _, path in named if path.exists()]


def _in_folder(place: _Place) -> Iterator[tuple[Path, bool, bool]]:
    for name in sorted(names(place.folder)):
        if _is_loaded_name(name):
            yield place.folder / name, place.by_variable, place.reachable


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


def _library(path: Path, by_variable: bool, reachable: bool, releases: _Releases) -> Library:
    text, file = str(path), path.name
    real = os.path.realpath(path)
    major: int | None = None
    version = _version_in_name(os.path.basename(real)) if _OWN_RELEASE.match(file) else _toolkit(real)
    origin: Origin = "ld-library-path" if by_variable else "system"
    site = next((site for site in releases.sites if text.startswith(site)), None)
    if site is not None:
        parts = text[len(site) :].split(os.sep)
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
        reachable=reachable,
        cuda_major=major if file.startswith("libcudnn") else None,
    )


def _version_in_name(file: str) -> str | None:
    """``8.9.7`` of libcudnn.so.8.9.7, ``550.54.14`` of libcuda.so.550.54.14; the soname alone tells none."""
    version = file.partition(".so.")[2]
    return version if version.count(".") >= 1 and re.fullmatch(r"[\d.]+", version) else None


def _toolkit(path: str) -> str | None:
    match = _TOOLKIT.search(path)
    return match[1] if match else None
