"""What is to be known of a cell before it runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from jupyter_server.auth.decorator import authorized
from tornado import web
from tornado.ioloop import IOLoop

from ...api.wire.preflight import BODY_LIMIT, AskPreflight
from .base import TfGpuHandler

if TYPE_CHECKING:
    from ...api.preflight import Preflight

T = TypeVar("T")


class PreflightHandler(TfGpuHandler):
    auth_resource = "kernels"

    @web.authenticated
    @authorized
    async def get(self) -> None:
        self.answer(await self._ask(lambda preflight: preflight.words()))

    @web.authenticated
    @authorized
    async def post(self) -> None:
        wanted = self.body(AskPreflight, BODY_LIMIT)
        self.answer(await self._ask(lambda preflight: preflight.ask(wanted)))

    async def _ask(self, question: Callable[[Preflight], T]) -> T:
        """Asked in a thread that has nothing else to do, as a cell waits for it; there it is loaded, too."""
        service = self.service
        return await IOLoop.current().run_in_executor(
            service.preflight_executor, lambda: question(service.preflight)
        )
