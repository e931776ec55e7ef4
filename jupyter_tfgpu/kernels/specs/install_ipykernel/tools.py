"""What the machine has to install with, and what would be in the way. Nothing is run."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from ....environments import Environment, installed, site_folders
from ....machine import Machine
from .plan import ServerPip, Tools

_CONDA_PROGRAMS = ("conda", "mamba", "micromamba")
_COMMAND = re.compile(r"^# cmd: (.+?) (?:create|install|env)\b", re.MULTILINE)
_HISTORY = 64 << 10
"""Bytes read of a history: its first entry says what made the environment."""


def look(machine: Machine, environment: Environment) -> Tools:
    """The tools for this environment."""
    prefix = Path(environment.prefix)
    conda = environment.kind == "conda"
    return Tools(
        conda=_conda(machine, prefix) if conda else None,
        channel=_channel(prefix) if conda else None,
        rattler=conda and importlib.util.find_spec("rattler") is not None,
        uv=shutil.which("uv", path=machine.environ.get("PATH")),
        own_pip=any(each.name == "pip" for each in installed(machine, prefix, user=False)),
        server_pip=_server_pip(),
    )


def obstacle(machine: Machine, environment: Environment) -> str | None:
    """Why nothing can be installed here, with what to do; None: nothing is in the way."""
    prefix = Path(environment.prefix)
    of_a_tool = environment.kind in ("conda", "pixi") or (prefix / "pyvenv.cfg").is_file()
    if not of_a_tool and any(prefix.glob("lib/python3*/EXTERNALLY-MANAGED")):
        return (
            f"The Python in {prefix} is managed by the operating system, which forbids to install into it. "
            "Install ipykernel with the system's package manager, or make an environment of your own: "
            f"{environment.interpreter} -m venv ENVIRONMENT"
        )
    for site in site_folders(machine, prefix):
        if site.location == "site" and not os.access(site.folder, os.W_OK):
            return (
                f"{site.folder} may not be written by this user. "
                "Ask whom it belongs to, or make an environment of your own."
            )
    return None


def _server_pip() -> ServerPip | None:
    try:
        found = importlib.metadata.metadata("pip")
    except importlib.metadata.PackageNotFoundError:
        return None
    return ServerPip(python=sys.executable, requires=str(found.json.get("requires_python") or ""))


def _conda(machine: Machine, prefix: Path) -> str | None:
    """The program of the installation that the environment belongs to, else one that is at hand."""
    for candidate in _candidates(machine, prefix):
        if (
            candidate.stem.lower() in _CONDA_PROGRAMS
            and candidate.is_file()
            and os.access(candidate, os.X_OK)
        ):
            return str(candidate)
    for name in _CONDA_PROGRAMS:
        found = shutil.which(name, path=machine.environ.get("PATH"))
        if found is not None:
            return found
    return None


def _candidates(machine: Machine, prefix: Path) -> Iterator[Path]:
    roots = [prefix]
    program = _made_by(prefix)
    if program is not None:
        yield program
        roots.insert(0, program.parent.parent)
    if prefix.parent.name == "envs":
        roots.append(prefix.parent.parent)
    for root in roots:
        for place in ("condabin/conda", "bin/conda", "bin/mamba", "Scripts/conda.exe"):
            yield root / place
    for variable in ("CONDA_EXE", "MAMBA_EXE"):
        if machine.environ.get(variable):
            yield Path(machine.environ[variable])


def _made_by(prefix: Path) -> Path | None:
    """The program that made an environment, from its history: ``# cmd: /opt/conda/bin/conda create …``."""
    try:
        with (prefix / "conda-meta" / "history").open("rb") as file:
            command = _COMMAND.search(file.read(_HISTORY).decode("utf-8", "replace"))
    except OSError:
        return None
    path = Path(command[1]) if command else None
    return path if path is not None and path.is_absolute() else None


def _channel(prefix: Path) -> str | None:
    """The channel that the environment's Python came from: conda-forge and Anaconda's do not mix well."""
    for record in sorted((prefix / "conda-meta").glob("python-[0-9]*.json")):
        try:
            channel = json.loads(record.read_bytes()).get("channel")
        except (OSError, ValueError, AttributeError, RecursionError):
            continue
        if isinstance(channel, str):
            return base_of_channel(channel)
    return None


def base_of_channel(channel: str) -> str | None:
    """A record's channel without the platform at its end; None: none that packages can be asked of."""
    channel = re.sub(r"/(?:noarch|(?:linux|osx|win)-\w+)/?$", "", channel).rstrip("/")
    return channel if channel and not channel.startswith(("<", "explicit", "-")) else None
