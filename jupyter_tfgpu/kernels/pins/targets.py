"""What a pin belongs to: a notebook, a kernel or a kernelspec."""

from __future__ import annotations

import os
from typing import Literal

import msgspec

TargetKind = Literal["kernel", "notebook", "kernelspec"]


class Target(msgspec.Struct, frozen=True):
    """Exactly one of the three is set. ``notebook`` is the absolute path of its file."""

    notebook: str | None = None
    kernel_id: str | None = None
    kernelspec: str | None = None

    def __post_init__(self) -> None:
        if sum(name is not None for name in (self.notebook, self.kernel_id, self.kernelspec)) != 1:
            raise ValueError("a pin belongs to one notebook, one kernel or one kernelspec")

    @property
    def kind(self) -> TargetKind:
        """Which of the three it is."""
        if self.kernel_id is not None:
            return "kernel"
        return "notebook" if self.notebook is not None else "kernelspec"

    @property
    def key(self) -> str:
        """The notebook's path, the kernel's id or the kernelspec's name."""
        return self.kernel_id or self.notebook or self.kernelspec or ""


def notebook_target(path: str | os.PathLike[str]) -> Target:
    """The target of a notebook's file, which need not exist; links are followed, so any name of it counts."""
    return Target(notebook=os.path.realpath(path))


def make_target(kind: TargetKind, key: str) -> Target:
    """The target of this kind."""
    if kind == "kernel":
        return Target(kernel_id=key)
    return Target(notebook=key) if kind == "notebook" else Target(kernelspec=key)
