"""``WS live``: the socket of one page, what it may say and how much waits for it."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from jupyter_core.utils import ensure_async
from jupyter_server.auth.decorator import ws_authenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from tornado import web
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from ..api.wire import NoticeMessage
from .live import LiveHub

MESSAGE_LIMIT = 4096
"""Bytes of a message from a page. The only one there is, an interval, needs 40."""
PACE = 0.01
"""Seconds after a message in which no further one is read from this page."""
TRY_AGAIN_LATER = 1013
"""https://www.iana.org/assignments/websocket/websocket.xhtml#close-code-number"""


class Ask(msgspec.Struct, frozen=True):
    """What a page may say: the interval it wants, in seconds."""

    interval: float


class LiveHandler(WebSocketMixin, WebSocketHandler, JupyterHandler):
    """The socket of one page.

    A page that does not read costs no more than one message of each kind: while one is on its way, the
    newest of its kind takes the place of the one that waits.
    """

    auth_resource = "tfgpu"

    def initialize(self, hub: LiveHub) -> None:
        self.hub = hub
        self._writing = False
        self._waiting: dict[str, bytes] = {}

    def set_default_headers(self) -> None:
        """JupyterHandler's headers make no sense on a socket."""

    @property
    def max_message_size(self) -> int:
        """A longer message closes the socket with code 1009 before it is read (tornado)."""
        return MESSAGE_LIMIT

    @ws_authenticated
    async def get(self, *args: Any, **kwargs: Any) -> None:
        if not await ensure_async(
            self.authorizer.is_authorized(self, self.current_user, "read", self.auth_resource)
        ):
            raise web.HTTPError(403)
        await super().get(*args, **kwargs)

    def open(self, *args: str, **kwargs: str) -> None:
        super().open(*args, **kwargs)
        if not self.hub.join(self):
            self.close(TRY_AGAIN_LATER, "too many pages are open on this server")

    async def on_message(self, message: str | bytes) -> None:
        try:
            ask = msgspec.json.decode(message, type=Ask)
        except (msgspec.DecodeError, RecursionError) as error:
            self._notice(f'Only {{"interval": seconds}} is understood here: {error}')
        else:
            became = self.hub.set_interval(self, ask.interval)
            if became != ask.interval:
                self._notice(f"An interval of {ask.interval:g} s is out of bounds; it is {became:g} s now.")
        # The next message is read when this returns: who floods waits, and the others do not.
        await asyncio.sleep(PACE)

    def on_close(self) -> None:
        self.hub.leave(self)

    def send(self, kind: str, message: bytes) -> None:
        """Sends an encoded message, or keeps it until the one before is written; a page that has gone
        meanwhile is none of our business."""
        if self._writing:
            self._waiting[kind] = message
            return
        try:
            written = self.write_message(message)  # as text, though it comes in bytes: no copy is made
        except WebSocketClosedError:
            return
        self._writing = True
        written.add_done_callback(self._written)

    def _written(self, written: asyncio.Future[None]) -> None:
        self._writing = False
        if written.cancelled() or written.exception() is not None:
            return
        waiting, self._waiting = self._waiting, {}
        for kind, message in waiting.items():
            self.send(kind, message)

    def _notice(self, text: str) -> None:
        self.send("notice", msgspec.json.encode(NoticeMessage(message=text, level="warning")))
