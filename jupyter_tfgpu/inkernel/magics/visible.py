"""Which devices this kernel has: from what it was given and CUDA_VISIBLE_DEVICES as it is now. Pure."""

import os
from typing import Any, Dict, List, Mapping, Optional

Device = Dict[str, Any]


def visible(
    devices: List[Device], given: Optional[List[str]], variables: Mapping[str, str] = os.environ
) -> List[Device]:
    """Those of our program's devices that a framework finds here.

    ``given``: the UUIDs that the kernel was started with, None where nothing was set for it.
    """
    ours = [one for one in devices if one.get("allotted", True)]
    if given is not None:
        ours = [one for one in ours if one["uuid"] in given or one.get("parent") in given]
    value = variables.get("CUDA_VISIBLE_DEVICES")
    if value is None:
        return ours
    if variables.get("CUDA_DEVICE_ORDER") != "PCI_BUS_ID" and len({one.get("name") for one in devices}) > 1:
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
