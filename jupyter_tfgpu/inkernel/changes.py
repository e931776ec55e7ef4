"""The report of the start, made that of now: what can have changed since. Pure.

A lost device and taken memory come from the server's state file, CUDA_VISIBLE_DEVICES from the kernel. What
the report said of them and is no longer true is left out. Nothing is added from the state where an error of
the report stands: it comes first, and mostly keeps the framework from using any device.
"""

from typing import Any, Dict, List, NamedTuple, Optional

from . import reports
from .device_findings import gpu_lost, memory_taken

_OF_DEVICES = ("gpu-lost", "gpu-memory-taken")
_OF_THE_VARIABLE = ("gpu-hidden", "gpu-hidden-partly")

Findings = List[Dict[str, Any]]

Now = NamedTuple(
    "Now",
    [
        ("devices", Optional[Findings]),
        ("all_well", bool),
        ("elsewhere", bool),
        ("kernel_id", Optional[str]),
        ("variable_changed", bool),
        ("own", Findings),
    ],
)
"""``devices``: those that the kernel sees, as the state file has them (:func:`.state.devices_of`); None: not
known. ``all_well``: the driver says so of the whole machine. ``elsewhere``: a device that may be used and
is not the kernel's has room. ``kernel_id``: whose memory is the kernel's own.
``variable_changed``: CUDA_VISIBLE_DEVICES is not that of the start, and was changed in time. ``own``: what
the kernel itself has found."""


def as_of_now(report: reports.Report, framework: Optional[str], now: Now) -> reports.Report:
    """The report for a cell that uses this framework (None: not known which)."""
    void = _OF_THE_VARIABLE if now.variable_changed else ()
    findings = [one for one in report["findings"] if one["code"] not in void]
    if now.devices is not None and not _explained(findings, framework):
        findings = _updated(findings, framework, now, now.devices)
    return reports.only(report, findings + now.own)


def _explained(findings: Findings, framework: Optional[str]) -> bool:
    """Whether an error stands that is not about the devices."""
    ours = reports.concerning({"findings": findings}, framework)
    return any(one["severity"] == "error" and one["code"] not in _OF_DEVICES for one in ours)


def _updated(findings: Findings, framework: Optional[str], now: Now, devices: Findings) -> Findings:
    kept = [one for one in findings if one["code"] not in _OF_DEVICES]
    said = [one for one in findings if one["code"] == "gpu-lost"]
    lost = gpu_lost(devices, now.elsewhere)
    if lost is not None:
        # The report's fixes, where it knew of it: it knows the machine.
        return [dict(lost, fixes=said[0]["fixes"]) if said else lost] + kept
    if said and not now.all_well:
        return said + kept
    taken = memory_taken(devices[0], framework, now.kernel_id, now.elsewhere) if devices else None
    return kept + [taken] if taken is not None else kept
