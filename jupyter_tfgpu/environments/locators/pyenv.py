"""Pyenv's Pythons, and the environments that pyenv-virtualenv made of them.

Where they are looked for: ``versions`` in ``$PYENV_ROOT``, else in ``~/.pyenv``; on Windows (pyenv-win) in
``$PYENV_ROOT`` or ``$PYENV``, else ``~/.pyenv/pyenv-win``. An environment lies in
``versions/3.11.7/envs/<name>``, with a link to it in ``versions``.

Sources: the documentation of pyenv, pyenv-virtualenv and pyenv-win.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ...machine import Machine
from ..disk import Disk
from ..layout import Layout, has_standard_library
from . import places
from .recognised import Found, Inside, Recognised

TITLE = "pyenv's Pythons"


def find(machine: Machine, disk: Disk) -> Iterator[Found]:
    """The versions, and the environments in each."""
    versions = _root(machine) / "versions"
    for version in disk.subfolders(versions):
        yield version
        if not version.is_symlink():
            yield Inside(version / "envs")


def recognise(machine: Machine, layout: Layout) -> Recognised | None:
    """A Python in pyenv's ``versions``, or a venv in ``envs`` of one."""
    prefix = layout.prefix
    if prefix.parent.name == "versions":
        known = _is_root(machine, prefix.parent.parent) and (
            layout.settings is not None or has_standard_library(layout)
        )
    elif prefix.parent.name == "envs" and prefix.parent.parent.parent.name == "versions":
        known = _is_root(machine, prefix.parents[3]) and layout.settings is not None
    else:
        return None
    return Recognised("pyenv", prefix.name) if known else None


def _is_root(machine: Machine, folder: Path) -> bool:
    """By its name, or because the variables say so. The prefix's links are resolved, the variable's perhaps
    not."""
    return folder.name in (".pyenv", "pyenv", "pyenv-win") or folder == _root(machine).resolve()


def _root(machine: Machine) -> Path:
    named = places.from_variable(machine, "PYENV_ROOT")
    if machine.platform != "win32":
        return named or machine.home / ".pyenv"
    return named or places.from_variable(machine, "PYENV") or machine.home / ".pyenv" / "pyenv-win"
