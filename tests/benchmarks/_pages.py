"""Open pages, without the browser: sockets that are read until this process is ended.

``python -m tests.benchmarks._pages JSON``: ``{"urls": [...], "pages": N, "hello": {...}}``; every page opens
each of the sockets and says hello. Prints one line when all are open.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from tornado.websocket import websocket_connect


async def read(url: str, hello: dict[str, Any], opened: asyncio.Semaphore) -> None:
    socket = await websocket_connect(url, max_message_size=1 << 30)
    await socket.write_message(json.dumps(hello))
    opened.release()
    while await socket.read_message() is not None:
        pass


async def main(wanted: dict[str, Any]) -> None:
    opened = asyncio.Semaphore(0)
    urls = wanted["urls"] * wanted["pages"]
    reading = [asyncio.ensure_future(read(url, wanted["hello"], opened)) for url in urls]
    for _ in urls:
        await opened.acquire()
    print("open", flush=True)
    await asyncio.gather(*reading)


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
