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


class OwnKernelAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A kernelspec that lies in the environment itself, of another language than its Python."""

    name: str
    display_name: str
    language: str | None


class EnvironmentAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An environment, its kernelspecs, and whether it is fit to train (``verdict``; None: not judged).

    ``label``: unique among the environments. ``summary``: the report's one line, where it is judged.
    ``activation_problem``: a sentence where its activation scripts failed when they were last run.
    """

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
    summary: str | None = None
    activation_problem: str | None = None
    own_kernels: tuple[OwnKernelAnswer, ...] = ()


class KernelspecAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A kernelspec. ``owned``: we wrote it, and may change or remove it. ``environment``: that one's id.

    ``kernel``: the one of the environment's own kernels that it starts, None where it starts its Python.
    ``problem``: why it cannot start. ``repair``: what ``repair`` would do about it: write the kernel.json
    again, or install ipykernel; None where there is nothing to repair, or nothing that could.
    """

    name: str
    display_name: str
    owned: bool
    language: str | None = None
    environment: str | None = None
    interpreter: str | None = None
    kernel: str | None = None
    problem: str | None = None
    repair: Literal["rewrite", "install-ipykernel"] | None = None


class KernelspecsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    schema: Literal["tfgpu.kernelspecs/1"] = "tfgpu.kernelspecs/1"
    kernelspecs: tuple[KernelspecAnswer, ...]


class KernelspecChange(msgspec.Struct, frozen=True, kw_only=True):
    """What a sync does, or would do, to one kernelspec of ours. ``why``: a sentence for a person."""

    action: Literal["add", "update", "remove"]
    name: str
    display_name: str
    environment: str | None
    why: str


class SyncAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """``changes``: what was done, or with ``dry_run`` what would be. ``problems``: what could not be."""

    schema: Literal["tfgpu.sync/1"] = "tfgpu.sync/1"
    dry_run: bool
    changes: tuple[KernelspecChange, ...]
    problems: tuple[str, ...] = ()


SyncWhen = Literal["off", "suggest", "on"]
"""Whether kernelspecs are kept in step with the environments by themselves."""


class EnvironmentsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """``kernelspecs``: every kernelspec, as ``GET kernelspecs`` has them. ``suggested``: what a sync would
    do, where the setting is ``suggest``. ``problems``: sentences on places that could not be looked at."""

    schema: Literal["tfgpu.environments/1"] = "tfgpu.environments/1"
    environments: tuple[EnvironmentAnswer, ...]
    kernelspecs: tuple[KernelspecAnswer, ...] = ()
    suggested: tuple[KernelspecChange, ...] = ()
    problems: tuple[str, ...] = ()


class AddKernelspec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of ``POST kernelspecs``. ``environment``: an id, a name or a prefix. ``kernel``: the name of one
    of its own kernels (R, Julia, …) instead of its Python."""

    environment: str
    kernel: str | None = None
    name: str | None = None
    display_name: str | None = None


class ChangeKernelspec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of ``PATCH kernelspecs/{name}``. ``display_name``: "" goes back to the label."""

    name: str | None = None
    display_name: str | None = None


class Sync(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of ``POST kernelspecs/sync``, which may be empty."""

    dry_run: bool = False


class KernelSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How kernelspecs are named and kept: ``GET/PUT settings``. None in a PUT: back to the default.

    ``label``: the template of the labels, with the fields of ``environments.label``.
    """

    label: str | None = None
    sync: SyncWhen | None = None


class TaskAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Work that takes a while. ``progress``: 0-1, None: not known. ``log``: its last lines, at most 200.

    ``message``: why it failed, or a sentence on what was done. ``kernelspec``, ``environment``: what it is
    for. ``cancellable``: whether it can still be cancelled with nothing left half-made.
    """

    schema: Literal["tfgpu.task/1"] = "tfgpu.task/1"
    id: str
    kind: Literal["repair", "install-ipykernel"]
    title: str
    state: Literal["running", "done", "failed", "cancelled"]
    progress: float | None
    cancellable: bool
    log: tuple[str, ...] = ()
    message: str | None = None
    kernelspec: str | None = None
    environment: str | None = None


class TasksAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The tasks that run or wait, and those that ended last, in the order in which they were begun."""

    schema: Literal["tfgpu.tasks/1"] = "tfgpu.tasks/1"
    tasks: tuple[TaskAnswer, ...]


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


class TaskMessage(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="task"):
    data: TaskAnswer


class NoticeMessage(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="notice"):
    """A sentence for the user of this page, such as an interval that was refused."""

    message: str
    level: Literal["info", "warning", "error"] = "info"


LiveMessage = ReadingMessage | KernelsMessage | EnvironmentsMessage | TaskMessage | NoticeMessage
"""What ``WS live`` pushes."""

__all__ = [
    "AddKernelspec",
    "ChangeKernelspec",
    "DeviceAnswer",
    "EnvironmentAnswer",
    "EnvironmentsAnswer",
    "Failure",
    "History",
    "Holder",
    "KernelAnswer",
    "KernelDevice",
    "KernelSettings",
    "KernelsAnswer",
    "KernelspecAnswer",
    "KernelspecChange",
    "KernelspecsAnswer",
    "LiveMessage",
    "PinAnswer",
    "PinSet",
    "PinsAnswer",
    "ReadingAnswer",
    "Report",
    "SetPin",
    "Sync",
    "SyncAnswer",
    "SyncWhen",
    "TaskAnswer",
    "TasksAnswer",
]
