"""The file names of the libraries that a build must load to use a GPU, from its own files, and the objects
in it that load them."""

from __future__ import annotations

import re
from pathlib import Path

from ...environments import FrameworkBuild
from ...environments.files import is_file, names, read_text
from ...machine import Machine
from ..knowledge import tensorflow_libraries
from ..knowledge.jax import jax_libraries
from ..versions import minor
from . import elf
from .family import is_family

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

_DRIVER = "libcuda.so.1"

_OBJECTS = {
    "torch": ("libtorch_cuda.so", "libtorch_cuda_cu.so", "libtorch_cuda_cpp.so", "libc10_cuda.so"),
    "mxnet": ("libmxnet.so",),
}
"""The shared objects that are linked to CUDA's libraries. libtorch_cuda was split from 1.9 to 1.12."""


def needed_files(machine: Machine, build: FrameworkBuild) -> tuple[str, ...] | None:
    """The names, the driver's first. Empty for a CPU build; None: the files do not tell."""
    if build.cuda_build is False:
        return ()
    if not build.cuda_build:
        return None
    linked = _linked(build) if machine.platform == "linux" else ()
    if linked:
        return linked
    if build.name == "tensorflow":
        return _tensorflow(machine, build)
    if build.name == "jax" and machine.platform == "linux":
        return jax_libraries(build.cuda, build.cudnn, build.version)
    return None


def _linked(build: FrameworkBuild) -> tuple[str, ...]:
    """What the build's objects are linked against, in their order. Empty where CUDA's runtime is not among
    it: they open their libraries at run time."""
    found: dict[str, None] = {_DRIVER: None}
    for path in loading_objects(build):
        entries = elf.dynamic(path)
        found |= {name: None for name in (entries.needed if entries else ()) if is_family(name)}
    return tuple(found) if any(name.startswith("libcudart") for name in found) else ()


def _tensorflow(machine: Machine, build: FrameworkBuild) -> tuple[str, ...] | None:
    """The roles are the release's; the versions in the names are this very build's, where it has them."""
    windows = machine.platform == "win32"
    release = minor(build.version) or (9999, 0)
    roles = tensorflow_libraries(release, "win_amd64" if windows else "linux_x86_64")
    stated = cuda_config(build.folder)
    found = []
    for role, file in roles.items():
        version = next((stated[macro] for macro in _MACROS.get(role, ()) if stated.get(macro)), None)
        if version is None:
            found.append(file)
        else:
            found.append(f"{role}{version}.dll" if windows else f"lib{role}.so.{version}")
    return tuple(found) or None


def cuda_config(folder: Path) -> dict[str, str]:
    """The texts that TensorFlow's ``cuda_config.h`` defines, by macro. Empty: there is none."""
    for name in _CONFIGS:
        text = read_text(folder / name)
        if text is not None:
            return dict(_DEFINE.findall(text))
    return {}


def loading_objects(build: FrameworkBuild) -> tuple[Path, ...]:
    """The shared objects that have the CUDA libraries loaded: their loader entries decide where these are
    looked for. The first is the one that counts where a build opens them at run time.

    TensorFlow opens them from libtensorflow_framework (tried on 2.21.0: libtensorflow_cc names a folder that
    libtensorflow_framework lacks, and it is not searched); up to 1.13 it and its Python module are linked
    against them. JAX's plugin opens them; before it jaxlib's one module.
    """
    if build.name == "tensorflow":
        return _tensorflow_objects(build.folder)
    if build.name == "jax":
        return _jax_objects(build.folder.parent)
    folders = [build.folder / "lib", build.folder, *_prefix_lib(build.folder)]
    found = [
        next((folder / name for folder in folders if is_file(folder / name)), None)
        for name in _OBJECTS.get(build.name, ())
    ]
    return tuple(path for path in found if path)


def loading_object(build: FrameworkBuild) -> Path | None:
    """The first of :func:`loading_objects`."""
    return next(iter(loading_objects(build)), None)


def _prefix_lib(folder: Path) -> tuple[Path, ...]:
    """``lib`` of the prefix: conda's packages keep shared objects there."""
    parents = folder.parents
    return (parents[2],) if len(parents) > 2 and parents[2].name == "lib" else ()


def _tensorflow_objects(folder: Path) -> tuple[Path, ...]:
    found = []
    for place in (folder, *_prefix_lib(folder)):
        named = [name for name in names(place) if name.startswith("libtensorflow_framework.so")]
        # Of `.so`, `.so.2` and `.so.2.12.0`, links to one file, the name that programs are linked to.
        if named:
            found.append(place / min(named, key=lambda name: (abs(name.count(".") - 2), name)))
            break
    module = folder / "python" / "_pywrap_tensorflow_internal.so"
    entries = elf.dynamic(module)
    if entries and any(is_family(name) for name in entries.needed):
        found.append(module)
    return tuple(found)


def _jax_objects(site: Path) -> tuple[Path, ...]:
    plugins = [name for name in sorted(names(site / "jax_plugins")) if name.startswith("xla_cuda")]
    candidates = [site / "jax_plugins" / name / "xla_cuda_plugin.so" for name in plugins]
    candidates.append(site / "jaxlib" / "xla_extension.so")
    return tuple(path for path in candidates if is_file(path))[:1]
