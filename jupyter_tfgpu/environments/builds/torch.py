"""PyTorch's build, from ``torch/version.py``: ``cuda = '12.8'``, ``hip = '6.3.…'``, or None for both.

Where that is silent the names of its shared objects tell: ``libtorch_cuda.so`` (up to 1.4
``libcaffe2_gpu.so``) and ``libtorch_hip.so`` are there in GPU builds alone. The compute capabilities stand
only inside a shared library, so they are not known here.
"""

from __future__ import annotations

from .. import files
from .build import FrameworkBuild, Site, assigned

DISTRIBUTIONS = ("torch",)

_CUDA_FILES = ("libtorch_cuda.so", "libcaffe2_gpu.so", "torch_cuda.dll", "caffe2_gpu.dll")
_HIP_FILES = ("libtorch_hip.so", "torch_hip.dll", "libcaffe2_hip.so")
_CPU_FILES = ("libtorch_cpu.so", "torch_cpu.dll", "libtorch_cpu.dylib", "libcaffe2.so", "caffe2.dll")


def read(site: Site) -> FrameworkBuild | None:
    """The PyTorch in this site-packages. None: no package folder of it there."""
    folder = site.folder / "torch"
    if "torch" not in site.names or not files.is_file(folder / "__init__.py"):
        return None
    values = assigned(folder / "version.py") or {}
    own = values.get("__version__")
    cuda = values.get("cuda")
    # A key that is missing says nothing; one that is None says "built without".
    cuda_build = bool(cuda) if "cuda" in values else None
    rocm_build = bool(values["hip"]) if "hip" in values else None
    if cuda_build is None:
        present = frozenset(files.names(folder / "lib"))
        if not present.isdisjoint((*_CUDA_FILES, *_HIP_FILES, *_CPU_FILES)):
            cuda_build = not present.isdisjoint(_CUDA_FILES)
            rocm_build = not present.isdisjoint(_HIP_FILES)
    return FrameworkBuild(
        name="torch",
        version=site.here.get("torch") or (own if isinstance(own, str) else None),
        cuda_build=cuda_build,
        rocm_build=rocm_build,
        cuda=cuda if isinstance(cuda, str) and cuda else None,
        cudnn=None,
        compute_capabilities=None,
        folder=folder,
        location=site.location,
    )
