"""What is to be said of a kernel's devices as they are now: full, numbered otherwise, gone. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from pathlib import PurePath
from typing import NamedTuple

from ..devices.reading import Device, Reading
from .allotment import describe, find_device
from .holders import DeviceHolders, Holder
from .pins import PinError, shorten

LOW_SHARE, LOW_BYTES = 0.1, 1 << 30
"""Of a device's memory, and bytes: with less than either free, a training seldom starts."""

_UUID_PREFIXES = ("GPU-", "MIG-")
_STATES = {
    "lost": "is lost: the machine has to be restarted, or the GPU reset, before it can be used",
    "reset-required": "has to be reset before it can be used",
    "error": "answers with an error",
}


class Subject(NamedTuple):
    """Whose devices. ``kernel_ids``: kernels that are not another's, if they fill a device.

    ``devices``: UUIDs, indices or beginnings of UUIDs that were given or chosen; None: nothing was set.
    ``variables``: the environment it was started with; None: not known.
    """

    kernel_ids: Set[str]
    devices: Sequence[str] | None
    variables: Mapping[str, str] | None = None


def device_warnings(
    subject: Subject, reading: Reading, held: Mapping[str, DeviceHolders], allotted: Sequence[Device]
) -> tuple[str, ...]:
    """A sentence for each thing to know before training there; none while the driver does not answer.

    ``allotted``: the devices that this program was given. Called for each kernel at each reading.
    """
    if not reading.answered:
        return ()
    devices, warnings = _chosen(subject, reading, held, allotted)
    for device in devices:
        ill = _STATES.get(device.state)
        if ill is not None:
            warnings.append(f"{describe(device)} {ill}.")
        elif (full := _filled(device, held.get(device.uuid), subject.kernel_ids)) is not None:
            warnings.append(full)
    order = _order(subject, allotted, reading.devices)
    return (*warnings, order) if order else tuple(warnings)


def _chosen(
    subject: Subject, reading: Reading, held: Mapping[str, DeviceHolders], allotted: Sequence[Device]
) -> tuple[list[Device], list[str]]:
    """The devices that matter to it, and a sentence for each that is gone.

    Where nothing was set, those it holds memory on, or the only one: that others are full is no concern.
    """
    if subject.devices is None:
        if len(allotted) == 1:
            return list(allotted), []
        return [one for one in allotted if _holds(subject.kernel_ids, held.get(one.uuid))], []
    found: dict[str, Device] = {}
    gone = []
    for entry in subject.devices:
        try:
            device = find_device(entry, reading.devices)
        except PinError:
            gone.append(
                f"{shorten(entry)} is no longer on this machine. Choose another device for this kernel and "
                "restart it."
            )
        else:
            found[device.uuid] = device
    return list(found.values()), gone


def _holds(kernel_ids: Set[str], held: DeviceHolders | None) -> bool:
    return held is not None and any(one.kernel_id in kernel_ids for one in held.holders)


def _filled(device: Device, held: DeviceHolders | None, kernel_ids: Set[str]) -> str | None:
    """A sentence where there is little room and somebody else has most of it."""
    memory = device.memory
    if held is None or memory is None or memory.free is None or not memory.total:
        return None
    if memory.free >= memory.total * LOW_SHARE and memory.free >= LOW_BYTES:
        return None
    shares = _shares(held.holders)
    if held.unattributed:
        shares[_NOBODY] = _Share("processes that cannot be seen from here", held.unattributed)
    if not shares:
        return None
    key, largest = max(shares.items(), key=lambda item: item[1].memory)
    if key in kernel_ids or not largest.memory:
        return None
    return (
        f"{describe(device)} is nearly full: {largest.name} {_have(key)} {_gib(largest.memory)}, "
        f"{_gib(memory.free)} of {_gib(memory.total)} are free."
    )


class _Share(NamedTuple):
    name: str
    memory: int


_NOBODY = ""
"""In place of a kernel's id or a pid: what belongs to nobody visible."""


def _shares(holders: Iterable[Holder]) -> dict[str, _Share]:
    """What each kernel holds, with its children, and each other process. Where it is not known: nothing."""
    shares: dict[str, _Share] = {}
    for holder in holders:
        key = holder.kernel_id or f"pid {holder.pid}"
        before = shares[key].memory if key in shares else 0
        shares[key] = _Share(_name(holder), before + (holder.memory or 0))
    return shares


def _name(holder: Holder) -> str:
    if holder.notebook:
        return shorten(PurePath(holder.notebook).name)
    if holder.kernel_id is not None:
        return f"the kernel {shorten(holder.kernel_id, 8)}"
    if holder.user == "other":
        return "a process of another user"
    if holder.command:
        return f"your process {shorten(holder.command)} ({holder.pid})"
    return "a process that is not known here"


def _have(key: str) -> str:
    return "hold" if key == _NOBODY else "holds"


def _gib(size: int) -> str:
    return f"{size / 2**30:.1f} GiB"


def _order(subject: Subject, allotted: Sequence[Device], listed: Sequence[Device]) -> str | None:
    """A sentence where the same number may mean two GPUs.

    CUDA numbers from the fastest on unless CUDA_DEVICE_ORDER says PCI_BUS_ID, see the CUDA C++ Programming
    Guide, "CUDA Environment Variables".
    """
    variables = subject.variables
    if not variables or variables.get("CUDA_DEVICE_ORDER") == "PCI_BUS_ID":
        return None
    visible = variables.get("CUDA_VISIBLE_DEVICES")
    entries = [entry.strip() for entry in visible.split(",")] if visible is not None else []
    if visible is not None and not any(entry.isdigit() for entry in entries):
        return None  # UUIDs, or no GPU at all
    # An index counts among all that there are: which devices it makes visible depends on the order itself.
    named = listed if entries else allotted
    models = {device.name for device in named if device.parent is None}
    if len(models) < 2:
        return None
    return (
        "CUDA numbers this kernel's GPUs from the fastest on, nvidia-smi and this page by their place on the "
        "bus, so a number may mean another GPU there. Set CUDA_DEVICE_ORDER=PCI_BUS_ID where the server is "
        "started or in the kernelspec's env; a kernel that is pinned to devices has it."
    )
