"""What server and command line answer from, made and ended in one place.

``watching``: devices, holders, kernels. ``catalogue``: environments, kernelspecs, reports on them.
``pinning``: pins. ``kernel_reports``: the report on each kernel that was started here. ``tasks``: work that
takes a while, ``repairs``: what begins it. ``fixable``: reports that say what can be fixed from here;
``fixes`` does so. Their methods block (on the disk, or on the driver for a limited time); a server calls
them off its event loop. Every failure that a user can cause is an
:class:`~jupyter_tfgpu.api.errors.Refused`. ``background``: the sampling while nobody looks.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_core.paths import jupyter_data_dir, jupyter_runtime_dir

from ..devices import Monitor, NvmlSource, Reading, Source
from ..environments import DEFAULT_TEMPLATE, Registry
from ..environments.activation import Activations
from ..kernels import (
    SIMULATE_VARIABLE,
    Keeper,
    LaunchServices,
    PinStore,
    SpecSettingsFile,
    SpecStore,
    StartedKernel,
    StartedKernels,
    Surroundings,
    SyncWhen,
    Target,
    activation_folder,
    parse_pin,
    program_variables,
    read_launch_files,
    resolve,
    surroundings,
    sweep,
)
from .background import Background
from .catalogue import Catalogue
from .errors import BadInput
from .fix_records import FixRecords
from .kernel_reports import KernelReports
from .kernels import RunningKernel, repinned, started_elsewhere
from .pinning import Pinning
from .repairs import Repairs
from .state import StateKeeper
from .tasks import Tasks
from .watching import Watching
from .wire import KernelSettings

if TYPE_CHECKING:
    from .explain import Explainer
    from .fix_subjects import FixSubjects
    from .fixes import Fixes
    from .preflight import Preflight

SHORTEST_INTERVAL, LONGEST_INTERVAL = 0.5, 60.0
"""Seconds between two readings: what a page or a setting may ask for."""
THREADS = 4
"""For what pages ask, and for reports: half of them for what may have to wait for the driver."""


class Service:
    """One program's view of this machine. ``patience``: seconds that an answer waits for the driver.

    ``watch_kernels``: the sampling goes on, slowly, while kernels started here hold memory on a device.
    ``label``, ``sync``: how kernelspecs are named and kept where the user chose nothing else, and
    ``share_politely`` whether kernels are told to. ``pin_by_uuid``: devices are named to CUDA by UUID.
    ``state_file``: where kernels are told what readings show; None: nowhere.
    """

    def __init__(
        self,
        around: Surroundings,
        *,
        data_dir: Path,
        runtime_dir: Path,
        default_pin: str = "all",
        interval: float = 2.0,
        patience: float = 3.0,
        watch_kernels: bool = False,
        label: str = DEFAULT_TEMPLATE,
        sync: SyncWhen = "suggest",
        share_politely: bool = False,
        pin_by_uuid: bool = False,
        state_file: Path | None = None,
        log: logging.Logger | None = None,
    ) -> None:
        self._log = log or logging.getLogger(__name__)
        self.executor = ThreadPoolExecutor(THREADS // 2, thread_name_prefix="tfgpu-disk")
        self.driver_executor = ThreadPoolExecutor(THREADS // 2, thread_name_prefix="tfgpu-driver")
        # Joins readings with kernels: a slow disk under the environments shall not hold up the pages.
        self.readings_executor = ThreadPoolExecutor(1, thread_name_prefix="tfgpu-readings")
        # A cell waits for its answer, and not for long.
        self.preflight_executor = ThreadPoolExecutor(1, thread_name_prefix="tfgpu-preflight")
        self.monitor = Monitor(
            lambda: self._source(around),
            interval=interval,
            min_interval=SHORTEST_INTERVAL,
            max_interval=LONGEST_INTERVAL,
            simulated=around.simulate is not None,
        )
        machine = around.machine
        activations = Activations(machine, activation_folder(data_dir))
        self.launches = LaunchServices(
            machine=machine,
            pins=PinStore(around.pins, machine),
            reading=self._reading_for_start,
            default_pin=parse_pin(default_pin),
            runtime_dir=runtime_dir,
            given=machine.environ.get("CUDA_VISIBLE_DEVICES"),
            program=program_variables(around),
            started=StartedKernels(),
            on_started=self._kernel_started,
            on_ended=self._kernel_ended,
            activations=activations,
            by_uuid=pin_by_uuid,
            polite=lambda: bool(self.catalogue.settings().share_politely),
            state_file=state_file,
        )
        registry, self._specs = Registry(machine), SpecStore(data_dir, machine)
        keeper = Keeper(
            machine,
            registry,
            self._specs,
            SpecSettingsFile(data_dir / "tfgpu" / "settings.json"),
            activations,
            self.launches.pins,
            label,
        )
        self.catalogue = Catalogue(
            machine,
            registry,
            keeper,
            activations,
            lambda: self.watching.reading(),
            lambda reading: self.watching.held(reading),
            self._pinned,
            KernelSettings(label=label, sync=sync, share_politely=share_politely),
        )
        self._state = StateKeeper(state_file, self.launches.given, self._log) if state_file else None
        self.tasks = Tasks(self._log)
        self.repairs = Repairs(machine, self.catalogue, self.tasks)
        self._fix_records = FixRecords(around.pins.with_name("fixes.json"), self.launches.pins.machine)
        self._simulated = around.simulate is not None
        self.kernel_reports = KernelReports(
            self.catalogue, lambda: self.fixable, self.launches.started.get, self._log
        )
        self.watching = Watching(
            self.monitor,
            self.launches,
            self.started,
            self.kernel_reports.verdict,
            machine,
            patience,
            self._state,
        )
        self.background = Background(
            self.watching,
            self.launches.started.all,
            self.readings_executor,
            interval=interval,
            watch_kernels=watch_kernels,
            log=self._log,
        )
        self.pinning = Pinning(
            self.launches,
            self.watching.reading,
            self.watching.held,
            self.started,
            self.catalogue.is_kernelspec,
        )

    # With the first question, not with the program: a Jupyter server starts without these.

    @cached_property
    def fixable(self) -> FixSubjects:
        """Reports that say what can be fixed from here."""
        from .fix_subjects import FixSubjects

        return FixSubjects(self.catalogue, self.launches, self.started, simulated=self._simulated)

    @cached_property
    def fixes(self) -> Fixes:
        """What applies automatic fixes, and takes them back."""
        from .fixes import Fixes

        return Fixes(
            self.fixable, self._specs, self.launches.pins, self.catalogue, self.repairs, self._fix_records
        )

    @cached_property
    def preflight(self) -> Preflight:
        """What says before a cell runs whether it trains."""
        from .preflight import Preflight

        launches = self.launches
        return Preflight(launches.started.get, self.kernel_reports.get, launches.state_file)

    @cached_property
    def explainer(self) -> Explainer:
        """What says what a text means."""
        from .explain import Explainer

        return Explainer(self.catalogue, self.fixable, self.started)

    def started(self) -> tuple[StartedKernel, ...]:
        """The kernels that our provisioner started: those of this program, then the user's others."""
        launches = self.launches
        files = read_launch_files(launches.runtime_dir, launches.pins.machine)
        for start in repinned(launches.started.all(), files):
            launches.started.put(start)
            self._kernel_started(start)  # its report is another now
        own = launches.started.all()
        known = {start.kernel_id for start in own}
        return (*own, *started_elsewhere(launches.runtime_dir, files, known))

    def running(self) -> tuple[RunningKernel, ...]:
        """The same as plain kernels, for a program that has no server to ask."""
        return tuple(
            RunningKernel(id=start.kernel_id, kernelspec=start.kernelspec, file=start.notebook)
            for start in self.started()
        )

    def _pinned(self, kernelspec: str, reading: Reading) -> Mapping[str, str]:
        """What the pin of a kernelspec sets; nothing where it has none, or chooses at the start."""
        launches = self.launches
        pin = launches.pins.get(Target(kernelspec=kernelspec))
        if pin is None or pin.kind == "auto":
            return {}
        return resolve(pin, reading, launches.given, by_uuid=launches.names_by_uuid).variables

    def sweep(self) -> None:
        """Removes what kernels of programs that were killed have left behind. For a program that serves."""
        self.executor.submit(sweep, self.launches.runtime_dir, self.launches.pins)

    def _source(self, around: Surroundings) -> Source:
        if around.simulate:
            from ..devices.simulated import SimulatedSource

            # Our kernels are shown with memory on a simulated device, as they would have on a real one.
            return SimulatedSource(around.simulate, holders=lambda: [s.pid for s in self.started() if s.pid])
        return NvmlSource(around.machine)

    def close(self) -> None:
        """Ends the tasks, the sampling and our threads, within 2 s even where the driver hangs.

        Only an installation that has begun to write is waited for longer.
        """
        self.tasks.close()
        self.background.close()
        self.monitor.close()
        if self._state is not None:
            self._state.close()
        for executor in (
            self.executor,
            self.driver_executor,
            self.readings_executor,
            self.preflight_executor,
        ):
            executor.shutdown(wait=False, cancel_futures=True)

    def _reading_for_start(self, timeout: float) -> Reading | None:
        reading = self.monitor.reading(timeout=timeout)
        self.background.look()
        return reading

    def _kernel_ended(self, kernel_id: str) -> None:
        self.kernel_reports.forget(kernel_id)
        self.background.look()

    def _kernel_started(self, start: StartedKernel) -> None:
        # On the event loop, in the middle of a kernel's start: the work is done elsewhere.
        self.driver_executor.submit(self.kernel_reports.make, start)


def from_variables(*, patience: float) -> Service:
    """The service of a program without a server, on the machine that our variables name.

    Raises BadInput where they name a scenario that there is not.
    """
    around = surroundings(dict(os.environ))
    if around.simulate is not None:
        from ..devices.simulated import SCENARIOS

        if around.simulate not in SCENARIOS:
            known = ", ".join(SCENARIOS)
            raise BadInput(
                f"{SIMULATE_VARIABLE}={around.simulate[:60]} is none of the scenarios {known}.",
                reason="unknown-scenario",
            )
    return Service(
        around, data_dir=Path(jupyter_data_dir()), runtime_dir=Path(jupyter_runtime_dir()), patience=patience
    )


__all__ = ["RunningKernel", "Service", "from_variables"]
