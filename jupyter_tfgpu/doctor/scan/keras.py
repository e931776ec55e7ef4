"""Which framework Keras runs on: its variable says it, else the user's file of settings, else it is
TensorFlow (keras/src/backend/config.py; Keras up to 2.3 likewise)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from ...environments.files import read_text
from ...machine import Machine
from ..snapshot import Distribution
from ..versions import numbers

_BYTES = 1 << 16


def keras_backend(
    machine: Machine, variables: Mapping[str, str], distributions: Iterable[Distribution]
) -> str | None:
    """The backend's name in lower case. None: there is no Keras that has a choice, or it is not known."""
    release = numbers(next((each.version for each in distributions if each.name == "keras"), None))
    if not release or (2, 4) <= release < (3,):
        return None  # from 2.4 to 2.15 Keras is TensorFlow's alone
    stated = variables.get("KERAS_BACKEND") or _configured(settings_file(machine, variables))
    return (stated or "tensorflow").lower()


def settings_file(machine: Machine, variables: Mapping[str, str]) -> Path:
    """Keras' own file, there or not."""
    folder = variables.get("KERAS_HOME")
    return (Path(folder) if folder else machine.home / ".keras") / "keras.json"


def _configured(path: Path) -> str | None:
    try:
        settings = json.loads(read_text(path, _BYTES) or "{}")
    except ValueError:
        return None
    backend = settings.get("backend") if isinstance(settings, dict) else None
    return backend if isinstance(backend, str) and backend else None
