"""Where a library is from, and which release it is: by its path, its real name, and what is installed."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from ...environments.files import names, read_text
from ..snapshot import Distribution
from . import elf
from .family import OWN_RELEASE

Origin = Literal["wheel", "bundled", "conda", "system", "ld-library-path", "driver", "stub", "compat"]

_TOOLKIT = re.compile(r"[/\\](?:cuda|cudatoolkit)(?:-|[/\\]v?)(\d+\.\d+)", re.IGNORECASE)
"""``/usr/local/cuda-12.5``, Windows' ``CUDA\\v12.5``, ``cuda/12.5`` of clusters."""
_CUDA_WHEEL = re.compile(r"nvidia-.+-cu(\d+)$")
_OF_CUDA = re.compile(r"cuda(\d+)")
_RUNTIME = re.compile(r"libcudart(?:-[0-9a-f]{8})?\.so\.(\d+\.\d+)")
_RUNTIME_DLL = re.compile(r"cudart64_(8|9|10)(\d)\.dll", re.IGNORECASE)
_DRIVERS_OWN = re.compile(r"libcuda\.so|libnvidia-|nvcuda\.dll|nvml\.dll", re.IGNORECASE)
_DRIVER = re.compile(r"\d{3}\.\d+(?:\.\d+)?")
_RELEASE = re.compile(r"\d+(?:\.\d+)+")
_CUBLAS = re.compile(r"libcublas\.so\.(\d+)")
_COMPAT = re.compile(r"[/\\](cuda-)?compat[/\\]")
_DEFINE = re.compile(r"^#define\s+CUDNN_(MAJOR|MINOR|PATCHLEVEL)\s+(\d+)", re.MULTILINE)
_CUDNN_HEADERS = re.compile(r"cudnn(_version)?(_v\d+)?\.h$")
_HEADER_BYTES = 1 << 17
"""cudnn.h of cuDNN 7, which holds the version itself, has 70 kB and the version near its beginning."""
_RECORD_BYTES = 1 << 20


class Described(NamedTuple):
    """``cuda_major``: for cuDNN and the like, the CUDA major it was built for. None: not known."""

    origin: Origin
    version: str | None = None
    cuda_major: int | None = None


class Origins:
    """What is known of an environment's libraries, once for all of them."""

    def __init__(self, prefix: Path, sites: Sequence[Path], distributions: Sequence[Distribution]) -> None:
        self._sites = list(sites)
        self._prefix = prefix
        wheels: dict[str, str] = {}
        for each in distributions:
            if each.name.startswith("nvidia-"):
                wheels.setdefault(each.name, each.version or "")
        self._wheels = wheels
        self._conda = {
            each.name: (each.version or "", each.build or "")
            for each in distributions
            if each.installer == "conda"
        }

    def describe(self, path: Path, real: str, *, by_variable: bool) -> Described:
        """``real``: the path with its links resolved, whose name tells the release. ``by_variable``: it lies
        in a folder that LD_LIBRARY_PATH names."""
        text, file = str(path), path.name
        named = version_in_name(real) if OWN_RELEASE.match(file) else toolkit(real)
        for site in self._sites:
            if path.is_relative_to(site):
                return self._in_site(site, path, named)
        if "stubs" in path.parts:
            return Described("stub")
        driver = _DRIVERS_OWN.match(file)
        if driver and (_COMPAT.search(real) or _COMPAT.search(text)):
            return Described("compat", named)
        if self._conda and path.is_relative_to(self._prefix):
            stated, major = self._of_conda(file)
            return Described("conda", named or stated, major)
        if driver:
            return Described("driver", named)
        origin: Origin = "ld-library-path" if by_variable else "system"
        return Described(origin, named or self._beside(path, real), _linked_cuda(path, real))

    def _in_site(self, site: Path, path: Path, named: str | None) -> Described:
        parts = path.relative_to(site).parts
        if parts[0] != "nvidia" or len(parts) < 3:
            return Described("bundled", named or _runtime(path.name), _linked_cuda(path, str(path)))
        stated, major = self._of_wheel(site, path, parts[1])
        return Described("wheel", named or stated, major)

    def _of_wheel(self, site: Path, path: Path, folder: str) -> tuple[str | None, int | None]:
        """Of a library in ``site-packages/nvidia/<folder>/lib``. CUDA 13's wheels share ``nvidia/cu13``; two
        wheels may own one folder (nvidia-cudnn-cu12 and -cu13), and then RECORD tells whose file this is."""
        if folder.startswith("cu") and folder[2:].isdigit():
            runtime = self._wheels.get("nvidia-cuda-runtime", "")
            major = int(folder[2:])
            return minor_of(runtime) if runtime.startswith(f"{major}.") else str(major), major
        stem = f"nvidia-{folder.replace('_', '-')}-cu"
        owners = [name for name in self._wheels if _CUDA_WHEEL.match(name) and name.startswith(stem)]
        if len(owners) > 1:
            owners = [name for name in owners if self._has_in_record(site, name, path)]
        if len(owners) != 1:
            return None, None
        matched = _CUDA_WHEEL.match(owners[0])
        major = int(matched[1]) if matched else 0
        if OWN_RELEASE.match(path.name):
            return ".".join(self._wheels[owners[0]].split(".")[:3]) or None, major
        return minor_of(self._wheels.get(f"nvidia-cuda-runtime-cu{major}", "")) or str(major), major

    def _has_in_record(self, site: Path, name: str, path: Path) -> bool:
        """Whether the wheel's RECORD has this file with the size that it has on disk."""
        info = f"{name.replace('-', '_')}-{self._wheels[name]}.dist-info"
        text = read_text(site / info / "RECORD", _RECORD_BYTES) or ""
        wanted = path.relative_to(site).as_posix()
        try:
            size = str(path.stat().st_size)
            rows = list(csv.reader(text.splitlines()))
        except (OSError, csv.Error):
            return False
        return any(len(row) == 3 and row[0] == wanted and row[2] == size for row in rows)

    def _of_conda(self, file: str) -> tuple[str | None, int | None]:
        """Version and CUDA major of a library among a conda environment's own."""
        runtime = next(
            (
                self._conda[name][0]
                for name in ("cuda-version", "cudatoolkit", "cuda-cudart")
                if name in self._conda
            ),
            "",
        )
        if not OWN_RELEASE.match(file):
            return minor_of(runtime), None
        if "cudnn" not in file:
            return None, None
        version, build = self._conda.get("cudnn") or self._conda.get("libcudnn") or ("", "")
        built = _OF_CUDA.search(build)
        major = built[1] if built else runtime.partition(".")[0]
        return ".".join(version.split(".")[:3]) or None, int(major) if major.isdigit() else None

    def _beside(self, path: Path, real: str) -> str | None:
        """What lies beside a library whose own name tells nothing: cuDNN's header, the CUDA runtime."""
        folders = dict.fromkeys((path.parent, Path(real).parent))
        if "cudnn" in path.name:
            major = re.search(r"(?:\.so\.|64_)(\d+)", path.name)
            headers = (_cudnn_header(folder, major[1]) for folder in folders if major)
            return next(filter(None, headers), None)
        if OWN_RELEASE.match(path.name):
            return None
        return _runtime(Path(real).name) or next(
            filter(None, (_runtime_in(folder) for folder in folders)), None
        )


def version_in_name(path: str) -> str | None:
    """``8.9.7`` of libcudnn.so.8.9.7, ``550.54.14`` of libcuda.so.550.54.14; the soname alone tells none, nor
    does a Jetson's libcuda.so.1.1."""
    name, _, version = path.rpartition(".so.")
    if _DRIVERS_OWN.match(f"{Path(name).name}.so"):
        return version if _DRIVER.fullmatch(version) else None
    return version if _RELEASE.fullmatch(version) else None


def toolkit(path: str) -> str | None:
    """``12.5`` of a path in /usr/local/cuda-12.5, or in Windows' …/CUDA/v12.5. None: it names none."""
    match = _TOOLKIT.search(path)
    return match[1] if match else None


def minor_of(version: str) -> str | None:
    """``12.5`` of 12.5.82."""
    return ".".join(version.split(".")[:2]) or None


def _runtime(name: str) -> str | None:
    """The CUDA release of a CUDA runtime by its file's name: the real name has it, and the soname up to
    CUDA 10. ``libcudart.so.11.0`` is that of all of CUDA 11."""
    match = _RUNTIME.match(name)
    if match:
        return None if match[0] == name and match[1] in ("11.0", "12.0") else match[1]
    dll = _RUNTIME_DLL.match(name)
    return f"{dll[1]}.{dll[2]}" if dll else None


def _runtime_in(folder: Path) -> str | None:
    found = (_runtime(name) for name in names(folder) if name.startswith("libcudart"))
    return max(filter(None, found), default=None)


def _linked_cuda(path: Path, real: str) -> int | None:
    """The CUDA major that a cuDNN 8 was built for: its part with the basic operations is linked against
    cuBLAS (read from 8.5.0; cuDNN 9 opens cuBLAS at run time)."""
    if path.name != "libcudnn.so.8":
        return None
    for folder in dict.fromkeys((path.parent, Path(real).parent)):
        entries = elf.dynamic(folder / "libcudnn_ops_infer.so.8")
        for name in entries.needed if entries else ():
            match = _CUBLAS.fullmatch(name)
            if match:
                return int(match[1])
    return None


def _cudnn_header(folder: Path, major: str) -> str | None:
    """From the header of the same installation: ``include`` beside ``lib64`` or ``bin``, or the system's."""
    for include in (folder.parent / "include", folder.parent.parent / "include"):
        for name in sorted(names(include)):
            if _CUDNN_HEADERS.match(name):
                found = dict(_DEFINE.findall(read_text(include / name, _HEADER_BYTES) or ""))
                if len(found) == 3 and found["MAJOR"] == major:
                    return ".".join(found[part] for part in ("MAJOR", "MINOR", "PATCHLEVEL"))
    return None
