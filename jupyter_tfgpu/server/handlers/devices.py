"""Devices and what was seen of them."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from .base import TfGpuHandler


class DevicesHandler(TfGpuHandler):
    @web.authenticated
    @authorized
    async def get(self) -> None:
        self.answer(await self.ask_driver(self.service.watching.devices))
        self.service.background.look()


class HistoryHandler(TfGpuHandler):
    @web.authenticated
    @authorized
    async def get(self) -> None:
        text = self.get_query_argument("seconds", "1800")
        self.answer(await self.ask(self.service.watching.history, text))
