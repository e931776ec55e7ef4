"""The documents that the command line, HTTP and the WebSocket answer with: each declared here once.

The OpenAPI document and the frontend's TypeScript types are generated from these (``make types``).
Bytes, bytes per second, fractions 0-1, °C, milliwatts, millijoules, MHz; times in ISO 8601 UTC or seconds.
``None`` means "not known" or "not supported", never 0 for that.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from ..devices.history import History
from ..devices.reading import (
    Clocks,
    ComputeMode,
    DeviceState,
    DriverState,
    Ecc,
    LinkRates,
    Memory,
    Power,
    Rates,
    Utilization,
)
from ..doctor.report import Report, Verdict
from ..environments.environment import Framework, Kind
from ..kernels.holders import Holder


class DeviceAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A device as everybody sees it. ``allotted``: the server was given this device.

    ``performance_state``: 0 (fastest) to 15. ``energy``: used since the driver was loaded.
    """

    index: int | None
    uuid: str
    name: str | None
    compute_capability: str | None
    parent: str | None
    allotted: bool
    host_memory: bool
    state: DeviceState
    memory: Memory | None
    utilization: Utilization | None
    temperature: int | None
    power: Power | None
    clocks: Clocks | None
    throttle: tuple[str, ...] | None
    performance_state: int | None
    compute_mode: ComputeMode | None
    energy: int | None
    fan: float | None
    ecc: Ecc | None
    pcie: Rates | None
    nvlink: tuple[LinkRates, ...] | None
    mig: bool
    holders: tuple[Holder, ...]
    unattributed_memory: int | None


class ReadingAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """``devices``. ``age``: seconds since the reading was taken."""

    schema: Literal["tfgpu.reading/1"] = "tfgpu.reading/1"
    taken_at: str
    age: float
    simulated: bool
    driver: DriverState
    devices: tuple[DeviceAnswer, ...]


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
    ``last_used``: when it was last seen using a device.
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


class KernelsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    schema: Literal["tfgpu.kernels/1"] = "tfgpu.kernels/1"
    kernels: tuple[KernelAnswer, ...]


class EnvironmentAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An environment, its kernelspecs, and whether it is fit to train (``verdict``; None: not judged)."""

    id: str
    name: str
    kind: Kind
    prefix: str
    python: str | None
    frameworks: tuple[Framework, ...]
    ipykernel: str | None
    kernelspecs: tuple[str, ...]
    label: str
    verdict: Verdict | None
    problem: str | None


class EnvironmentsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """``problems``: sentences on places that could not be looked at."""

    schema: Literal["tfgpu.environments/1"] = "tfgpu.environments/1"
    environments: tuple[EnvironmentAnswer, ...]
    problems: tuple[str, ...] = ()


class KernelspecAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A kernelspec. ``owned``: we wrote it, and may change or remove it. ``environment``: that one's id."""

    name: str
    display_name: str
    owned: bool
    language: str | None = None
    environment: str | None = None
    interpreter: str | None = None
    problem: str | None = None


class KernelspecsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    schema: Literal["tfgpu.kernelspecs/1"] = "tfgpu.kernelspecs/1"
    kernelspecs: tuple[KernelspecAnswer, ...]


class AddKernelspec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of ``POST kernelspecs``. ``environment``: an id, a name or a prefix."""

    environment: str
    name: str | None = None
    display_name: str | None = None


class PinAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A stored pin; exactly one of ``notebook``, ``kernel_id`` and ``kernelspec`` is set."""

    pin: str
    notebook: str | None = None
    kernel_id: str | None = None
    kernelspec: str | None = None


class PinsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    schema: Literal["tfgpu.pins/1"] = "tfgpu.pins/1"
    default: str
    pins: tuple[PinAnswer, ...]


class SetPin(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of ``PUT pins``, and without ``pin`` of ``DELETE pins``."""

    pin: str | None = None
    notebook: str | None = None
    kernel_id: str | None = None
    kernelspec: str | None = None


class PinSet(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a changed pin. ``restart_needed``: a running kernel has another choice until then."""

    pin: str
    restart_needed: bool
    message: str | None = None


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Every HTTP error: what went wrong for a person, a code for a program."""

    message: str
    reason: str
    detail: dict[str, str] = {}


class ReadingMessage(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="reading"):
    data: ReadingAnswer


class KernelsMessage(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="kernels"):
    data: KernelsAnswer


class EnvironmentsMessage(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="environments"):
    data: EnvironmentsAnswer


class NoticeMessage(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="notice"):
    """A sentence for the user of this page, such as an interval that was refused."""

    message: str
    level: Literal["info", "warning", "error"] = "info"


LiveMessage = ReadingMessage | KernelsMessage | EnvironmentsMessage | NoticeMessage
"""What ``WS live`` pushes."""

__all__ = [
    "AddKernelspec",
    "DeviceAnswer",
    "EnvironmentAnswer",
    "EnvironmentsAnswer",
    "Failure",
    "History",
    "Holder",
    "KernelAnswer",
    "KernelDevice",
    "KernelsAnswer",
    "KernelspecAnswer",
    "KernelspecsAnswer",
    "LiveMessage",
    "PinAnswer",
    "PinSet",
    "PinsAnswer",
    "ReadingAnswer",
    "Report",
    "SetPin",
]
