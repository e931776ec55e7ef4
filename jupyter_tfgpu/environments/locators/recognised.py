"""What locators say: where to look, and what a prefix is."""

from __future__ import annotations

from pathlib import Path

import msgspec

from ..environment import Kind

PROJECT_FOLDER_NAMES = frozenset({".venv", "venv", ".env", "env", ".conda"})
"""What people call the environment inside a project: it says nothing, the project's own name does."""


class Inside(msgspec.Struct, frozen=True):
    """Every folder directly in this one may be a prefix. Listed by whoever asks, so that a folder that does
    not answer costs its own environments only."""

    folder: Path


class Trouble(msgspec.Struct, frozen=True):
    """Something in a place that could not be read as it should: a sentence for a person. The look goes on."""

    text: str


Found = Path | Inside | Trouble
"""What a locator's ``find`` yields."""


class Recognised(msgspec.Struct, frozen=True):
    """The kind of a prefix, and the name that its tool shows for it.

    ``leads``: what the prefix tells of further places, as ``find`` would.
    """

    kind: Kind
    name: str
    leads: tuple[Found, ...] = ()


def folder_name(prefix: Path) -> str:
    """The prefix's own name, or its project's where it is one of the usual names inside a project."""
    if prefix.name in PROJECT_FOLDER_NAMES and prefix.parent.name:
        return prefix.parent.name
    return prefix.name or str(prefix)
