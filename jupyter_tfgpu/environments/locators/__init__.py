"""Where environments are found: one module a kind, each with the same two functions.

``find(machine, disk)`` yields prefixes that may be environments of this kind, and folders (``Inside``) whose
subfolders may be, without looking deep: it may name what is none, or is gone. What it could not read it
tells (``Trouble``). It reads by ``disk``, which notes what was read.
``recognise(machine, layout)`` says what kind a prefix is and which name its tool shows, or None; what the
prefix tells of further places it adds.
A new kind is a new module and a line in ``LOCATORS``.

The order matters, for ``recognise`` takes the first that says yes:

1. ``pixi``: a conda prefix with pixi's note;
2. ``conda``: a venv's mark inside a conda prefix is some package's; ``conda-meta`` settles it;
3. ``pyenv``, ``hatch``, ``poetry``, ``pipenv``: known by the place or the name that the tool gives, whatever
   made the venv that lies there;
4. ``uv``, ``virtualenv``: known by the mark in ``pyvenv.cfg``;
5. ``venv``: every other folder with ``pyvenv.cfg``;
6. ``system``: a Python that stands alone where systems and installers put it;
7. ``own``: the interpreter of this program, and every other Python that stands alone. Last, because a conda
   environment has a standard library of its own as well, and only of what it names itself: a folder of the
   home with a standard library in it is no environment for being in the home.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from ...machine import Machine
from ..disk import Disk
from ..layout import Layout
from . import conda, hatch, own, pipenv, pixi, poetry, pyenv, system, uv, venv, virtualenv
from .recognised import Found, Inside, Recognised, Trouble


class Locator(Protocol):
    """What each module here offers. ``TITLE``: what it looks for, in the plural."""

    TITLE: str

    def find(self, machine: Machine, disk: Disk) -> Iterable[Found]: ...

    def recognise(self, machine: Machine, layout: Layout) -> Recognised | None: ...


LOCATORS: tuple[Locator, ...] = (
    pixi,
    conda,
    pyenv,
    hatch,
    poetry,
    pipenv,
    uv,
    virtualenv,
    venv,
    system,
    own,
)


def asked(locators: Sequence[Locator], named_by: Locator) -> tuple[Locator, ...]:
    """The locators that are asked what a prefix is which ``named_by`` found: all but ``own``, unless it was
    that one."""
    return tuple(locator for locator in locators if locator is not own or named_by is own)


def recognise(machine: Machine, layout: Layout, locators: Sequence[Locator] = LOCATORS) -> Recognised | None:
    """The kind and name of a prefix, by the first locator that knows it. None: no environment."""
    for locator in locators:
        recognised = locator.recognise(machine, layout)
        if recognised is not None:
            return recognised
    return None


__all__ = ["LOCATORS", "Found", "Inside", "Locator", "Recognised", "Trouble", "asked", "recognise"]
