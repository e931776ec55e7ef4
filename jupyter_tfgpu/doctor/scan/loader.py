"""Where glibc's loader looks, in its order: RPATH (without RUNPATH), LD_LIBRARY_PATH, RUNPATH, the cache,
the default folders (ld.so(8))."""

from __future__ import annotations

import os
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from ...machine import Machine
from .elf import Dynamic

_MAGIC = b"glibc-ld.so.cache1.1"
_CACHE_LIMIT = 1 << 24
_HEADER = struct.Struct("<20s II 20x")
_ENTRY = struct.Struct("<i II I Q")
_OTHER_WORD_SIZES = (0x0000, 0x0800)
"""Flags of i386 and x32 libraries (sysdeps/generic/ldconfig.h): a 64-bit interpreter skips them."""

DEFAULT_FOLDERS = {
    "x86_64": (
        "/lib/x86_64-linux-gnu",
        "/usr/lib/x86_64-linux-gnu",
        "/lib64",
        "/usr/lib64",
        "/lib",
        "/usr/lib",
    ),
    "aarch64": (
        "/lib/aarch64-linux-gnu",
        "/usr/lib/aarch64-linux-gnu",
        "/lib64",
        "/usr/lib64",
        "/lib",
        "/usr/lib",
    ),
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


def cached(machine: Machine) -> dict[str, str]:
    """The loader's cache: library name to path on the machine, the first of a name. Empty: none to read.

    Format: ``struct cache_file_new`` in glibc's sysdeps/generic/dl-cache.h, alone since 2.32 and behind the
    older one before.
    """
    try:
        with machine.path("/etc/ld.so.cache").open("rb") as file:
            data = file.read(_CACHE_LIMIT)
    except OSError:
        return {}
    start = data.find(_MAGIC)
    if start < 0:
        return {}
    try:
        return _entries(data[start:])
    except (struct.error, ValueError):
        return {}


def _entries(data: bytes) -> dict[str, str]:
    _, count, _ = _HEADER.unpack_from(data)
    found: dict[str, str] = {}
    for number in range(count):
        flags, key, value, _, _ = _ENTRY.unpack_from(data, _HEADER.size + number * _ENTRY.size)
        if flags & 0xFF00 in _OTHER_WORD_SIZES:
            continue
        name = data[key : data.index(b"\0", key)].decode("utf-8", "replace")
        found.setdefault(name, data[value : data.index(b"\0", value)].decode("utf-8", "replace"))
    return found


def default_folders(machine: Machine, arch: str | None) -> tuple[Path, ...]:
    """The folders that the loader searches last, those that exist, each once (``/lib`` is often a link)."""
    seen: dict[str, Path] = {}
    for folder in DEFAULT_FOLDERS.get(arch or "", ("/lib64", "/usr/lib64", "/lib", "/usr/lib")):
        path = machine.path(folder)
        seen.setdefault(os.path.realpath(path), path)
    return tuple(seen.values())
