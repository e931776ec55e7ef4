"""What an error message or a log means."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from ...api.wire import ExplainText
from .base import TfGpuHandler

BODY_LIMIT = 8 * 1024 * 1024
"""Bytes: a text of 1 MB in which JSON spells out many characters."""


class ExplainHandler(TfGpuHandler):
    @web.authenticated
    @authorized
    async def post(self) -> None:
        wanted = self.body(ExplainText, BODY_LIMIT)
        if wanted.kernel_id is not None:
            await self.require("kernels", "read")
        self.answer(await self.ask_driver(self.service.explainer.ask, wanted))
