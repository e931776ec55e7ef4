"""A real virtual environment with a TensorFlow in it as its wheel lays it out: the small files as they are,
the shared objects built by gcc with the wheel's RUNPATH."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from jupyter_tfgpu.doctor.scan.elf import Dynamic
from tests.standin.tree import EMPTY_LIBRARY
from tests.tools import require

NOTHING = Dynamic((), (), ())
"""The loader entries of an object that has none."""

RUNPATH_2_20 = tuple(
    f"$ORIGIN/../nvidia/{name}/lib"
    for name in ("cuda_cupti", "cublas", "cudnn", "cufft", "cusolver", "cusparse", "cuda_runtime")
)
"""Of libtensorflow_framework.so.2 in the wheel of 2.20.0."""
RUNPATH_2_21 = tuple(folder for folder in RUNPATH_2_20 if "cusolver" not in folder)
"""Of 2.21.0, which lacks cusolver's."""

WHEELS = {
    "cuda_runtime": "libcudart.so.12",
    "cublas": "libcublas.so.12 libcublasLt.so.12",
    "cufft": "libcufft.so.11",
    "cusolver": "libcusolver.so.11",
    "cusparse": "libcusparse.so.12",
    "cudnn": "libcudnn.so.9",
}
"""Folder below ``nvidia/`` to the files that the wheels of the extra put there."""

_GPU_INFO = """import collections
build_info = collections.OrderedDict([('cpu_compiler', 'clang'),
 ('cuda_compute_capabilities',
  ['sm_60', 'sm_70', 'sm_80', 'sm_89', 'compute_90']), ('cuda_version', '12.5.1'),
 ('cudnn_version', '9'), ('is_cuda_build', True), ('is_rocm_build', False), ('is_tensorrt_build', False)])
"""
_CPU_INFO = """import collections
build_info = collections.OrderedDict([('is_cuda_build', False), ('is_rocm_build', False)])
"""
_CONFIG = """#define TF_CUDA_VERSION "12.5.1"
#define TF_CUDART_VERSION "12"
#define TF_CUBLAS_VERSION "12"
#define TF_CUSOLVER_VERSION "11"
#define TF_CURAND_VERSION "10"
#define TF_CUFFT_VERSION "11"
#define TF_CUSPARSE_VERSION "12"
#define TF_CUDNN_VERSION "9"
#define TF_CUDA_COMPUTE_CAPABILITIES 60, 70, 80, 89, 90
"""


def venv(prefix: Path) -> Path:
    """A virtual environment of this interpreter, without pip. Returns its site-packages."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", prefix], check=True)
    [site] = prefix.glob("lib/python3.*/site-packages")
    return site


def distribution(site: Path, name: str, version: str, requires: Iterable[str] = ()) -> None:
    """The dist-info that pip writes."""
    info = site / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    lines = [f"Name: {name}", f"Version: {version}", *(f"Requires-Dist: {each}" for each in requires)]
    (info / "METADATA").write_text(
        "\n".join(["Metadata-Version: 2.1", *lines, "", "Text with Requires-Dist: x\n"])
    )
    (info / "INSTALLER").write_text("pip\n")
    (info / "WHEEL").write_text("Wheel-Version: 1.0\nTag: cp311-cp311-manylinux_2_17_x86_64\n")


def tensorflow(site: Path, version: str, runpath: Iterable[str] | None) -> Path:
    """TensorFlow's folder; ``runpath`` None: a CPU build."""
    gpu = runpath is not None
    requires = ("numpy>=1.26.0", "protobuf>=5.28.0", "wrapt>=1.11.0")
    distribution(site, "tensorflow" if gpu else "tensorflow-cpu", version, requires)
    folder = site / "tensorflow"
    files: Mapping[str, str] = {
        "__init__.py": "raise AssertionError('imported')\n",
        "python/platform/build_info.py": _GPU_INFO if gpu else _CPU_INFO,
        "include/third_party/gpus/cuda/cuda_config.h": _CONFIG if gpu else "",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    shared_object(folder / "libtensorflow_framework.so.2", runpath=runpath or ())
    return folder


def cuda_wheels(site: Path, without: Iterable[str] = ()) -> None:
    """What ``[and-cuda]`` brings: the folders below ``nvidia/`` and their distributions."""
    for name, files in WHEELS.items():
        if name in without:
            continue
        version = {"cudnn": "9.3.0.75", "cuda_runtime": "12.5.82"}.get(name, "12.5.3.2")
        distribution(site, f"nvidia-{name.replace('_', '-')}-cu12", version)
        (site / "nvidia" / name / "lib").mkdir(parents=True)
        for file in files.split():
            (site / "nvidia" / name / "lib" / file).write_bytes(EMPTY_LIBRARY)
    if "cuda_nvcc" not in without:
        distribution(site, "nvidia-cuda-nvcc-cu12", "12.5.82")
        compiler(site / "nvidia/cuda_nvcc")


def compiler(root: Path) -> None:
    """A toolkit's ptxas and libdevice, empty."""
    for name in ("bin/ptxas", "nvvm/libdevice/libdevice.10.bc"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"")
    (root / "bin/ptxas").chmod(0o755)


def shared_object(
    path: Path, *, runpath: Iterable[str] = (), rpath: Iterable[str] = (), needs: Iterable[Path] = ()
) -> Path:
    """An empty shared object from gcc with these loader entries."""
    gcc = require("gcc")
    folders, tags = (
        (":".join(runpath), "--enable-new-dtags") if runpath else (":".join(rpath), "--disable-new-dtags")
    )
    words = [str(gcc), "-shared", "-nostdlib", "-o", str(path), f"-Wl,-soname,{path.name}", f"-Wl,{tags}"]
    words += [f"-Wl,-rpath,{folders}"] if folders else []
    words += ["-Wl,--no-as-needed", *map(str, needs), "-x", "c", "/dev/null"]
    subprocess.run(words, check=True)
    return path
