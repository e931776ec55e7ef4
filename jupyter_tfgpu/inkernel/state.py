"""The state file: what the server last saw of the devices while it sampled, read and checked.

It is the kernel's only view of the devices before a cell: no driver is asked. What is missing, half-written,
forged or older than :data:`TOO_OLD` is not known.
"""

import json
import time
from typing import Any, Dict, List, Optional

from .device_findings import has_room
from .reports import text
from .watched import MAX_SIZE, WatchedFile

SCHEMA = "tfgpu.state/1"
TOO_OLD = 15.0
"""Seconds."""

AHEAD = 2.0
"""Seconds by which a clock of another process may seem to be ahead."""

MOST_DEVICES, MOST_HOLDERS = 256, 64

State = Dict[str, Any]
"""``taken_at`` (epoch seconds), ``driver`` (its status) and ``devices``, each with ``uuid``, ``parent``,
``index``, ``name``, ``state``, ``total``, ``free`` (bytes), ``holders`` (kernels: ``kernel_id``,
``notebook``, ``memory``), ``others`` (bytes that processes hold which are no kernels of ours) and
``allotted`` (whether the server was given it). None: not known."""


class StateFile:
    """The state at a path, parsed again when the file has changed."""

    def __init__(self, path: Optional[str]) -> None:
        self._file = WatchedFile(path, decode)

    def read(self) -> Optional[State]:
        """The state of the last seconds; None where it is not known."""
        state: Optional[State] = self._file.read()
        return state if state is not None and is_fresh(state, time.time()) else None


def is_fresh(state: State, now: float) -> bool:
    """Whether it still counts. ``now``: epoch seconds."""
    age: float = now - state["taken_at"]
    return -AHEAD <= age <= TOO_OLD


def decode(data: bytes) -> Optional[State]:
    """The state in these bytes, with the fields we know and nothing else; None where it is none."""
    if len(data) > MAX_SIZE:
        return None
    try:
        content = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        return None
    taken_at, devices = content.get("taken_at"), content.get("devices")
    if isinstance(taken_at, bool) or not isinstance(taken_at, (int, float)) or not isinstance(devices, list):
        return None
    checked = [_device(one) for one in devices[:MOST_DEVICES]]
    if len(devices) > MOST_DEVICES or None in checked:
        return None  # with one device left out the others may not be what they seem
    return {"taken_at": float(taken_at), "driver": text(content.get("driver")), "devices": checked}


def _device(content: Any) -> Optional[Dict[str, Any]]:
    if not isinstance(content, dict) or not _line(content.get("uuid")):
        return None
    memory = content.get("memory")
    memory = memory if isinstance(memory, dict) else {}
    holders = content.get("holders")
    known = holders if isinstance(holders, list) else []
    return {
        "uuid": _line(content["uuid"]),
        "parent": _line(content.get("parent")) or None,
        "index": _count(content.get("index")),
        "name": _line(content.get("name")) or None,
        "state": text(content.get("state")),
        "total": _count(memory.get("total")),
        "free": _count(memory.get("free")),
        "holders": [_holder(one) for one in known[:MOST_HOLDERS] if isinstance(one, dict)],
        "others": _count(content.get("others")),
        "allotted": content.get("allotted") is not False,
    }


def _holder(content: Dict[str, Any]) -> Dict[str, Any]:
    return {
        "kernel_id": _line(content.get("kernel_id")) or None,
        "notebook": _line(content.get("notebook")) or None,
        "memory": _count(content.get("memory")),
    }


def _line(content: Any) -> str:
    return text(content).replace("\n", " ")[:300]


def _count(content: Any) -> Optional[int]:
    return content if type(content) is int and content >= 0 else None


def _gone(uuid: str) -> Dict[str, Any]:
    return _device({"uuid": uuid, "state": "gone"}) or {}


def devices_of(
    state: State, given: Optional[List[str]], visible: Optional[str], order: Optional[str]
) -> Optional[List[Dict[str, Any]]]:
    """The devices that a process sees, in its order; None where that cannot be said from here.

    One that was given and is not listed any more has the state ``gone``.

    ``given``: the UUIDs that the kernel was started with, where they still count; else ``visible`` and
    ``order``, its CUDA_VISIBLE_DEVICES and CUDA_DEVICE_ORDER (None: not set), decide.
    """
    devices = state["devices"]
    if state["driver"] not in ("ok", "gpu-lost"):
        return None  # it listed none
    if given is not None:
        known = dict((one["uuid"], one) for one in devices)
        return [known.get(uuid) or _gone(uuid) for uuid in given]
    whole = [one for one in devices if one["parent"] is None]
    if visible is None:
        # Of a GPU in instances, one instance is what a process sees, and which is CUDA's choice.
        return whole if len(whole) == len(devices) else None
    numbered = order == "PCI_BUS_ID" or len(set(one["name"] for one in whole)) <= 1
    found: List[Dict[str, Any]] = []
    for entry in (one.strip() for one in visible.split(",")):
        if entry.isdigit():
            named = [one for one in whole if one["index"] == int(entry)] if numbered else None
        elif entry[:4].upper() in ("GPU-", "MIG-"):
            named = [one for one in devices if one["uuid"].lower().startswith(entry.lower())]
        else:
            return found  # CUDA ignores the list from its first wrong entry on
        if named is None or len(named) > 1:
            return None
        if not named:
            return found
        found.extend(named)
    return found


def room_beside(state: State, devices: List[Dict[str, Any]]) -> bool:
    """Whether a device that may be used, other than these, has room."""
    others = [one for one in state["devices"] if one["allotted"] and one not in devices]
    return any(has_room(one) for one in others)
