"""How kernelspecs are named and kept."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from ...api.wire import KernelSettings
from .base import TfGpuHandler


class SettingsHandler(TfGpuHandler):
    @web.authenticated
    @authorized
    async def get(self) -> None:
        self.answer(await self.ask(self.service.catalogue.settings))

    @web.authenticated
    @authorized
    async def put(self) -> None:
        await self.require("kernelspecs")  # they are named and kept by these
        wanted = self.body(KernelSettings)
        self.answer(await self.ask(self.service.catalogue.set_settings, wanted))
        self.hub.environments_changed()
