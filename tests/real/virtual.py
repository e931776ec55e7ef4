"""Environments of venv, virtualenv and uv, with a real ipykernel, each activated in its own way."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.kernels.bare import bare_environment, made_environment
from tests.real.python_packages import VERSION
from tests.tools import interpreter

VERSIONS = ("3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13")
MAKERS = ("virtualenv", "uv")


def virtual_environment(maker: str, prefix: Path) -> Path:
    """An environment made by virtualenv or uv, with the ipykernel of the venv of the same Python.

    The test is skipped (failed under CI) where pip cannot install the maker.
    """
    programs = made_environment("makers", interpreter(VERSION), MAKERS) / "bin"
    python = interpreter(VERSION)
    commands = {
        "virtualenv": [programs / "virtualenv", "--no-download", "--no-seed", "--python", python, prefix],
        "uv": [programs / "uv", "venv", "--offline", "--no-config", "--python", python, prefix],
    }
    done = subprocess.run(commands[maker], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    site = Path("lib", f"python{VERSION}", "site-packages")
    # Linked, not copied: the files are the same, and thousands.
    shutil.copytree(bare_environment(VERSION) / site, prefix / site, copy_function=_link, dirs_exist_ok=True)
    return prefix


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except FileExistsError:  # what the maker itself put there
        return
    except OSError:  # another disk
        shutil.copy2(source, target)
