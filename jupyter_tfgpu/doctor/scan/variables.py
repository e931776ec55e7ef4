"""The environment variables that decide what a framework does with a GPU; no others enter a snapshot."""

from __future__ import annotations

from collections.abc import Mapping

NAMES = frozenset(
    {
        "CONDA_OVERRIDE_CUDA",
        "CONDA_PREFIX",
        "KERAS_BACKEND",
        "LD_LIBRARY_PATH",
        "LD_PRELOAD",
        "PATH",
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
    "MXNET_",
    "NVIDIA_",
    "PYTORCH_",
    "ROCR_",
    "TF_",
    "XLA_",
)


def that_matter(variables: Mapping[str, str]) -> dict[str, str]:
    """Those of the variables, by name."""
    return {
        name: value for name, value in sorted(variables.items()) if name in NAMES or name.startswith(PREFIXES)
    }
