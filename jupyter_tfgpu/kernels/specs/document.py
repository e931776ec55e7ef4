"""A kernel.json as it is read: it may hold anything."""

from __future__ import annotations

import errno
import json
import os
import stat
from pathlib import Path
from typing import Any

KERNEL_JSON = "kernel.json"


class NotADocument(ValueError):
    """The file holds JSON, but no object."""


def load_document(folder: Path) -> dict[str, Any]:
    """The kernel.json in a folder. Raises OSError, RecursionError, ValueError (no JSON), NotADocument."""
    return decoded(read_bytes(folder / KERNEL_JSON))


def decoded(data: bytes) -> dict[str, Any]:
    """What a kernel.json says. Raises RecursionError, ValueError (no JSON), NotADocument."""
    document = json.loads(data.decode("utf-8"))
    if not isinstance(document, dict):
        raise NotADocument("no JSON object")
    return document


def read_bytes(path: Path) -> bytes:
    """A file's content. What is no regular file is not read: a FIFO would be waited for without end."""
    with open(path, "rb", opener=_without_waiting) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "This is no regular file", str(path))
        return file.read()


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


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
