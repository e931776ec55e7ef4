"""What went wrong."""

from __future__ import annotations

import msgspec


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Every HTTP error: what went wrong for a person, a code for a program."""

    message: str
    reason: str
    detail: dict[str, str] = {}
