"""Which devices this kernel has: from what it was given, and from CUDA_VISIBLE_DEVICES."""

from typing import Any, Dict, List, Optional

Device = Dict[str, Any]


def visible(
    devices: List[Device], given: Optional[List[str]], value: Optional[str], order: Optional[str]
) -> List[Device]:
    """Those of our program's devices that a framework finds here.

    ``given``: the UUIDs that the kernel was given, None where nothing was set for it. ``value``, ``order``:
    CUDA_VISIBLE_DEVICES and CUDA_DEVICE_ORDER, None where not set.
    """
    ours = [one for one in devices if one.get("allotted", True)]
    if given is not None:
        ours = [one for one in ours if one["uuid"] in given or one.get("parent") in given]
    if value is None:
        return ours
    if order != "PCI_BUS_ID" and len({one.get("name") for one in devices}) > 1:
        # CUDA numbers by speed then, which our list does not know.
        if any(entry.strip().isdigit() for entry in value.split(",")):
            return ours
    named = set()
    for entry in value.split(","):
        device = _named(entry.strip(), devices)
        if device is None:
            break  # as CUDA does: what comes after an entry that is no device is not read
        named.add(device["uuid"])
    return [one for one in ours if one["uuid"] in named or one.get("parent") in named]


def _named(entry: str, devices: List[Device]) -> Optional[Device]:
    if entry.isdigit():
        found = [one for one in devices if one.get("index") == int(entry)]
    else:
        found = [one for one in devices if len(entry) > 4 and one["uuid"].lower().startswith(entry.lower())]
    return found[0] if len(found) == 1 else None


def ours(part: Any, devices: List[Device]) -> List[Device]:
    """The same of this kernel, with the variables as CUDA has read them or will."""
    seen = part.visible
    return visible(devices, part.launch.given, seen.value, seen.order)
