"""Where environments are found: one module a kind, each with the same two functions.

``find(machine)`` yields prefixes that may be environments of this kind, and folders (``Inside``) whose
subfolders may be, without looking deep: it may name what is none, or is gone. What it could not read it
tells (``Trouble``).
``recognise(machine, prefix)`` says what kind a prefix is and which name its tool shows, or None.
A new kind is a new module and a line in ``LOCATORS``.

The order matters, for ``recognise`` takes the first that says yes:

1. ``conda``: a venv's mark inside a conda prefix is some package's; ``conda-meta`` settles it;
2. ``venv``: a folder with ``pyvenv.cfg``;
3. ``own``: the interpreter of this program, and every other Python that stands alone. Last, because a conda
   environment has a standard library of its own as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from ...machine import Machine
from . import conda, own, venv
from .recognised import Found, Inside, Recognised, Trouble


class Locator(Protocol):
    """What each module here offers. ``TITLE``: what it looks for, in the plural."""

    TITLE: str

    def find(self, machine: Machine) -> Iterable[Found]: ...

    def recognise(self, machine: Machine, prefix: Path) -> Recognised | None: ...


LOCATORS: tuple[Locator, ...] = (conda, venv, own)


def recognise(machine: Machine, prefix: Path, locators: Sequence[Locator] = LOCATORS) -> Recognised | None:
    """The kind and name of a prefix, by the first locator that knows it. None: no environment."""
    for locator in locators:
        recognised = locator.recognise(machine, prefix)
        if recognised is not None:
            return recognised
    return None


__all__ = ["LOCATORS", "Found", "Inside", "Locator", "Recognised", "Trouble", "recognise"]
