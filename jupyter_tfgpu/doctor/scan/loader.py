"""glibc's dynamic loader, emulated: which file a library's name stands for, in a given process.

For an object without RUNPATH: its RPATH, that of whoever loaded it, and so on, and the program's; then
LD_LIBRARY_PATH; the object's RUNPATH; the cache; the default folders (ld.so(8); ``_dl_map_object`` in
glibc's elf/dl-load.c). A file for another processor is passed over; one that is no shared object ends the
search, and nothing is loaded.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from ...environments.files import names
from ...machine import Machine
from . import elf
from .elf import Dynamic
from .ldcache import cached

DEFAULT_FOLDERS = {
    arch: (
        f"/lib/{arch}-linux-gnu",
        f"/usr/lib/{arch}-linux-gnu",
        "/lib64",
        "/usr/lib64",
        "/lib",
        "/usr/lib",
    )
    for arch in ("x86_64", "aarch64")
}
"""Debian's loader has the multiarch folders built in, others lib64."""


class Folders(NamedTuple):
    """What an object's loader entries and the kernel's variables name, resolved, in the loader's order."""

    rpath: tuple[Path, ...]
    library_path: tuple[Path, ...]
    runpath: tuple[Path, ...]


def named_folders(
    machine: Machine, entries: Dynamic | None, origin: Path, variables: Mapping[str, str]
) -> Folders:
    """``origin``: the folder of the object, for ``$ORIGIN``. A RUNPATH takes the RPATH out of force."""
    runpath = entries.runpath if entries else ()
    rpath = () if runpath or entries is None else entries.rpath
    stated = variables.get("LD_LIBRARY_PATH", "").replace(";", ":").split(":")
    return Folders(
        rpath=tuple(_resolved(machine, folder, origin) for folder in rpath),
        library_path=tuple(machine.path(folder) for folder in stated if folder.startswith("/")),
        runpath=tuple(_resolved(machine, folder, origin) for folder in runpath),
    )


def _resolved(machine: Machine, folder: str, origin: Path) -> Path:
    for mark in ("$ORIGIN", "${ORIGIN}"):
        if folder.startswith(mark):
            return Path(os.path.normpath(f"{origin}/{folder[len(mark) :]}"))
    return machine.path(folder)


def default_folders(machine: Machine, arch: str | None) -> tuple[Path, ...]:
    """The folders that the loader searches last, those that exist, each once (``/lib`` is often a link)."""
    seen: dict[str, Path] = {}
    for folder in DEFAULT_FOLDERS.get(arch or "", ("/lib64", "/usr/lib64", "/lib", "/usr/lib")):
        path = machine.path(folder)
        seen.setdefault(os.path.realpath(path), path)
    return tuple(seen.values())


class Asker(NamedTuple):
    """An object that asks for libraries. ``by``: the object that had it loaded; None: Python itself."""

    folder: Path
    entries: Dynamic
    by: Asker | None = None


def _chain(asker: Asker | None) -> Iterator[Asker]:
    """The object, that which had it loaded, and so on."""
    while asker is not None:
        yield asker
        asker = asker.by


class Hit(NamedTuple):
    """The file that a name leads to. ``loadable`` False: it is no shared object, so loading fails there."""

    path: Path
    loadable: bool


class Place(NamedTuple):
    """A folder that is searched. ``by_variable``: LD_LIBRARY_PATH names it."""

    folder: Path
    by_variable: bool = False


class Loader:
    """The loader of one process: of this interpreter, started with these variables."""

    def __init__(
        self, machine: Machine, variables: Mapping[str, str], arch: str | None, program: Path | None
    ) -> None:
        """``program``: the interpreter, a link or not; None: not known."""
        self._machine = machine
        self._variables = variables
        self._arch = arch
        real = Path(os.path.realpath(program)) if program else None
        entries = elf.dynamic(real) if real else None
        self._program = Asker(real.parent, entries) if real and entries else None
        self._listed: dict[Path, frozenset[str]] = {}
        self._fits: dict[Path, bool | None] = {}
        self._places: dict[Asker, tuple[Place, ...]] = {}
        self.cache = {name: machine.path(path) for name, path in cached(machine).items()}
        self.last = default_folders(machine, arch)

    def before_cache(self, asker: Asker) -> tuple[Place, ...]:
        """The folders that are searched before the cache, in order."""
        if asker not in self._places:
            self._places[asker] = tuple(self._before_cache(asker))
        return self._places[asker]

    def _before_cache(self, asker: Asker) -> Iterator[Place]:
        own = named_folders(self._machine, asker.entries, asker.folder, self._variables)
        if not asker.entries.runpath:
            for each in (*_chain(asker), *([self._program] if self._program else [])):
                rpath = named_folders(self._machine, each.entries, each.folder, {}).rpath
                yield from (Place(folder) for folder in rpath)
        yield from (Place(folder, by_variable=True) for folder in own.library_path)
        yield from (Place(folder) for folder in own.runpath)

    def find(self, name: str, asker: Asker) -> Hit | None:
        """The file that is loaded when the asker wants this name. None: no folder has it."""
        for path in self._candidates(name, asker):
            fits = self.fits(path)
            if fits is not False:
                return Hit(path, fits is True)
        return None

    def _candidates(self, name: str, asker: Asker) -> Iterator[Path]:
        for place in self.before_cache(asker):
            if name in self.names(place.folder):
                yield place.folder / name
        if name in self.cache:
            yield self.cache[name]
        for folder in self.last:
            if name in self.names(folder):
                yield folder / name

    def names(self, folder: Path) -> frozenset[str]:
        """What lies in a folder; looked at once."""
        if folder not in self._listed:
            self._listed[folder] = frozenset(names(folder))
        return self._listed[folder]

    def fits(self, path: Path) -> bool | None:
        """Whether the loader takes this file. False: it passes over it; None: it gives up there."""
        if path not in self._fits:
            self._fits[path] = self._looked_at(path)
        return self._fits[path]

    def _looked_at(self, path: Path) -> bool | None:
        if not os.access(path, os.R_OK):  # not there (a link to nothing), or not for this user
            return False
        header = elf.header(path)
        if header is None:
            return None
        if header.bits != 64 or (self._arch and header.arch and header.arch != self._arch):
            return False
        return True if elf.dynamic(path) is not None else None

    def asker(self, path: Path, by: Asker | None = None) -> Asker | None:
        """The object at this path, ready to ask. None: it cannot be read."""
        entries = elf.dynamic(path)
        return Asker(path.parent, entries, by) if entries else None
