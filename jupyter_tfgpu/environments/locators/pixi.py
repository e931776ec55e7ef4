"""Pixi's environments: conda prefixes in a project's ``.pixi/envs``, with a note in ``conda-meta/pixi``.

Where they are looked for, in this order:

1. ``$PIXI_PROJECT_ROOT``, the project that is active in the terminal, and the projects (``projects``);
2. ``.pixi/envs`` of the home and of ``$PIXI_HOME``, where ``pixi global`` keeps what it installs;
3. detached environments, where a ``config.toml`` sets ``detached-environments``: to true, they lie in
   ``envs`` of pixi's cache folder, else in the folder that it names, as ``<project>-<hash>/envs/<name>``.

The note is JSON and states the manifest and the environment's name. Sources: pixi's documentation of its
configuration, of environments and of its environment variables.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from ...machine import Machine
from .. import files
from ..disk import Disk
from ..layout import Layout
from . import places, settings
from .projects import projects
from .recognised import Found, Inside, Recognised

TITLE = "pixi's environments"

_ENVS = Path(".pixi", "envs")


class Note(msgspec.Struct):
    """``conda-meta/pixi``."""

    manifest_path: str | None = None
    environment_name: str | None = None


def find(machine: Machine, disk: Disk) -> Iterator[Found]:
    """The folders of pixi's environments."""
    active = places.from_variable(machine, "PIXI_PROJECT_ROOT")
    for project in [*([active] if active else []), *projects(machine, disk), machine.home]:
        yield Inside(project / _ENVS)
    home = places.from_variable(machine, "PIXI_HOME")
    if home is not None:
        yield Inside(home / "envs")
    yield from _detached(machine, disk)


def recognise(machine: Machine, layout: Layout) -> Recognised | None:
    """A conda prefix with pixi's note, or one in ``.pixi/envs``. Named as in pixi's prompt: by the project,
    with the environment's name unless that is ``default``."""
    prefix = layout.prefix
    if layout.records is None:
        return None
    in_project = prefix.parent.name == "envs" and prefix.parent.parent.name == ".pixi"
    if "pixi" not in layout.records and not in_project:
        return None
    noted = note(prefix)
    name = noted.environment_name or prefix.name
    project = Path(noted.manifest_path).parent.name if noted.manifest_path else ""
    if not project and in_project and prefix.parent.parent.parent != machine.home:
        project = prefix.parent.parent.parent.name
    if not project:  # installed with "pixi global"
        return Recognised("pixi", name)
    return Recognised("pixi", project if name == "default" else f"{project}:{name}")


def note(prefix: Path) -> Note:
    """What pixi noted of a prefix; nothing where there is no note that can be read."""
    try:
        return msgspec.json.decode(files.read_text(prefix / "conda-meta" / "pixi") or "{}", type=Note)
    except (msgspec.DecodeError, UnicodeError):
        return Note()


def _detached(machine: Machine, disk: Disk) -> Iterator[Found]:
    """The files in the order in which pixi reads them: what a later one says counts."""
    detached: bool | str = False
    for file in _configs(machine):
        stated = settings.of(disk, file)
        if stated.trouble is not None:
            yield stated.trouble
        value = stated.get("detached-environments")
        if isinstance(value, bool | str):
            detached = value
    folder = places.stated(machine, detached)
    if detached is True:
        folder = _cache(machine) / "envs"
    if folder is not None:
        for project in disk.subfolders(folder):
            yield Inside(project / "envs")


def _configs(machine: Machine) -> Iterator[Path]:
    if machine.platform == "win32":
        yield machine.path("C:/ProgramData/pixi/config.toml")
    else:
        yield machine.path("/etc/pixi/config.toml")
        yield machine.home / ".config" / "pixi" / "config.toml"
        config = places.from_variable(machine, "XDG_CONFIG_HOME")
        if config is not None:
            yield config / "pixi" / "config.toml"
    if machine.platform in ("darwin", "win32"):
        yield places.config_folder(machine, "pixi", roaming=True) / "config.toml"
    yield machine.home / ".pixi" / "config.toml"
    home = places.from_variable(machine, "PIXI_HOME")
    if home is not None:
        yield home / "config.toml"


def _cache(machine: Machine) -> Path:
    for variable in ("PIXI_CACHE_DIR", "RATTLER_CACHE_DIR"):
        named = places.from_variable(machine, variable)
        if named is not None:
            return named
    if places.from_variable(machine, "XDG_CACHE_HOME"):
        return places.xdg(machine, "XDG_CACHE_HOME", ".cache") / "pixi"
    if machine.platform == "win32":
        return places.local_folder(machine) / "rattler" / "cache"
    return places.cache_folder(machine, "rattler") / "cache"
