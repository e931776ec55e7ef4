"""What a monitor reads from."""

from __future__ import annotations

from typing import Protocol

from .reading import Reading


class Source(Protocol):
    """Something that makes Readings. One thread at a time calls it."""

    def read(self) -> Reading:
        """All devices now. Never raises: what went wrong stands in the Reading's ``driver``."""

    def close(self) -> None:
        """Gives back what ``read`` took. The next ``read`` takes it again."""
