"""Which GPUs a kernel sees: CUDA_VISIBLE_DEVICES and its like, read as CUDA and HIP read them.

NVIDIA's CUDA programming guide, appendix on environment variables: a list of indices, UUIDs (or beginnings of
one that no other has) or MIG instances; unset means all, empty none; it ends at the first entry that names no
device. That an entry that stands twice leaves no device at all is how PyTorch mirrors it
(``torch/cuda/__init__.py``).
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from .snapshot import Gpu
from .subject import Subject

VARIABLE = "CUDA_VISIBLE_DEVICES"
_OF_HIP = ("ROCR_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", VARIABLE)
_NUMBER = re.compile(r"\s*[+-]?\d+")

Reason = Literal[
    "empty", "negative", "no-such-index", "no-such-uuid", "no-such-mig", "ambiguous", "twice", "no-device"
]
"""Why an entry ends the list: the list is empty; -1; devices of that index, UUID or MIG instance do not
exist; a beginning of several UUIDs; the entry stands there a second time; the entry names nothing at all."""


class Visible(NamedTuple):
    """What one variable leaves of the GPUs.

    ``gpus``: those it names, in its order (a MIG instance by its GPU). ``ignored``: the entries from the
    first that names no device on, empty where all count; ``reason``: what is wrong with that first one.
    """

    variable: str
    value: str
    gpus: tuple[Gpu, ...]
    ignored: tuple[str, ...] = ()
    reason: Reason | None = None

    @property
    def hides_all(self) -> bool:
        return self.reason is not None and not self.gpus


def visible(subject: Subject) -> Visible | None:
    """What is left of the GPUs by the variable that decides. None: none is set, or the facts do not tell."""
    gpus, left = usable_gpus(subject), None
    for name in _variables(subject):
        value = (subject.snapshot.variables or {}).get(name)
        if not isinstance(value, str):
            continue
        found = read(name, value, gpus, _at_most(subject, gpus))
        if found is not None and found.hides_all:
            return found
        left = left or found
    return left


def gpus_in_use(subject: Subject) -> tuple[Gpu, ...]:
    """The GPUs that the framework is given, as far as known: those left by a variable, else all that CUDA (or
    HIP, for a build with it) could use."""
    left = visible(subject)
    return left.gpus if left and left.gpus else usable_gpus(subject)


def _uses_hip(subject: Subject) -> bool:
    return bool(subject.framework and subject.framework.rocm_build)


def _variables(subject: Subject) -> tuple[str, ...]:
    return _OF_HIP if _uses_hip(subject) else (VARIABLE,)


def usable_gpus(subject: Subject) -> tuple[Gpu, ...]:
    """Those of the maker that the build is for, in the driver's order."""
    if _uses_hip(subject):
        return tuple(gpu for gpu in subject.snapshot.gpus or () if gpu.vendor in ("amd", None))
    return subject.nvidia_gpus


def _at_most(subject: Subject, gpus: tuple[Gpu, ...]) -> int | None:
    """How many GPUs there may be: the PCI bus may know of more than were listed. None: not known."""
    if subject.snapshot.gpus is None or not gpus:
        return None
    if subject.host.container or _uses_hip(subject):
        return len(gpus)  # the bus shows the host's, the driver those that the container was given
    return max(len(gpus), subject.host.nvidia_pci_devices or 0)


def read(name: str, value: str, gpus: tuple[Gpu, ...], at_most: int | None) -> Visible | None:
    """The list ``value`` of the variable ``name`` over the GPUs in PCI order; ``at_most``: how many there may
    be. None: it cannot be told what it names."""
    if not value.strip():
        return Visible(name, value, (), (), "empty")
    entries = [entry.strip() for entry in value.split(",")]
    chosen: list[Gpu] = []
    seen: set[str] = set()
    for place, entry in enumerate(entries):
        reason, gpu = _entry(entry, gpus, at_most)
        if reason is None and entry in seen:
            return Visible(name, value, (), tuple(entries), "twice")
        seen.add(entry)
        if reason is not None:
            # What was named before it may be a device that nobody listed.
            unknown = place > 0 and not chosen
            return None if unknown else Visible(name, value, tuple(chosen), tuple(entries[place:]), reason)
        if gpu is not None and gpu not in chosen:
            chosen.append(gpu)
        if entry.upper().startswith("MIG-"):
            break  # one process uses one instance
    return Visible(name, value, tuple(chosen))


def _entry(entry: str, gpus: tuple[Gpu, ...], at_most: int | None) -> tuple[Reason | None, Gpu | None]:
    """Why the entry names no device, or the device; neither where it may name one that nobody listed."""
    upper = entry.upper()
    if upper.startswith("MIG-"):
        return _mig(entry, gpus, at_most)
    if upper.startswith("GPU-"):
        return _uuid(entry, gpus, at_most)
    number = _NUMBER.match(entry)
    if number is None:
        return "no-device", None
    index = int(number[0])
    if index < 0:
        return "negative", None
    if at_most is not None and index >= at_most:
        return "no-such-index", None
    return None, gpus[index] if index < len(gpus) else None


def _uuid(entry: str, gpus: tuple[Gpu, ...], at_most: int | None) -> tuple[Reason | None, Gpu | None]:
    found = [gpu for gpu in gpus if (gpu.uuid or "").lower().startswith(entry.lower())]
    if len(found) == 1:
        return None, found[0]
    if len(found) > 1:
        return "ambiguous", None
    complete = at_most == len(gpus) and all(gpu.uuid for gpu in gpus)
    return ("no-such-uuid" if complete else None), None


def _mig(entry: str, gpus: tuple[Gpu, ...], at_most: int | None) -> tuple[Reason | None, Gpu | None]:
    wanted = entry.lower()
    for gpu in gpus:
        if any(instance.lower() == wanted for instance in gpu.mig or ()):
            return None, gpu
        # The form before R470: MIG-<UUID of the GPU>/<GPU instance>/<compute instance>
        if gpu.uuid and wanted.startswith(f"mig-{gpu.uuid.lower()}/"):
            return None, gpu
    listed = at_most == len(gpus) and all(gpu.mig is not None for gpu in gpus)
    old_form = "/" in wanted and not all(gpu.uuid for gpu in gpus)
    return ("no-such-mig" if listed and not old_form else None), None
