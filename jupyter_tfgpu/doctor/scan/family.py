"""The names of the libraries that a snapshot lists: CUDA's, cuDNN's, the driver's, and what those need."""

from __future__ import annotations

import re

_STEMS = (
    "cuda|cudart|cublas|cublasLt|cufft|cufftw|cufile|curand|cusolver|cusolverMg|cusparse|cusparseLt|cudnn\\w*"
    "|cupti|nccl|nvrtc|nvJitLink|nvshmem_host|nvinfer\\w*|nvidia-ml|nvToolsExt|nvidia-ptxjitcompiler"
)
_SHARED = re.compile(rf"lib(?:{_STEMS})(?P<hash>-[0-9a-f]{{8}})?\.so(?P<version>(?:\.\d+)*)")
_DLL = re.compile(
    r"(?:nvcuda|nvml|zlibwapi|msvcp140(?:_\d)?|vcruntime140(?:_1)?"
    r"|(?:cudart|cublas|cublasLt|cufft|cufftw|curand|cusolver|cusolverMg|cusparse|cupti|nvrtc|cudnn\w*?)64_\d+(?:_\d+)*)"
    r"\.dll",
    re.IGNORECASE,
)
OWN_RELEASE = re.compile(r"(?:lib)?(cudnn|nccl|nvinfer|cusparseLt|nvshmem|nvidia-)|libcuda\.|nvcuda\.|nvml\.")
"""Libraries with a release of their own; the others belong to a CUDA release."""


def is_listed(name: str, *, windows: bool = False) -> bool:
    """Whether a snapshot lists a file of this name: of the family, and by a name that a program would ask
    for (``libcudart.so.11.0``, not ``libcudart.so.11.8.89``)."""
    if windows:
        return _DLL.fullmatch(name) is not None
    match = _SHARED.fullmatch(name) if name.startswith("lib") else None
    if match is None:
        return False
    parts = match["version"].split(".")[1:]
    if not parts:
        return name == "libcuda.so" or match["hash"] is not None
    return len(parts) <= 2 and int(parts[0]) < 100


def is_family(name: str) -> bool:
    """Whether this is a library of the family, under any of its names (Linux)."""
    return _SHARED.fullmatch(name) is not None
