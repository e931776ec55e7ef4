"""What server and command line answer from, made and ended in one place.

``watching``: devices, holders, kernels. ``catalogue``: environments, kernelspecs, reports on them.
``pinning``: pins. ``kernel_reports``: the report on each kernel that was started here. Their methods
block (on the disk, or on the driver for a limited time); a server calls them off its event loop. Every
failure that a user can cause is an :class:`~jupyter_tfgpu.api.errors.Refused`.
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from jupyter_core.paths import jupyter_data_dir, jupyter_runtime_dir

from ..devices import SCENARIOS, Monitor, NvmlSource, SimulatedSource, Source
from ..environments import Registry
from ..kernels import (
    PROGRAM_VARIABLES,
    LaunchServices,
    PinStore,
    SpecStore,
    StartedKernel,
    StartedKernels,
    parse_pin,
)
from ..machine import Machine
from .catalogue import Catalogue
from .errors import BadInput
from .kernel_reports import KernelReports
from .kernels import RunningKernel, started_elsewhere
from .pinning import Pinning
from .watching import Watching

SIMULATE_VARIABLE = "JUPYTER_TFGPU_SIMULATE"
ROOT_VARIABLE = "JUPYTER_TFGPU_MACHINE_ROOT"
PINS_VARIABLE = "JUPYTER_TFGPU_PINS"
"""How a server tells our program, run from one of its kernels, which machine and which pins are meant."""

THREADS = 4
"""For what pages ask, and for reports: half of them for what may have to wait for the driver."""


class Service:
    """One program's view of this machine. ``patience``: seconds that an answer waits for the driver."""

    def __init__(
        self,
        machine: Machine,
        *,
        data_dir: Path,
        runtime_dir: Path,
        simulate: str | None = None,
        pins: Path | None = None,
        default_pin: str = "all",
        interval: float = 2.0,
        patience: float = 3.0,
        log: logging.Logger | None = None,
    ) -> None:
        self._log = log or logging.getLogger(__name__)
        self.executor = ThreadPoolExecutor(THREADS // 2, thread_name_prefix="tfgpu-disk")
        self.driver_executor = ThreadPoolExecutor(THREADS // 2, thread_name_prefix="tfgpu-driver")
        self.monitor = Monitor(lambda: self._source(machine, simulate), interval=interval)
        self._scratch: Path | None = None
        if simulate and pins is None:
            # Pins of simulated devices must not be taken for pins of this machine's.
            self._scratch = Path(tempfile.mkdtemp(prefix="jupyter-tfgpu-simulated-"))
            pins = self._scratch / "pins.json"
        pins = pins or data_dir / "tfgpu" / "pins.json"
        self.launches = LaunchServices(
            pins=PinStore(pins, machine),
            reading=lambda timeout: self.monitor.reading(timeout=timeout),
            default_pin=parse_pin(default_pin),
            runtime_dir=runtime_dir,
            given=machine.environ.get("CUDA_VISIBLE_DEVICES"),
            program=_program(machine, simulate, pins),
            started=StartedKernels(),
            on_started=self._kernel_started,
            on_ended=lambda kernel_id: self.kernel_reports.forget(kernel_id),
        )
        self.catalogue = Catalogue(
            machine, Registry(machine), SpecStore(data_dir), lambda: self.watching.reading()
        )
        self.kernel_reports = KernelReports(self.catalogue, self.launches.started.get, self._log)
        self.watching = Watching(
            self.monitor, self.launches, self.started, self.kernel_reports.verdict, patience
        )
        self.pinning = Pinning(
            self.launches, self.watching.reading, self.started, self.catalogue.is_kernelspec
        )

    def started(self) -> tuple[StartedKernel, ...]:
        """The kernels that run with our part in them: those of this program, then the user's others."""
        own = self.launches.started.all()
        known = {start.kernel_id for start in own}
        return (*own, *started_elsewhere(self.launches.runtime_dir, known))

    def running(self) -> tuple[RunningKernel, ...]:
        """The same as plain kernels, for a program that has no server to ask."""
        return tuple(
            RunningKernel(id=start.kernel_id, kernelspec=start.kernelspec, file=start.notebook)
            for start in self.started()
        )

    def _source(self, machine: Machine, simulate: str | None) -> Source:
        if simulate:
            # Our kernels are shown with memory on a simulated device, as they would have on a real one.
            return SimulatedSource(simulate, holders=lambda: [s.pid for s in self.started() if s.pid])
        return NvmlSource(machine)

    def close(self) -> None:
        """Ends the sampling and our threads, within 2 s even where the driver hangs."""
        self.monitor.close()
        for executor in (self.executor, self.driver_executor):
            executor.shutdown(wait=False, cancel_futures=True)
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def _kernel_started(self, start: StartedKernel) -> None:
        # On the event loop, in the middle of a kernel's start: the work is done elsewhere.
        self.driver_executor.submit(self.kernel_reports.make, start)


def _program(machine: Machine, simulate: str | None, pins: Path) -> dict[str, str]:
    variables = {name: machine.environ[name] for name in PROGRAM_VARIABLES if name in machine.environ}
    if simulate:
        variables |= {SIMULATE_VARIABLE: simulate, PINS_VARIABLE: str(pins)}
    if not machine.real:
        variables[ROOT_VARIABLE] = str(machine.root)
    return variables


def from_variables(*, patience: float) -> Service:
    """The service of a program without a server, on the machine that our variables name.

    Raises BadInput where they name a scenario that there is not.
    """
    pins = os.environ.get(PINS_VARIABLE)
    simulate = os.environ.get(SIMULATE_VARIABLE) or None
    if simulate is not None and simulate not in SCENARIOS:
        raise BadInput(
            f"{SIMULATE_VARIABLE}={simulate[:60]} is none of the scenarios {', '.join(SCENARIOS)}.",
            reason="unknown-scenario",
        )
    return Service(
        Machine(root=Path(os.environ.get(ROOT_VARIABLE) or "/")),
        data_dir=Path(jupyter_data_dir()),
        runtime_dir=Path(jupyter_runtime_dir()),
        simulate=simulate,
        pins=Path(pins) if pins else None,
        patience=patience,
    )


__all__ = ["RunningKernel", "Service", "from_variables"]
