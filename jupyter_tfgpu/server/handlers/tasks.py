"""Tasks: asked for and cancelled."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from .base import TfGpuHandler


class TasksHandler(TfGpuHandler):
    @web.authenticated
    @authorized
    async def get(self) -> None:
        self.answer(self.service.tasks.all())


class TaskHandler(TfGpuHandler):
    @web.authenticated
    @authorized
    async def get(self, task_id: str) -> None:
        self.answer(self.service.tasks.get(task_id))

    @web.authenticated
    @authorized
    async def delete(self, task_id: str) -> None:
        await self.require("kernelspecs")  # whoever may begin one may end it
        self.answer(self.service.tasks.cancel(task_id))
