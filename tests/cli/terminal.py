"""A program in a terminal of a given size, as a person has it: what it showed, and keys for it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Mapping
from pathlib import Path

_ORDERS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_FAR = 60.0


class Terminal:
    """Starts ``jupyter tfgpu`` with its three streams on one terminal."""

    def __init__(
        self, environ: Mapping[str, str], folder: Path, *arguments: str, rows: int = 24, columns: int = 80
    ) -> None:
        self._master, slave = pty.openpty()
        self.resize(rows, columns)
        variables = {"TERM": "xterm", **environ}
        for name in ("COLUMNS", "LINES"):
            variables.pop(name, None)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jupyter_tfgpu", *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=variables,
            cwd=folder,
            start_new_session=True,
        )
        os.close(slave)
        self._raw = b""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                got = os.read(self._master, 65536)
            except OSError:  # the program has ended
                return
            if not got:
                return
            self._raw += got

    @property
    def raw(self) -> str:
        """All that it wrote, the terminal's orders too."""
        return self._raw.decode(errors="replace")

    @property
    def text(self) -> str:
        return _ORDERS.sub("", self.raw).replace("\r\n", "\n")

    @property
    def frame(self) -> list[str]:
        """The lines of the last whole screen that it drew."""
        frames = self.raw.split("\x1b[H")
        return _ORDERS.sub("", frames[-1]).replace("\r", "").split("\n")

    def shows(self, text: str) -> None:
        """Waits until it has shown the text; fails if it does not."""
        end = time.monotonic() + _FAR
        while text not in self.text:
            assert time.monotonic() < end, f"{text!r} was not shown: {self.text[-2000:]}"
            time.sleep(0.05)

    def type(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def resize(self, rows: int, columns: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def ended(self) -> int:
        """Waits for its end; the exit code."""
        code = self.process.wait(_FAR)
        self._reader.join(_FAR)
        return code
