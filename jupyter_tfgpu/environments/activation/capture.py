"""What running scripts gave: the variables they left, what they printed, what went wrong."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

LIMIT = 5.0
"""Seconds that the scripts of one activation may take, together."""

_KEPT = 1000
"""Bytes kept of what one script prints."""
_SHOWN = 120
"""Characters shown of it."""


class Captured(msgspec.Struct, frozen=True):
    """``variables``: those after the scripts; None where they did not come to their end, and ``problem`` says
    why. A problem beside variables: a script printed text."""

    variables: dict[str, str] | None
    problem: str | None = None


class Output:
    """What scripts print, by script: each is announced by ``mark`` in the stream."""

    def __init__(self, mark: bytes) -> None:
        self._mark = mark
        self._texts: list[bytes] = [b""]
        self._rest = b""

    def feed(self, data: bytes) -> None:
        """Takes the next piece of the stream; a mark may be cut in two by it."""
        *whole, self._rest = (self._rest + data).split(self._mark)
        for text in whole:
            self._keep(text)
            self._texts.append(b"")
        if len(self._rest) > len(self._mark):
            self._keep(self._rest[: -len(self._mark)])
            self._rest = self._rest[-len(self._mark) :]

    def close(self) -> None:
        """The stream has ended."""
        self._keep(self._rest)
        self._rest = b""

    def _keep(self, text: bytes) -> None:
        self._texts[-1] += text[: _KEPT - len(self._texts[-1])]

    def running(self, scripts: Sequence[Path]) -> Path:
        """The script that was begun last."""
        return scripts[min(max(len(self._texts) - 2, 0), len(scripts) - 1)]

    def said(self, number: int, script: Path) -> str:
        """The beginning of what this script, the ``number``-th, printed, fit for a sentence; "" where it
        printed nothing. Shells put the script's path before what they say."""
        data = self._texts[number + 1] if number + 1 < len(self._texts) else b""
        # cmd's own words are UTF-16, those of programs are not: without the zeros both can be read.
        text = data.replace(b"\0", b"").decode("utf-8", "replace").replace(str(script), script.name)
        text = " ".join(re.sub(r"[^\x20-\x7e\u00a0-\U0010ffff]+", " ", text).split())
        return text if len(text) <= _SHOWN else f"{text[:_SHOWN]} …"


def hung(script: Path) -> str:
    """The sentence for a script that did not end."""
    return f"The activation script {script} did not end within {LIMIT:.0f} s and was stopped. {_LEFT_OUT}"


def ended(script: Path, said: str) -> str:
    """The sentence for a script that ended the shell it runs in."""
    why = f' It printed: "{said}".' if said else ""
    return f"The activation script {script} ended the shell that it was run in.{why} {_LEFT_OUT}"


def not_run(reason: object) -> str:
    """The sentence where no script could be run at all."""
    return f"The activation scripts could not be run: {reason}. {_LEFT_OUT}"


def printed(scripts: Sequence[Path], output: Output) -> str | None:
    """The sentence for scripts that printed text; None where none did."""
    for at, script in enumerate(scripts):
        said = output.said(at, script)
        if said:
            return f'The activation script {script} printed text: "{said}". What it set is in place.'
    return None


_LEFT_OUT = (
    "Kernels start with what the environment's state files and plain lines of its scripts set, "
    "without the rest."
)


def environment_of(data: bytes) -> dict[str, str]:
    """Variables from ``env -0``: NUL after each, so that values may hold newlines."""
    pairs = (os.fsdecode(entry).partition("=") for entry in data.split(b"\0") if entry)
    return {name: value for name, equals, value in pairs if equals}
