"""Where a text speaks of memory: who holds the GPUs', and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .explanation import MemoryHolder, MemoryUse
from .report import Finding
from .snapshot import Gpu, GpuProcess
from .subject import Subject
from .visibility import gpus_in_use

MATTERS, MOST = 0.05, 0.5
"""Shares of a GPU's memory: what is worth to be freed; what is most of it."""


def memory_use(subject: Subject) -> tuple[MemoryUse, ...] | None:
    """The GPUs with their holders, those that the framework is given first; None: not known."""
    gpus = subject.snapshot.gpus
    if gpus is None:
        return None
    given = gpus_in_use(subject)
    return tuple(_use(gpu, gpu in given) for gpu in sorted(gpus, key=lambda gpu: gpu not in given))


def memory_advice(subject: Subject, findings: Sequence[Finding] = ()) -> tuple[str, ...]:
    """What would leave more memory, the likeliest first; empty where the facts tell nothing. ``findings``:
    what is said beside it, with their fixes."""
    given = [gpu for gpu in gpus_in_use(subject) if gpu.memory_total]
    if not given:
        return ()
    said = any(each.code == "gpu-memory-taken" for each in findings)
    found = (
        *(() if said else _freed_by_others(given)),
        *_freed_here(subject, given),
        *_elsewhere(subject, given[0]),
    )
    return tuple(dict.fromkeys(found)) or (() if said else (_needs_less(given),))


def held_by_unknown(subject: Subject) -> bool:
    """Whether nobody can tell who holds the memory: it may all be that of the process that asks for more."""
    given = gpus_in_use(subject)
    return bool(given) and all(gpu.processes is None for gpu in given)


def _use(gpu: Gpu, given: bool) -> MemoryUse:
    holders = None
    if gpu.processes is not None:
        most_first = sorted(gpu.processes, key=lambda each: -(each.memory or 0))
        holders = tuple(
            MemoryHolder(
                pid=each.pid,
                memory=each.memory,
                kernel_id=each.kernel_id,
                notebook=each.notebook,
                this_kernel=each.this_kernel,
            )
            for each in most_first
        )
    return MemoryUse(
        index=gpu.index,
        name=gpu.name,
        total=gpu.memory_total,
        free=gpu.memory_free,
        holders=holders,
        in_use=given,
    )


def _freed_by_others(given: Sequence[Gpu]) -> Iterator[str]:
    for gpu in given:
        for each in gpu.processes or ():
            if not each.this_kernel and (each.memory or 0) >= MATTERS * (gpu.memory_total or 0):
                yield _ended(each, gpu)


def _ended(holder: GpuProcess, gpu: Gpu) -> str:
    held = f"holds {_gib(holder.memory)} of {_name(gpu)}"
    if holder.kernel_id is None:
        return f"Process {holder.pid}, no kernel that was started here, {held}: end it if it is done."
    who = holder.notebook or f"The kernel {holder.kernel_id}"
    return (
        f"{who} {held}: shut its kernel down if it is done (in its Kernel menu, or "
        f"jupyter tfgpu kernels shutdown {holder.kernel_id})."
    )


def _freed_here(subject: Subject, given: Sequence[Gpu]) -> Iterator[str]:
    for gpu in given:
        own = sum(each.memory or 0 for each in gpu.processes or () if each.this_kernel)
        if own < MOST * (gpu.memory_total or 0):
            continue
        said = f"This kernel itself holds {_gib(own)} of {_name(gpu)}"
        if subject.name in ("tensorflow", "jax"):
            said += f" ({subject.proper_name} takes nearly all at its start, whatever it needs)"
        yield (
            f"{said}: what earlier cells left there goes with a restart; if it fails again, take smaller "
            "batches, a smaller model or mixed precision."
        )


def _elsewhere(subject: Subject, first: Gpu) -> Iterator[str]:
    """Another GPU that has more room than the one that the framework takes first."""
    others = [gpu for gpu in subject.nvidia_gpus if gpu.index not in (None, first.index) and not gpu.mig]
    best = max(others, key=lambda gpu: gpu.memory_free or 0, default=first)
    if (best.memory_free or 0) > (first.memory_free or 0) + MATTERS * (best.memory_total or 0):
        free = f"{_name(best)} has {_gib(best.memory_free)} free"
        yield f"{free}: %tfgpu pin {best.index}, then restart the kernel."


def _needs_less(given: Sequence[Gpu]) -> str:
    unknown = any(gpu.processes is None for gpu in given)
    who = "The driver does not tell who holds memory here" if unknown else "Nobody else holds much of it"
    return f"{who}: take smaller batches, a smaller model or mixed precision, or a GPU with more memory."


def _name(gpu: Gpu) -> str:
    return "the GPU" if gpu.index is None else f"GPU {gpu.index}"


def _gib(count: int | None) -> str:
    return f"{(count or 0) / 2**30:.1f} GiB"
