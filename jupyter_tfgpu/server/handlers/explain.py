"""What an error message or a log means."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from ...api.errors import BadInput
from ...api.wire import ExplainText
from .base import TfGpuHandler

BODY_LIMIT = 8 * 1024 * 1024
"""Bytes: a text of 1 MB in which JSON spells out many characters."""


class ExplainHandler(TfGpuHandler):
    @web.authenticated
    @authorized
    async def post(self) -> None:
        size = len(self.request.body)
        if size > BODY_LIMIT:
            raise BadInput(
                f"The body has {size} bytes, and at most {BODY_LIMIT} are read.", reason="too-large"
            )
        wanted = self.body(ExplainText)
        if wanted.kernel_id is not None:
            await self.require("kernels", "read")
        self.answer(await self.ask_driver(self.service.explainer.ask, wanted))
