"""ELF files built by gcc are read as readelf reads them, and broken ones are not known."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from jupyter_tfgpu.doctor.scan import elf
from tests.doctor.scan.made import shared_object

linux = pytest.mark.skipif(sys.platform != "linux", reason="gcc makes ELF files on Linux only")


@linux
def test_runpath_rpath_and_needed_are_told_apart(tmp_path: Path) -> None:
    needed = shared_object(tmp_path / "libcudart.so.12")
    path = shared_object(tmp_path / "a.so", runpath=["$ORIGIN/../x", "/opt/y"], needs=[needed])
    assert elf.dynamic(path) == elf.Dynamic(("libcudart.so.12",), (), ("$ORIGIN/../x", "/opt/y"))
    old = shared_object(tmp_path / "b.so", rpath=["/opt/z"])
    assert elf.dynamic(old) == elf.Dynamic((), ("/opt/z",), ())


@linux
def test_a_runpath_of_20_kb_is_read_whole_and_each_folder_once(tmp_path: Path) -> None:
    folders = [f"$ORIGIN/../nvidia/{name}/lib" for name in ("cublas", "cudnn", "cufft")]
    found = elf.dynamic(shared_object(tmp_path / "a.so", runpath=folders * 240))
    assert found is not None and found.runpath == tuple(folders)


@linux
def test_the_interpreter_is_of_this_word_size() -> None:
    found = elf.header(Path(os.path.realpath(sys.executable)))
    assert found is not None and found.bits == (64 if sys.maxsize > 2**32 else 32)


@linux
def test_a_file_cut_short_anywhere_is_not_known_and_never_an_error(tmp_path: Path) -> None:
    whole = shared_object(tmp_path / "a.so", runpath=["/opt/y"]).read_bytes()
    cut = tmp_path / "cut.so"
    for length in range(0, len(whole), 97):
        cut.write_bytes(whole[:length])
        found = elf.dynamic(cut)
        assert found is None or found.runpath == ("/opt/y",)


@linux
def test_a_header_that_lies_is_not_known(tmp_path: Path) -> None:
    data = bytearray(shared_object(tmp_path / "a.so", runpath=["/opt/y"]).read_bytes())
    data[32:40] = b"\xff" * 8
    path = tmp_path / "lies.so"
    path.write_bytes(data)
    assert elf.dynamic(path) is None


@pytest.mark.parametrize("content", [b"", b"\x7fELF", b"#!/bin/sh\n", b"MZ" * 100])
def test_other_files_are_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert elf.header(path) is None and elf.dynamic(path) is None


def test_what_is_no_file_is_none(tmp_path: Path) -> None:
    assert elf.dynamic(tmp_path) is None and elf.header(tmp_path / "absent") is None
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "fifo")
        assert elf.dynamic(tmp_path / "fifo") is None
