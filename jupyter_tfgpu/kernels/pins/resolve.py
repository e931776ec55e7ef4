"""From a pin to the variables that a kernel starts with. Pure: a Reading in, an Allocation out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from ...devices.reading import Device, Reading
from .allotment import allotted, describe, find_device
from .freest import Pending, candidates, choose
from .pin import Pin, PinError, format_memory, shorten

NO_GPU = "-1"
"""CUDA_VISIBLE_DEVICES for no device. CUDA stops at the first entry that is none. Not the empty text:
Windows takes that for unset, and much code calls ``int()`` on the entries."""


class Allocation(msgspec.Struct, frozen=True, kw_only=True):
    """What a kernel gets.

    ``variables``: to be set in its environment. ``uuids``: the devices that it may use, None where
    nothing is set and it has what the server has. ``note``: a sentence for a person where the pin could
    not be followed to the letter.
    """

    variables: dict[str, str] = {}
    uuids: tuple[str, ...] | None = None
    note: str | None = None


def needs_reading(pin: Pin) -> bool:
    """Whether :func:`resolve` looks at a Reading for this pin."""
    return pin.kind in ("auto", "devices")


def resolve(
    pin: Pin,
    reading: Reading | None,
    given: str | None,
    *,
    stated: str | None = None,
    pending: Mapping[str, Pending] | None = None,
    by_uuid: bool = False,
) -> Allocation:
    """What a kernel with this pin gets, out of what the server was given (its CUDA_VISIBLE_DEVICES).

    A pin narrows what was given and never widens it; a device that is gone is never replaced by another.

    ``stated``: CUDA_VISIBLE_DEVICES as the kernel would have it without us, where its kernelspec, its
    environment's activation or its starter say another than the server's; else None. With the pin ``all``
    it stays, as nothing is set. ``auto`` chooses among what it leaves: the pin asks for some device that
    fits, and there it is written which do. Devices that a person named, and ``none``, count before it.
    ``pending``: per UUID, kernels that have been given it and hold no memory there yet, for ``auto``.
    ``by_uuid``: devices are named by UUID where indices would do too.
    """
    if pin.kind == "all":
        return Allocation()
    if pin.kind == "none":
        return _no_gpu(None)
    if reading is None or not reading.answered:
        return _unread_auto() if pin.kind == "auto" else _as_stored(pin, given)
    numbered = not by_uuid and _numbered_as_by_cuda(reading.devices)
    if pin.kind == "auto":
        return _auto(pin, reading, given, stated, pending or {}, numbered)
    return _named(pin, reading, given, numbered)


def _no_gpu(note: str | None) -> Allocation:
    return Allocation(variables={"CUDA_VISIBLE_DEVICES": NO_GPU}, uuids=(), note=note)


def _unread_auto() -> Allocation:
    return Allocation(note="The driver did not answer, so auto could choose no device; all are left visible.")


def _as_stored(pin: Pin, given: str | None) -> Allocation:
    """The pin without knowing the devices: what cannot be shown to be among those given is not used."""
    if given is None:
        return _visible(pin.devices, by_index=_all_indices(pin.devices), uuids=pin.devices)
    ours = [entry.strip().lower() for entry in given.split(",") if entry.strip()]
    kept = tuple(entry for entry in pin.devices if entry.lower() in ours)
    if kept == pin.devices:
        return _visible(kept, by_index=_all_indices(kept), uuids=kept)
    return Allocation(
        variables={"CUDA_VISIBLE_DEVICES": given},
        note=f"The driver did not answer, so it is not known whether {pin} is among the devices "
        f"given to this server ({given}); the kernel has these.",
    )


def _all_indices(entries: Sequence[str]) -> bool:
    return all(entry.isdigit() for entry in entries)


def _named(pin: Pin, reading: Reading, given: str | None, numbered: bool) -> Allocation:
    ours = {one.uuid for one in allotted(reading.devices, given)}
    chosen: dict[str, Device] = {}
    gone: list[str] = []
    unclear: list[str] = []
    refused: list[str] = []
    for entry in pin.devices:
        try:
            device = find_device(entry, reading.devices)
        except PinError as error:
            (unclear if error.reason == "ambiguous-device" else gone).append(entry)
            continue
        if device.uuid in ours:
            chosen[device.uuid] = device
        else:
            refused.append(device.uuid)
    note = _note(gone, unclear, refused, tuple(chosen.values()))
    if not chosen:
        return _no_gpu(note)
    return _devices(tuple(chosen.values()), numbered, note)


def _note(
    gone: Sequence[str], unclear: Sequence[str], refused: Sequence[str], chosen: Sequence[Device]
) -> str | None:
    parts = []
    if gone:
        parts.append(f"{_list(gone)} of the pin {_is(gone)} no longer on this machine")
    if unclear:
        parts.append(f"{_list(unclear)} of the pin may mean several devices")
    if refused:
        parts.append(f"{_list(refused)} of the pin {_was(refused)} not given to this server")
    if parts:
        parts.append(f"the kernel has {_list([describe(one) for one in chosen]) if chosen else 'no GPU'}")
    lost = [describe(one) for one in chosen if one.state != "ok"]
    if lost:
        parts.append(f"{_list(lost)} {_is(lost)} not in a state to work")
    return "; ".join(parts)[:1].upper() + "; ".join(parts)[1:] + "." if parts else None


def _auto(
    pin: Pin,
    reading: Reading,
    given: str | None,
    stated: str | None,
    pending: Mapping[str, Pending],
    numbered: bool,
) -> Allocation:
    ours = allotted(reading.devices, given)
    left = {one.uuid for one in allotted(reading.devices, stated)}
    if ours and left.isdisjoint(one.uuid for one in ours):
        return _no_gpu(
            "What the kernel's own environment says (CUDA_VISIBLE_DEVICES="
            f"{shorten(stated or '')}) leaves no GPU that auto could choose."
        )
    chosen, lacking = choose(
        candidates(one for one in ours if one.uuid in left), pending, pin.count, pin.need
    )
    if not chosen:
        # Not more than the server has, whatever the kernel's own environment says.
        variables = {} if ours or given is None else {"CUDA_VISIBLE_DEVICES": given}
        return Allocation(variables=variables, note="There is no GPU that auto could choose.")
    notes = []
    if len(chosen) < pin.count:
        notes.append(f"Only {len(chosen)} of the {pin.count} devices asked for {_is(chosen)} there.")
    if lacking and pin.need is not None:
        short = [describe(one) for one in lacking]
        claimed = any(one.uuid in pending and pending[one.uuid].need for one in lacking)
        beside = " beside what kernels that were started before have asked for" if claimed else ""
        notes.append(f"{_list(short)} {_has(short)} less than {format_memory(pin.need)} free{beside}.")
    return _devices(chosen, numbered, " ".join(notes) or None)


def _numbered_as_by_cuda(listed: Sequence[Device]) -> bool:
    """Whether NVML's list is surely CUDA's in PCI order, so that an index means the same device to both.

    It may not be where a GPU is split into instances, does not work, or is counted but cannot be opened,
    which leaves a gap in the indices.
    """
    whole = all(one.parent is None and not one.mig and one.state == "ok" for one in listed)
    return whole and [one.index for one in listed] == list(range(len(listed)))


def _devices(chosen: tuple[Device, ...], numbered: bool, note: str | None) -> Allocation:
    uuids = tuple(one.uuid for one in chosen)
    entries = tuple(str(one.index) for one in chosen) if numbered else uuids
    return _visible(entries, by_index=numbered, uuids=uuids, note=note)


def _visible(
    entries: Sequence[str],
    *,
    by_index: bool,
    uuids: tuple[str, ...],
    note: str | None = None,
) -> Allocation:
    variables = {"CUDA_VISIBLE_DEVICES": ",".join(entries)}
    if by_index:
        # Without it CUDA numbers by speed, and index 1 may be another device than nvidia-smi's 1.
        variables["CUDA_DEVICE_ORDER"] = "PCI_BUS_ID"
    return Allocation(variables=variables, uuids=uuids, note=note)


def _list(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def _is(names: Sequence[object]) -> str:
    return "is" if len(names) == 1 else "are"


def _was(names: Sequence[object]) -> str:
    return "was" if len(names) == 1 else "were"


def _has(names: Sequence[object]) -> str:
    return "has" if len(names) == 1 else "have"
