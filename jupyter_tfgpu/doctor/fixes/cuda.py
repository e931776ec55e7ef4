"""Which release of CUDA a driver and a GPU take."""

from __future__ import annotations

from ..knowledge.gpus import generation
from ..versions import numbers


def driver_takes(newest: tuple[int, ...], cuda: tuple[int, ...]) -> bool:
    """From CUDA 11 on a driver takes every release of the major release that it supports."""
    return cuda[0] <= newest[0] if cuda[0] >= 11 else cuda <= newest


def toolkit_serves(cuda: str, capability: str) -> bool:
    """Whether this CUDA release can have made machine code for the GPU."""
    facts, release = generation(capability), numbers(cuda)
    if facts is None:
        return False
    return facts.family <= release[:2] and (facts.last_cuda is None or release[0] <= facts.last_cuda)
