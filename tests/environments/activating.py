"""Environments with something to activate, laid out on disk."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from jupyter_tfgpu.environments.activation import Activations
from jupyter_tfgpu.machine import Machine
from tests.tools import require


def prefix_with(
    prefix: Path,
    scripts: Mapping[str, str] | None = None,
    *,
    deactivate: Mapping[str, str] | None = None,
    state: Mapping[str, object] | None = None,
    packages: Mapping[str, Mapping[str, object]] | None = None,
) -> Path:
    """A conda prefix. ``scripts``, ``deactivate``: text by name; ``state``: the variables of
    conda-meta/state; ``packages``: those of each file in env_vars.d."""
    (prefix / "conda-meta").mkdir(parents=True, exist_ok=True)
    (prefix / "bin").mkdir(exist_ok=True)
    if state is not None:
        (prefix / "conda-meta" / "state").write_text(json.dumps({"env_vars": state}), "utf-8")
    for folder, texts in (
        ("activate.d", scripts or {}),
        ("deactivate.d", deactivate or {}),
        ("env_vars.d", {name: json.dumps(values) for name, values in (packages or {}).items()}),
    ):
        place = prefix / "etc" / "conda" / folder
        place.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (place / name).write_text(text, "utf-8")
    return prefix


def activations(folder: Path, **variables: str) -> Activations:
    """The activations of this machine with a home, and a place to keep them, below ``folder``."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    return Activations(Machine(home=home, environ=variables), folder / "kept")


def base_with(folder: Path, shell: str, **variables: str) -> dict[str, str]:
    """Variables with a PATH that holds this shell alone: ``bash``, or a ``sh`` that is dash."""
    tools = folder / f"{shell}-alone"
    if not tools.is_dir():
        tools.mkdir()
        (tools / ("sh" if shell == "dash" else shell)).symlink_to(require(shell))
    return {"PATH": str(tools), "HOME": str(folder), **variables}
