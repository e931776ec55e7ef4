"""Environments made by venv, virtualenv and uv: folders with a ``pyvenv.cfg`` (PEP 405).

Where they are looked for, in this order:

1. ``$VIRTUAL_ENV``, the one activated in the terminal that the program was started from;
2. the folders and prefixes that the user names in ``JUPYTER_TFGPU_ENVIRONMENTS`` (separated as in PATH);
3. the folders in which tools and people keep them: ``$WORKON_HOME``, ``~/.virtualenvs``, ``~/envs``, …;
4. the home folder and the program's working folder, and in the latter one level down, since projects
   keep ``.venv`` in their own folder.

The tools leave a mark: ``uv = …`` and ``virtualenv = …`` in ``pyvenv.cfg``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from ...machine import Machine
from .. import files
from ..layout import pyvenv_settings
from .recognised import Found, Inside, Recognised, folder_name

TITLE = "venvs"

VARIABLE = "JUPYTER_TFGPU_ENVIRONMENTS"
"""The variable that names further places: each a prefix, or a folder of prefixes."""

_IN_HOME = (".virtualenvs", "envs", "Envs", ".venvs", "venvs", ".direnv")
_IN_PROJECT = (".venv", "venv", ".env", "env")


def find(machine: Machine) -> Iterator[Found]:
    """Prefixes that may be venvs; each place is looked at one level deep."""
    if machine.environ.get("VIRTUAL_ENV"):
        yield Path(machine.environ["VIRTUAL_ENV"])
    for place in _named(machine):
        yield place
        yield Inside(place)
    for place in _usual(machine):
        yield Inside(place)
    yield Inside(machine.home)
    working = _working_folder(machine)
    if working is not None:
        yield working
        yield Inside(working)
        for project in files.subfolders(working):
            yield from (project / name for name in _IN_PROJECT)


def recognise(machine: Machine, prefix: Path) -> Recognised | None:
    """A folder with ``pyvenv.cfg``. Its name is the prompt that activating it shows, where one is set."""
    settings = pyvenv_settings(prefix)
    if settings is None:
        return None
    # venv writes repr(prompt), virtualenv and uv the text itself.
    prompt = settings.get("prompt", "").strip("'\"").strip("() ")
    name = prompt or folder_name(prefix)
    if "uv" in settings:
        return Recognised("uv", name)
    return Recognised("virtualenv" if "virtualenv" in settings else "venv", name)


def _named(machine: Machine) -> list[Path]:
    parts = machine.environ.get(VARIABLE, "").split(os.pathsep)
    # No shell has expanded it where a settings file or a service manager sets the variable.
    paths = [machine.home / part[2:] if part.startswith("~/") else Path(part) for part in parts]
    return [path for path in paths if path.is_absolute() and "\0" not in str(path)]


def _usual(machine: Machine) -> Iterator[Path]:
    if machine.environ.get("WORKON_HOME"):
        yield Path(machine.environ["WORKON_HOME"])
    yield from (machine.home / name for name in _IN_HOME)
    if machine.environ.get("XDG_DATA_HOME"):
        yield Path(machine.environ["XDG_DATA_HOME"]) / "virtualenvs"
    yield machine.home / ".local" / "share" / "virtualenvs"


def _working_folder(machine: Machine) -> Path | None:
    """The program's, or the one that a machine handed in names in PWD."""
    if not machine.real:
        named = machine.environ.get("PWD", "")
        return Path(named) if Path(named).is_absolute() else None
    try:
        return Path.cwd()
    except OSError:  # it was deleted under us
        return None
