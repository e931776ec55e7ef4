"""The REST routes of CONTRACT.md. Each asks the service off the event loop and writes its answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web
from tornado.ioloop import IOLoop

from ..api.errors import BadInput, NotFound
from ..api.openapi import openapi
from ..api.service import Service
from ..api.wire import AddKernelspec, Failure, SetPin
from .errors import failure
from .live import LiveHub
from .sessions import Sessions

T = TypeVar("T")

FIELD = re.compile(r"at `\$\.?([^`]+)`")
"""Where msgspec says that a body does not fit."""


class TfGpuHandler(APIHandler):
    """What all our handlers share: the service, the executor, JSON in and out, errors."""

    auth_resource = "tfgpu"

    def initialize(self, service: Service, sessions: Sessions, hub: LiveHub) -> None:
        self.service = service
        self.sessions = sessions
        self.hub = hub

    async def ask(self, question: Callable[..., T], *arguments: Any) -> T:
        """The answer of a question that waits for the disk, asked in the extension's own threads."""
        return await IOLoop.current().run_in_executor(self.service.executor, question, *arguments)

    async def ask_driver(self, question: Callable[..., T], *arguments: Any) -> T:
        """The same for a question that may wait for the driver: one that hangs holds up no other."""
        return await IOLoop.current().run_in_executor(self.service.driver_executor, question, *arguments)

    def answer(self, document: Any, status: int = 200) -> None:
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.finish(msgspec.json.encode(document))

    def body(self, shape: type[T]) -> T:
        """The request's body. Raises BadInput with the path of the first field that does not fit."""
        try:
            return msgspec.json.decode(self.request.body, type=shape)
        except (msgspec.DecodeError, RecursionError) as error:
            field = FIELD.search(str(error))
            raise BadInput(
                f"The body does not fit: {error}",
                reason="bad-body",
                detail={"field": field[1] if field else "$"},
            ) from None

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = kwargs.get("exc_info", (None, None, None))[1]
        if isinstance(error, web.HTTPError):
            message = error.log_message or self._reason
            self.answer(Failure(message=message, reason=str(status_code)), status_code)
            return
        status, body = failure(error) if error is not None else failure(RuntimeError())
        self.answer(body, status)

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        if failure(value)[0] == 500 or isinstance(value, web.HTTPError):
            super().log_exception(typ, value, tb)


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


class EnvironmentsHandler(TfGpuHandler):
    @web.authenticated
    @authorized
    async def get(self) -> None:
        self.answer(await self.ask(self.service.catalogue.environments))
        self.hub.judge()


class RefreshHandler(TfGpuHandler):
    @web.authenticated
    @authorized
    async def post(self) -> None:
        self.answer(await self.ask(self.service.catalogue.environments, True))
        self.hub.judge()


class EnvironmentReportHandler(TfGpuHandler):
    @web.authenticated
    @authorized
    async def get(self, name: str) -> None:
        self.answer(await self.ask_driver(self.service.catalogue.environment_report, name))


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
    async def delete(self, name: str) -> None:
        await self.ask(self.service.catalogue.remove_kernelspec, name)
        self.set_status(204)
        self.finish()
        self.hub.environments_changed()


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
    (r"tfgpu/kernelspecs", KernelspecsHandler),
    (r"tfgpu/kernelspecs/([A-Za-z0-9._\-]+)", KernelspecHandler),
    (r"tfgpu/kernels", KernelsHandler),
    (r"tfgpu/kernels/([A-Za-z0-9\-]+)/report", KernelReportHandler),
    (r"tfgpu/pins", PinsHandler),
    (r"tfgpu/openapi\.json", OpenApiHandler),
]
"""The routes of the contract; whatever else is asked for goes to :class:`NoSuchRouteHandler`."""

__all__ = ["ROUTES", "NoSuchRouteHandler", "TfGpuHandler"]
