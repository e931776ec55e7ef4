"""Running Jupyter servers of this user, as the files tell that they keep in the Jupyter runtime folder."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import msgspec

from .launchfile import LaunchFile
from .processes import SAME_TIME
from .sweep import starter_runs


class JupyterServer(msgspec.Struct, frozen=True, kw_only=True):
    """``jpserver-<pid>.json``, what we need of it. ``token``: empty where the server has none to give."""

    pid: int
    url: str
    token: str = ""

    @property
    def address(self) -> str:
        """Where it is, without what lets anybody in."""
        parts = urlsplit(self.url)
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def starting_server(runtime_dir: Path, launch: LaunchFile) -> JupyterServer | None:
    """The server that started a kernel and still runs; None: no server, or one that cannot be known."""
    if launch.starter is None or not starter_runs(launch):
        return None
    path = runtime_dir / f"jpserver-{launch.starter}.json"
    try:
        written = path.stat().st_mtime
        found = msgspec.json.decode(path.read_bytes(), type=JupyterServer)
        _ = found.address
    except (OSError, ValueError, msgspec.DecodeError, RecursionError):
        return None
    # One that was killed leaves its file, and another program may have its pid now.
    stale = launch.starter_began is not None and written < launch.starter_began - SAME_TIME
    return None if stale or found.pid != launch.starter else found


def starter_name(runtime_dir: Path, launch: LaunchFile) -> str:
    """What is known of the program that started a kernel: a server's address, else its process."""
    server = starting_server(runtime_dir, launch)
    if server is not None:
        return server.address
    if launch.starter is None:
        return "another program"
    ended = "" if starter_runs(launch) else ", which has ended"
    return f"process {launch.starter}{ended}"
