"""The file names of the libraries that a build must load to use a GPU, from its own files."""

from __future__ import annotations

import re
from pathlib import Path

from ...environments import FrameworkBuild
from ...environments.files import is_file, names, read_text
from ...machine import Machine
from ..knowledge import tensorflow_libraries
from ..versions import minor
from . import elf

_DEFINE = re.compile(r'^#define[ \t]+(TF_\w+)[ \t]+"([^"]*)"', re.MULTILINE)
_CONFIGS = (
    "include/external/local_config_cuda/cuda/cuda/cuda_config.h",
    "include/third_party/gpus/cuda/cuda_config.h",
)
_MACROS = {
    "cudart": ("TF_CUDART_VERSION", "TF_CUDA_VERSION"),
    "cublas": ("TF_CUBLAS_VERSION",),
    "cublasLt": ("TF_CUBLAS_VERSION",),
    "cufft": ("TF_CUFFT_VERSION",),
    "curand": ("TF_CURAND_VERSION",),
    "cusolver": ("TF_CUSOLVER_VERSION",),
    "cusparse": ("TF_CUSPARSE_VERSION",),
    "cudnn": ("TF_CUDNN_VERSION",),
}
"""A library's role to the macros of cuda_config.h that end its file name, the first that is there."""

_CUDA_FAMILY = re.compile(
    r"lib(cuda|cudart|cublas|cublasLt|cudnn|cufft|curand|cusolver|cusparse|nccl|nvrtc)[.\-_]"
)


def needed_files(machine: Machine, build: FrameworkBuild) -> tuple[str, ...] | None:
    """The names, the driver's first. Empty for a CPU build; None: the files do not tell."""
    if build.cuda_build is False:
        return ()
    if not build.cuda_build:
        return None
    if build.name == "tensorflow":
        return _tensorflow(machine, build)
    path = loading_object(build)
    entries = elf.dynamic(path) if path else None
    found = tuple(name for name in entries.needed if _CUDA_FAMILY.match(name)) if entries else ()
    return found or None


def _tensorflow(machine: Machine, build: FrameworkBuild) -> tuple[str, ...] | None:
    """The roles are the release's; the versions in the names are this very build's, where it has them."""
    windows = machine.platform == "win32"
    release = minor(build.version) or (9999, 0)
    roles = tensorflow_libraries(release, "win_amd64" if windows else "linux_x86_64")
    stated = _config(build.folder)
    found = []
    for role, file in roles.items():
        version = next((stated[macro] for macro in _MACROS.get(role, ()) if stated.get(macro)), None)
        if version is None:
            found.append(file)
        else:
            found.append(f"{role}{version}.dll" if windows else f"lib{role}.so.{version}")
    return tuple(found) or None


def _config(folder: Path) -> dict[str, str]:
    for name in _CONFIGS:
        text = read_text(folder / name)
        if text is not None:
            return dict(_DEFINE.findall(text))
    return {}


def loading_object(build: FrameworkBuild) -> Path | None:
    """The shared object that opens the CUDA libraries: its loader entries decide where they are looked for.

    TensorFlow opens them from libtensorflow_framework, whose RUNPATH is the one that counts (tried on
    2.21.0: libtensorflow_cc names a folder that libtensorflow_framework lacks, and it is not searched).
    """
    if build.name == "tensorflow":
        found = [name for name in names(build.folder) if name.startswith("libtensorflow_framework.so")]
        return build.folder / max(found) if found else None
    place = {"torch": "lib/libtorch_cuda.so", "mxnet": "libmxnet.so"}.get(build.name)
    path = build.folder / place if place else None
    return path if path and is_file(path) else None
