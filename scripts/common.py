"""Where things are, and how commands are run."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
UI = ROOT / "tests" / "ui"

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "jupyter-tfgpu"
"""What is downloaded or made once for this user and used by every clone."""


SHOWN = 150
"""Lines of a failed command's output that are shown; the whole of it is kept in a file."""

SYSTEM_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


class Stop(Exception):
    """The work cannot go on; the text is a sentence for the person who typed ``make``."""


def ci() -> bool:
    """Whether a missing tool is a failure: ``CI`` set to anything but an empty text, 0 or false."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def say(text: str) -> None:
    """One line of progress."""
    print(f"[tfgpu] {text}", flush=True)


def child_environment() -> dict[str, str]:
    """The variables of every command: our venv first on PATH, downloads in the user's cache.

    Another virtual environment that is active where ``make`` was typed is left out.
    """
    environment = dict(os.environ)
    for name in ("VIRTUAL_ENV", "PYTHONHOME", "PYTHONPATH", "MAKEFLAGS", "MAKELEVEL"):
        environment.pop(name, None)
    environment["PATH"] = f"{BIN}{os.pathsep}{environment.get('PATH', os.defpath)}"
    environment.update(
        YARN_ENABLE_GLOBAL_CACHE="true",
        YARN_GLOBAL_FOLDER=str(CACHE / "yarn"),
        YARN_ENABLE_TELEMETRY="0",
        PLAYWRIGHT_BROWSERS_PATH=str(CACHE / "playwright"),
        PIP_DISABLE_PIP_VERSION_CHECK="1",
    )
    if SYSTEM_CERTIFICATES.exists():
        # Node.js from a wheel trusts its own list only, and not what an administrator has added.
        environment.setdefault("NODE_EXTRA_CA_CERTS", str(SYSTEM_CERTIFICATES))
    return environment


def run(command: Sequence[str | Path], *, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> None:
    """Runs a command quietly; what it printed is shown where it fails.

    Raises:
        Stop: the command failed or is not there.
    """
    shown = shlex.join(str(part) for part in command)
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            env=dict(env) if env is not None else child_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except OSError as error:
        raise Stop(f"`{shown}` could not be started: {error}") from error
    if done.returncode != 0:
        _show(done.stdout)
        raise Stop(f"`{shown}` failed (exit code {done.returncode}); what it said stands above.")


def _show(output: str) -> None:
    lines = output.splitlines()
    if len(lines) > SHOWN:
        log = ROOT / "build" / "failed.log"
        log.parent.mkdir(exist_ok=True)
        log.write_text(output)
        say(f"the last {SHOWN} of {len(lines)} lines; all are in {log.relative_to(ROOT)}:")
    print("\n".join(lines[-SHOWN:]), flush=True)
