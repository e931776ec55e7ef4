"""Where programs keep their things on each platform, and paths as people write them into settings.

Sources: the XDG Base Directory Specification; Apple's File System Programming Guide; the Known Folders of
Windows; ``platformdirs``, by which poetry and hatch choose their folders.
"""

from __future__ import annotations

import re
from pathlib import Path

from ...machine import Machine

VARIABLE = "JUPYTER_TFGPU_ENVIRONMENTS"
"""The variable that names further places: each a prefix, or a folder of prefixes."""

_REFERENCE = re.compile(r"\$\{(\w+)\}|\$(\w+)")
_WINDOWS_REFERENCE = re.compile(r"%([^%\s]+)%")


def absolute(machine: Machine, text: str) -> Path | None:
    """The path that a text means: ``~``, ``$NAME``, ``${NAME}`` and on Windows ``%NAME%`` are replaced.

    None: it is empty, not absolute, or no path at all. What the variables hold is not replaced again.
    """
    text = text.strip()
    if "$" in text:
        text = _REFERENCE.sub(lambda name: machine.environ.get(name[1] or name[2], name[0]), text)
    if machine.platform == "win32" and "%" in text:
        text = _WINDOWS_REFERENCE.sub(lambda name: machine.environ.get(name[1], name[0]), text)
    if text == "~" or text.startswith(("~/", "~\\")):
        text = f"{machine.home}/{text[2:]}"
    return Path(text) if Path(text).is_absolute() and "\0" not in text else None


def stated(machine: Machine, value: object) -> Path | None:
    """The path that a value in a file of settings means. None: it is none."""
    return absolute(machine, value) if isinstance(value, str) else None


def from_variable(machine: Machine, name: str) -> Path | None:
    """The path in a variable. None: it is not set, or holds none."""
    text = machine.environ.get(name)
    return absolute(machine, text) if text else None


def separated(machine: Machine, name: str) -> list[Path]:
    """The paths in a variable that holds several, separated as in PATH."""
    separator = ";" if machine.platform == "win32" else ":"
    paths = (absolute(machine, part) for part in machine.environ.get(name, "").split(separator))
    return [path for path in paths if path is not None]


def named(machine: Machine) -> list[Path]:
    """The places that the user names."""
    return separated(machine, VARIABLE)


def data_folder(machine: Machine, program: str) -> Path:
    """Where a program keeps data that is to stay."""
    if machine.platform == "win32":
        return local_folder(machine) / program
    if machine.platform == "darwin":
        return machine.home / "Library" / "Application Support" / program
    return xdg(machine, "XDG_DATA_HOME", ".local/share") / program


def cache_folder(machine: Machine, program: str) -> Path:
    """Where a program keeps what it can make again."""
    if machine.platform == "win32":
        return local_folder(machine) / program / "Cache"
    if machine.platform == "darwin":
        return machine.home / "Library" / "Caches" / program
    return xdg(machine, "XDG_CACHE_HOME", ".cache") / program


def config_folder(machine: Machine, program: str, *, roaming: bool = False) -> Path:
    """Where a program keeps its settings. ``roaming``: on Windows in the folder that moves with the user."""
    if machine.platform == "win32":
        return (roaming_folder(machine) if roaming else local_folder(machine)) / program
    if machine.platform == "darwin":
        return machine.home / "Library" / "Application Support" / program
    return xdg(machine, "XDG_CONFIG_HOME", ".config") / program


def xdg(machine: Machine, variable: str, default: str) -> Path:
    """One of the XDG folders, also for the programs that use them on macOS."""
    return from_variable(machine, variable) or machine.home / default


def roaming_folder(machine: Machine) -> Path:
    """``%APPDATA%``."""
    return from_variable(machine, "APPDATA") or machine.home / "AppData" / "Roaming"


def local_folder(machine: Machine) -> Path:
    """``%LOCALAPPDATA%``."""
    return from_variable(machine, "LOCALAPPDATA") or machine.home / "AppData" / "Local"
