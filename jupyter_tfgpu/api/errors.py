"""What an answer can fail with, for a person and for a program; HTTP codes and exit codes are made of it."""

from __future__ import annotations


class Refused(Exception):
    """A request that is understood and cannot be carried out. ``reason`` is a stable code."""

    def __init__(self, message: str, *, reason: str, detail: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.detail = detail or {}


class BadInput(Refused):
    """The input cannot be read or does not fit; ``detail`` names the field."""


class NotFound(Refused):
    """What was named does not exist."""


class Conflict(Refused):
    """It exists, but its state does not allow it."""
