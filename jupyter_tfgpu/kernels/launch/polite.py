"""What tells frameworks to take a GPU's memory as they need it, not all of it at once."""

from __future__ import annotations

from collections.abc import Mapping

POLITE: Mapping[str, str] = {
    "TF_FORCE_GPU_ALLOW_GROWTH": "true",
    "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
}
"""TensorFlow and JAX reserve nearly a whole GPU (JAX 75 % of it) with their first operation.

TensorFlow, 1.14 to today: ``GetAllowGrowthValue`` of ``common_runtime/gpu/gpu_bfc_allocator.cc`` takes the
words ``true`` and ``false`` of the variable before what the program sets (which it then says in a warning);
see also https://www.tensorflow.org/guide/gpu#limiting_gpu_memory_growth. JAX:
https://docs.jax.dev/en/latest/gpu_memory_allocation.html. A limit that the program or
``XLA_CLIENT_MEM_FRACTION`` sets stays one.

Nothing is to be said to the others. PyTorch's caching allocator takes memory as it is asked for
(https://docs.pytorch.org/docs/stable/notes/cuda.html#memory-management), and so does MXNet's pool:
``MXNET_GPU_MEM_POOL_RESERVE`` only says what it leaves
(https://mxnet.apache.org/versions/1.9.1/api/faq/env_var).
"""


def polite_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """Those of :data:`POLITE` that the kernel's environment says nothing of, empty text included."""
    return {name: value for name, value in POLITE.items() if name not in environment}
