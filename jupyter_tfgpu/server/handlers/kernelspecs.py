"""Kernelspecs: added, changed, kept in step, repaired and removed."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from ...api.wire import AddKernelspec, ChangeKernelspec, Sync
from .base import TfGpuHandler


class KernelspecsHandler(TfGpuHandler):
    auth_resource = "kernelspecs"

    @web.authenticated
    @authorized
    async def get(self) -> None:
        self.answer(await self.ask(self.service.catalogue.kernelspecs))

    @web.authenticated
    @authorized
    async def post(self) -> None:
        self.answer(await self.ask(self.service.catalogue.add_kernelspec, self.body(AddKernelspec)), 201)
        self.hub.environments_changed()


class KernelspecHandler(TfGpuHandler):
    auth_resource = "kernelspecs"

    @web.authenticated
    @authorized
    async def patch(self, name: str) -> None:
        wanted = self.body(ChangeKernelspec)
        self.answer(await self.ask(self.service.catalogue.rename_kernelspec, name, wanted))
        self.hub.environments_changed()

    @web.authenticated
    @authorized
    async def delete(self, name: str) -> None:
        await self.ask(self.service.catalogue.remove_kernelspec, name)
        self.set_status(204)
        self.finish()
        self.hub.environments_changed()


class SyncHandler(TfGpuHandler):
    auth_resource = "kernelspecs"

    @web.authenticated
    @authorized
    async def post(self) -> None:
        wanted = self.body(Sync) if self.request.body else Sync()
        self.answer(await self.ask(self.service.catalogue.sync, wanted.dry_run))
        if not wanted.dry_run:
            self.hub.environments_changed()


class RepairHandler(TfGpuHandler):
    auth_resource = "kernelspecs"

    @web.authenticated
    @authorized
    async def post(self, name: str) -> None:
        self.answer(await self.ask(self.service.repairs.repair, name), 202)
