"""``jupyter tfgpu devices --watch``: readings as they come, until interrupted."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import NoReturn

from rich.console import Console
from rich.live import Live
from rich.text import Text

from ..api.service import Service
from ..api.wire import ReadingAnswer
from ..devices import Reading
from .bars import sparkline
from .common import print_json
from .device_table import SPARK
from .page import Paper, page

TICK = 1.0
"""Seconds between two looks at the clock: how old what is shown has become."""
BEHIND = 100
"""Readings that wait for a reader who is slower than they come; further ones are left out."""


class Watch:
    """A subscription to readings. ``interval``: seconds between two of them."""

    def __init__(self, asked: Service, interval: float | None) -> None:
        self._asked = asked
        self._news: SimpleQueue[Reading | None] = SimpleQueue()
        self._subscription = asked.monitor.subscribe(self._came, interval)
        self.interval = self._subscription.interval

    def json(self) -> NoReturn:
        """One document a line, each as soon as it is read."""
        while True:
            reading = self._next()
            if reading is not None:
                print_json(self._answer(reading))

    def pages(self, console: Console) -> NoReturn:
        """One table after the other: for a file or a pipe."""
        while True:
            reading = self._next()
            if reading is not None:
                top = Text(time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(reading.taken_at)))
                console.print(page(self._answer(reading), Paper(console), top=top), "", soft_wrap=True)

    def screen(self, console: Console) -> NoReturn:
        """One table that changes, on a screen of its own. What it showed last is left behind."""
        shown = Text("Waiting for the driver…")
        last: tuple[Reading, ReadingAnswer] | None = None
        try:
            with _signals(self._news), Live(console=console, screen=True, auto_refresh=False) as live:
                while True:
                    live.update(shown, refresh=True)
                    self._next()
                    reading = self._asked.monitor.latest
                    if reading is None:
                        continue
                    if last is None or reading != last[0]:
                        last = reading, self._answer(reading)
                    paper = Paper(console, console.width, console.height)
                    shown = page(last[1], paper, top=self._top(reading), minutes=self._minutes())
        finally:
            if last is not None:
                console.print(page(last[1], Paper(console, console.width)), soft_wrap=True)

    def _came(self, reading: Reading) -> None:
        if self._news.qsize() < BEHIND:
            self._news.put(reading)

    def _next(self) -> Reading | None:
        """The next reading; None where none came within a tick."""
        try:
            return self._news.get(timeout=TICK)
        except Empty:
            return None

    def _answer(self, reading: Reading) -> ReadingAnswer:
        return self._asked.watching.state(reading, ()).devices

    def _top(self, reading: Reading) -> Text:
        now = time.time()
        return Text(
            f"{time.strftime('%H:%M:%S', time.localtime(now))}  read {now - reading.taken_at:.0f} s ago, "
            f"every {self.interval:g} s  Ctrl+C ends",
            "dim",
        )

    def _minutes(self) -> Mapping[str, str]:
        # Twice a minute: a reading of before it may stand for its beginning.
        history, now = self._asked.monitor.history(120), time.time()
        return {
            uuid: sparkline(history.times, device.utilization, now, self.interval, SPARK)
            for uuid, device in history.devices.items()
        }


@contextmanager
def _signals(news: SimpleQueue[Reading | None]) -> Iterator[None]:
    """A terminal of another size is drawn anew at once, and a program that is ended leaves it in order."""

    def end(*_: object) -> None:
        sys.exit(128 + signal.SIGTERM)

    handlers = {signal.SIGTERM: end}
    if hasattr(signal, "SIGWINCH"):
        # SimpleQueue.put may be called from a handler, whatever its thread is about to do.
        handlers[signal.SIGWINCH] = lambda *_: news.put(None)
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
