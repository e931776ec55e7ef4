"""Readings of the devices while a cell runs, by a child that is our program."""

import datetime
import json
import subprocess
import tempfile
import threading
import time
from typing import IO, Any

from ..launch import Launch
from .figures import Figures

INTERVAL = "0.5"
"""Seconds between two readings: the shortest that our program takes."""

PATIENCE = 2.0
"""Seconds that the child is given to end."""


class Readings:
    """Readings from now on, until :meth:`close`. ``figures``: what they say; whoever asks it holds ``lock``.

    Raises OSError where our program cannot be run.
    """

    def __init__(self, launch: Launch, figures: Figures) -> None:
        self.figures = figures
        self.lock = threading.Condition()
        self._ended = False
        self._said = tempfile.TemporaryFile()  # not a pipe, which somebody would have to empty
        # In a session of its own: an interrupt is for the cell. It ends by itself when nobody reads it.
        self._child: Any = subprocess.Popen(
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._said,
            start_new_session=True,
            **launch.command(["devices", "--watch", "--interval", INTERVAL]),
        )
        self._reader = threading.Thread(target=self._read, args=(self._child.stdout,), daemon=True)
        self._reader.start()

    def wait(self, after: float, timeout: float) -> bool:
        """Waits for a reading of after this moment (epoch seconds); says whether there is one."""
        until = time.monotonic() + timeout
        with self.lock:
            while self.figures.last is None or self.figures.last <= after:
                left = until - time.monotonic()
                if self._ended or left <= 0:
                    return False
                self.lock.wait(left)
        return True

    def problem(self) -> str:
        """The last line that the program said on standard error. Before :meth:`close`."""
        self._said.seek(0)
        lines = self._said.read(1 << 16).decode("utf-8", "replace").strip().splitlines()
        return lines[-1].strip() if lines else ""

    def close(self) -> None:
        """Ends the child."""
        if self._child is None:
            return
        child, self._child = self._child, None
        child.terminate()
        try:
            child.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        self._reader.join(PATIENCE)
        child.stdout.close()
        self._said.close()

    def _read(self, lines: IO[bytes]) -> None:
        try:
            for line in lines:
                answer = json.loads(line.decode("utf-8"))
                with self.lock:
                    self.figures.add(taken_at(answer["taken_at"]), answer)
                    self.lock.notify_all()
        except (ValueError, KeyError, TypeError):  # of another release; what came before counts
            pass
        finally:
            with self.lock:
                self._ended = True
                self.lock.notify_all()


def taken_at(text: str) -> float:
    """Epoch seconds of a reading's moment as JSON has it: UTC, with milliseconds."""
    moment = datetime.datetime.strptime(text[:23], "%Y-%m-%dT%H:%M:%S.%f")
    return moment.replace(tzinfo=datetime.timezone.utc).timestamp()
