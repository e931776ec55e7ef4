"""What stands in a kernel.json of ours, and how one is read."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from pathlib import Path
from typing import Any

import msgspec

from ..environments import Environment


class NotADocument(ValueError):
    """The file holds JSON, but no object."""


def load_document(folder: Path) -> dict[str, Any]:
    """The kernel.json in a folder. Raises OSError, RecursionError, ValueError (no JSON), NotADocument."""
    document = json.loads((folder / "kernel.json").read_text("utf-8"))
    if not isinstance(document, dict):
        raise NotADocument("no JSON object")
    return document


def read_document(folder: Path) -> dict[str, Any]:
    """The kernel.json in a folder; empty where there is none, or none that is a JSON object."""
    try:
        return load_document(folder)
    except (OSError, ValueError, RecursionError):
        return {}


def owner_mark(document: dict[str, Any]) -> dict[str, Any] | None:
    """Our mark of ownership in a kernel.json. None: it is not ours."""
    metadata = document.get("metadata")
    mark = metadata.get("tfgpu") if isinstance(metadata, dict) else None
    return mark if isinstance(mark, dict) and mark.get("owned") is True else None


def spec_document(
    environment: Environment, interpreter: str, label: str, display_name: str | None, before: dict[str, Any]
) -> dict[str, Any]:
    """The kernel.json. What a user added to the one before (``env`` and the like) stays."""
    marked = owner_mark(before) or {}
    chosen = display_name or (text(before.get("display_name")) if marked.get("chosen_display_name") else "")
    metadata = before.get("metadata")
    return {
        **before,
        # The interpreter as the environment names it: a venv's is a link, and resolved it is another Python.
        "argv": [interpreter, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": chosen or label,
        "language": "python",
        "metadata": {
            **(metadata if isinstance(metadata, dict) else {}),
            "debugger": _has_debugger(environment.ipykernel),
            "tfgpu": {
                "owned": True,
                "environment": environment.id,
                "prefix": environment.prefix,
                "name": environment.name,
                "python": environment.python,
                "frameworks": [msgspec.to_builtins(each) for each in environment.frameworks],
                "chosen_display_name": bool(chosen),
            },
        },
    }


def _has_debugger(ipykernel: str | None) -> bool:
    """ipykernel has a debugger since 6.0."""
    major = (ipykernel or "").partition(".")[0]
    return major.isdigit() and int(major) >= 6


def install_command(environment: Environment) -> str:
    """The line that installs ipykernel into this environment, fit to be typed into a terminal."""
    if environment.kind == "conda":
        words = ["conda", "install", "--prefix", environment.prefix, "ipykernel"]
    elif environment.kind == "uv":  # uv's environments come without pip
        words = [
            "uv",
            "pip",
            "install",
            "--python",
            environment.interpreter or environment.prefix,
            "ipykernel",
        ]
    else:
        words = [environment.interpreter or "python", "-m", "pip", "install", "ipykernel"]
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)


def text(value: object) -> str:
    """A text of a file that may hold anything; empty where it is none."""
    return value if isinstance(value, str) else ""


def first_text(values: object) -> str:
    """The first of a list of texts, such as the program of an ``argv``; empty where there is none."""
    return text(values[0]) if isinstance(values, list) and values else ""
