"""Running kernels as a table for a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone

from ..api.wire import DeviceAnswer, KernelAnswer, KernelDevice
from .common import gib, percent, printable, row, show, table

_HEADS = ("Kernel", "Notebook", "Environment", "Pin", "State", "Memory and use by device", "Server")
_CHOSEN_BY = {
    "kernel": "for this kernel",
    "notebook": "for the notebook",
    "kernelspec": "for the kernelspec",
    "default": "default",
}
_SHORT = 8
"""Characters of an id, and of a UUID behind its prefix, that tell one from the others in practice."""


def show_kernels(
    kernels: Sequence[KernelAnswer],
    devices: Sequence[DeviceAnswer],
    environments: Mapping[str, str],
    now: datetime | None = None,
) -> None:
    """``environments``: names by id. Below the table: what is to be said of some of them."""
    names = {device.uuid: device_name(device.uuid, devices) for device in devices}
    made = table(*_HEADS)
    for kernel in kernels:
        held = [_held(each, names, now or datetime.now(timezone.utc)) for each in kernel.devices]
        row(
            made,
            kernel.id[:_SHORT],
            kernel.notebook or "–",
            environments.get(kernel.environment or "", kernel.kernelspec or "–"),
            _pin(kernel, devices),
            kernel.state or "–",
            "\n".join(held) or "–",
            kernel.server or "–",
        )
    show(made)
    for kernel in kernels:
        for text in (*((kernel.note,) if kernel.note else ()), *kernel.warnings):
            print(printable(f"{kernel.id[:_SHORT]}: {text}"))


def device_name(uuid: str, devices: Sequence[DeviceAnswer]) -> str:
    """``GPU 0`` where there is such a device, else the beginning: ``MIG-1234abcd``."""
    index = next((device.index for device in devices if device.uuid == uuid), None)
    if index is not None:
        return f"GPU {index}"
    prefix, dash, rest = uuid.partition("-")
    return f"{prefix}{dash}{rest[:_SHORT]}"


def _pin(kernel: KernelAnswer, devices: Sequence[DeviceAnswer]) -> str:
    entries = kernel.pin.split(",")
    named = [device_name(entry, devices) if "-" in entry else entry for entry in entries]
    waits = ", after a restart" if kernel.restart_needed else ""
    return f"{','.join(named)} ({_CHOSEN_BY[kernel.pin_from]}{waits})"


def _held(use: KernelDevice, names: Mapping[str, str], now: datetime) -> str:
    parts = [f"{names.get(use.uuid, use.uuid)} {gib(use.memory)}, {percent(use.utilization)}"]
    if use.unused_since is not None:
        seconds = (now - datetime.fromisoformat(use.unused_since)).total_seconds()
        if seconds >= 1:
            parts.append(f"unused for {duration(seconds)}")
    return ", ".join(parts)


def duration(seconds: float) -> str:
    """``40 s``, ``12 min``, ``3 h``, ``5 days``: the largest unit of which it is two at least."""
    for unit, size in (("days", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(0, seconds):.0f} s"
