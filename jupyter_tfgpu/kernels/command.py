"""Which commands start an ipykernel, and how our in-kernel part is put into them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

START = Path(__file__).parent.parent / "inkernel" / "start.py"
"""Run by the kernel's interpreter in place of ``-m ipykernel_launcher``."""

_MODULES = ("ipykernel_launcher", "ipykernel")
_PYTHON = re.compile(r"(?:python|pypy)[\d.]*w?(?:\.exe)?", re.IGNORECASE)
_WITH_VALUE = ("-X", "-W")


def is_python(program: str) -> bool:
    """Whether a program is a Python by its name: ``python3.11``, ``pypy3``, ``python.exe``."""
    return _PYTHON.fullmatch(Path(program).name) is not None


class KernelCommand(msgspec.Struct, frozen=True, kw_only=True):
    """A command with our part in it. ``module``: what ran as ``-m`` before."""

    argv: tuple[str, ...]
    module: str


def with_our_part(argv: Sequence[str], start: Path = START) -> KernelCommand | None:
    """The command with ``start`` in place of ``-m ipykernel_launcher`` or ``-m ipykernel``.

    None where the command is not a Python on this machine that runs one of these directly: another
    language, or a wrapper (``docker run``, ``srun``, ``conda run``) behind which our file may not exist.
    """
    if not argv or not is_python(argv[0]):
        return None
    index = 1
    while index < len(argv) and argv[index].startswith("-") and argv[index] not in ("-m", "-c", "-"):
        index += 2 if argv[index] in _WITH_VALUE else 1
    if index + 1 >= len(argv) or argv[index] != "-m" or argv[index + 1] not in _MODULES:
        return None
    return KernelCommand(argv=(*argv[:index], str(start), *argv[index + 2 :]), module=argv[index + 1])


def interpreter_of(argv: Sequence[str], variables: Mapping[str, str]) -> Path | None:
    """The Python that the command runs, as an absolute path with its links kept; None where it is no Python.

    A virtual environment's interpreter is a link: following it would lead out of the environment.
    """
    if not argv or not is_python(argv[0]):
        return None
    path = Path(argv[0])
    if path.is_absolute():
        return path
    found = shutil.which(argv[0], path=variables.get("PATH"))
    return Path(found).absolute() if found else None


def prefix_of(interpreter: Path) -> Path:
    """The environment: the folder above ``bin`` or ``Scripts``, else (conda on Windows) the interpreter's."""
    folder = interpreter.parent
    return folder.parent if folder.name.lower() in ("bin", "scripts") else folder
