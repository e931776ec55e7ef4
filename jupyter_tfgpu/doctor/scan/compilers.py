"""ptxas and libdevice, which XLA needs to compile for a GPU: those that it would take, and others on disk.

XLA's order (``FindCudaExecutable`` in xla/stream_executor/cuda/subprocess_compilation.cc, CandidateCudaRoots
in xla/tsl/platform/default/cuda_root_path.cc): the folder that ``--xla_gpu_cuda_data_dir`` names; for ptxas
PATH; then the roots in :func:`_roots`. Which of these a release has was read from the wheels 2.12, 2.15,
2.16, 2.20 and 2.21. No program is run: ptxas has its version as text among its constants.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from ...environments import FrameworkBuild
from ...environments.files import is_file, is_folder
from ...machine import Machine
from ..snapshot import Distribution, Libdevice, Ptxas, Tools
from ..versions import minor
from .elf import opened
from .needs import cuda_config
from .origins import toolkit

_LIBDEVICE = "nvvm/libdevice/libdevice.10.bc"
_FLAG = re.compile(r"--xla_gpu_cuda_data_dir=(\S+)")
_STATED = re.compile(rb"Cuda compilation tools, release [\d.]+, V(\d+(?:\.\d+)+)[^\d.]")
_MOST_BYTES = 1 << 27
"""Of a ptxas that are looked through; 12.5's has 30 MB, and the text at 22 MB (10 ms)."""
_PIECE = 1 << 20
_LONGEST = 1 << 8
_WHEEL = re.compile(r"nvidia-cuda-nvcc(?:-cu\d+)?$")


class _Root(NamedTuple):
    """A folder with ``bin`` and ``nvvm`` in it. ``searched`` None: not known whether it is."""

    folder: Path
    searched: bool | None = True


def tools(
    machine: Machine,
    prefix: Path,
    sites: Sequence[Path],
    build: FrameworkBuild | None,
    variables: Mapping[str, str],
    distributions: Sequence[Distribution],
) -> Tools | None:
    """What XLA finds in a kernel with these variables. None: no XLA that could use a GPU, or another system
    than Linux."""
    if build is None or not build.cuda_build or build.name not in ("tensorflow", "jax"):
        return None
    if machine.platform != "linux":
        return None
    preferred = [_Root(folder) for folder in _preferred(machine, build, variables)]
    path = [
        _Root(machine.path(folder)) for folder in variables.get("PATH", "").split(":") if folder[:1] == "/"
    ]
    roots = list(_roots(machine, prefix, build, variables))
    stray = [_Root(folder, False) for folder in _stray(machine, prefix, sites)]
    versions = {each.name: each.version for each in distributions if _WHEEL.match(each.name) and each.version}
    programs = [
        (program, searched)
        for program, searched in _existing(
            [(root.folder / "bin/ptxas", root.searched) for root in preferred]
            + [(root.folder / "ptxas", root.searched) for root in path]
            + [(root.folder / "bin/ptxas", root.searched) for root in (*roots, *stray)]
        )
        if os.access(program, os.X_OK) or searched is False
    ]
    devices = [(root.folder / _LIBDEVICE, root.searched) for root in (*preferred, *roots, *stray)]
    # conda's cudatoolkit has it in lib itself, where XLA does not look.
    devices.append((prefix / "lib/libdevice.10.bc", False))
    found = list(_existing(devices))
    return Tools(
        ptxas=_taken(*programs[0], versions) if programs else None,
        other_ptxas=tuple(_other(program, versions) for program, _ in programs[1:]) or None,
        libdevice=Libdevice(path=str(found[0][0]), reachable=found[0][1]) if found else None,
        searched=True,
    )


def _taken(program: Path, searched: bool | None, wheels: Mapping[str, str]) -> Ptxas:
    version = _of_wheel(program, wheels) or ptxas_version(program)
    return Ptxas(path=str(program), version=version, reachable=searched)


def _other(program: Path, wheels: Mapping[str, str]) -> dict[str, str | None]:
    """Of one that is not taken the folder's name will do: a cluster has many toolkits."""
    version = _of_wheel(program, wheels) or toolkit(os.path.realpath(program)) or ptxas_version(program)
    return {"path": str(program), "version": version}


def _existing(candidates: Sequence[tuple[Path, bool | None]]) -> Iterator[tuple[Path, bool | None]]:
    """The files that are there, each once, those that are found first."""
    seen = set()
    for path, searched in sorted(candidates, key=lambda each: each[1] is False):
        real = os.path.realpath(path)
        if real not in seen and is_file(path):
            seen.add(real)
            yield path, searched


def _preferred(machine: Machine, build: FrameworkBuild, variables: Mapping[str, str]) -> Iterator[Path]:
    """The folder that XLA is told to use. JAX names one itself: nvcc's wheel, else what jaxlib carries
    (``cuda_path`` in jax/_src/lib)."""
    stated = _FLAG.search(variables.get("XLA_FLAGS", ""))
    folder = stated[1].strip("'\"") if stated else ""
    if folder.startswith("/"):
        yield machine.path(folder)
    elif build.name == "jax":
        site = build.folder.parent
        places = (site / "nvidia/cuda_nvcc", site / "nvidia/cu13", site / "jaxlib/cuda")
        yield from [place for place in places if is_folder(place)][:1]


def _roots(
    machine: Machine, prefix: Path, build: FrameworkBuild, variables: Mapping[str, str]
) -> Iterator[_Root]:
    """The generic places, in order."""
    release = minor(build.version) if build.name == "tensorflow" else (9999, 0)
    release = release or (9999, 0)
    home = variables.get("CUDA_HOME", "")
    if home.startswith("/"):
        yield _Root(machine.path(home), _since(release, (2, 20), (2, 21)))
    built = cuda_config(build.folder).get("TF_CUDA_TOOLKIT_PATH", "")
    if built.startswith("/"):
        yield _Root(machine.path(built))
    yield _Root(machine.path("/usr/local/cuda"))
    yield _Root(machine.path("/opt/cuda"), _since(release, (2, 12), (2, 20)))
    yield _Root(build.folder.parent / "nvidia/cuda_nvcc", _since(release, (2, 12), (2, 15)))
    yield _Root(build.folder / "cuda", _since(release, (2, 12), (2, 20)))
    yield _Root(prefix, _since(release, (2, 16), (2, 20)))


def _since(release: tuple[int, int], without: tuple[int, int], known: tuple[int, int]) -> bool | None:
    """Whether a release looks somewhere: the last that was read and does not, the first that does. None: it
    lies between them."""
    if release >= known:
        return True
    return False if release <= without else None


def _stray(machine: Machine, prefix: Path, sites: Sequence[Path]) -> Iterator[Path]:
    """Places where they often lie, whether XLA looks there or not."""
    for site in sites:
        yield from (site / "nvidia/cuda_nvcc", site / "nvidia/cu13", site / "triton/backends/nvidia")
    yield from (prefix, prefix / "lib", machine.path("/usr/lib/cuda"), machine.path("/usr"))
    for parent in ("/usr/local", "/usr/lib"):
        for name in machine.listdir(parent) or ():
            if name.startswith("cuda-"):
                yield machine.path(f"{parent}/{name}")


def _of_wheel(program: Path, wheels: Mapping[str, str]) -> str | None:
    """The version of the wheel that brought it. None: no wheel did, or one of two."""
    parts = program.parts
    for folder, name in (("cuda_nvcc", "nvidia-cuda-nvcc-cu"), ("cu13", "nvidia-cuda-nvcc")):
        if "nvidia" in parts and folder in parts:
            owners = [each for each in wheels if each.startswith(name)]
            if len(owners) == 1:
                return wheels[owners[0]]
    return None


def ptxas_version(program: Path) -> str | None:
    """``12.5.82`` of ``Cuda compilation tools, release 12.5, V12.5.82`` in the program file."""
    left, before = _MOST_BYTES, b""
    try:
        with opened(program) as file:
            while left > 0 and (piece := file.read(_PIECE)):
                match = _STATED.search(before + piece)
                if match:
                    return match[1].decode("ascii")
                left -= len(piece)
                before = piece[-_LONGEST:]
    except OSError:
        return None
    return None
