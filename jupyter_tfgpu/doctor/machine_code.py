"""Whether a build has code that a GPU runs: from the list of GPUs it was compiled for.

- ``sm_86``: machine code. It runs on GPUs of the same major capability and at least its minor one; on
  Jetson's only on exactly that one (CUDA C++ Programming Guide, "Binary Compatibility").
- ``sm_90a``: machine code for exactly that capability; ``sm_100f``: for that and newer ones of its family.
- ``compute_86``: PTX, which the driver compiles for GPUs of that capability and newer ones when it is loaded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from .knowledge.gpus import TEGRA
from .versions import numbers

_ENTRY = re.compile(r"(?P<kind>sm|compute)_(?P<major>\d+)(?P<minor>\d)(?P<only>[af]?)$")

Capability = tuple[int, int]


class Entry(NamedTuple):
    """One entry of a list. ``machine``: it is machine code, else PTX. ``exact``: for no other capability."""

    machine: bool
    capability: Capability
    exact: bool


def entries(compiled: Iterable[str], *, highest_is_both: bool = False) -> tuple[Entry, ...]:
    """``highest_is_both``: ``compute_NN`` means machine code and PTX, as in TensorFlow's lists
    (its ``.bazelrc``). What is no NVIDIA GPU's (``gfx1030``) is left out."""
    return _entries(tuple(compiled), highest_is_both)


@lru_cache(maxsize=256)
def _entries(compiled: tuple[str, ...], highest_is_both: bool) -> tuple[Entry, ...]:
    found: list[Entry] = []
    for match in filter(None, (_ENTRY.match(each) for each in compiled)):
        capability = (int(match["major"]), int(match["minor"]))
        exact = match["only"] == "a"
        if match["kind"] == "sm" or highest_is_both:
            found.append(Entry(True, capability, exact))
        if match["kind"] == "compute":
            found.append(Entry(False, capability, exact))
    return tuple(dict.fromkeys(found))


def with_ptx(code: Iterable[Entry]) -> tuple[Entry, ...]:
    """The same with PTX beside all machine code."""
    return tuple(dict.fromkeys(found for each in code for found in (each, each._replace(machine=False))))


def parsed(capability: str | None) -> Capability | None:
    found = numbers(capability)
    return (found[0], found[1]) if len(found) == 2 else None


def runs(code: Iterable[Entry], gpu: Capability) -> bool:
    """Whether some machine code runs on the GPU as it is."""
    return any(each.machine and _same_binary(each, gpu) for each in code)


def _same_binary(entry: Entry, gpu: Capability) -> bool:
    if entry.exact or gpu in TEGRA or entry.capability in TEGRA:
        return entry.capability == gpu
    return entry.capability[0] == gpu[0] and entry.capability[1] <= gpu[1]


def compiles(code: Iterable[Entry], gpu: Capability) -> bool:
    """Whether the driver can make machine code for the GPU from some PTX."""
    return any(not each.machine and not each.exact and each.capability <= gpu for each in code)


def newest(code: Iterable[Entry]) -> Capability | None:
    """The newest capability that there is code for."""
    return max((each.capability for each in code), default=None)


def oldest(code: Iterable[Entry]) -> Capability | None:
    return min((each.capability for each in code), default=None)
