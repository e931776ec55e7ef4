"""How busy MIG instances are: NVML's GPU performance monitoring (GPM), which GPUs from Hopper on have.

``nvmlDeviceGetUtilizationRates`` knows nothing of instances. GPM takes samples of an instance's counters;
what happened between two of them is the figure. They have to be 0.1 s apart (nvml.h), so the first is of
one reading and the second of the next.
"""

from __future__ import annotations

import math
import time
from types import ModuleType
from typing import Any

from .calls import NvmlCalls

_ACTIVE = 1
"""NVML_GPM_METRIC_GRAPHICS_UTIL: percent of the time in which something computed or drew."""
_SHORTEST, _LONGEST = 0.15, 120.0
"""Seconds between two samples of which a figure is made: less is too little, more is not now."""


def supports_gpm(calls: NvmlCalls, gpu: Any) -> bool:
    """Whether this GPU's driver takes such samples. ``gpu``: the handle of the GPU itself."""
    answer = calls.ask("nvmlGpmQueryDeviceSupport", gpu)
    return answer is not None and bool(answer.isSupportedDevice)


class InstanceUse:
    """The samples of one instance. ``gpu``: its GPU's handle; ``number``: NVML's id of the instance.

    ``close`` gives back what NVML holds for it. For one thread.
    """

    def __init__(self, pynvml: ModuleType, calls: NvmlCalls, gpu: Any, number: int) -> None:
        self._pynvml = pynvml
        self._calls = calls
        self._gpu, self._number = gpu, number
        made = [calls.ask("nvmlGpmSampleAlloc") for _ in range(2)]
        self._samples: list[Any] = [sample for sample in made if sample is not None]
        self._taken_at: float | None = None
        self._last: float | None = None

    def read(self) -> float | None:
        """How much of the time since the last reading it was in use, 0-1; None at the first."""
        if len(self._samples) < 2:
            return None
        now, before = time.monotonic(), self._taken_at
        if before is not None and now - before < _SHORTEST:
            return self._last  # the figure of a moment ago still stands
        earlier, later = self._samples
        if self._calls.ask("nvmlGpmMigSampleGet", self._gpu, self._number, later) is None:
            self._taken_at = self._last = None
            return None
        recent = before is not None and now - before <= _LONGEST
        self._last = self._between(earlier, later) if recent else None
        self._samples, self._taken_at = [later, earlier], now
        return self._last

    def close(self) -> None:
        """To be called before NVML is shut down."""
        while self._samples:
            self._calls.ask("nvmlGpmSampleFree", self._samples.pop())

    def _between(self, earlier: Any, later: Any) -> float | None:
        question = self._pynvml.c_nvmlGpmMetricsGet_t()
        question.version = self._pynvml.NVML_GPM_METRICS_GET_VERSION
        question.numMetrics = 1
        question.sample1, question.sample2 = earlier, later
        question.metrics[0].metricId = _ACTIVE
        answer = self._calls.ask("nvmlGpmMetricsGet", question)
        if answer is None or answer.metrics[0].nvmlReturn != 0:
            return None
        percent = float(answer.metrics[0].value)
        return min(1.0, max(0.0, percent / 100)) if math.isfinite(percent) else None
