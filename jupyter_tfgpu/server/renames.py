"""Pins follow notebooks and folders that are renamed or moved through this server."""

from __future__ import annotations

import logging
from typing import Any

from jupyter_server.serverapp import ServerApp
from tornado.ioloop import IOLoop

from ..api.service import Service
from .sessions import Sessions

CONTENTS_EVENTS = "https://events.jupyter.org/jupyter_server/contents_service/v1"


def follow_renames(serverapp: ServerApp, service: Service, sessions: Sessions, log: logging.Logger) -> None:
    """Listens to the server's contents events for as long as the server runs."""

    async def moved(logger: Any, schema_id: str, data: dict[str, Any]) -> None:
        if data.get("action") != "rename" or not data.get("source_path"):
            return
        old, new = sessions.file(data["source_path"]), sessions.file(data["path"])
        try:
            await IOLoop.current().run_in_executor(service.executor, service.pinning.move, old, new)
        except Exception:
            log.exception("The pin of %s did not follow it to %s", old, new)

    assert serverapp.event_logger is not None  # made before extensions are loaded
    serverapp.event_logger.add_listener(schema_id=CONTENTS_EVENTS, listener=moved)
