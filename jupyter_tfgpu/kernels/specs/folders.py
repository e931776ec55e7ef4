"""The folders of kernelspecs: ours, and the others on Jupyter's data path."""

from __future__ import annotations

import os
from pathlib import Path

from jupyter_core.paths import jupyter_path

from .document import KERNEL_JSON


def names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def is_spec(folder: Path) -> bool:
    """Whether there is a kernelspec; one that may not be looked at, or whose name no disk takes, is none."""
    return os.path.isfile(folder / KERNEL_JSON)  # noqa: PTH113 - Path's raises for these


def holds_something(folder: Path) -> bool:
    """Whether a folder that is no kernelspec is in the way; an empty one is not."""
    return os.path.lexists(folder) and not (folder.is_dir() and not os.listdir(folder))


def elsewhere(name: str, kernels: Path) -> Path | None:
    """Where on Jupyter's data path beside our folder a kernelspec of this name is."""
    for place in jupyter_path("kernels"):
        folder = Path(place) / name
        if Path(place) != kernels and is_spec(folder):
            return folder
    return None
