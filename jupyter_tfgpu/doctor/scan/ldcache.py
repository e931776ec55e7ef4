"""The dynamic loader's cache, /etc/ld.so.cache."""

from __future__ import annotations

import struct

from ...machine import Machine

_MAGIC = b"glibc-ld.so.cache1.1"
_CACHE_LIMIT = 1 << 24
_HEADER = struct.Struct("<20s II 20x")
_ENTRY = struct.Struct("<i II I Q")
_OTHER_WORD_SIZES = (0x0000, 0x0800)
"""Flags of i386 and x32 libraries (sysdeps/generic/ldconfig.h): a 64-bit interpreter skips them."""


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
