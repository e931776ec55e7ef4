"""The launch file: what a kernel was started with, one file a kernel, in the Jupyter runtime folder.

The in-kernel part reads its own; programs of ours read all, to know what the others have started.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from ..pins.precedence import PinFrom
from ..pins.store import DRAFT_AGE

VARIABLE = "JUPYTER_TFGPU_LAUNCH"
"""The variable that leads a kernel to its launch file; ``inkernel/start.py`` takes it out at once."""


PINNED = ("CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER")
"""The variables that a pin sets."""


class LaunchFile(msgspec.Struct, frozen=True, kw_only=True):
    """Read by ``inkernel/launch.py``, and by other programs of ours that look for running kernels.

    ``module``: what the kernel's command ran as ``-m``, null for one that our part was not put into.
    ``report``: where a report is put at each start, null where nobody makes one. ``state``: the server's
    state file (:mod:`.statefile`), null where there is no server. ``interpreter`` and
    ``program``: what runs ``-m jupyter_tfgpu``, and the variables that it needs as the starting program has
    them. ``given``: UUIDs, null where nothing was set, from the moment on at which they were chosen
    (``chosen_at``). ``prefix``: of the kernel's interpreter. ``machine``: its name as pins know it; several
    may share the folder. ``pid``, ``began``, ``born``: the kernel's process, null until it runs.
    ``starter``, ``starter_began``, ``starter_born``: the process that started it and, while it lives, may
    start it again. ``patterns``: what starts an explanation in it. ``unpinned``: :data:`PINNED` as they
    would be without a pin, each null where not set. ``variables``: the same as the running kernel was given
    them later (:mod:`..launch.repinned`), null: never. Times are epoch seconds, but for ``…born``
    (:func:`.processes.born`).
    """

    schema: Literal["tfgpu.launch/1"] = "tfgpu.launch/1"
    kernel_id: str
    module: str | None
    report: str | None
    interpreter: str
    program: Mapping[str, str]
    pin: str
    pin_from: PinFrom
    given: tuple[str, ...] | None
    note: str | None
    notebook: str | None
    kernelspec: str | None
    prefix: str | None = None
    machine: str | None = None
    pid: int | None = None
    began: float | None = None
    born: float | None = None
    starter: int | None = None
    starter_began: float | None = None
    starter_born: float | None = None
    chosen_at: float | None = None
    patterns: tuple[str, ...] = ()
    state: str | None = None
    unpinned: Mapping[str, str | None] | None = None
    variables: Mapping[str, str | None] | None = None


def launch_path(runtime_dir: Path, kernel_id: str) -> Path:
    """Where this kernel's launch file lies."""
    return runtime_dir / f"tfgpu-launch-{_file_name(kernel_id)}.json"


def report_path(runtime_dir: Path, kernel_id: str) -> Path:
    """Where the kernel looks for its report."""
    return runtime_dir / f"tfgpu-report-{_file_name(kernel_id)}.json"


def read_launch_files(runtime_dir: Path, machine: str) -> tuple[LaunchFile, ...]:
    """The launch files of kernels on this machine (:attr:`.PinStore.machine`), by name.

    Files that are no launch files, or that have just been removed, are passed over.
    """
    found = []
    for path in _launch_paths(runtime_dir):
        with contextlib.suppress(OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            with open(path, "rb", buffering=0) as file:  # noqa: PTH123 (a Path costs as much as the reading)
                data = file.read()
            found.append(_DECODER.decode(data))
    return tuple(one for one in found if one.machine == machine)


_DECODER = msgspec.json.Decoder(LaunchFile)


def _launch_paths(runtime_dir: Path) -> list[str]:
    """Not by glob: this is part of a kernel's start, and the folder may hold thousands of other files."""
    try:
        with os.scandir(runtime_dir) as entries:
            names = [entry.name for entry in entries]
    except OSError:
        return []
    ours = (name for name in names if name.startswith("tfgpu-launch-") and name.endswith(".json"))
    return [f"{runtime_dir}{os.sep}{name}" for name in sorted(ours)]


def write_launch_file(runtime_dir: Path, content: LaunchFile) -> Path:
    """Writes the kernel's launch file in place of an earlier one. Raises OSError."""
    path = launch_path(runtime_dir, content.kernel_id)
    write_private(path, msgspec.json.encode(content))
    return path


def _file_name(kernel_id: str) -> str:
    """The id where it is fit for a file's name; a client may choose it, so it may be anything."""
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", kernel_id):
        return kernel_id
    return hashlib.sha256(kernel_id.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def write_private(path: Path, data: bytes) -> None:
    """Writes the file as a whole, readable by its owner only (0600). Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    with contextlib.suppress(FileNotFoundError):
        part.unlink()
    # O_EXCL: neither a link nor a file of wider mode that somebody put there is written to.
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    part.replace(path)


def remove_drafts(runtime_dir: Path) -> None:
    """Removes what programs that were killed had begun to write with :func:`write_private`."""
    for draft in runtime_dir.glob(".tfgpu-*.json.*"):
        with contextlib.suppress(OSError):
            if time.time() - draft.stat().st_mtime > DRAFT_AGE:
                draft.unlink()


def remove(*paths: Path) -> None:
    """Removes files that may be gone already. Raises OSError for other reasons."""
    for path in paths:
        path.unlink(missing_ok=True)
