"""``WS live``: one socket a page; what is new is joined and encoded once and sent to all pages."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import msgspec
from jupyter_core.utils import ensure_async
from jupyter_server.auth.decorator import ws_authenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from tornado import web
from tornado.ioloop import IOLoop
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from ..api.service import Service
from ..api.wire import EnvironmentsMessage, KernelsMessage, NoticeMessage, ReadingMessage
from ..devices import Reading, Subscription
from .sessions import Sessions

MESSAGE_LIMIT = 4096
"""Characters of a message from a page. The only one there is, an interval, needs 40."""


class LiveHub:
    """All open pages of this server, and the one subscription that serves them.

    Lives on the event loop; only ``_new_reading`` is scheduled from the sampling thread.
    """

    def __init__(self, service: Service, sessions: Sessions, log: logging.Logger) -> None:
        self._service = service
        self._sessions = sessions
        self._log = log
        self._pages: dict[LiveHandler, float | None] = {}
        self._subscription: Subscription | None = None
        self._busy = False
        self._tasks: set[asyncio.Task[None]] = set()

    def join(self, page: LiveHandler) -> None:
        """A page has opened: it gets the last reading at once, then each new one."""
        self._pages[page] = None
        loop = IOLoop.current()
        if self._subscription is None:
            self._subscription = self._service.monitor.subscribe(
                lambda reading: loop.add_callback(self._new_reading, reading), self._interval()
            )
        latest = self._service.monitor.latest
        if latest is not None:
            self._spawn(self._send_state(latest, [page]))

    def leave(self, page: LiveHandler) -> None:
        """A page has closed; with the last one the sampling ends."""
        self._pages.pop(page, None)
        if not self._pages and self._subscription is not None:
            self._subscription.close()
            self._subscription = None
        else:
            self._apply_interval()

    def set_interval(self, page: LiveHandler, seconds: float) -> float:
        """What this page asks for, and what it gets; the sampler runs at the shortest of any page."""
        self._pages[page] = self._service.monitor.clamp(seconds)
        self._apply_interval()
        return self._service.monitor.clamp(seconds)

    def environments_changed(self) -> None:
        """Sends every page the environments as they are now."""
        if self._pages:
            self._spawn(self._send_environments())

    def judge(self) -> None:
        """Reaches the verdicts in the background; the pages get them when they are new."""
        self._spawn(self._judge())

    async def _judge(self) -> None:
        judged = IOLoop.current().run_in_executor(
            self._service.driver_executor, self._service.catalogue.judge_all
        )
        if await judged:
            await self._send_environments()

    async def _send_environments(self) -> None:
        answer = await IOLoop.current().run_in_executor(
            self._service.executor, self._service.catalogue.environments
        )
        self._send(msgspec.json.encode(EnvironmentsMessage(data=answer)), list(self._pages))

    def refresh(self) -> None:
        """Sends the pages the last reading and the kernels again, as a pin or a kernel has changed."""
        latest = self._service.monitor.latest
        if latest is not None and self._pages:
            self._spawn(self._send_state(latest, list(self._pages)))

    def close(self) -> None:
        for page in list(self._pages):
            page.close(1001, "the server is stopping")
            self.leave(page)

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

    async def _send_state(self, reading: Reading, pages: list[LiveHandler] | None) -> None:
        running = await self._sessions.running()
        messages = await IOLoop.current().run_in_executor(
            self._service.executor, self._encode, reading, running
        )
        for message in messages:
            self._send(message, list(self._pages) if pages is None else pages)

    def _encode(self, reading: Reading, running: Any) -> tuple[bytes, bytes]:
        state = self._service.watching.state(reading, running)
        return (
            msgspec.json.encode(ReadingMessage(data=state.devices)),
            msgspec.json.encode(KernelsMessage(data=state.kernels)),
        )

    def _send(self, message: bytes, pages: list[LiveHandler]) -> None:
        for page in pages:
            page.send(message)

    def _spawn(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._log.error("tfgpu: a push to the pages failed", exc_info=task.exception())


class Ask(msgspec.Struct, frozen=True):
    """What a page may say: the interval it wants, in seconds."""

    interval: float


class LiveHandler(WebSocketMixin, WebSocketHandler, JupyterHandler):
    """The socket of one page."""

    auth_resource = "tfgpu"

    def initialize(self, hub: LiveHub) -> None:
        self.hub = hub

    def set_default_headers(self) -> None:
        """JupyterHandler's headers make no sense on a socket."""

    @ws_authenticated
    async def get(self, *args: Any, **kwargs: Any) -> None:
        if not await ensure_async(
            self.authorizer.is_authorized(self, self.current_user, "read", self.auth_resource)
        ):
            raise web.HTTPError(403)
        await super().get(*args, **kwargs)

    def open(self, *args: str, **kwargs: str) -> None:
        super().open(*args, **kwargs)
        self.hub.join(self)

    def on_message(self, message: str | bytes) -> None:
        if len(message) > MESSAGE_LIMIT:
            self._notice(f"A message of {len(message)} characters is not read; the limit is {MESSAGE_LIMIT}.")
            return
        try:
            ask = msgspec.json.decode(message, type=Ask)
        except msgspec.DecodeError as error:
            self._notice(f'Only {{"interval": seconds}} is understood here: {error}')
            return
        became = self.hub.set_interval(self, ask.interval)
        if became != ask.interval:
            self._notice(f"An interval of {ask.interval:g} s is out of bounds; it is {became:g} s now.")

    def on_close(self) -> None:
        self.hub.leave(self)

    def send(self, message: bytes) -> None:
        """Sends one encoded message; a page that has gone meanwhile is none of our business."""
        try:
            task = self.write_message(message.decode())
        except WebSocketClosedError:
            return
        task.add_done_callback(lambda done: done.exception())

    def _notice(self, text: str) -> None:
        self.send(msgspec.json.encode(NoticeMessage(message=text, level="warning")))
