"""Is there memory left on the GPU?"""

from __future__ import annotations

from collections.abc import Sequence

from ..fixes import devices
from ..report import Finding
from ..snapshot import Gpu, GpuProcess
from ..subject import Subject
from ..visibility import gpus_in_use
from .rule import Found, Rule

MOST, NEARLY_ALL = 0.5, 0.8
"""Shares of a GPU's memory: held by other processes that are known; in use by nobody knows whom, which may
be a screen or this kernel itself, so more of it has to be gone."""

_GIB = 1 << 30
_NO_ROOM = ("out-of-memory", "cudnn-handle", "cublas-failed")
"""Messages of something that found no room."""


def gpu_memory_taken(subject: Subject) -> Found | None:
    """Other processes hold most of the memory of the GPU that the framework takes first."""
    if not _uses_a_gpu(subject):
        return None
    gpus = [gpu for gpu in gpus_in_use(subject) if not gpu.mig]
    if not gpus or subject.host.jetson or not _taken(gpus[0]):
        return None
    first = gpus[0]
    holders = _others(first)
    free = [place for place, gpu in enumerate(subject.nvidia_gpus) if gpu in gpus and _has_room(gpu)]
    total, left = first.memory_total or 0, first.memory_free
    who = _who(holders)
    return Found(
        Finding(
            code="gpu-memory-taken",
            severity="warning",
            framework=subject.name,
            title="Most of the GPU's memory is taken",
            detail=(
                f"{who} most of the memory of {first.name or 'the GPU'} ({_gib(total)} in all"
                f"{f', {_gib(left)} free' if left is not None else ''}). {subject.proper_name} may start, "
                "and then fail with out of memory, or with a message that cuDNN or cuBLAS cannot be "
                "initialized."
            ),
            evidence=(
                *((f"free: {_gib(left)} of {_gib(total)}",) if left is not None else ()),
                *(_description(each) for each in holders[:5]),
            )
            or (f"memory: {_gib(total)}",),
            fixes=devices.free_memory(subject, holders, free),
        )
    )


def _uses_a_gpu(subject: Subject) -> bool:
    build = subject.framework
    return build is not None and (build.cuda_build is not False or bool(build.rocm_build))


def _others(gpu: Gpu) -> Sequence[GpuProcess]:
    return [each for each in gpu.processes or () if not each.this_kernel]


def _taken(gpu: Gpu) -> bool:
    if not gpu.memory_total:
        return False
    others = sum(each.memory or 0 for each in _others(gpu))
    if others > MOST * gpu.memory_total:
        return True
    if gpu.memory_free is None:
        return False
    own = [each.memory for each in gpu.processes or () if each.this_kernel]
    if own and (not _others(gpu) or None in own):
        return False  # what is gone may all be this kernel's
    used = gpu.memory_total - gpu.memory_free - sum(each or 0 for each in own)
    return used > NEARLY_ALL * gpu.memory_total


def _has_room(gpu: Gpu) -> bool:
    return bool(gpu.memory_total and gpu.memory_free and gpu.memory_free > MOST * gpu.memory_total)


def _who(holders: Sequence[GpuProcess]) -> str:
    named = [
        each.notebook or f"the kernel {each.kernel_id}" for each in holders if each.notebook or each.kernel_id
    ]
    if named:
        names = " and ".join(dict.fromkeys(named))
        return f"{names} {'hold' if len(set(named)) > 1 else 'holds'}"
    if len(holders) == 1:
        return "Another process holds"
    return "Other processes hold"


def _description(process: GpuProcess) -> str:
    who = process.notebook or process.kernel_id or (f"process {process.pid}" if process.pid else "a process")
    return f"{who}: {_gib(process.memory)}" if process.memory is not None else who


def _gib(count: int | None) -> str:
    return f"{(count or 0) / _GIB:.1f} GiB"


def memory_growth(subject: Subject) -> Found | None:
    """The framework takes the whole device at start, and others hold most of it, or a message says that
    something found no room."""
    variables = subject.snapshot.variables
    if subject.name not in devices.GROWTH or not _uses_a_gpu(subject) or variables is None:
        return None
    if subject.driver.status not in ("ok", None) or not subject.nvidia_gpu:
        return None
    name, _ = devices.GROWTH[subject.name]
    if name in variables or (subject.name == "jax" and "XLA_PYTHON_CLIENT_MEM_FRACTION" in variables):
        return None
    said = subject.said(*_NO_ROOM)
    shared = any(_others(gpu) and _taken(gpu) for gpu in gpus_in_use(subject))
    if not said and not shared:
        return None
    return Found(
        Finding(
            code="memory-growth",
            severity="info",
            framework=subject.name,
            title=f"{subject.proper_name} takes all of the GPU's memory at start",
            detail=(
                f"{subject.proper_name} reserves nearly all memory of every GPU that it sees, whether it "
                "needs it or not. A second kernel then finds none, nor do cuDNN and cuBLAS at times, whose "
                f"messages speak of initialization. With {name} it takes what it needs as it needs it."
            ),
            evidence=(
                *((f"the log says: {said.line}",) if said else ()),
                *(("other processes hold memory of this GPU",) if shared else ()),
                f"{name} is not set",
            ),
            fixes=(devices.let_memory_grow(subject, "memory-growth"),),
        )
    )


RULES = (
    Rule("gpu-memory-taken", "framework", gpu_memory_taken),
    Rule("memory-growth", "framework", memory_growth),
)
