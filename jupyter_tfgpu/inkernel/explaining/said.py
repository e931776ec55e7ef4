"""What a cell said when it failed: its error with those behind it, and what it printed on standard error."""

import collections
import select
import sys
import time
import traceback
from typing import Any, Deque, List, Optional, Tuple

HEAD, TAIL, PIECE = 200, 800, 2000
"""Pieces that are kept of the beginning and of the end of what a cell prints, and characters of a piece.
ipykernel hands on what compiled code prints in pieces of 1000 bytes, Python's own text line by line."""

LIMIT = 1 << 17
"""Characters of a text that are looked at, half of them from its beginning."""

ERRORS, FRAMES = 10, 30
"""Errors behind an error that are followed, and calls of a traceback that are kept."""

PATIENCE = 0.05
"""Seconds to wait, at most, for what compiled code printed just before the cell's end."""


class Tap:
    """Keeps what is written to ipykernel's standard error while :attr:`on`.

    Without a lock: a process that is forked while another thread writes would wait for it for ever.
    """

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.on = True
        self._wrapped = "write" in vars(stream)  # by another program part, before
        self._plain = stream.write
        self._head: List[str] = []
        self._tail: Deque[str] = collections.deque(maxlen=TAIL)
        stream.write = self._write

    def _write(self, string: Any) -> Any:
        if self.on and isinstance(string, str):
            pieces = self._head if len(self._head) < HEAD else self._tail
            half = PIECE // 2
            pieces.append(string if len(string) <= PIECE else string[:half] + "\n" + string[-half:])
        return self._plain(string)

    def take(self) -> str:
        """What was kept, which is then forgotten."""
        head, self._head = self._head, []
        tail, self._tail = self._tail, collections.deque(maxlen=TAIL)
        return "".join(head) + ("\n" if len(tail) == TAIL else "") + "".join(tail)

    def remove(self) -> bool:
        """Takes it out of the stream; False: another has put itself over it meanwhile, and it stays."""
        self.on = False
        if vars(self.stream).get("write") != self._write:
            return False
        if self._wrapped:
            self.stream.write = self._plain
        else:
            del self.stream.write
        return True


class Said:
    """What the cells of a kernel print on standard error, one cell after the other."""

    def __init__(self) -> None:
        self._tap: Optional[Tap] = None

    def begin(self) -> None:
        """Listens from now on."""
        stream = sys.stderr
        if self._tap is not None and self._tap.stream is stream and "write" in vars(stream):
            self._tap.on = True
        elif _is_ipykernel_s(stream):
            self._tap = Tap(stream)

    def end(self) -> str:
        """Listens no more; what was printed meanwhile."""
        tap = self._tap
        if tap is None or not tap.on:
            return ""
        _wait_for_pipe(tap)
        if tap.remove():
            self._tap = None
        return tap.take()


def _is_ipykernel_s(stream: Any) -> bool:
    kind = type(stream)
    return kind.__name__ == "OutStream" and kind.__module__.startswith("ipykernel")


def _wait_for_pipe(tap: Tap) -> None:
    """A thread of ipykernel's (from 6 on) reads what compiled code prints, and writes it to the stream."""
    pipe = getattr(tap.stream, "_fid", None)
    if not isinstance(pipe, int):
        return
    until = time.time() + PATIENCE
    try:
        time.sleep(0.001)  # it may have read a piece, and not written it yet
        while select.select([pipe], [], [], 0)[0] and time.time() < until:
            time.sleep(0.001)
    except (OSError, ValueError):
        return


def errors(error: BaseException) -> List[BaseException]:
    """The error and those behind it, as a traceback names them: the first cause last."""
    found: List[BaseException] = []
    following: Optional[BaseException] = error
    while following is not None and len(found) < ERRORS and not any(one is following for one in found):
        found.append(following)
        if following.__cause__ is not None:
            following = following.__cause__
        elif following.__suppress_context__:
            following = None
        else:
            following = following.__context__
    return found


def message(error: BaseException) -> str:
    """The names and words of an error and of those behind it, a line each."""
    return shortened("\n".join("{}: {}".format(type(one).__name__, _words(one)) for one in errors(error)))


def traceback_text(error: BaseException) -> str:
    """The traceback as text; of a deep one its end, where the error is."""
    try:
        lines = traceback.format_exception(type(error), error, error.__traceback__, limit=-FRAMES)
        return shortened("".join(lines))
    except Exception:  # an error whose words cannot be had
        return message(error)


def _words(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return ""


def shortened(text: str) -> str:
    """The beginning and the end of a long text."""
    if len(text) <= LIMIT:
        return text
    half = LIMIT // 2
    return text[:half] + "\n" + text[-half:]


_PLAIN = {ord("\u2018"): "'", ord("\u2019"): "'", ord("\u201c"): '"', ord("\u201d"): '"'}


class Starts:
    """The texts that start an explanation. ``patterns``: as the launch file has them."""

    def __init__(self, patterns: List[str]) -> None:
        self._starts = [one for one in patterns if not one.startswith("! ")]
        self._none = [one[2:] for one in patterns if one.startswith("! ")]

    def found(self, text: str) -> Tuple[str, ...]:
        """Those that are in a text, whatever breaks its lines."""
        if not text:
            return ()
        lower = shortened(text).translate(_PLAIN).lower()
        found = self._in(lower)
        if found and any(one in lower for one in self._none):
            lines = [line for line in lower.split("\n") if not any(one in line for one in self._none)]
            return self._in("\n".join(lines))
        return found

    def _in(self, lower: str) -> Tuple[str, ...]:
        flat = " ".join(lower.split())
        return tuple(one for one in self._starts if one in flat)
