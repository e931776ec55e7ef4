"""A kernel.json as it is read: it may hold anything."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


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


def text(value: object) -> str:
    """A text of a file that may hold anything; empty where it is none."""
    return value if isinstance(value, str) else ""


def first_text(values: object) -> str:
    """The first of a list of texts, such as the program of an ``argv``; empty where there is none."""
    return text(values[0]) if isinstance(values, list) and values else ""


def mapping(value: object) -> dict[str, Any]:
    """An object of a file that may hold anything; empty where it is none."""
    return value if isinstance(value, dict) else {}
