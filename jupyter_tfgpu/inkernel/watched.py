"""A file that a server writes for its kernels, again and again: read when it has changed."""

import os
from typing import Any, Callable, Optional, Tuple

MAX_SIZE = 1 << 20
"""Bytes that are taken at most. A report has some thousand; the state of eight devices with forty kernels
some twenty thousand."""


class WatchedFile:
    """The file at a path; None: there is none. ``decode``: makes what it holds of its bytes, None where they
    are too many or not fit for use."""

    def __init__(self, path: Optional[str], decode: Callable[[bytes], Any]) -> None:
        self.path = path
        self._decode = decode
        self._seen: Optional[Tuple[int, int, int]] = None
        self._content: Any = None

    def read(self) -> Any:
        """What stands in it now; None where it is not there, or not fit for use."""
        if self.path is None:
            return None
        try:
            status = os.stat(self.path)
            seen = (status.st_mtime_ns, status.st_size, status.st_ino)
            if seen != self._seen:
                with open(self.path, "rb") as file:
                    data = file.read(MAX_SIZE + 1)
                self._content = self._decode(data)
                self._seen = seen
            return self._content
        except OSError:
            self._seen = self._content = None
            return None
