"""What all handlers share: the service, the executors, JSON in and out, errors."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from jupyter_core.utils import ensure_async
from jupyter_server.base.handlers import APIHandler
from tornado import web
from tornado.ioloop import IOLoop

from ...api.errors import BadInput
from ...api.service import Service
from ...api.wire import Failure
from ..errors import failure
from ..live import LiveHub
from ..sessions import Sessions

T = TypeVar("T")

FIELD = re.compile(r"at `\$\.?([^`]+)`")
"""Where msgspec says that a body does not fit."""


class TfGpuHandler(APIHandler):
    """Asks the service off the event loop and writes its answer."""

    auth_resource = "tfgpu"

    def initialize(self, service: Service, sessions: Sessions, hub: LiveHub) -> None:
        self.service = service
        self.sessions = sessions
        self.hub = hub

    async def ask(self, question: Callable[..., T], *arguments: Any) -> T:
        """The answer of a question that waits for the disk, asked in the extension's own threads."""
        return await IOLoop.current().run_in_executor(self.service.executor, question, *arguments)

    async def ask_driver(self, question: Callable[..., T], *arguments: Any) -> T:
        """The same for a question that may wait for the driver: one that hangs holds up no other."""
        return await IOLoop.current().run_in_executor(self.service.driver_executor, question, *arguments)

    async def require(self, resource: str, action: str = "write") -> None:
        """Refuses who may not do this to a second resource beside the handler's own."""
        if not await ensure_async(self.authorizer.is_authorized(self, self.current_user, action, resource)):
            raise web.HTTPError(403)

    def answer(self, document: Any, status: int = 200) -> None:
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.finish(msgspec.json.encode(document))

    def body(self, shape: type[T], limit: int | None = None) -> T:
        """The request's body, of ``limit`` bytes at most.

        Raises BadInput: it is too large, or with the path of the first field that does not fit.
        """
        size = len(self.request.body)
        if limit is not None and size > limit:
            raise BadInput(f"The body has {size} bytes, and at most {limit} are read.", reason="too-large")
        try:
            return msgspec.json.decode(self.request.body, type=shape)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            field = FIELD.search(str(error))
            raise BadInput(
                f"The body does not fit: {error}",
                reason="bad-body",
                detail={"field": field[1] if field else "$"},
            ) from None

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = kwargs.get("exc_info", (None, None, None))[1]
        if isinstance(error, web.HTTPError):
            message = error.log_message or self._reason
            self.answer(Failure(message=message, reason=str(status_code)), status_code)
            return
        status, body = failure(error) if error is not None else failure(RuntimeError())
        self.answer(body, status)

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        if failure(value)[0] == 500 or isinstance(value, web.HTTPError):
            super().log_exception(typ, value, tb)
