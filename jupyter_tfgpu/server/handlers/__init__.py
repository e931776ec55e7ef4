"""The REST routes of CONTRACT.md, by theme."""

from __future__ import annotations

from typing import Any

from jupyter_server.auth.decorator import authorized
from tornado import web

from ...api.errors import NotFound
from ...api.openapi import openapi
from .base import TfGpuHandler
from .devices import DevicesHandler, HistoryHandler
from .environments import EnvironmentReportHandler, EnvironmentsHandler, IpykernelHandler, RefreshHandler
from .explain import ExplainHandler
from .fixes import AppliedFixHandler, FixesHandler
from .kernels import KernelReportHandler, KernelsHandler, PinsHandler
from .kernelspecs import KernelspecHandler, KernelspecsHandler, RepairHandler, SyncHandler
from .preflight import PreflightHandler
from .settings import SettingsHandler
from .tasks import TaskHandler, TasksHandler


class OpenApiHandler(TfGpuHandler):
    @web.authenticated
    @authorized
    async def get(self) -> None:
        self.answer(openapi())


class NoSuchRouteHandler(TfGpuHandler):
    """Everything else under ``tfgpu/``: said in JSON, as all our errors."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        raise NotFound(f"There is no {self.request.path} here.", reason="no-such-route")

    put = post = patch = delete = get


Routes = list[tuple[str, type[Any]]]

ROUTES: Routes = [
    (r"tfgpu/devices", DevicesHandler),
    (r"tfgpu/history", HistoryHandler),
    (r"tfgpu/environments", EnvironmentsHandler),
    (r"tfgpu/environments/refresh", RefreshHandler),
    (r"tfgpu/environments/([0-9a-f]+)/report", EnvironmentReportHandler),
    (r"tfgpu/environments/([0-9a-f]+)/ipykernel", IpykernelHandler),
    (r"tfgpu/kernelspecs", KernelspecsHandler),
    (r"tfgpu/kernelspecs/sync", SyncHandler),
    (r"tfgpu/kernelspecs/([A-Za-z0-9._\-]+)", KernelspecHandler),
    (r"tfgpu/kernelspecs/([A-Za-z0-9._\-]+)/repair", RepairHandler),
    (r"tfgpu/kernels", KernelsHandler),
    (r"tfgpu/kernels/([A-Za-z0-9\-]+)/report", KernelReportHandler),
    (r"tfgpu/pins", PinsHandler),
    (r"tfgpu/explain", ExplainHandler),
    (r"tfgpu/preflight", PreflightHandler),
    (r"tfgpu/fixes", FixesHandler),
    (r"tfgpu/fixes/([0-9a-f]+)", AppliedFixHandler),
    (r"tfgpu/settings", SettingsHandler),
    (r"tfgpu/tasks", TasksHandler),
    (r"tfgpu/tasks/([0-9a-f]+)", TaskHandler),
    (r"tfgpu/openapi\.json", OpenApiHandler),
]
"""The routes of the contract; whatever else is asked for goes to :class:`NoSuchRouteHandler`."""

__all__ = ["ROUTES", "NoSuchRouteHandler", "TfGpuHandler"]
