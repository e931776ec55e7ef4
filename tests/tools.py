"""What tests need of the machine: programs and interpreters, named in tests/README.md.

On a person's machine a test that needs what is not there skips. With ``CI`` set in the environment
it fails: a check that silently never runs is worse than none.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

from tests.interpreters import INTERPRETERS, find_interpreter, python_version

__all__ = [
    "INTERPRETERS",
    "find_interpreter",
    "interpreter",
    "missing",
    "python_version",
    "real_environment",
    "require",
]


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


def real_environment(name: str) -> Path:
    """The prefix of an environment that ``make test`` (tf2) or ``make test-all`` made.

    They are listed in scripts/real_environments.py.
    """
    prefix = Path(os.environ.get(f"TFGPU_ENVIRONMENT_{name.upper()}", "/nonexistent"))
    if not (prefix / "bin" / "python").exists():
        missing(f"The environment {name} with a real framework")
    return prefix
