"""What is to be said of a kernel's devices as they are now: full, numbered otherwise, gone. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from pathlib import PurePath
from typing import NamedTuple

from ...devices.reading import Device, Reading
from ..pins.allotment import describe, find_device
from ..pins.pin import PinError, shorten
from .holders import DeviceHolders, Holder

LOW_SHARE, LOW_BYTES = 0.1, 1 << 30
"""Of a device's memory, and bytes: with less than either free, a training seldom starts."""

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


class Full(NamedTuple):
    """Who has most of a device with little room: a kernel's id (None: no kernel's), and a sentence on it."""

    kernel_id: str | None
    text: str


def full_devices(reading: Reading, held: Mapping[str, DeviceHolders]) -> dict[str, Full]:
    """By UUID the devices with little room, where it is known who has most of it. Once a reading."""
    found = ((device.uuid, _full(device, held.get(device.uuid))) for device in reading.devices)
    return {uuid: full for uuid, full in found if full is not None}


def device_warnings(
    subject: Subject,
    reading: Reading,
    held: Mapping[str, DeviceHolders],
    full: Mapping[str, Full],
    allotted: Sequence[Device],
) -> tuple[str, ...]:
    """A sentence for each thing to know before training there; none while the driver does not answer.

    ``full``: :func:`full_devices`. ``allotted``: the devices that this program was given. Called for each
    kernel at each reading.
    """
    if not reading.answered:
        return ()
    devices, warnings = _chosen(subject, reading, allotted)
    for device in devices:
        ill, one = _STATES.get(device.state), full.get(device.uuid)
        if ill is None and one is None:
            continue
        mine = [each for each in _holders(held, device) if each.kernel_id in subject.kernel_ids]
        # Where nothing was set: what it holds memory on, or its only one. That others are full is no concern.
        if subject.devices is None and not mine and len(allotted) > 1:
            continue
        if ill is not None:
            warnings.append(f"{describe(device)} {ill}.")
        elif one is not None and not _fills(one, subject, mine):
            warnings.append(one.text)
    order = _order(subject, allotted, reading.devices)
    return (*warnings, order) if order else tuple(warnings)


def _chosen(
    subject: Subject, reading: Reading, allotted: Sequence[Device]
) -> tuple[Sequence[Device], list[str]]:
    """The devices that it has, and a sentence for each that is gone."""
    if subject.devices is None:
        return allotted, []
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


def _fills(full: Full, subject: Subject, mine: Iterable[Holder]) -> bool:
    """Whether it is, or may be, the subject itself that fills the device: it may where what it holds is not
    known."""
    return full.kernel_id in subject.kernel_ids or any(one.memory is None for one in mine)


def _holders(held: Mapping[str, DeviceHolders], device: Device) -> Sequence[Holder]:
    there = held.get(device.uuid)
    return () if there is None else there.holders


def _full(device: Device, held: DeviceHolders | None) -> Full | None:
    memory = device.memory
    if held is None or memory is None or memory.free is None or not memory.total:
        return None
    if memory.free >= memory.total * LOW_SHARE and memory.free >= LOW_BYTES:
        return None
    holder, most = _largest(held.holders)
    if (held.unattributed or 0) > most:
        who, most, kernel_id = "processes that cannot be seen from here hold", held.unattributed or 0, None
    elif holder is not None:
        who, kernel_id = f"{_name(holder)} holds", holder.kernel_id
    else:
        return None
    room = f"{_gib(memory.free)} of {_gib(memory.total)} are free"
    return Full(kernel_id, f"{describe(device)} is nearly full: {who} {_gib(most)}, {room}.")


def _largest(holders: Iterable[Holder]) -> tuple[Holder | None, int]:
    """A holder of the kernel, with its children, or else the process that holds most; and how much that is.

    What is not known counts as nothing; None where nothing is known to be held.
    """
    amounts: dict[str | int, int] = {}
    people: dict[str | int, Holder] = {}
    for holder in holders:
        key = holder.kernel_id or holder.pid
        amounts[key] = amounts.get(key, 0) + (holder.memory or 0)
        people[key] = holder
    largest = max(amounts, key=amounts.__getitem__, default=None)
    return (people[largest], amounts[largest]) if largest is not None and amounts[largest] else (None, 0)


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
