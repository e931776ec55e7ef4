"""What an ELF file says of its loading: RPATH, RUNPATH and the libraries that it is linked against; where a
section of it lies.

Read with ``struct`` from the program headers alone: pyelftools takes 50 ms for the 65 MB of
libtensorflow_framework.so.2, this 0.1 ms. Format: the System V ABI, chapters 4 and 5.
"""

from __future__ import annotations

import os
import stat
import struct
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple

_PT_LOAD, _PT_DYNAMIC = 1, 2
_DT_NEEDED, _DT_STRTAB, _DT_RPATH, _DT_RUNPATH = 1, 5, 15, 29
_TABLE_LIMIT = 1 << 20
_TEXT_LIMIT = 1 << 20
_PIECE = 1 << 12
"""Bytes of one table at most; a broken header may say anything."""

_MOST_SECTIONS = 1 << 10

Arch = Literal["x86_64", "i686", "aarch64", "arm64"]
_MACHINES: dict[int, Arch] = {0x3E: "x86_64", 0x03: "i686", 0xB7: "aarch64"}


class Dynamic(NamedTuple):
    """The loader's entries of a shared object, unresolved (``$ORIGIN`` stands in them)."""

    needed: tuple[str, ...]
    rpath: tuple[str, ...]
    runpath: tuple[str, ...]


class Header(NamedTuple):
    """Word size and processor. ``arch`` None: another one."""

    bits: Literal[32, 64]
    arch: Arch | None


def header(path: Path) -> Header | None:
    """Word size and processor of an ELF file. None: it is none, or cannot be read."""
    try:
        with opened(path) as file:
            return header_of(file.read(20))
    except OSError:
        return None


def header_of(start: bytes) -> Header | None:
    """:func:`header` from the first bytes of a file."""
    if len(start) < 20 or start[:4] != b"\x7fELF":
        return None
    order = ">" if start[5] == 2 else "<"
    return Header(64 if start[4] == 2 else 32, _MACHINES.get(struct.unpack_from(f"{order}H", start, 18)[0]))


class Piece(NamedTuple):
    """Where a section's bytes lie in the file."""

    offset: int
    size: int


def dynamic(path: Path) -> Dynamic | None:
    """The loader's entries of a 64-bit little-endian file. None: another kind, cut short, or not there."""
    try:
        with opened(path) as file:
            return _dynamic(file)
    except (OSError, struct.error, ValueError):
        return None


def section(file: BinaryIO, name: str) -> Piece | None:
    """The section of this name (``.rodata``) of a 64-bit little-endian file. None: it has none, it is another
    kind of file, or cut short. Raises OSError."""
    try:
        return _section(file, name.encode())
    except (struct.error, ValueError):
        return None


def is_cut_short(path: Path) -> bool:
    """Whether the end of a 64-bit little-endian file is missing: its section table, which linkers write last.
    So is an empty file. False of what is no such file, or cannot be read."""
    try:
        with opened(path) as file:
            start = file.read(64)
            length = os.fstat(file.fileno()).st_size
    except OSError:
        return False
    if start[:6] != b"\x7fELF\x02\x01":
        return not start
    if len(start) < 64:
        return True
    table, (size, count) = struct.unpack_from("<Q", start, 40)[0], struct.unpack_from("<HH", start, 58)
    return bool(table) and table + size * count > length


def _section(file: BinaryIO, name: bytes) -> Piece | None:
    file.seek(0)
    start = file.read(64)
    if start[:6] != b"\x7fELF\x02\x01":
        return None
    offset = struct.unpack_from("<Q", start, 40)[0]
    size, count, names_at = struct.unpack_from("<HHH", start, 58)
    if not 0 < count <= _MOST_SECTIONS or size < 64:
        return None
    table = _at(file, offset, size * count)
    entries = [struct.unpack_from("<IIQQQQ", table, number * size) for number in range(count)]
    _, _, _, _, names_offset, names_size = entries[names_at] if names_at < count else (0,) * 6
    texts = _at(file, names_offset, names_size)
    for label, _, _, _, place, length in entries:
        if texts[label : label + len(name) + 1] == name + b"\0":
            return Piece(place, length)
    return None


def opened(path: Path) -> BinaryIO:
    """The file for reading, if it is a regular one: a FIFO would block for ever. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(f"{path} is no regular file")
    return os.fdopen(descriptor, "rb")


def _dynamic(file: BinaryIO) -> Dynamic | None:
    start = file.read(64)
    if start[:6] != b"\x7fELF\x02\x01":
        return None
    offset = struct.unpack_from("<Q", start, 32)[0]
    size, count = struct.unpack_from("<HH", start, 54)
    segments = _segments(_at(file, offset, size * count), size, count)
    table = next((each for each in segments if each.kind == _PT_DYNAMIC), None)
    if table is None:
        return Dynamic((), (), ())
    entries = list(struct.iter_unpack("<QQ", _at(file, table.offset, table.size // 16 * 16)))
    values = dict(entries)
    if _DT_STRTAB not in values:
        return Dynamic((), (), ())
    strings = _file_offset(segments, values[_DT_STRTAB])

    def texts(tag: int) -> tuple[str, ...]:
        return tuple(_text(file, strings + value) for each, value in entries if each == tag)

    return Dynamic(texts(_DT_NEEDED), _folders(texts(_DT_RPATH)), _folders(texts(_DT_RUNPATH)))


class _Segment(NamedTuple):
    kind: int
    offset: int
    address: int
    size: int


def _segments(table: bytes, size: int, count: int) -> list[_Segment]:
    found = []
    for number in range(count):
        kind, _, offset, address, _, length = struct.unpack_from("<IIQQQQ", table, number * size)
        found.append(_Segment(kind, offset, address, length))
    return found


def _file_offset(segments: list[_Segment], address: int) -> int:
    for segment in segments:
        if segment.kind == _PT_LOAD and segment.address <= address < segment.address + segment.size:
            return segment.offset + address - segment.address
    raise ValueError("an address outside every segment")


def _at(file: BinaryIO, offset: int, size: int) -> bytes:
    if size > _TABLE_LIMIT:
        raise ValueError("a table of an impossible size")
    file.seek(offset)
    data = file.read(size)
    if len(data) < size:
        raise ValueError("the file is cut short")
    return data


def _text(file: BinaryIO, offset: int) -> str:
    """One string. The table as a whole has 10 MB in libtensorflow, and the RUNPATH of 2.20.0 alone 20 kB."""
    file.seek(offset)
    text = b""
    while b"\0" not in text:
        piece = file.read(_PIECE)
        if not piece or len(text) > _TEXT_LIMIT:
            raise ValueError("a string without an end")
        text += piece
    return text.partition(b"\0")[0].decode("utf-8", "replace")


def _folders(entries: tuple[str, ...]) -> tuple[str, ...]:
    """Each once: TensorFlow 2.20.0's RUNPATH names 16 folders in 700 entries."""
    return tuple(dict.fromkeys(folder for entry in entries for folder in entry.split(":") if folder))
