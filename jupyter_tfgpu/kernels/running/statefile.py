"""The state file: what a server last saw of the devices while it sampled, one file a server, in the Jupyter
runtime folder.

Kernels read their server's before a cell that trains (``inkernel/state.py``), for which nobody waits for a
driver. It is worth something for seconds; one that was left behind is swept up.
"""

from __future__ import annotations

import contextlib
import time
import uuid
from pathlib import Path
from typing import Literal

import msgspec

from ...devices.reading import DeviceState, DriverStatus
from ..pins.store import DRAFT_AGE
from .launchfile import write_private


class StateMemory(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes; null: not known."""

    total: int | None = None
    used: int | None = None
    free: int | None = None


class StateHolder(msgspec.Struct, frozen=True, kw_only=True):
    """A process of a kernel of ours on a device; ``memory`` in bytes, null: not known."""

    kernel_id: str
    notebook: str | None
    pid: int
    memory: int | None


class StateDevice(msgspec.Struct, frozen=True, kw_only=True):
    """A device, as in a Reading. ``memory``: null for one that uses the host's.

    ``allotted``: whether the server was given it. ``others``: bytes that processes hold which are no kernels
    of ours, as far as that is known.
    """

    uuid: str
    parent: str | None
    index: int | None
    name: str | None
    state: DeviceState
    allotted: bool
    memory: StateMemory | None
    holders: tuple[StateHolder, ...]
    others: int


class DevicesState(msgspec.Struct, frozen=True, kw_only=True):
    """The file's content. ``taken_at``: of the Reading, epoch seconds. ``driver``: how it answered."""

    schema: Literal["tfgpu.state/1"] = "tfgpu.state/1"
    taken_at: float
    driver: DriverStatus
    simulated: bool
    devices: tuple[StateDevice, ...]


def new_state_path(runtime_dir: Path) -> Path:
    """Where a server that starts now puts its file. Not by its pid: machines may share the folder."""
    return runtime_dir / f"tfgpu-state-{uuid.uuid4().hex[:16]}.json"


def write_state(path: Path, content: DevicesState) -> None:
    """Writes the file as a whole, readable by its owner only. Raises OSError."""
    write_private(path, msgspec.json.encode(content))


def remove_old_states(runtime_dir: Path) -> None:
    """Removes files that nobody has written for a minute: of a server that is gone, or that does not sample
    and writes a new one when it does."""
    for path in runtime_dir.glob("tfgpu-state-*.json"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > DRAFT_AGE:
                path.unlink()
