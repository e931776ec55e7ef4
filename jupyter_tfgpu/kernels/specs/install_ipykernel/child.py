"""One program run for a task: its output followed, ended with all that it started where it is cancelled."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

LOOK = 0.1
"""Seconds between two looks at the program."""
NO_WINDOW: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)
"""On Windows no console opens, nor does Ctrl+C in ours reach the program."""
GRACE = 1.0
"""Seconds that a program has to end by itself when it is cancelled."""


class Cancelled(Exception):
    """Somebody wants this to end."""


class Progress(Protocol):
    """Who follows what is done, and may want it to end."""

    @property
    def cancelled(self) -> bool: ...

    def log(self, line: str) -> None: ...

    def commit(self) -> None:
        """From here on it cannot be cancelled. Raises Cancelled where that is wanted already."""


class Ended(msgspec.Struct, frozen=True):
    """``code``: the exit code; None: still running after the limit. ``output``: its lines."""

    code: int | None
    output: tuple[str, ...]


def run_child(
    argv: Sequence[str],
    folder: Path,
    variables: Mapping[str, str],
    progress: Progress,
    *,
    limit: float,
    cancellable: bool,
) -> Ended:
    """Runs a program in ``folder``, which its output is kept in too. No shell is involved.

    ``limit``: seconds; one that is ``cancellable`` is killed then, another one is left to end by itself,
    for killing it would leave something half-made. Raises Cancelled, OSError (it cannot be started).
    """
    file = folder / "output.txt"
    # A file, not a pipe: a program that outlives us must not fail because nobody reads any more.
    with file.open("wb") as sink, file.open("rb") as source:
        child = subprocess.Popen(
            argv,
            cwd=folder,
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a group of its own, which Ctrl+C for us does not reach
            creationflags=NO_WINDOW,
        )
        output = _Lines(progress)
        ends = time.monotonic() + limit
        try:
            while child.poll() is None:
                output.more(source.read())
                if cancellable and progress.cancelled:
                    raise Cancelled
                if time.monotonic() > ends:
                    return Ended(None, tuple(output.lines))
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(LOOK)
        finally:
            if cancellable:
                _end_group(child)
        output.more(source.read())
        output.more(b"\n")
        return Ended(child.returncode, tuple(output.lines))


class _Lines:
    """Bytes as they come, as lines."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._rest = b""
        self.lines: list[str] = []

    def more(self, data: bytes) -> None:
        # A carriage return is how progress bars go on: each state is a line.
        *whole, self._rest = (self._rest + data).replace(b"\r", b"\n").split(b"\n")
        for line in whole:
            text = line.decode("utf-8", "replace").rstrip()
            if text:
                self.lines.append(text)
                self._progress.log(text)


def _end_group(child: subprocess.Popen[bytes]) -> None:
    """Ends a program that still runs, and all that it has started."""
    if child.poll() is not None:
        return
    if sys.platform == "win32":
        import psutil  # here, for it takes long to load, and every server loads this module

        with contextlib.suppress(psutil.Error):
            for each in psutil.Process(child.pid).children(recursive=True):
                each.kill()
        child.kill()
        child.wait()
        return
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(GRACE)
