"""Readings built by hand."""

from __future__ import annotations

from jupyter_tfgpu.devices.reading import Device, DriverState, Memory, Process, Reading

GIB = 1 << 30
FIRST = "GPU-8932f937-d72c-4106-c12f-20bd9faed9f6"
SECOND = "GPU-1f2a7c30-0b3e-4c8e-9a44-7f0f4d6a1b22"
THIRD = "GPU-89aa0001-4b6e-11ee-be56-0242ac120002"
MIG = "MIG-41b36c5f-0b3e-5c8e-9a44-7f0f4d6a1b22"


def device(index: int | None, uuid: str, free: int = 70, used: int = 10, **more: object) -> Device:
    """A GPU; ``free`` and ``used`` in GiB."""
    return Device(
        uuid=uuid,
        index=index,
        name="NVIDIA A100",
        memory=Memory(total=80 * GIB, used=used * GIB, free=free * GIB),
        **more,  # type: ignore[arg-type]
    )


def reading(*devices: Device, status: str = "ok", taken_at: float = 1e10) -> Reading:
    """What a driver in this state answered."""
    return Reading(taken_at=taken_at, driver=DriverState(status=status), devices=devices)  # type: ignore[arg-type]


def three() -> Reading:
    """Three GPUs of one kind; the second has the most free memory."""
    return reading(device(0, FIRST, free=20), device(1, SECOND, free=60), device(2, THIRD, free=40))


def process(pid: int, gib: float | None) -> Process:
    """A GPU process with so many GiB."""
    return Process(pid=pid, memory=None if gib is None else int(gib * GIB))
