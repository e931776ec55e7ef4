"""Automatic fixes: shown, applied and taken back."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from jupyter_server.auth.decorator import authorized
from tornado import web

from ...api.wire import ApplyFix, FixAnswer, FixChange
from .base import TfGpuHandler


class FixHandler(TfGpuHandler):
    """Whoever changes a kernelspec or a pin by a fix has to be allowed to do so without it."""

    async def require_for(self, changes: Iterable[FixChange]) -> None:
        for resource in sorted({"kernels" if each.what == "pin" else "kernelspecs" for each in changes}):
            await self.require(resource)

    def tell(self, done: FixAnswer) -> None:
        self.answer(done, 200 if done.task is None else 202)
        if not done.dry_run:
            self.hub.environments_changed()
            self.hub.refresh()


class FixesHandler(FixHandler):
    @web.authenticated
    @authorized
    async def post(self) -> None:
        wanted = self.body(ApplyFix)
        running = await self.sessions.running()
        look = msgspec.structs.replace(wanted, dry_run=True)
        found = await self.ask_driver(self.service.fixes.apply, look, running)
        await self.require_for(found.changes)
        if not wanted.dry_run:
            # What is allowed is what was looked at.
            exactly = msgspec.structs.replace(wanted, shown=found.state)
            found = await self.ask_driver(self.service.fixes.apply, exactly, running)
        self.tell(found)


class AppliedFixHandler(FixHandler):
    @web.authenticated
    @authorized
    async def delete(self, fix_id: str) -> None:
        await self.require_for(await self.ask(self.service.fixes.changes, fix_id))
        self.tell(await self.ask(self.service.fixes.undo, fix_id))
