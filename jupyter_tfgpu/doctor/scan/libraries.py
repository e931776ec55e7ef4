"""The CUDA-family libraries on this machine: what a kernel's loader reaches, in its order, and what lies
out of its reach."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from ...environments import FrameworkBuild
from ...environments.files import names, read_text
from ...machine import Machine
from ..snapshot import Distribution, Library
from .elf import Dynamic
from .family import is_family, is_listed
from .loader import Asker, Hit, Loader
from .needs import loading_objects, needed_files
from .origins import Origins
from .windows import windows_libraries

_TOOLKITS = ("lib64", "lib", "targets/x86_64-linux/lib", "targets/sbsa-linux/lib", "compat", "lib64/stubs")
_ON_DISK = (
    "/usr/lib/wsl/lib",
    "/opt/cuda/lib64",
    "/opt/cuda/targets/x86_64-linux/lib",
    "/usr/local/nvidia/lib64",
    "/usr/local/nvidia/lib",
    "/run/opengl-driver/lib",
    "/usr/lib/x86_64-linux-gnu/nvidia/current",
)
"""Folders of drivers and toolkits: WSL2, Arch, containers of older runtimes, NixOS, Debian."""


class Listing(NamedTuple):
    """``unmet``: names that the libraries in use ask for in their turn, and that the loader does not find."""

    libraries: tuple[Library, ...]
    unmet: tuple[str, ...]


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
    interpreter: Path | None,
) -> Listing | None:
    """All of them, first those that the loader of ``build`` finds, in its order. Without a build only what
    every program reaches counts as reachable. A file that several paths lead to is listed once.

    ``interpreter``: whose own loader entries, and on Windows whose folder, count too. None: a system without
    CUDA (macOS).
    """
    if machine.platform == "win32":
        return Listing(
            windows_libraries(machine, prefix, sites, build, variables, distributions, interpreter), ()
        )
    if machine.platform != "linux":
        return None
    loader = Loader(machine, variables, arch, interpreter)
    objects = loading_objects(build) if build else ()
    askers = [asker for asker in map(loader.asker, objects) if asker]
    askers = askers or [Asker(prefix, Dynamic((), (), ()))]
    wheels = [
        site / "nvidia" / package / "lib" for site in sites for package in sorted(names(site / "nvidia"))
    ]
    preloaded, fallback = _preloaded(build, variables, wheels)
    loads = _Loads(loader, preloaded, fallback)
    for name in (needed_files(machine, build) or ()) if build else ():
        loads.load(name, askers)
    origins = Origins(prefix, sites, distributions)
    listed: dict[tuple[str, str], Library] = {}
    for found in (
        *_within_reach(loader, askers, preloaded, fallback, loads),
        *_elsewhere(machine, prefix, sites, wheels, variables),
    ):
        real = os.path.realpath(found.path)
        key = (found.path.name, real)
        if key not in listed:
            listed[key] = _library(found, real, origins, loads)
    return Listing(tuple(listed.values()), loads.unmet)


class _Loads:
    """The libraries that the build has loaded, and those that these have loaded in their turn."""

    def __init__(self, loader: Loader, preloaded: Sequence[Path], fallback: Sequence[Path]) -> None:
        self._loader = loader
        self._fallback = fallback
        self.hits: dict[str, Hit | None] = {}
        self._unmet: dict[str, None] = {}
        for folder in preloaded:
            for name in sorted(loader.names(folder)):
                if is_listed(name) and loader.fits(folder / name):
                    self.hits.setdefault(name, Hit(folder / name, True))

    @property
    def unmet(self) -> tuple[str, ...]:
        return tuple(self._unmet)

    def load(self, name: str, askers: Sequence[Asker]) -> None:
        """Finds this name for the first of the askers that has it, then all that it needs."""
        if name not in self.hits:
            found = ((self._loader.find(name, asker), asker) for asker in askers)
            hit, asker = next(
                ((hit, asker) for hit, asker in found if hit), (self._in_fallback(name), askers[0])
            )
            self.hits[name] = hit
            self._follow(hit, asker)

    def _in_fallback(self, name: str) -> Hit | None:
        folder = next((each for each in self._fallback if name in self._loader.names(each)), None)
        return Hit(folder / name, self._loader.fits(folder / name) is True) if folder else None

    def _follow(self, hit: Hit | None, by: Asker) -> None:
        asker = self._loader.asker(hit.path, by) if hit and hit.loadable else None
        for name in asker.entries.needed if asker else ():
            if asker and is_family(name) and name not in self.hits:
                self.load(name, (asker,))
                found = self.hits[name]
                if found is None or not found.loadable:
                    self._unmet[name] = None

    def refuses(self, name: str) -> bool:
        """Whether the loader gives up on this name at a file that is no library."""
        hit = self.hits.get(name)
        return hit is not None and not hit.loadable


def _preloaded(
    build: FrameworkBuild | None, variables: Mapping[str, str], wheels: Sequence[Path]
) -> tuple[Sequence[Path], Sequence[Path]]:
    """Folders whose libraries are loaded by path before anybody asks for them, and those that are tried when
    nothing else has a library.

    JAX's plugin loads the wheels' libraries first (``_load_nvidia_libraries`` in its ``__init__.py``, in
    the releases that have it); PyTorch loads them where it cannot be loaded itself (``_preload_cuda_deps``).
    """
    if build is not None and build.name == "jax":
        plugins = build.folder.parent / "jax_plugins"
        for name in sorted(names(plugins)):
            if "_load_nvidia_libraries" in (read_text(plugins / name / "__init__.py") or ""):
                return wheels, ()
    if build is not None and build.name == "torch":
        return (), wheels
    return (), ()


def _within_reach(
    loader: Loader,
    askers: Sequence[Asker],
    preloaded: Sequence[Path],
    fallback: Sequence[Path],
    loads: _Loads,
) -> Iterator[_Found]:
    for folder in preloaded:
        yield from _in_folder(folder, loader)
    for asker in askers:
        for place in loader.before_cache(asker):
            yield from _in_folder(place.folder, loader, by_variable=place.by_variable)
    for name, path in loader.cache.items():
        if is_listed(name) and loader.fits(path) is not False:
            yield _Found(path, reachable=True)
    for folder in (*loader.last, *fallback):
        yield from _in_folder(folder, loader)
    for hit in loads.hits.values():
        if hit is not None:
            yield _Found(hit.path, reachable=True)


def _in_folder(folder: Path, loader: Loader, *, by_variable: bool = False) -> Iterator[_Found]:
    """What the loader takes there; a file for another processor it passes over."""
    for name in sorted(name for name in loader.names(folder) if is_listed(name)):
        if loader.fits(folder / name) is not False:
            yield _Found(folder / name, True, by_variable)


def _elsewhere(
    machine: Machine,
    prefix: Path,
    sites: Sequence[Path],
    wheels: Sequence[Path],
    variables: Mapping[str, str],
) -> Iterator[_Found]:
    """In folders that are known for CUDA libraries; those within reach have been met before."""
    folders = [*wheels, *(site / "torch" / "lib" for site in sites), prefix / "lib"]
    for name in machine.listdir("/usr/local") or ():
        if name.startswith("cuda"):
            folders += [machine.path(f"/usr/local/{name}/{place}") for place in _TOOLKITS]
    for variable in ("CUDA_HOME", "CUDA_PATH", "CUDA_ROOT", "CONDA_PREFIX"):
        stated = variables.get(variable, "")
        if stated.startswith("/"):
            folders += [machine.path(f"{stated}/{place}") for place in ("lib64", "lib")]
    folders += [machine.path(folder) for folder in _ON_DISK]
    for folder in folders:
        for name in sorted(name for name in names(folder) if is_listed(name)):
            yield _Found(folder / name, reachable=False)


def _library(found: _Found, real: str, origins: Origins, loads: _Loads) -> Library:
    file = found.path.name
    origin, version, major = origins.describe(found.path, real, by_variable=found.by_variable)
    return Library(
        file=file,
        version=version,
        path=str(found.path),
        origin=origin,
        reachable=found.reachable and not loads.refuses(file),
        cuda_major=major if file.startswith("libcudnn") else None,
    )
