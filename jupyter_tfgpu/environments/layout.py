"""Where things lie in an environment: its interpreter, its settings, its site-packages.

Facts: Python's ``site`` module and PEP 405 (pyvenv.cfg); conda puts ``python.exe`` at the prefix itself
on Windows, a venv in ``Scripts``.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Literal

import msgspec

from ..machine import Machine
from . import files
from .prefixes import real_prefix

Location = Literal["site", "user", "system"]
"""In the environment itself; in the user's own site folder; in the Python that a venv was made from."""

_LIBS = ("lib", "lib64")
_LIB_FOLDER = re.compile(r"python(\d+\.\d+)t?$")
_LIB_VERSION = re.compile(r"\d+\.\d+")
_PYTHON_RECORD = files.beginnings("python-")
_PYTHON_VERSION = re.compile(r"python-(\d[^-]*)-[^-]+\.json$")
_PATCHLEVEL = re.compile(r'^#define\s+PY_VERSION\s+"([^"+]+)', re.MULTILINE)


class SiteFolder(msgspec.Struct, frozen=True):
    """A folder of the interpreter's import path that holds installed distributions."""

    folder: Path
    location: Location


class Layout:
    """What is read of a prefix: each thing when it is first asked for, and once."""

    def __init__(self, machine: Machine, prefix: Path) -> None:
        self.prefix = prefix
        self._machine = machine

    @cached_property
    def records(self) -> list[str] | None:
        """The names in ``conda-meta``. None: no such folder; empty also where it may not be read."""
        folder = self.prefix / "conda-meta"
        try:
            return os.listdir(folder)
        except PermissionError:  # of this folder, or of the prefix itself
            return [] if files.is_folder(folder) else None
        except (OSError, ValueError):
            return None

    @cached_property
    def settings(self) -> dict[str, str] | None:
        """:func:`pyvenv_settings`; None too in a conda prefix, where that file is some package's."""
        return pyvenv_settings(self.prefix) if self.records is None else None

    @cached_property
    def conda_python(self) -> str | None:
        """The version of conda's ``python`` package in this prefix, by its record's name."""
        for record in files.starting(self.records or (), _PYTHON_RECORD):
            match = _PYTHON_VERSION.match(record)
            if match:
                return match[1]
        return None

    @cached_property
    def libs(self) -> tuple[Path, ...]:
        """:func:`lib_folders`; where conda's record says which it is, the prefix's ``lib`` with its thousands
        of names is not listed."""
        if self.records is None:
            return lib_folders(self._machine, self.prefix)
        minor = _LIB_VERSION.match(self.conda_python or "")
        if minor and self._machine.platform != "win32":
            stated = self.prefix / f"lib/python{minor[0]}"
            if files.is_folder(stated):
                return (stated,)
        return lib_folders(self._machine, self.prefix, ("lib",))


def layout(machine: Machine, prefix: Path) -> Layout:
    """The layout of a prefix; nothing is read yet."""
    return Layout(machine, prefix)


def pyvenv_settings(prefix: Path) -> dict[str, str] | None:
    """The ``key = value`` lines of ``pyvenv.cfg``, keys in lower case. None: no such file."""
    text = files.read_text(prefix / "pyvenv.cfg")
    if text is None:
        return None
    pairs = (line.partition("=") for line in text.splitlines())
    return {key.strip().lower(): value.strip() for key, equals, value in pairs if equals}


def interpreters(machine: Machine, prefix: Path) -> tuple[Path, ...]:
    """Where this prefix's interpreter may lie, the likeliest first. Nothing is looked at.

    ``bin/python3`` comes last but for the system's Python, whose ``bin/python`` may be a Python 2.
    """
    return tuple(prefix / name for name in _interpreter_names(machine))


def _interpreter_names(machine: Machine) -> tuple[str, str]:
    windows = machine.platform == "win32"
    return ("python.exe", "Scripts/python.exe") if windows else ("bin/python", "bin/python3")


def interpreter(machine: Machine, prefix: Path) -> Path | None:
    """The prefix's interpreter as it is named there (a venv's is a link). None: none that exists."""
    return interpreter_of(machine, layout(machine, prefix))


def interpreter_of(machine: Machine, layout: Layout) -> Path | None:
    """:func:`interpreter` where the layout is at hand. A Python that was installed beside others (``make
    altinstall``, Homebrew's older ones) is called by its version alone."""
    prefix = layout.prefix
    likely = (prefix / name for name in _interpreter_names(machine))
    found = next((path for path in likely if files.is_file(path)), None)
    if found is not None or machine.platform == "win32" or layout.settings is not None:
        return found
    versioned = (prefix / "bin" / lib.name for lib in layout.libs)
    return next((path for path in versioned if files.is_file(path)), None)


def has_standard_library(layout: Layout) -> bool:
    """Whether a Python lives there itself; a venv has packages only."""
    return any(files.is_file(folder / "os.py") for folder in layout.libs)


def lib_folders(machine: Machine, prefix: Path, libs: Iterable[str] = _LIBS) -> tuple[Path, ...]:
    """The standard library's folders, ``lib/python3.11``; the newest Python first."""
    if machine.platform == "win32":
        return (prefix / "Lib",)
    found: list[tuple[tuple[int, ...], Path]] = []
    for lib in libs:
        # A conda environment's lib has thousands of names: the cheap test first.
        folder = prefix / lib
        for name in [name for name in files.names(folder) if name.startswith("python")]:
            match = _LIB_FOLDER.match(name)
            if match:
                found.append((_numbers(match[1]), folder / name))
    # "lib" before "lib64" for the same Python: the sort is stable.
    return tuple(path for _, path in sorted(found, key=lambda pair: pair[0], reverse=True))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def python_version(machine: Machine, layout: Layout) -> str | None:
    """The interpreter's version, as precisely as names and settings say it without starting it."""
    settings, prefix = layout.settings, layout.prefix
    if settings:
        # virtualenv: "3.11.7.final.0"; uv: "3.11.7"; venv writes "version".
        stated = settings.get("version_info") or settings.get("version") or ""
        match = re.match(r"\d+\.\d+(\.\d+)?", stated)
        if match:
            return match[0]
    if layout.conda_python:
        return layout.conda_python
    if prefix == own_prefix() and machine.real:
        return ".".join(str(part) for part in sys.version_info[:3])
    for folder in layout.libs[:1]:
        return _version_from_header(prefix, folder.name) or _version_of_folder(folder)
    return None


def _version_of_folder(folder: Path) -> str | None:
    match = _LIB_FOLDER.match(folder.name)
    return match[1] if match else None


def _version_from_header(prefix: Path, name: str) -> str | None:
    for folder in (name, f"{name}m"):  # up to 3.7 the headers lie in python3.7m
        match = _PATCHLEVEL.search(files.read_text(prefix / "include" / folder / "patchlevel.h") or "")
        if match:
            return match[1]
    return None


def own_prefix() -> Path:
    """The prefix of the interpreter that runs this program."""
    return real_prefix(Path(sys.prefix))


def site_folders(machine: Machine, prefix: Path, *, user: bool = False) -> tuple[SiteFolder, ...]:
    """The folders of installed distributions, in the order of the interpreter's import path.

    A venv made with ``--system-site-packages`` sees the Python that it was made from too, after its own.
    ``user``: with the user's site folder, which comes first in a Python that is no venv, between the
    two in a venv that sees the system's, and not at all in another venv (Python's ``site.main``).
    """
    return sites_of(machine, layout(machine, prefix), user=user)


def sites_of(machine: Machine, layout: Layout, *, user: bool = False) -> tuple[SiteFolder, ...]:
    """:func:`site_folders` where the layout is at hand."""
    settings = layout.settings
    own = [SiteFolder(folder, "site") for folder in _own_site_folders(machine, layout.prefix, layout.libs)]
    users = (
        [SiteFolder(folder, "user") for folder in _user_site_folders(machine, layout.libs)] if user else []
    )
    if settings is None:
        return tuple(users + own)
    base = base_prefix(settings)
    if base is None or settings.get("include-system-site-packages", "").lower() != "true":
        return tuple(own)
    known = {entry.folder for entry in own}
    libs = lib_folders(machine, base)
    system = [SiteFolder(folder, "system") for folder in _own_site_folders(machine, base, libs)]
    return tuple(own + users + [entry for entry in system if entry.folder not in known])


def site_packages(machine: Machine, prefix: Path) -> tuple[Path, ...]:
    """The folders of :func:`site_folders` without the user's own."""
    return tuple(entry.folder for entry in site_folders(machine, prefix))


def base_prefix(settings: dict[str, str]) -> Path | None:
    """The prefix of the Python that a venv was made from: the folder above ``home``, on Windows ``home``."""
    home = settings.get("home")
    if not home:
        return None
    folder = Path(home)
    return folder.parent if folder.name == "bin" else folder


def _own_site_folders(machine: Machine, prefix: Path, libs: tuple[Path, ...]) -> list[Path]:
    """site-packages, and what Debian has instead of it: dist-packages without a minor version, which
    its own Python shares, and the administrator's under /usr/local."""
    if machine.platform == "win32":
        candidates = [lib / "site-packages" for lib in libs]
    else:
        # Only the newest Python's: older folders are left-overs of an update.
        candidates = [lib / "site-packages" for lib in libs if lib.name == libs[0].name]
        if prefix.name == "usr" and prefix == machine.path("/usr"):
            local = machine.path("/usr/local/lib")
            candidates += [local / lib.name / "dist-packages" for lib in libs[:1]]
            candidates += [prefix / "lib" / "python3" / "dist-packages"]
    present = [path for path in candidates if files.is_folder(path)]
    return _distinct(present) if len(present) > 1 else present


def _distinct(paths: Iterable[Path]) -> list[Path]:
    """Each real folder once: lib64 is often a link to lib."""
    seen: dict[Path, Path] = {}
    for path in paths:
        seen.setdefault(path.resolve(), path)
    return list(seen.values())


def _user_site_folders(machine: Machine, libs: tuple[Path, ...]) -> list[Path]:
    if machine.environ.get("PYTHONNOUSERSITE"):
        return []
    if machine.platform == "win32" or not libs:
        return []
    base = machine.environ.get("PYTHONUSERBASE")
    root = Path(base) if base else machine.home / ".local"
    folder = root / f"lib/{libs[0].name}/site-packages"
    return [folder] if files.is_folder(folder) else []
