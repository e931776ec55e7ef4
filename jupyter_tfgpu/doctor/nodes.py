"""The GPU's device nodes: which a kernel finds, and which of them it may open."""

from __future__ import annotations

import re
from typing import NamedTuple

from .subject import Subject

_GPU = re.compile(r"/dev/nvidia\d+")
CONTROL, UVM, DXG = "/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/dxg"
_JETSON = ("/dev/nvhost", "/dev/nvmap", "/dev/nvgpu", "/dev/nvidia")


class Nodes(NamedTuple):
    """``gpus``: whether there is one of a GPU (/dev/nvidia0). ``denied``: those without which no program of
    this user can compute."""

    gpus: bool
    control: bool
    uvm: bool
    dxg: bool
    denied: tuple[str, ...]

    @property
    def any(self) -> bool:
        return self.gpus or self.control or self.dxg


def nodes(subject: Subject) -> Nodes | None:
    """None: nobody looked."""
    there = subject.host.device_nodes
    denied = _that_matter(subject)
    if there is None:
        return None
    return Nodes(
        gpus=any(_GPU.fullmatch(each) for each in there),
        control=CONTROL in there,
        uvm=UVM in there,
        dxg=DXG in there,
        denied=denied,
    )


def _that_matter(subject: Subject) -> tuple[str, ...]:
    """Of the denied nodes those that every program needs; of the GPUs' own only where none is left, for a
    scheduler gives each job some of them."""
    denied = subject.host.device_nodes_denied or ()
    if subject.host.jetson:
        return tuple(each for each in denied if each.startswith(_JETSON))
    cards = [each for each in subject.host.device_nodes or () if _GPU.fullmatch(each)]
    closed = [each for each in denied if _GPU.fullmatch(each)]
    needed = [each for each in denied if each in (CONTROL, UVM, DXG)]
    return (*closed, *needed) if closed and set(cards) <= set(closed) else tuple(needed)
