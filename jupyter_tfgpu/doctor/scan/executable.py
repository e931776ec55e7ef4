"""For which processor a program was built: the first bytes of an ELF, PE or Mach-O file.

Formats: System V ABI chapter 4; Microsoft's "PE Format", COFF file header; ``mach-o/loader.h`` and
``mach-o/fat.h`` of macOS.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Literal

from .elf import Arch, Header, header_of, opened

_BYTES = 1 << 12
"""What is read of a file. The PE header of python.exe begins within the first kilobyte."""

_PE: dict[int, Arch] = {0x8664: "x86_64", 0x014C: "i686", 0xAA64: "arm64"}
_MACH_O: dict[int, Arch] = {0x01000007: "x86_64", 0x00000007: "i686", 0x0100000C: "arm64"}
_MOST_PARTS = 16
"""Processors of one universal file; more, and it is a Java class, which begins with the same four bytes."""


def header(path: Path) -> Header | None:
    """What the file was built for. None: it is none of the three kinds, is cut short or cannot be read.

    The processor of a universal file of macOS is None: the system takes the part for its own.
    """
    try:
        with opened(path) as file:
            start = file.read(_BYTES)
        return header_of(start) or _pe(start) or _mach_o(start) or _universal(start)
    except (OSError, struct.error):
        return None


def _pe(start: bytes) -> Header | None:
    if start[:2] != b"MZ":
        return None
    at = struct.unpack_from("<I", start, 0x3C)[0]
    if start[at : at + 4] != b"PE\0\0":
        return None
    arch = _PE.get(struct.unpack_from("<H", start, at + 4)[0])
    magic = struct.unpack_from("<H", start, at + 24)[0]  # of the optional header: 0x20B is PE32+
    return Header(64 if magic == 0x20B else 32, arch)


def _mach_o(start: bytes) -> Header | None:
    magic = start[:4]
    if magic not in (b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe"):
        return None
    kind = struct.unpack_from("<I", start, 4)[0]
    return Header(64 if magic[0] == 0xCF else 32, _MACH_O.get(kind))


def _universal(start: bytes) -> Header | None:
    if start[:4] not in (b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbf"):
        return None
    size = 20 if start[3] == 0xBE else 32
    count = struct.unpack_from(">I", start, 4)[0]
    if not 0 < count <= _MOST_PARTS:
        return None
    kinds = [struct.unpack_from(">I", start, 8 + number * size)[0] for number in range(count)]
    bits: Literal[32, 64] = 64 if any(kind & 0x01000000 for kind in kinds) else 32
    return Header(bits, _MACH_O.get(kinds[0]) if count == 1 else None)
