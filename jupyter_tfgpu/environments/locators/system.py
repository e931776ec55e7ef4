"""The machine's own Pythons: the distribution's, Homebrew's, those of python.org's installers and Apple's.

Where they are looked for:

- Linux: ``/usr``, ``/usr/local``, and Homebrew's in ``/home/linuxbrew/.linuxbrew``;
- macOS: ``Python.framework`` in ``/Library/Frameworks`` (python.org) and in the command line tools and Xcode
  (Apple); Homebrew's in ``/opt/homebrew`` and ``/usr/local``;
- Windows: ``Python3*`` in ``%LOCALAPPDATA%\\Programs\\Python``, ``C:\\Program Files`` and ``C:\\``
  (python.org), and ``%LOCALAPPDATA%\\Python`` (Python's install manager). The registry is not asked.

Sources: Python's documentation, "Using Python on Windows" and "Using Python on macOS"; Homebrew's "Homebrew
and Python"; the Filesystem Hierarchy Standard.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ...machine import Machine
from ..disk import Disk
from ..layout import Layout, has_standard_library
from . import places
from .recognised import Found, Inside, Recognised

TITLE = "the machine's own Pythons"

_APPLES = (
    "/Library/Developer/CommandLineTools/Library/Frameworks/Python3.framework/Versions",
    "/Applications/Xcode.app/Contents/Developer/Library/Frameworks/Python3.framework/Versions",
)
_FRAMEWORK = "Frameworks/Python.framework/Versions"
_PYTHON_ORG = f"/Library/{_FRAMEWORK}"
_LINUX_BREW = "/home/linuxbrew/.linuxbrew"
_MAC_BREWS = ("/opt/homebrew", "/usr/local")
_UNIX = {"/usr": "system", "/usr/local": "local"}

_FORMULA = re.compile(r"/(?:opt|Cellar)/python@(?P<version>[\d.]+)(?:/|$)")
_WINDOWS_NAME = re.compile(r"Python3\d+(?:-32|-arm64)?|(?:python|pypy|graalpy)[a-z]*-[\w.-]+", re.IGNORECASE)


def find(machine: Machine, disk: Disk) -> Iterator[Found]:
    """The prefixes, and folders of prefixes, for this platform."""
    if machine.platform == "win32":
        local = places.local_folder(machine)
        yield Inside(local / "Programs" / "Python")
        yield Inside(local / "Python")
        for parent in (machine.path("C:/Program Files"), machine.path("C:/")):
            yield from (parent / name for name in disk.names(parent) if _WINDOWS_NAME.fullmatch(name))
        return
    yield from (machine.path(prefix) for prefix in _UNIX)
    if machine.platform == "darwin":
        yield from (Inside(machine.path(folder)) for folder in (_PYTHON_ORG, *_APPLES))
        for brew in _MAC_BREWS:
            yield from (Inside(formula / _FRAMEWORK) for formula in _formulas(machine, disk, brew))
    else:
        yield from _formulas(machine, disk, _LINUX_BREW)


def recognise(machine: Machine, layout: Layout) -> Recognised | None:
    """A standard library in one of these places. The place alone is no proof, so that comes last."""
    name = _name(machine, layout.prefix)
    return Recognised("system", name) if name and has_standard_library(layout) else None


def _formulas(machine: Machine, disk: Disk, brew: str) -> Iterator[Path]:
    opt = machine.path(f"{brew}/opt")
    yield from (opt / name for name in sorted(disk.names(opt)) if name.startswith("python@"))


def _name(machine: Machine, prefix: Path) -> str | None:
    """What to call a prefix in one of these places. None: it lies elsewhere."""
    path = prefix.as_posix()
    if not machine.real:
        # A tree's folders may be reached over links.
        root = machine.root.resolve().as_posix()
        path = path[len(root) :] if path.startswith(f"{root}/") else path
    if machine.platform == "win32":
        return prefix.name if _WINDOWS_NAME.fullmatch(prefix.name) else None
    if path in _UNIX:
        return _UNIX[path]
    formula = _FORMULA.search(path)
    if formula is not None:
        return f"homebrew-{formula['version']}"
    if path.startswith(f"{_PYTHON_ORG}/"):
        return f"python.org-{prefix.name}"
    return f"apple-{prefix.name}" if path.startswith(tuple(f"{place}/" for place in _APPLES)) else None
