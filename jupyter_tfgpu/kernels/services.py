"""What the provisioner needs of the program around it: pins, a Reading, where files go.

A server hands its own over at its start. Without one (nbclient, papermill and others that start kernels
themselves) they are made from this machine at the first start of a kernel.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jupyter_core.paths import jupyter_data_dir, jupyter_runtime_dir

from ..devices.reading import Reading
from ..machine import Machine
from .pins import ALL, Pin
from .pinstore import PinStore
from .started import StartedKernel, StartedKernels

PROGRAM_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER")
"""What our program, run from a kernel, needs as the server has it: to find NVML, to know what was given."""


@dataclass(frozen=True, kw_only=True)
class LaunchServices:
    """Handed to the provisioner.

    ``reading``: asks for a Reading and waits at most so many seconds for it; None: no answer; it may block
    and is called off the event loop. ``given``: this program's own CUDA_VISIBLE_DEVICES. ``interpreter``
    and ``program``: what runs ``-m jupyter_tfgpu``, and the variables it needs. ``on_started`` is called on
    the event loop after each start, restarts included, and must return at once; ``on_ended`` when the
    kernel is gone for good.
    """

    pins: PinStore
    reading: Callable[[float], Reading | None]
    default_pin: Pin = ALL
    runtime_dir: Path = field(default_factory=lambda: Path(jupyter_runtime_dir()))
    given: str | None = field(default_factory=lambda: os.environ.get("CUDA_VISIBLE_DEVICES"))
    interpreter: str = sys.executable
    program: Mapping[str, str] = field(
        default_factory=lambda: {name: os.environ[name] for name in PROGRAM_VARIABLES if name in os.environ}
    )
    started: StartedKernels = field(default_factory=StartedKernels)
    on_started: Callable[[StartedKernel], None] | None = None
    on_ended: Callable[[str], None] | None = None


_lock = threading.Lock()
_services: LaunchServices | None = None


def set_services(services: LaunchServices | None) -> None:
    """Hands over the server's services; None: back to those of this machine."""
    global _services
    with _lock:
        _services = services


def services() -> LaunchServices:
    """The server's services, else ones made from this machine and kept."""
    global _services
    with _lock:
        if _services is None:
            _services = _of_this_machine()
        return _services


def pins_path() -> Path:
    """Where the pins are: ``tfgpu/pins.json`` of the Jupyter data folder."""
    return Path(jupyter_data_dir()) / "tfgpu" / "pins.json"


def _of_this_machine() -> LaunchServices:
    machine = Machine()
    lock = threading.Lock()
    monitors: list[Callable[[float], Reading | None]] = []

    def reading(timeout: float) -> Reading | None:
        with lock:
            if not monitors:
                # NVML is not touched, nor its binding imported, before a pin needs a Reading.
                from ..devices import Monitor, NvmlSource

                monitors.append(Monitor(lambda: NvmlSource(machine)).reading)
        return monitors[0](timeout)

    return LaunchServices(pins=PinStore(pins_path(), machine), reading=reading)
