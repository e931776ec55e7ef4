"""The Python interpreters of this machine, for tests and for the environments made for tests."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

INTERPRETERS = ("3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13")
"""The Python versions that tests may ask for; all of them have to be there where ``CI`` is set."""


@cache
def find_interpreter(version: str) -> Path | None:
    """A working ``python`` of this version ("3.9"): pyenv's folder first, then PATH. None: not found.

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
