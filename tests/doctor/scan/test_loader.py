"""The loader's order: what its cache and its entries say."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_tfgpu.doctor.scan import elf, ldcache, loader
from jupyter_tfgpu.machine import Machine
from tests.tools import require


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's cache")
def test_the_real_cache_is_read_as_ldconfig_reads_it() -> None:
    printed = subprocess.run([require("ldconfig"), "-p"], capture_output=True, text=True, check=True).stdout
    native: dict[str, str] = {}
    for name, kind, path in re.findall(r"^\t(\S+) \(([^)]*)\) => (\S+)$", printed, re.MULTILINE):
        if "64" in kind or "AArch64" in kind:
            native.setdefault(name, path)
    assert native
    assert ldcache.cached(Machine()) == native


@pytest.mark.parametrize(
    "content", [None, b"", b"glibc-ld.so.cache1.1", b"glibc-ld.so.cache1.1" + b"\xff" * 64]
)
def test_a_cache_that_is_missing_or_broken_is_empty(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "etc").mkdir()
        (tmp_path / "etc/ld.so.cache").write_bytes(content)
    assert ldcache.cached(Machine(root=tmp_path)) == {}


def test_a_runpath_takes_the_rpath_out_of_force_and_origin_is_the_objects_folder() -> None:
    entries = elf.Dynamic((), ("/old",), ("$ORIGIN/../nvidia/cudnn/lib", "${ORIGIN}", "/opt/x"))
    found = loader.named_folders(
        Machine(), entries, Path("/site/tensorflow"), {"LD_LIBRARY_PATH": "/a::b:/c"}
    )
    assert found.rpath == ()
    assert found.library_path == (Path("/a"), Path("/c"))
    assert found.runpath == (Path("/site/nvidia/cudnn/lib"), Path("/site/tensorflow"), Path("/opt/x"))


def test_without_a_runpath_the_rpath_comes_before_the_variable() -> None:
    found = loader.named_folders(Machine(), elf.Dynamic((), ("$ORIGIN",), ()), Path("/site/torch/lib"), {})
    assert found == loader.Folders((Path("/site/torch/lib"),), (), ())
