"""The environment variables that decide what a framework does with a GPU; no others enter a snapshot."""

from __future__ import annotations

import re
from collections.abc import Mapping

NAMES = frozenset(
    {
        "CONDA_OVERRIDE_CUDA",
        "CONDA_PREFIX",
        "DYLD_FALLBACK_LIBRARY_PATH",
        "DYLD_LIBRARY_PATH",
        "GPU_DEVICE_ORDINAL",
        "KERAS_BACKEND",
        "KERAS_HOME",
        "LD_LIBRARY_PATH",
        "LD_PRELOAD",
        "PATH",
        "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION",
        "PYTHONHOME",
        "PYTHONNOUSERSITE",
        "PYTHONPATH",
        "PYTHONUSERBASE",
        "VIRTUAL_ENV",
    }
)
PREFIXES = (
    "CUDA_",
    "CUDNN_",
    "HIP_",
    "HSA_",
    "JAX_",
    "MIOPEN_",
    "MXNET_",
    "NCCL_",
    "NVIDIA_",
    "PYTORCH_",
    "ROCM_",
    "ROCR_",
    "TF_",
    "XLA_",
)
_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASSW|CREDENTIAL|^TF_(?:VAR|CLI)_", re.IGNORECASE)
"""``NVIDIA_API_KEY`` is a key of a service; ``TF_VAR_…`` and ``TF_TOKEN_…`` are Terraform's."""


def that_matter(variables: Mapping[str, str]) -> dict[str, str]:
    """Those of the variables, by name."""
    return {name: value for name, value in sorted(variables.items()) if _matters(name)}


def _matters(name: str) -> bool:
    return name in NAMES or (name.startswith(PREFIXES) and not _SECRET.search(name))
