"""What is to be said of a kernel's devices as the state file has them. Pure."""

import re
from typing import Any, Dict, List, Optional

from . import reports

MOST, NEARLY_ALL = 0.5, 0.8
"""Shares of a device's memory that are held by others, or in use by nobody knows whom: as the report has it
(``doctor/rules/memory.py``), so that both say the same of the same device."""

NAMES = {"tensorflow": "TensorFlow", "torch": "PyTorch", "jax": "JAX", "mxnet": "MXNet"}

TAKE_ALL = ("tensorflow", "jax")
"""Frameworks that take the device's memory at start unless told otherwise."""

ILL = {
    "lost": "is lost: it no longer answers on the bus",
    "reset-required": "waits for a reset",
    "gone": "is no longer listed by the driver",
}
"""States of a device in which programs on it fail."""

_OTHERS = "processes that are no kernels"

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z")
"""Kernel ids that may stand in a command."""


def gpu_lost(devices: List[Dict[str, Any]], elsewhere: bool) -> Optional[Dict[str, Any]]:
    """That a device of this kernel cannot be used any more; None: all can. ``elsewhere``: another may do."""
    ill = [one for one in devices if one["state"] in ILL]
    if not ill:
        return None
    said = ["{} {}".format(_called(one), ILL[one["state"]]) for one in ill]
    return _finding(
        code="gpu-lost",
        severity="error",
        framework=None,
        title="A GPU of this kernel is lost" if len(ill) == 1 else "GPUs of this kernel are lost",
        detail="{}. Programs that use it fail. What this kernel had on it is gone.".format("; ".join(said)),
        evidence=said,
        fixes=[
            {
                "title": "Have the GPU reset with no program on it, or the machine switched off and on "
                "again; the driver's log says why (Xid)",
                "where": "host",
            },
        ]
        + _another(elsewhere),
    )


def memory_taken(
    device: Dict[str, Any], framework: Optional[str], kernel_id: Optional[str], elsewhere: bool
) -> Optional[Dict[str, Any]]:
    """That others hold most of the memory of the device that is used first; None: there is room, or it is not
    known. ``kernel_id``: whose memory does not count. ``elsewhere``: another device has room."""
    total, free = device["total"], device["free"]
    own = [one for one in device["holders"] if one["kernel_id"] == kernel_id]
    others = [one for one in device["holders"] if one["kernel_id"] != kernel_id]
    if not total or not _is_taken(device, own, others):
        return None
    name = NAMES.get(framework or "", "The framework")
    amounts = _by_kernel(others)
    left = gib(total) if free is None else "{} of {} are free".format(gib(free), gib(total))
    return _finding(
        code="gpu-memory-taken",
        severity="warning",
        framework=framework,
        title="Most of the GPU's memory is taken",
        detail="{} most of the memory of {}: {}. {} may start, and then fail with out of memory, or with a "
        "message that cuDNN or cuBLAS cannot be initialized.".format(
            _who(amounts, device["others"]), _called(device), left, name
        ),
        evidence=_evidence(device, amounts),
        fixes=_fixes(amounts, framework, elsewhere),
    )


def _is_taken(device: Dict[str, Any], own: List[Dict[str, Any]], others: List[Dict[str, Any]]) -> bool:
    total: int = device["total"]
    free: Optional[int] = device["free"]
    known: int = sum(one["memory"] or 0 for one in others) + (device["others"] or 0)
    if known > MOST * total:
        return True
    if free is None or any(one["memory"] is None for one in own):
        return False  # what is gone may all be this kernel's
    used: int = total - free - sum(one["memory"] for one in own)
    return used > NEARLY_ALL * total


def has_room(device: Dict[str, Any]) -> bool:
    """Whether a framework would find half of the device's memory free."""
    total, free = device["total"], device["free"]
    return device["state"] == "ok" and bool(total) and free is not None and free > MOST * total


def _by_kernel(holders: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
    """One a kernel, whatever processes it has, most memory first."""
    found: Dict[Optional[str], Dict[str, Any]] = {}
    for one in holders:
        known = found.setdefault(one["kernel_id"], dict(one, memory=0))
        known["memory"] += one["memory"] or 0
    return sorted(found.values(), key=lambda one: -one["memory"])


def _who(amounts: List[Dict[str, Any]], rest: Optional[int]) -> str:
    """Those that hold a part worth a word, the largest first, and the verb."""
    people = [(one["memory"], _kernel(one)) for one in amounts] + [(rest or 0, _OTHERS)]
    least = max(1, sum(memory for memory, _ in people) // 20)
    people = sorted((one for one in people if one[0] >= least), reverse=True)[:3]
    if not people:
        return "Other processes hold"
    named = ["{} ({})".format(name, gib(memory)) for memory, name in people]
    said = " and ".join([", ".join(named[:-1])] * (len(named) > 1) + named[-1:])
    if people[0][1] == _OTHERS:
        said = said[0].upper() + said[1:]
    return "{} {}".format(said, "holds" if len(people) == 1 and people[0][1] != _OTHERS else "hold")


def _kernel(holder: Dict[str, Any]) -> str:
    if holder["notebook"]:
        return re.split(r"[/\\]", holder["notebook"])[-1] or str(holder["notebook"])
    return "the kernel {}".format((holder["kernel_id"] or "")[:8])


def _evidence(device: Dict[str, Any], amounts: List[Dict[str, Any]]) -> List[str]:
    total, free, rest = device["total"], device["free"], device["others"]
    lines = [] if free is None else ["free: {} of {}".format(gib(free), gib(total))]
    lines.extend(
        "{}: {}".format(one["notebook"] or _kernel(one), gib(one["memory"]) if one["memory"] else "not known")
        for one in amounts[:5]
    )
    if rest:
        lines.append("{}: {}".format(_OTHERS, gib(rest)))
    return lines


def _another(elsewhere: bool) -> List[Dict[str, Any]]:
    if not elsewhere:
        return []
    return [
        {
            "title": "Or use another GPU, which has room: choose it, and restart the kernel",
            "commands": ["%tfgpu pin auto"],
            "where": "notebook",
        }
    ]


def _fixes(amounts: List[Dict[str, Any]], framework: Optional[str], elsewhere: bool) -> List[Dict[str, Any]]:
    kernels = [one for one in amounts if one["kernel_id"] and _ID.match(one["kernel_id"])]
    less = {
        "title": "Or have {} take only what it needs".format(NAMES.get(framework or "")),
        "commands": ["%tfgpu growth on"],
        "where": "notebook",
    }
    further = _another(elsewhere) + ([less] if framework in TAKE_ALL else [])
    if not kernels:
        end = {
            "title": "See what holds it, and end what is no longer needed",
            "commands": ["jupyter tfgpu devices", "jupyter tfgpu kernels"],
            "where": "terminal",
        }
        return [end] + further
    shut = {
        "title": "Shut down what is no longer needed: {}".format(", ".join(map(_kernel, kernels[:5]))),
        "commands": ["jupyter tfgpu kernels shutdown {}".format(one["kernel_id"]) for one in kernels[:5]],
        "where": "terminal",
    }
    return [shut] + further


def _called(device: Dict[str, Any]) -> str:
    name = device["name"] or ("The GPU" if device["index"] is None else "")
    if device["index"] is None:
        return "{} ({})".format(name, device["uuid"][:12])
    return "GPU {} ({})".format(device["index"], name) if name else "GPU {}".format(device["index"])


def gib(size: int) -> str:
    """Bytes for a person."""
    return "{:.1f} GiB".format(size / 1024.0**3)


def _finding(**content: Any) -> Dict[str, Any]:
    """A finding as it is taken from a report: of bounded length, without control characters."""
    made = reports.finding(content)
    assert made is not None
    return made
