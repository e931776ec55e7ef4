"""Which devices this program was given, and which device a name means.

Hubs, schedulers and administrators hand out GPUs through ``CUDA_VISIBLE_DEVICES``; NVML ignores it
and lists them all.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...devices.reading import Device, DriverStatus, Reading
from .pin import Pin, PinError, shorten

NO_DRIVER: tuple[DriverStatus, ...] = ("absent", "not-loaded")
"""States in which it is certain that no device can be used, now or at a kernel's start."""


def allotted(devices: Sequence[Device], given: str | None) -> tuple[Device, ...]:
    """The devices that ``given`` (a value of CUDA_VISIBLE_DEVICES; None: not set) leaves, in its order.

    As CUDA reads it: entries up to the first that names no device; indices are taken in PCI order.
    A MIG instance is allotted with its GPU.
    """
    if given is None:
        return tuple(devices)
    chosen: dict[str, Device] = {}
    for entry in given.split(","):
        try:
            device = find_device(entry.strip(), devices)
        except PinError:
            break
        for one in (device, *(child for child in devices if child.parent == device.uuid)):
            chosen.setdefault(one.uuid, one)
    return tuple(chosen.values())


def find_device(entry: str, devices: Sequence[Device]) -> Device:
    """The device that an index, a UUID or the beginning of one means.

    Raises:
        PinError: ``unknown-device`` or ``ambiguous-device``.
    """
    if entry.isascii() and entry.isdigit():
        found = [one for one in devices if one.parent is None and one.index == int(entry)]
    else:
        wanted = entry.lower()
        found = [one for one in devices if one.uuid.lower() == wanted]
        if not found and len(wanted) > len("gpu-"):
            found = [one for one in devices if one.uuid.lower().startswith(wanted)]
    if not found:
        raise PinError(
            f"No device here is called “{shorten(entry)}”. {_what_there_is(devices)}", "unknown-device"
        )
    if len(found) > 1:
        names = ", ".join(one.uuid for one in found)
        raise PinError(f"“{shorten(entry)}” means more than one device: {names}.", "ambiguous-device")
    return found[0]


def _what_there_is(devices: Sequence[Device]) -> str:
    if not devices:
        return "The driver lists no device."
    return f"There are: {'; '.join(describe(one) for one in devices)}."


def identify(pin: Pin, reading: Reading | None, given: str | None = None) -> Pin:
    """The pin with UUIDs in place of indices and beginnings, as it is stored.

    Where it is not known which devices there are, the pin is returned as it is: at a start it is tried
    again.

    Raises:
        PinError: a device that is not there (``unknown-device``; any where the driver is not there or
            not loaded), may be two (``ambiguous-device``), or was not given to this server
            (``not-allotted``).
    """
    if pin.kind != "devices" or reading is None:
        return pin
    if reading.driver.status in NO_DRIVER:
        raise PinError(
            f"This machine has no working NVIDIA driver, so there is no device {shorten(str(pin))}. "
            f"{reading.driver.message or ''}".strip(),
            "unknown-device",
        )
    if not reading.answered:
        return pin
    ours = {one.uuid for one in allotted(reading.devices, given)}
    uuids: dict[str, None] = {}
    for entry in pin.devices:
        device = find_device(entry, reading.devices)
        if device.uuid not in ours:
            raise PinError(
                f"{describe(device)} was not given to this server (CUDA_VISIBLE_DEVICES={given}).",
                "not-allotted",
            )
        uuids[device.uuid] = None
    return Pin(kind="devices", devices=tuple(uuids))


def describe(device: Device) -> str:
    """How a device is called in a sentence: ``GPU 0 (NVIDIA A100)``, a MIG instance by its UUID."""
    name = f"GPU {device.index}" if device.index is not None else device.uuid
    return f"{name} ({device.name})" if device.name else name
