"""What JAX's CUDA plugins load."""

from __future__ import annotations

from ..versions import numbers
from .tables import table


def jax_libraries(cuda: str | None, cudnn: str | None, version: str | None) -> tuple[str, ...] | None:
    """The file names on Linux, the driver's first, of a build for this CUDA ("12") and cuDNN ("8.9").

    ``version``: JAX's, which its plugin shares; it tells cuDNN's major where ``cudnn`` is None. None: the
    table does not hold such a build.
    """
    major, release = numbers(cuda)[:1], numbers(version)
    found: list[str] = []
    for row in table("jax_libraries"):
        if numbers(row["cuda_major"]) != major:
            continue
        if cudnn is not None and row["file"].startswith("libcudnn"):
            continue
        bounds = row["first"] or row["last"]
        last = numbers(row["last"]) or (9999,)
        if not bounds or (release and numbers(row["first"]) <= release <= last):
            found.append(row["file"])
    if not found:
        return None
    stated = (f"libcudnn.so.{numbers(cudnn)[0]}",) if numbers(cudnn) else ()
    return ("libcuda.so.1", *found, *stated)
