"""Ends a kernel that no server of ours can be asked about: through its own connection file."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from .launchfile import LaunchFile
from .sweep import kernel_runs

PATIENCE = 10.0
"""Seconds in which a kernel that was asked to end has to be gone."""


def connection_file(launch: LaunchFile, runtime_dir: Path) -> Path | None:
    """The kernel's connection file: the one in its command line, else the one of its id; None: neither."""
    named = [Path(word) for word in _command_line(launch.pid) if word.endswith(".json")]
    candidates = (*named, runtime_dir / f"kernel-{launch.kernel_id}.json")
    return next((path for path in candidates if _connects(path)), None)


def ask_to_end(launch: LaunchFile, path: Path, patience: float = PATIENCE) -> bool:
    """Sends a shutdown request on the control channel; whether the kernel was gone in time (seconds).

    ``path``: its connection file. Raises OSError or ValueError where that cannot be read.
    """
    from jupyter_client.blocking.client import BlockingKernelClient

    client = BlockingKernelClient()
    client.load_connection_file(str(path))
    channel = client.control_channel
    channel.start()
    try:
        client.shutdown(restart=False)
        deadline = time.monotonic() + patience
        while kernel_runs(launch) and time.monotonic() < deadline:
            time.sleep(0.05)
    finally:
        channel.stop()
    return not kernel_runs(launch)


def _command_line(pid: int | None) -> Sequence[str]:
    import psutil

    try:
        words = [] if pid is None else psutil.Process(pid).cmdline()
    except (psutil.Error, OSError):
        return []
    # ipykernel takes "-f FILE", "-f=FILE" and "--IPKernelApp.connection_file=FILE".
    return [word.partition("=")[2] if word.startswith("-") else word for word in words]


class _Connection(msgspec.Struct):
    """What of a connection file tells it from other JSON."""

    control_port: int
    key: str


def _connects(path: Path) -> bool:
    try:
        msgspec.json.decode(path.read_bytes(), type=_Connection)
    except (OSError, msgspec.DecodeError, RecursionError):
        return False
    return True
