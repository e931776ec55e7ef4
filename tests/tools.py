"""What tests need of the machine: programs and interpreters, named in tests/README.md.

On a person's machine a test that needs what is not there skips. With ``CI`` set in the environment
it fails: a check that silently never runs is worse than none.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import NoReturn

import pytest

INTERPRETERS = ("3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13")
"""The Python versions that tests may ask for; all of them have to be there where ``CI`` is set."""


def required() -> bool:
    """Whether a missing tool is a failure (``CI`` set to anything but an empty text, 0 or false)."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def missing(what: str) -> NoReturn:
    """Skips the test that runs, or fails it where ``CI`` is set."""
    if required():
        pytest.fail(
            f"{what} is not there, and CI is set (tests/README.md lists what has to be)", pytrace=False
        )
    pytest.skip(f"{what} is not there")


def require(tool: str) -> Path:
    """The program's path; the test is skipped (failed where ``CI`` is set) if it is not on PATH."""
    found = shutil.which(tool)
    if found is None:
        missing(tool)
    return Path(found)


def interpreter(version: str) -> Path:
    """A ``python`` of this version ("3.9"); skipped (failed where ``CI`` is set) where there is none."""
    found = find_interpreter(version)
    if found is None:
        missing(f"Python {version}")
    return found


@cache
def find_interpreter(version: str) -> Path | None:
    """A working ``python`` of this version: pyenv's folder first, then PATH. None: not found.

    Pyenv's programs are taken by their own path, never through its shims, which answer by folder.
    """
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [folder / "bin" / "python" for folder in sorted(pyenv.glob(f"{version}.*"), reverse=True)]
    on_path = shutil.which(f"python{version}")
    if on_path is not None:
        candidates.append(Path(on_path))
    return next((python for python in candidates if python_version(python) == version), None)


def python_version(python: Path) -> str | None:
    """``3.11`` for an interpreter that answers; None for one that does not."""
    try:
        answer = subprocess.run([python, "--version"], capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.match(r"Python (\d+\.\d+)\.", answer.stdout)
    return match.group(1) if match and answer.returncode == 0 else None
