"""For which processor an interpreter was built, and for which GPUs a PyTorch, from files of each kind and
from broken ones."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_tfgpu.doctor.scan import elf, executable
from jupyter_tfgpu.doctor.scan.torch_targets import torch_targets
from tests.tools import require


def pe(machine: int, magic: int) -> bytes:
    start = bytearray(0x100)
    start[:2], start[0x3C:0x40], start[0x80:0x84] = b"MZ", struct.pack("<I", 0x80), b"PE\0\0"
    start[0x84:0x86], start[0x98:0x9A] = struct.pack("<H", machine), struct.pack("<H", magic)
    return bytes(start)


def mach_o(kind: int) -> bytes:
    return b"\xcf\xfa\xed\xfe" + struct.pack("<II", kind, 3) + bytes(20)


def universal(*kinds: int) -> bytes:
    parts = b"".join(struct.pack(">IIIII", kind, 0, 4096, 1, 12) for kind in kinds)
    return b"\xca\xfe\xba\xbe" + struct.pack(">I", len(kinds)) + parts


X86, ARM = 0x01000007, 0x0100000C


@pytest.mark.parametrize(
    ("content", "bits", "arch"),
    [
        (pe(0x8664, 0x20B), 64, "x86_64"),
        (pe(0x014C, 0x10B), 32, "i686"),
        (pe(0xAA64, 0x20B), 64, "arm64"),
        (mach_o(X86), 64, "x86_64"),
        (mach_o(ARM), 64, "arm64"),
        (universal(X86, ARM), 64, None),
        (universal(ARM), 64, "arm64"),
        (b"\x7fELF\2\1" + bytes(12) + b"\xb7\0" + bytes(20), 64, "aarch64"),
        (b"\x7fELF\1\1" + bytes(12) + b"\x03\0" + bytes(20), 32, "i686"),
        (b"\x7fELF\2\2" + bytes(12) + b"\0\x15" + bytes(20), 64, None),
    ],
)
def test_a_program_says_its_processor(tmp_path: Path, content: bytes, bits: int, arch: str | None) -> None:
    path = tmp_path / "python"
    path.write_bytes(content)
    assert executable.header(path) == (bits, arch)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x7fELF",
        b"MZ",
        b"MZ" + bytes(62),
        pe(0x8664, 0x20B)[:0x84],
        b"\xcf\xfa\xed\xfe",
        b"\xca\xfe\xba\xbe\0\0\0\x34" + bytes(400),  # a Java class
        universal(X86, ARM)[:20],
        b"#!/bin/sh\n",
    ],
)
def test_what_is_none_or_cut_short_is_not_known(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "python"
    path.write_bytes(content)
    assert executable.header(path) is None


def test_a_folder_a_fifo_and_nothing_are_not_known(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for name in (".", "fifo", "absent"):
        assert executable.header(tmp_path / name) is None


def a_torch(folder: Path, text: bytes, name: str = "libtorch_python.so") -> Path:
    """A PyTorch's folder; ``text`` lies among the constants of its library."""
    (folder / "lib").mkdir(parents=True)
    path = folder / "lib" / name
    if name.endswith(".dll"):
        path.write_bytes(pe(0x8664, 0x20B) + text)
        return folder
    source = folder / "constants.s"
    escaped = text.replace(b"\0", b"\\000").decode()
    source.write_text(f'.section .rodata\n.ascii "{escaped}"\n')
    subprocess.run([require("gcc"), "-shared", "-nostdlib", "-o", path, source], check=True)
    return folder


NAMES = b"x\0sm_70\0compute_at\0sm_50 sm_60 sm_90 compute_90\0y\0"


@pytest.mark.skipif(sys.platform != "linux", reason="gcc makes ELF files on Linux only")
def test_the_targets_of_a_torch_are_the_longest_list_among_its_constants(tmp_path: Path) -> None:
    assert torch_targets(a_torch(tmp_path / "torch", NAMES)) == ("sm_50", "sm_60", "sm_90", "compute_90")


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        (NAMES, ("sm_50", "sm_60", "sm_90", "compute_90")),
        (b"\0sm_90a sm_100 sm_120a\0", ("sm_90a", "sm_100", "sm_120a")),
        (b"\0gfx900 gfx90a:xnack- gfx1100\0", ("gfx900", "gfx90a", "gfx1100")),
        (b"\0compute_at sm_90\0", None),
        (b"\0sm_50 sm_60", None),
        (b"a" * (1 << 20) + b"\0" + b"sm_80 sm_86\0", ("sm_80", "sm_86")),
        (b"a" * ((1 << 20) - 0x104) + b"\0" + b"sm_80 sm_86\0", ("sm_80", "sm_86")),
    ],
)
def test_a_dll_is_read_from_its_beginning(
    tmp_path: Path, text: bytes, targets: tuple[str, ...] | None
) -> None:
    assert torch_targets(a_torch(tmp_path / "torch", text, "torch_python.dll")) == targets


def test_of_a_library_of_2_gb_only_as_much_is_read_as_may_hold_the_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = 0
    real = os.fdopen

    class Counted:
        def __init__(self, file: object) -> None:
            self.file = file

        def __getattr__(self, name: str) -> object:
            return getattr(self.file, name)

        def __enter__(self) -> Counted:
            return self

        def __exit__(self, *_: object) -> None:
            self.file.close()  # type: ignore[attr-defined]

        def read(self, size: int = -1) -> bytes:
            nonlocal read
            data: bytes = self.file.read(size)  # type: ignore[attr-defined]
            read += len(data)
            return data

    monkeypatch.setattr(os, "fdopen", lambda *arguments: Counted(real(*arguments)))
    path = tmp_path / "lib/libtorch_python.so"
    path.parent.mkdir()
    path.touch()
    os.truncate(path, 2 << 30)
    assert torch_targets(tmp_path) is None and elf.dynamic(path) is None
    assert executable.header(path) is None
    assert read < 65 << 20


@pytest.mark.skipif(sys.platform != "linux", reason="gcc makes ELF files on Linux only")
def test_a_library_cut_short_anywhere_has_no_targets_or_the_right_ones(tmp_path: Path) -> None:
    folder = a_torch(tmp_path / "torch", NAMES)
    path = folder / "lib/libtorch_python.so"
    whole = path.read_bytes()
    for length in range(0, len(whole), 211):
        path.write_bytes(whole[:length])
        assert torch_targets(folder) in (None, ("sm_50", "sm_60", "sm_90", "compute_90"))


def test_without_the_library_nothing_is_known(tmp_path: Path) -> None:
    assert torch_targets(tmp_path) is None
    (tmp_path / "lib/libtorch_python.so").mkdir(parents=True)
    assert torch_targets(tmp_path) is None
