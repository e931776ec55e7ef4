"""What the open pages are sent: joined and encoded once, by one subscription, for all of them."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Protocol

import msgspec
from tornado.ioloop import IOLoop

from ..api.service import Service
from ..api.wire import EnvironmentsAnswer, KernelsMessage, ReadingMessage, TaskAnswer, TaskMessage
from ..devices import Reading, Subscription
from .environments_watch import EnvironmentsWatch
from .sessions import Sessions

MOST_PAGES = 100
"""Pages served at once. Each costs the event loop a moment for every reading; one person opens few, a
class that shares a server some dozens."""


PAGES_AT_ONCE = 8
"""Pages that are written to before the event loop does something else."""


class Page(Protocol):
    """What the hub needs of a page's socket."""

    def send(self, kind: str, message: bytes) -> None: ...

    def close(self, code: int | None = None, reason: str | None = None) -> None: ...


class LiveHub:
    """All open pages of this server, and the one subscription and the one watch that serve them.

    Lives on the event loop; only ``_new_reading`` and ``_new_environments`` are scheduled from the threads
    of these two.
    """

    def __init__(self, service: Service, sessions: Sessions, log: logging.Logger) -> None:
        self._service = service
        self._sessions = sessions
        self._log = log
        self._pages: dict[Page, float | None] = {}
        self._subscription: Subscription | None = None
        self._watch = EnvironmentsWatch(service.catalogue, self._tell_environments, log)
        self._loop: IOLoop | None = None
        self._newcomers: list[Page] = []
        self._welcoming = self._busy = self._said_full = False
        self._tasks: set[asyncio.Task[None]] = set()

    def join(self, page: Page) -> bool:
        """A page has opened: it gets the last reading at once, then each new one. False: too many have."""
        if len(self._pages) >= MOST_PAGES:
            if not self._said_full:
                self._log.warning("tfgpu: %d pages are open; further ones are refused.", MOST_PAGES)
            self._said_full = True
            return False
        self._pages[page] = None
        self._loop = loop = IOLoop.current()
        if self._subscription is None:
            self._watch.start()
            self._subscription = self._service.monitor.subscribe(
                lambda reading: loop.add_callback(self._new_reading, reading), self._interval()
            )
        self._newcomers.append(page)
        if not self._welcoming:
            self._welcoming = True
            self._spawn(self._welcome())
        return True

    def leave(self, page: Page) -> None:
        """A page has closed; with the last one this subscription ends."""
        self._pages.pop(page, None)
        if not self._pages and self._subscription is not None:
            self._subscription.close()
            self._subscription = None
            self._watch.stop()
            self._service.background.look()
        else:
            self._apply_interval()

    def set_interval(self, page: Page, seconds: float) -> float:
        """What this page asks for, and what it gets; the sampler runs at the shortest of any page.

        One that was refused may still say something until its socket is closed: it counts for nothing.
        """
        interval = self._service.monitor.clamp(seconds)
        if page in self._pages:
            self._pages[page] = interval
            self._apply_interval()
        return interval

    def environments_changed(self) -> None:
        """Something was done to environments or kernelspecs: every page gets them as they are now."""
        self._watch.look_now()

    def environments_given(self, answer: EnvironmentsAnswer) -> None:
        """A page has asked for the environments and got this."""
        self._watch.given(answer)

    def send_task(self, task: TaskAnswer) -> None:
        """From any thread: tells every page how far a task is, and what has become of the environments."""
        if self._loop is not None and self._pages:
            self._loop.add_callback(self._send_task, task)

    def _send_task(self, task: TaskAnswer) -> None:
        message = msgspec.json.encode(TaskMessage(data=task))
        # A kind of its own for each: the last word on one does not give way to another one's.
        self._spawn(self._send(f"task {task.id}", message, list(self._pages)))
        if task.state == "done":
            self.environments_changed()

    def judge(self) -> None:
        """Reaches the verdicts in the background; the pages get them when they are new."""
        self._spawn(self._judge())

    async def _judge(self) -> None:
        judged = IOLoop.current().run_in_executor(
            self._service.driver_executor, self._service.catalogue.judge_all
        )
        if await judged:
            self._watch.look_now()

    def _tell_environments(self, message: bytes) -> None:
        """From the watch's thread: the pages have other environments than these."""
        if self._loop is not None:
            self._loop.add_callback(self._new_environments, message)

    def _new_environments(self, message: bytes) -> None:
        if self._pages:
            self._spawn(self._send("environments", message, list(self._pages)))
            self.judge()  # what changed may be another now; nothing is done for what did not

    def refresh(self) -> None:
        """Sends the pages the last reading and the kernels again, as a pin or a kernel has changed."""
        latest = self._service.monitor.latest
        if latest is not None and self._pages:
            self._spawn(self._send_state(latest, list(self._pages)))

    def close(self) -> None:
        for page in list(self._pages):
            page.close(1001, "the server is stopping")
            self.leave(page)
        for task in tuple(self._tasks):
            task.cancel()  # what waits for a thread would otherwise outlive the event loop

    def _interval(self) -> float | None:
        return min((s for s in self._pages.values() if s is not None), default=None)

    def _apply_interval(self) -> None:
        if self._subscription is not None:
            self._subscription.set_interval(self._interval())

    def _new_reading(self, reading: Reading) -> None:
        if not self._busy and self._pages:
            self._busy = True
            task = self._spawn(self._send_state(reading, None))
            task.add_done_callback(lambda _: setattr(self, "_busy", False))

    async def _welcome(self) -> None:
        """Sends the last reading to the pages that have just opened: all that did meanwhile at once."""
        try:
            while self._newcomers and (latest := self._service.monitor.latest) is not None:
                pages, self._newcomers = self._newcomers, []
                await self._send_state(latest, pages)
        finally:
            self._newcomers.clear()
            self._welcoming = False

    async def _send_state(self, reading: Reading, pages: list[Page] | None) -> None:
        running = await self._sessions.running()
        messages = await IOLoop.current().run_in_executor(
            self._service.readings_executor, self._encode, reading, running
        )
        for kind, message in messages.items():
            await self._send(kind, message, list(self._pages) if pages is None else pages)

    def _encode(self, reading: Reading, running: Any) -> dict[str, bytes]:
        state = self._service.watching.state(reading, running)
        # In this order: what kernels do is told against the time of a reading, and a page that was away
        # shall not hold a new one against kernels of long ago.
        return {
            "kernels": msgspec.json.encode(KernelsMessage(data=state.kernels)),
            "reading": msgspec.json.encode(ReadingMessage(data=state.devices)),
        }

    async def _send(self, kind: str, message: bytes, pages: list[Page]) -> None:
        for number, page in enumerate(pages, 1):
            page.send(kind, message)
            if number % PAGES_AT_ONCE == 0:
                await asyncio.sleep(0)

    def _spawn(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._log.error("tfgpu: a push to the pages failed", exc_info=task.exception())
