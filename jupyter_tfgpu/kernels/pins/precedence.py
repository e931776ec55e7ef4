"""Whose pin counts at a start: the kernel's, the notebook's, the kernelspec's, then the default."""

from __future__ import annotations

from typing import Literal

from .pin import Pin
from .store import PinStore
from .targets import Target

PinFrom = Literal["kernel", "notebook", "kernelspec", "default"]


def choose_pin(
    store: PinStore, default: Pin, *, kernel_id: str | None, notebook: str | None, kernelspec: str | None
) -> tuple[Pin, PinFrom]:
    """The pin that counts for this kernel, and who chose it. ``notebook``: its path, links followed."""
    targets: list[tuple[PinFrom, Target]] = []
    if kernel_id:
        targets.append(("kernel", Target(kernel_id=kernel_id)))
    if notebook:
        targets.append(("notebook", Target(notebook=notebook)))
    if kernelspec:
        targets.append(("kernelspec", Target(kernelspec=kernelspec)))
    for chosen_by, target in targets:
        pin = store.get(target)
        if pin is not None:
            return pin, chosen_by
    return default, "default"
