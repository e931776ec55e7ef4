"""Running kernels."""

from __future__ import annotations

from typing import Literal

import msgspec

from ...doctor.report import Verdict


class KernelDevice(msgspec.Struct, frozen=True, kw_only=True):
    """What a kernel uses of a device.

    ``utilization``: its share of the multiprocessors' time, 0-1. ``unused_since``: since when it has held
    memory there without using the device, as far as was seen: the time of the reading where it uses it,
    None where that is not known.
    """

    uuid: str
    memory: int | None = None
    utilization: float | None = None
    unused_since: str | None = None


class KernelAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A running kernel.

    ``pin`` is what counts for it at its next start, ``pin_from`` who chose that. ``given``: the UUIDs
    that it was started with, None where nothing was set (it has what the server has). ``note``: a
    sentence where the start could not follow the pin. ``restart_needed``: the pin was changed since.
    ``last_used``: when it was last seen using a device. ``server``: None for a kernel of the program that
    answers, else what is known of the one that started it, such as its address. ``warnings``: sentences on
    its devices as they are now: filled by another notebook, or numbered otherwise than nvidia-smi does.
    """

    id: str
    server: str | None
    notebook: str | None
    kernelspec: str | None
    environment: str | None
    pin: str
    state: str | None
    devices: tuple[KernelDevice, ...]
    last_used: str | None
    verdict: Verdict | None
    pin_from: Literal["kernel", "notebook", "kernelspec", "default"] = "default"
    given: tuple[str, ...] | None = None
    note: str | None = None
    restart_needed: bool = False
    warnings: tuple[str, ...] = ()


class KernelsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    schema: Literal["tfgpu.kernels/1"] = "tfgpu.kernels/1"
    kernels: tuple[KernelAnswer, ...]
