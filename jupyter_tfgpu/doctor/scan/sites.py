"""The import path of a kernel: the folders that its interpreter finds installed packages in, in order."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from ...environments import SiteFolder, site_folders
from ...environments.files import is_folder, names, read_text
from ...machine import Machine

Location = Literal["site", "user", "system", "pythonpath"]
Place = tuple[SiteFolder, Location]

_PATH_FILE_BYTES = 1 << 16
_MOST_PATH_FILES = 50
_MOST_FOLDERS = 200
"""Folders of one path that are looked at. More than that are no packages that somebody installed."""


def import_path(
    machine: Machine, prefix: Path, python: str | None, variables: Mapping[str, str] | None
) -> list[Place]:
    """PYTHONPATH's folders first, then those of ``site.main``: the user's, the environment's, the
    system's where a venv sees them. Behind each come the folders that its ``.pth`` files name.

    ``variables``: the kernel's; None: not known, and this process's decide on the user's folder.
    ``python``: the interpreter's version. A folder on PYTHONPATH that depends on where the kernel is
    started is left out.
    """
    known = machine if variables is None else dataclasses.replace(machine, environ=variables)
    separator = ";" if machine.platform == "win32" else os.pathsep
    stated = (variables or {}).get("PYTHONPATH", "").split(separator)
    found: dict[Path, Location] = {
        folder: "pythonpath" for text in stated if (folder := Path(text)).is_absolute() and is_folder(folder)
    }
    for site in _own_folders(known, prefix, python):
        found.setdefault(site.folder, site.location)
        for folder in _named_by_path_files(site.folder):
            found.setdefault(folder, site.location)
    return [
        (SiteFolder(folder, "site" if location == "pythonpath" else location), location)
        for folder, location in list(found.items())[:_MOST_FOLDERS]
    ]


def _own_folders(machine: Machine, prefix: Path, python: str | None) -> list[SiteFolder]:
    found = list(site_folders(machine, prefix, user=True))
    known = {site.folder for site in found}
    if machine.environ.get("PYTHONNOUSERSITE") or (prefix / "pyvenv.cfg").exists():
        return found
    users = [SiteFolder(each, "user") for each in _other_user_folders(machine, prefix, python)]
    return [each for each in users if each.folder not in known] + found


def _other_user_folders(machine: Machine, prefix: Path, python: str | None) -> Iterator[Path]:
    """The user's folder where it is not below ``~/.local``: on Windows, and in a framework build of macOS
    (the schemes ``nt_user`` and ``osx_framework_user`` of Python's sysconfig)."""
    version = re.match(r"(\d+)\.(\d+)", python or "")
    if version is None:
        return
    major, minor = version.groups()
    base = machine.environ.get("PYTHONUSERBASE")
    if machine.platform == "win32":
        data = machine.environ.get("APPDATA")
        roots = [Path(base)] if base else [Path(data) / "Python"] if data else []
        candidates = [root / f"Python{major}{minor}" / "site-packages" for root in roots]
    elif machine.platform == "darwin" and any(part.endswith(".framework") for part in prefix.parts):
        root = Path(base) if base else machine.home / "Library" / "Python" / f"{major}.{minor}"
        candidates = [root / "lib" / "python" / "site-packages"]
    else:
        candidates = []
    yield from filter(is_folder, candidates)


def _named_by_path_files(folder: Path) -> Iterator[Path]:
    """The folders that lines of ``*.pth`` add; a line that begins with ``import`` is code, and is left."""
    for name in sorted(name for name in names(folder) if name.endswith(".pth"))[:_MOST_PATH_FILES]:
        for line in (read_text(folder / name, _PATH_FILE_BYTES) or "").splitlines():
            text = line.strip()
            if not text or text.startswith(("#", "import ", "import\t")) or "\0" in text:
                continue
            path = Path(os.path.normpath(folder / text))
            if is_folder(path):
                yield path
