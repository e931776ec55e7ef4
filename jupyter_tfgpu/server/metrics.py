"""Our metrics among those of the server, at its own ``/metrics``."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from jupyter_server.serverapp import ServerApp
from prometheus_client import REGISTRY
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from ..api.background import Background
from ..api.metrics import metrics


class ServerMetrics:
    """What one server tells a scrape."""

    def __init__(self, background: Background, serverapp: ServerApp) -> None:
        self._background = background
        self._app = serverapp

    @property
    def is_authenticated(self) -> bool:
        """Whether a stranger is refused at ``/metrics``. jupyter_server asks who it is only where
        ``authenticate_prometheus`` is set, and knows strangers only where it has a token or a password."""
        settings = self._app.web_app.settings
        enabled = getattr(self._app.identity_provider, "auth_enabled", True)
        return bool(settings.get("authenticate_prometheus")) and bool(enabled)

    def collect(self, with_kernels: bool) -> Iterator[Metric]:
        """Runs on the event loop: it takes what is at hand and waits for nothing."""
        scrape = self._background.scrape()
        if scrape is not None:
            yield from metrics(scrape, with_kernels)


class _Collector(Collector):
    """The one entry in the registry of this process, which all servers in it share.

    They show one machine, so the one that started last speaks; kernels are named only where every one of
    them keeps strangers out.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._servers: list[ServerMetrics] = []

    def describe(self) -> list[Metric]:
        """None: without this the registry would scrape us at once to learn the names."""
        return []

    def collect(self) -> Iterator[Metric]:
        servers = tuple(self._servers)
        if servers:
            yield from servers[-1].collect(all(each.is_authenticated for each in servers))

    def add(self, server: ServerMetrics) -> None:
        with self._lock:
            self._servers.append(server)
            if len(self._servers) == 1:
                REGISTRY.register(self)

    def remove(self, server: ServerMetrics) -> None:
        with self._lock:
            if server in self._servers:
                self._servers.remove(server)
                if not self._servers:
                    REGISTRY.unregister(self)


_collector = _Collector()


def add_metrics(background: Background, serverapp: ServerApp) -> ServerMetrics:
    """From now on the server's ``/metrics`` has ours; :func:`remove_metrics` ends that."""
    server = ServerMetrics(background, serverapp)
    _collector.add(server)
    return server


def remove_metrics(server: ServerMetrics) -> None:
    """A second call does nothing."""
    _collector.remove(server)
