"""Environments with ipykernel and nothing of ours, made once in the user's cache."""

from __future__ import annotations

import fcntl
import subprocess
from pathlib import Path

from scripts.common import CACHE
from tests.tools import interpreter, missing

REQUIREMENTS = {
    # The last releases for this Python: its pip takes the newest, whatever Python they are for.
    "3.6": (
        "ipykernel==5.5.6",
        "jupyter-client==7.1.2",
        "jupyter-core==4.9.2",
        "ipython==7.16.3",
        "traitlets==4.3.3",
        "tornado==6.1",
        "pyzmq==22.3.0",
        "prompt-toolkit==3.0.36",
        "pygments==2.14.0",
        "jedi==0.17.2",
        "parso==0.7.1",
        "decorator==5.1.1",
        "pexpect==4.8.0",
        "python-dateutil==2.8.2",
        "nest-asyncio==1.5.6",
        "wcwidth==0.2.6",
        "entrypoints==0.4",
    ),
}


def bare_environment(version: str) -> Path:
    """The prefix of such an environment of this Python; skipped (failed under CI) where it cannot be made."""
    wanted = REQUIREMENTS.get(version, ("ipykernel",))
    return made_environment(f"bare-{version}", interpreter(version), wanted)


def made_environment(name: str, python: Path, wanted: tuple[str, ...]) -> Path:
    """The prefix of a venv in the user's cache with what pip installed there; made where it is missing.

    The test is skipped (failed under CI) where it cannot be made.
    """
    folder = CACHE / "environments"
    folder.mkdir(parents=True, exist_ok=True)
    prefix = folder / name
    stamp = prefix / "made-by-tests"
    value = "\n".join((str(python), *wanted))
    with (folder / f".{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test runs at once
        if not stamp.exists() or stamp.read_text() != value:
            commands: list[list[str]] = [
                [str(python), "-m", "venv", "--clear", str(prefix)],
                [str(prefix / "bin" / "python"), "-m", "pip", "install", "-q", *wanted],
            ]
            for command in commands:
                done = subprocess.run(command, capture_output=True, text=True, timeout=600)
                if done.returncode != 0:
                    missing(f"The environment {name} ({done.stderr.strip()[-300:]})")
            stamp.write_text(value)
    return prefix
