"""Environments, the reports on them, and ipykernel for one that has none."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from ...api.wire import EnvironmentsAnswer
from .base import TfGpuHandler


class Listing(TfGpuHandler):
    """Answers with the environments; verdicts that are not reached yet follow over the socket."""

    def tell(self, environments: EnvironmentsAnswer) -> None:
        self.answer(environments)
        self.hub.environments_given(environments)
        self.hub.judge()


class EnvironmentsHandler(Listing):
    @web.authenticated
    @authorized
    async def get(self) -> None:
        self.tell(await self.ask(self.service.catalogue.environments))


class RefreshHandler(Listing):
    @web.authenticated
    @authorized
    async def post(self) -> None:
        self.tell(await self.ask(self.service.catalogue.environments, True))


class EnvironmentReportHandler(TfGpuHandler):
    @web.authenticated
    @authorized
    async def get(self, name: str) -> None:
        self.answer(await self.ask_driver(self.service.fixable.report, name, None, None))


class IpykernelHandler(TfGpuHandler):
    auth_resource = "kernelspecs"  # it writes one in the end, as a repair does

    @web.authenticated
    @authorized
    async def post(self, name: str) -> None:
        self.answer(await self.ask(self.service.repairs.install_ipykernel, name), 202)
