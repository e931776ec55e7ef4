"""What the provisioner needs of the program around it: pins, a Reading, where files go.

A server hands its own over at its start. Without one (nbclient, papermill and others that start kernels
themselves) they are made at the first start of a kernel, of what our variables name or this machine.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import msgspec
from jupyter_core.paths import jupyter_data_dir, jupyter_runtime_dir

from ...devices.host import is_wsl
from ...devices.reading import Reading
from ...environments.activation import Activations
from ...machine import Machine
from ..pins.pin import ALL, Pin
from ..pins.store import PinStore
from ..running.started import StartedKernel, StartedKernels
from ..running.sweep import sweep
from ..specs.settings import SpecSettingsFile
from .turns import Turns

ROOT_VARIABLE = "JUPYTER_TFGPU_MACHINE_ROOT"
SIMULATE_VARIABLE = "JUPYTER_TFGPU_SIMULATE"
PINS_VARIABLE = "JUPYTER_TFGPU_PINS"
"""How a program tells ours, run from one of its kernels, which machine and which pins are meant."""

PROGRAM_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER")
"""What our program, run from a kernel, needs as the server has it: to find NVML, to know what was given."""


@dataclass(frozen=True, kw_only=True)
class LaunchServices:
    """Handed to the provisioner.

    ``reading``: asks for a Reading and waits at most so many seconds for it; None: no answer; it may block
    and is called off the event loop. ``given``: this program's own CUDA_VISIBLE_DEVICES. ``interpreter``
    and ``program``: what runs ``-m jupyter_tfgpu``, and the variables it needs. ``on_started`` is called on
    the event loop after each start, restarts included, and must return at once; it has the report put at
    ``StartedKernel.report``. None: nobody does, and the kernel has its report made itself. ``on_ended``:
    when the kernel is gone for good, or could not be started again. ``activations``: None: kernels are
    started without their environment being activated. ``polite``: whether kernels are told to share a GPU's
    memory; asked at each start. ``by_uuid``: kernels are given devices by UUID where indices would do too.
    ``machine``: the one that kernels run on. ``turns``: when a start may choose its devices. ``state_file``:
    where kernels find what this program last saw of the devices; None: nowhere. ``threads``: for asking for
    Readings, and no others': activations of many kernels that are started at once take the event loop's own
    for longer than a start waits for a Reading.
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
    activations: Activations | None = None
    polite: Callable[[], bool] = lambda: False
    by_uuid: bool = False
    machine: Machine = field(default_factory=Machine)
    turns: Turns = field(default_factory=Turns)
    state_file: Path | None = None
    threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(4, thread_name_prefix="tfgpu-start")
    )

    @cached_property
    def names_by_uuid(self) -> bool:
        """Whether kernels are given devices by UUID, whatever the driver lists: by setting, and under WSL2,
        where its list need not be CUDA's."""
        return self.by_uuid or is_wsl(self.machine)


_lock = threading.Lock()
_services: LaunchServices | None = None
_made_in: int | None = None
"""The process that made the services itself. A child made by fork has none of its threads."""


def set_services(services: LaunchServices | None) -> None:
    """Hands over the server's services; None: back to those of this machine."""
    global _services, _made_in
    with _lock:
        _services, _made_in = services, None


def services() -> LaunchServices:
    """The server's services, else ones made here and kept; these sweep once, in a thread of their own."""
    global _services, _made_in
    with _lock:
        if _services is None or _made_in not in (None, os.getpid()):
            _services, _made_in = _of_this_machine(), os.getpid()
        return _services


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What a program works on. ``simulate``: the scenario in place of the machine's devices, or None."""

    machine: Machine
    simulate: str | None
    pins: Path


def surroundings(variables: Mapping[str, str]) -> Surroundings:
    """What our variables name; without them this machine and the user's pins."""
    simulate = variables.get(SIMULATE_VARIABLE) or None
    named = variables.get(PINS_VARIABLE)
    return Surroundings(
        machine=Machine(root=Path(variables.get(ROOT_VARIABLE) or "/"), environ=variables),
        simulate=simulate,
        pins=pins_path(Path(jupyter_data_dir()), simulate, Path(named) if named else None),
    )


def program_variables(around: Surroundings) -> dict[str, str]:
    """What our program, run from a kernel, is to be given to work on the same."""
    environ = around.machine.environ
    variables = {name: environ[name] for name in PROGRAM_VARIABLES if name in environ}
    if around.simulate:
        variables[SIMULATE_VARIABLE] = around.simulate
    if around.simulate or environ.get(PINS_VARIABLE):
        variables[PINS_VARIABLE] = str(around.pins)
    if not around.machine.real:
        variables[ROOT_VARIABLE] = str(around.machine.root)
    return variables


def pins_path(data_dir: Path, simulate: str | None, named: Path | None = None) -> Path:
    """Where the pins are: the file that is named, else ``tfgpu/pins.json`` of the Jupyter data folder.

    Pins of simulated devices must not be taken for this machine's: without a name they are kept in a
    folder of their own, which goes with this program.
    """
    if named is not None:
        return named
    if not simulate:
        return data_dir / "tfgpu" / "pins.json"
    folder = Path(tempfile.mkdtemp(prefix="jupyter-tfgpu-simulated-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder / "pins.json"


def activation_folder(data_dir: Path) -> Path:
    """Where what activating sets is kept, below a Jupyter data folder."""
    return data_dir / "tfgpu" / "activation"


def _of_this_machine() -> LaunchServices:
    around = surroundings(dict(os.environ))
    started = StartedKernels()
    lock = threading.Lock()
    monitors: list[Callable[[float], Reading | None]] = []

    def reading(timeout: float) -> Reading | None:
        with lock:
            if not monitors:
                monitors.append(_monitor(around, started))
        return monitors[0](timeout)

    data_dir = Path(jupyter_data_dir())
    settings = SpecSettingsFile(data_dir / "tfgpu" / "settings.json")
    made = LaunchServices(
        pins=PinStore(around.pins, around.machine),
        reading=reading,
        given=around.machine.environ.get("CUDA_VISIBLE_DEVICES"),
        program=program_variables(around),
        started=started,
        activations=Activations(around.machine, activation_folder(data_dir)),
        polite=lambda: bool(settings.get().share_politely),
        machine=around.machine,
    )
    # Made at the first start of a kernel, on the event loop: what others left behind is looked at beside it.
    threading.Thread(target=sweep, args=(made.runtime_dir, made.pins), daemon=True).start()
    return made


def _monitor(around: Surroundings, started: StartedKernels) -> Callable[[float], Reading | None]:
    # NVML is not touched, nor its binding imported, before a pin needs a Reading.
    from ...devices import Monitor, NvmlSource, Source

    def source() -> Source:
        if around.simulate:
            from ...devices.simulated import SimulatedSource

            return SimulatedSource(around.simulate, holders=lambda: [k.pid for k in started.all() if k.pid])
        return NvmlSource(around.machine)

    return Monitor(source).reading
