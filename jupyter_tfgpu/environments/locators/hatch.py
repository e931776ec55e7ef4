"""Hatch's environments: ``<project>/<8 of a hash>/<environment>`` in its ``env/virtual``, or in ``.hatch``.

Where they are looked for: ``env/virtual`` of hatch's data folder (``$HATCH_DATA_DIR``, ``dirs.data`` of its
``config.toml``, the platform's), or ``dirs.env.virtual`` of the settings: where that is relative, in each
project (``projects``); and ``.hatch`` in each project, which is what its documentation proposes.

Sources: hatch's documentation of its configuration and of the environment plugin ``virtual``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ...machine import Machine
from ..disk import Disk
from ..layout import Layout
from . import places, settings
from .projects import projects
from .recognised import Found, Inside, Recognised

TITLE = "hatch's environments"

_IN_PROJECT = ".hatch"
_HASH = re.compile(r"[A-Za-z0-9_-]{8}")


def find(machine: Machine, disk: Disk) -> Iterator[Found]:
    """The folders of hatch's environments."""
    config = places.from_variable(machine, "HATCH_CONFIG")
    stated = settings.of(disk, config or places.config_folder(machine, "hatch") / "config.toml")
    if stated.trouble is not None:
        yield stated.trouble
    named = stated.get("dirs", "env", "virtual")
    virtual = places.stated(machine, named) or _data(machine, stated) / "env" / "virtual"
    for project in disk.subfolders(virtual):
        for hashed in disk.subfolders(project):
            yield Inside(hashed)
    inside = {_IN_PROJECT, named} if isinstance(named, str) and named.strip() else {_IN_PROJECT}
    for project in projects(machine, disk):
        yield from (Inside(project / name) for name in sorted(inside) if not Path(name).is_absolute())


def recognise(machine: Machine, layout: Layout) -> Recognised | None:
    """A venv below ``virtual/<project>/<hash>``, or in a project's ``.hatch``. The default environment is
    named after the project, another ``<project>:<environment>``."""
    prefix = layout.prefix
    hashed = _HASH.fullmatch(prefix.parent.name) and prefix.parent.parent.parent.name == "virtual"
    if (not hashed and prefix.parent.name != _IN_PROJECT) or layout.settings is None:
        return None
    project = prefix.parent.parent.name
    default = prefix.name in (project, "default")
    return Recognised("hatch", project if default else f"{project}:{prefix.name}")


def _data(machine: Machine, stated: settings.Settings) -> Path:
    return (
        places.from_variable(machine, "HATCH_DATA_DIR")
        or places.stated(machine, stated.get("dirs", "data"))
        or places.data_folder(machine, "hatch")
    )
