"""Running kernels, the reports on them, and pins."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from ...api.wire import SetPin
from .base import TfGpuHandler


class KernelsHandler(TfGpuHandler):
    auth_resource = "kernels"

    @web.authenticated
    @authorized
    async def get(self) -> None:
        self.answer(await self.ask(self.service.watching.kernels, await self.sessions.running()))


class KernelReportHandler(TfGpuHandler):
    auth_resource = "kernels"

    @web.authenticated
    @authorized
    async def get(self, kernel_id: str) -> None:
        self.answer(await self.ask(self.service.kernel_reports.get, kernel_id))


class PinsHandler(TfGpuHandler):
    auth_resource = "kernels"

    @web.authenticated
    @authorized
    async def get(self) -> None:
        self.answer(self.sessions.relative(await self.ask(self.service.pinning.all)))

    @web.authenticated
    @authorized
    async def put(self) -> None:
        wanted = self.sessions.absolute(self.body(SetPin))
        self.answer(await self.ask_driver(self.service.pinning.set, wanted, await self.sessions.running()))
        self.hub.refresh()

    @web.authenticated
    @authorized
    async def delete(self) -> None:
        wanted = self.sessions.absolute(self.body(SetPin))
        self.answer(await self.ask(self.service.pinning.clear, wanted, await self.sessions.running()))
        self.hub.refresh()
