"""A Jupyter server that measures its own event loop. Run as a file, by any Python that has jupyter_server.

``python _server.py EXTENSION PORT ROOT MACHINE``: the extension enabled, ROOT its folder, MACHINE the tree
that ours judges. ``GET /probe``: since the probe before, the seconds, the CPU seconds of the process, and
each time a task slept, by how many milliseconds it was late and for how many milliseconds of CPU the event
loop was at work meanwhile (which other programs do not change).
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.serverapp import ServerApp
from tornado import web
from tornado.ioloop import IOLoop
from traitlets.config import Config

NAP = 0.005
"""Seconds that the task sleeps."""
TOKEN = "bench"


class Probe:
    """The lateness of a task that sleeps over and over."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.late: list[float] = []
        self.busy: list[float] = []
        self._began, self._cpu = time.perf_counter(), time.process_time()

    def take(self) -> dict[str, Any]:
        taken = {
            "seconds": time.perf_counter() - self._began,
            "cpu": time.process_time() - self._cpu,
            "late": self.late,
            "busy": self.busy,
        }
        self.clear()
        return taken

    async def run(self) -> None:
        while True:
            due, worked = time.perf_counter() + NAP, time.thread_time()
            await asyncio.sleep(NAP)
            self.late.append((time.perf_counter() - due) * 1000)
            self.busy.append((time.thread_time() - worked) * 1000)


class ProbeHandler(JupyterHandler):
    def initialize(self, probe: Probe) -> None:
        self.probe = probe

    @web.authenticated
    async def get(self) -> None:
        self.finish(json.dumps(self.probe.take()))


def main(extension: str, port: str, root: str, machine: str) -> None:
    app = ServerApp(
        config=Config(
            {
                "ServerApp": {
                    "jpserver_extensions": {extension: True},
                    "root_dir": root,
                    "open_browser": False,
                    "allow_root": True,
                    "port": int(port),
                    "port_retries": 0,
                    "log_level": "ERROR",
                },
                "IdentityProvider": {"token": TOKEN},
                "TfGpu": {"machine_root": machine},
            }
        )
    )
    app.initialize(argv=[])
    probe = Probe()
    app.web_app.add_handlers(".*$", [(r"/probe", ProbeHandler, {"probe": probe})])
    IOLoop.current().add_callback(probe.run)
    app.start()


if __name__ == "__main__":
    main(*sys.argv[1:5])
