"""Open pages, without the browser: sockets that are read until this process is ended.

``python -m tests.benchmarks._pages JSON``: ``{"urls": [...], "pages": N, "hello": {...}}``; every page opens
each of the sockets and says hello. Prints one line when all are open.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from tornado.websocket import WebSocketClientConnection, websocket_connect


async def open_socket(url: str, hello: dict[str, Any]) -> WebSocketClientConnection:
    socket = await websocket_connect(url, max_message_size=1 << 30)
    await socket.write_message(json.dumps(hello))
    return socket


async def read(socket: WebSocketClientConnection) -> None:
    while await socket.read_message() is not None:
        pass


async def main(wanted: dict[str, Any]) -> None:
    urls = wanted["urls"] * wanted["pages"]
    sockets = await asyncio.gather(*(open_socket(url, wanted["hello"]) for url in urls))
    print("open", flush=True)
    await asyncio.gather(*map(read, sockets))


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
