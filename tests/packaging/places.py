"""Fresh virtual environments, and commands run in them as a person would, far from this clone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Distributions:
    """The two files that a release consists of."""

    sdist: Path
    wheel: Path


@dataclass(frozen=True)
class Place:
    """A fresh virtual environment with a home of its own and nothing else on PATH: no Node.js."""

    prefix: Path
    home: Path

    def environment(self) -> dict[str, str]:
        """The variables of a command; pip's settings and cache stay the person's."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if name.startswith(("PIP_", "NODE_EXTRA_", "SSL_CERT_")) or name.lower().endswith("_proxy")
        }
        return {
            **kept,
            "PATH": str(self.prefix / "bin"),
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "PIP_CACHE_DIR": os.environ.get("PIP_CACHE_DIR", str(_pip_cache())),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "YARN_ENABLE_GLOBAL_CACHE": "true",
            "YARN_GLOBAL_FOLDER": os.environ.get("YARN_GLOBAL_FOLDER", str(self.home / "yarn")),
        }

    def run(self, program: str, *arguments: str | Path) -> str:
        """Runs one of the environment's programs and returns all it printed; fails where it fails."""
        return run([self.prefix / "bin" / program, *arguments], self.environment(), self.home)


def make_place(python: Path, folder: Path) -> Place:
    """A fresh virtual environment of an interpreter, in a folder of its own."""
    place = Place(folder / "env", folder / "home")
    place.home.mkdir(parents=True)
    run([python, "-m", "venv", place.prefix], dict(os.environ), folder)
    return place


def run(command: Sequence[str | Path], environment: dict[str, str], folder: Path) -> str:
    done = subprocess.run(
        command, env=environment, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def _pip_cache() -> Path:
    answer = subprocess.run([sys.executable, "-m", "pip", "cache", "dir"], capture_output=True, text=True)
    return Path(answer.stdout.strip())
