"""The ``env`` of a kernel.json of ours: what activating the environment sets.

jupyter_client puts each value through ``string.Template.safe_substitute`` with the variables of the program
that starts the kernel (provisioner_base.py): ``${NAME}`` and ``$NAME`` become that variable where it is set
and stay as they are where it is not, ``$$`` becomes ``$``. So every ``$`` of a value is doubled, and the one
reference is to PATH, which every program has. A variable that activating removes cannot stand in a
kernel.json: our provisioner removes it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from typing import Any

from ..environments.activation import Activation

PATH = "PATH"


def activation_entries(activation: Activation) -> dict[str, str]:
    """The entries that make a kernel start as in the activated environment, by name."""
    entries = {name: escaped(value) for name, value in sorted(activation.variables.items())}
    if activation.path or activation.appended:
        before = [escaped(folder) for folder in activation.path]
        after = [escaped(folder) for folder in activation.appended]
        entries[PATH] = os.pathsep.join([*before, f"${{{PATH}}}", *after])
    return entries


def escaped(value: str) -> str:
    """A value that jupyter_client hands on as it is."""
    return value.replace("$", "$$")


def digest(value: object) -> str:
    """Eight hex digits by which a value that we wrote is known again."""
    text = json.dumps(value, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def users_entries(env: object, written: object) -> dict[str, Any]:
    """The entries that are the user's: those we did not write, and those changed since (``written``: the
    :func:`digest` of each that we wrote, by name)."""
    known: Mapping[Any, Any] = written if isinstance(written, dict) else {}
    entries = env if isinstance(env, dict) else {}
    return {name: value for name, value in entries.items() if known.get(name) != digest(value)}
