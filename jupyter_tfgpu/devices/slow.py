"""What of a device seldom changes, or is seldom looked at: asked for every 10 s, not at each reading."""

from __future__ import annotations

from typing import Any

import msgspec

from .calls import NvmlCalls
from .reading import ComputeMode, Ecc

_CORRECTED, _UNCORRECTED, _SINCE_BOOT = 0, 1, 0
_CLOCK_SM, _CLOCK_MEMORY = 1, 2
_COMPUTE_MODES: dict[int | None, ComputeMode] = {
    0: "default",
    1: "exclusive-thread",
    2: "prohibited",
    3: "exclusive-process",
}
"""nvmlComputeMode_t."""


class SlowFigures(msgspec.Struct, frozen=True):
    """Units as in Device. ``encoder``, ``decoder``: 0-1, how busy the video engines are."""

    power_limit: int | None
    ecc: Ecc | None
    mig: bool
    max_sm_clock: int | None
    max_memory_clock: int | None
    compute_mode: ComputeMode | None
    encoder: float | None
    decoder: float | None


def read_slow(calls: NvmlCalls, handle: Any, *, instance: bool) -> SlowFigures:
    """``instance``: the handle is that of a MIG instance."""
    mig = None if instance else calls.ask("nvmlDeviceGetMigMode", handle)
    return SlowFigures(
        power_limit=calls.ask("nvmlDeviceGetEnforcedPowerLimit", handle),
        ecc=_ecc(calls, handle),
        mig=bool(mig and mig[0]),
        max_sm_clock=calls.ask("nvmlDeviceGetMaxClockInfo", handle, _CLOCK_SM),
        max_memory_clock=calls.ask("nvmlDeviceGetMaxClockInfo", handle, _CLOCK_MEMORY),
        compute_mode=_COMPUTE_MODES.get(calls.ask("nvmlDeviceGetComputeMode", handle)),
        encoder=_video(calls.ask("nvmlDeviceGetEncoderUtilization", handle)),
        decoder=_video(calls.ask("nvmlDeviceGetDecoderUtilization", handle)),
    )


def _video(answer: Any) -> float | None:
    """Of percent and the microseconds that they were sampled over."""
    return None if answer is None else int(answer[0]) / 100


def _ecc(calls: NvmlCalls, handle: Any) -> Ecc | None:
    corrected = calls.ask("nvmlDeviceGetTotalEccErrors", handle, _CORRECTED, _SINCE_BOOT)
    if corrected is None:
        return None
    uncorrected = calls.ask("nvmlDeviceGetTotalEccErrors", handle, _UNCORRECTED, _SINCE_BOOT)
    return Ecc(corrected=corrected, uncorrected=uncorrected)
