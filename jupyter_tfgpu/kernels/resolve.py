"""From a pin to the variables that a kernel starts with. Pure: a Reading in, an Allocation out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from ..devices.reading import Device, Reading
from .allotment import allotted, describe, find_device
from .pins import Pin, PinError, format_memory

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
    pin: Pin, reading: Reading | None, given: str | None, reserved: Mapping[str, int] | None = None
) -> Allocation:
    """What a kernel with this pin gets, out of what the server was given (its CUDA_VISIBLE_DEVICES).

    ``reserved``: per UUID, kernels just started there whose memory cannot be seen yet; ``auto`` goes
    elsewhere first. A pin narrows what was given and never widens it; a device that is gone is never
    replaced by another.
    """
    if pin.kind == "all":
        return Allocation()
    if pin.kind == "none":
        return _no_gpu(None)
    if reading is None or not reading.answered:
        return _unread_auto() if pin.kind == "auto" else _as_stored(pin, given)
    if pin.kind == "auto":
        return _auto(pin, reading, given, reserved or {})
    return _named(pin, reading, given)


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
        note=f"The driver did not answer, so it is not known whether {pin} is among the devices "
        f"given to this server ({given}); the kernel has these."
    )


def _all_indices(entries: Sequence[str]) -> bool:
    return all(entry.isdigit() for entry in entries)


def _named(pin: Pin, reading: Reading, given: str | None) -> Allocation:
    ours = {one.uuid for one in allotted(reading.devices, given)}
    chosen: dict[str, Device] = {}
    gone: list[str] = []
    refused: list[str] = []
    for entry in pin.devices:
        try:
            device = find_device(entry, reading.devices)
        except PinError:
            gone.append(entry)
            continue
        if device.uuid in ours:
            chosen[device.uuid] = device
        else:
            refused.append(device.uuid)
    note = _note(pin, gone, refused, tuple(chosen.values()))
    if not chosen:
        return _no_gpu(note)
    return _devices(tuple(chosen.values()), reading.devices, note)


def _note(pin: Pin, gone: Sequence[str], refused: Sequence[str], chosen: Sequence[Device]) -> str | None:
    parts = []
    if gone:
        parts.append(f"{_list(gone)} of the pin {_is(gone)} no longer on this machine")
    if refused:
        parts.append(f"{_list(refused)} of the pin {_was(refused)} not given to this server")
    if parts:
        parts.append(f"the kernel has {_list([describe(one) for one in chosen]) if chosen else 'no GPU'}")
    lost = [describe(one) for one in chosen if one.state != "ok"]
    if lost:
        parts.append(f"{_list(lost)} {_is(lost)} not in a state to work")
    return "; ".join(parts)[:1].upper() + "; ".join(parts)[1:] + "." if parts else None


def _auto(pin: Pin, reading: Reading, given: str | None, reserved: Mapping[str, int]) -> Allocation:
    ours = allotted(reading.devices, given)
    candidates = [one for one in ours if one.state == "ok" and not (one.mig and _has_instances(one, ours))]
    if not candidates:
        return Allocation(note="There is no GPU that auto could choose.")
    order = sorted(candidates, key=lambda one: (reserved.get(one.uuid, 0), -(_free(one) or 0)))
    fitting = [one for one in order if pin.need is None or (_free(one) or 0) >= pin.need]
    chosen = (fitting + [one for one in order if one not in fitting])[: pin.count]
    notes = []
    if len(chosen) < pin.count:
        notes.append(f"Only {len(chosen)} of the {pin.count} devices asked for {_is(chosen)} there.")
    if pin.need is not None and len(fitting) < len(chosen):
        short = [describe(one) for one in chosen if one not in fitting]
        notes.append(f"{_list(short)} {_has(short)} less than {format_memory(pin.need)} free.")
    return _devices(tuple(chosen), reading.devices, " ".join(notes) or None)


def _has_instances(device: Device, devices: Sequence[Device]) -> bool:
    return any(one.parent == device.uuid for one in devices)


def _free(device: Device) -> int | None:
    return None if device.memory is None else device.memory.free


def _devices(chosen: tuple[Device, ...], listed: Sequence[Device], note: str | None) -> Allocation:
    """Indices in PCI order where NVML's list is surely CUDA's too, else UUIDs.

    It may not be where a GPU is split into instances, or is counted but cannot be opened.
    """
    plain = all(
        one.parent is None and one.index is not None and not one.mig and one.state == "ok" for one in listed
    )
    uuids = tuple(one.uuid for one in chosen)
    entries = tuple(str(one.index) for one in chosen) if plain else uuids
    return _visible(entries, by_index=plain, uuids=uuids, note=note)


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
