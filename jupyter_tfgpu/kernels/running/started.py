"""What each running kernel of this program was started with."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..pins.pin import Pin
from ..pins.precedence import PinFrom
from ..pins.resolve import Allocation
from .processes import born

_GONE = -1.0
"""Born of a process that had ended when it was looked at: no later one of its pid is taken for it."""


@dataclass(frozen=True, kw_only=True)
class StartedKernel:
    """A kernel at its last start.

    ``pid`` is None until the process runs, though its devices are chosen; the kernel leads a session of that
    number. ``born``: when that
    process was born (:func:`.processes.born`), which tells it from a later one of its pid; None: not
    known. ``variables``: the environment it was started with. ``prefix``: that of its interpreter, None
    for a kernel that is no Python. ``report``: where its report is expected, None where the in-kernel
    part was not put in or has its report made itself.
    """

    kernel_id: str
    pin: Pin
    pin_from: PinFrom
    allocation: Allocation
    pid: int | None = None
    born: float | None = None
    notebook: str | None = None
    kernelspec: str | None = None
    interpreter: str | None = None
    prefix: Path | None = None
    report: Path | None = None
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    started_at: float = field(default_factory=time.time)


class StartedKernels:
    """The table of running kernels, by id. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kernels: dict[str, StartedKernel] = {}

    def put(self, kernel: StartedKernel) -> StartedKernel:
        """Records a start, with when its process was born; an earlier one of the same kernel is replaced."""
        if kernel.pid is not None and kernel.born is None:
            kernel = replace(kernel, born=born(kernel.pid) or _GONE)
        with self._lock:
            self._kernels[kernel.kernel_id] = kernel
        return kernel

    def get(self, kernel_id: str) -> StartedKernel | None:
        """The kernel, None where it is not ours or has ended."""
        with self._lock:
            return self._kernels.get(kernel_id)

    def remove(self, kernel_id: str) -> bool:
        """Forgets a kernel that has ended; says whether it was known."""
        with self._lock:
            return self._kernels.pop(kernel_id, None) is not None

    def all(self) -> tuple[StartedKernel, ...]:
        """All of them, the oldest first."""
        with self._lock:
            return tuple(sorted(self._kernels.values(), key=lambda one: one.started_at))
