"""Reports: a scan and a diagnosis, made once for each state of an environment and of the machine."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from ..devices import Reading
from ..doctor import (
    KernelspecFacts,
    OtherEnvironment,
    Report,
    Snapshot,
    diagnose,
    scan,
    sources_of,
    that_matter,
    with_reading,
)
from ..environments import Environment, Registry
from ..environments.activation import Activations, activated
from ..environments.disk import settled
from ..environments.files import Mark, mark
from ..kernels import DeviceHolders, InstalledSpec, substituted
from ..machine import Machine
from .report_facts import NOBODY, Whom, activation_facts, other_environments, with_holders

Key = tuple[object, ...]

_STEPS = 50
"""A report is made anew when the free memory of a device has changed by as many parts of its memory."""


class _Remembered(msgspec.Struct, frozen=True, kw_only=True):
    """What a report was made of, and it. ``key``: what the scan was asked; ``marks``: of the paths that it
    read, None where one had changed so shortly before that it may change again unseen; ``asked``: the
    Reading, as far as reports go by it."""

    key: Key
    marks: Mapping[str, Mark | None] | None
    asked: Key
    snapshot: Snapshot
    report: Report


class Reports:
    """Makes reports and remembers the last one of each environment.

    A scan counts while the paths that it read are as they were and the variables that the kernel would get,
    the kernelspec and the other environments are the same; a report while the driver and its devices are
    too. Nothing is run: of an activation script that was never run only what its plain lines set is known.
    ``specs``: the kernelspecs; ``held``: who holds what on the devices of a Reading.
    """

    def __init__(
        self,
        machine: Machine,
        registry: Registry,
        activations: Activations,
        specs: Callable[[], Sequence[InstalledSpec]] = tuple,
        held: Callable[[Reading], Mapping[str, DeviceHolders]] | None = None,
    ) -> None:
        self._machine = machine
        self._registry = registry
        self._activations = activations
        self._specs = specs
        self._held = held
        self._lock = threading.Lock()
        self._remembered: dict[str, _Remembered] = {}

    def of_environment(
        self,
        environment: Environment,
        reading: Reading | None,
        own: Mapping[str, str] | None = None,
        kernelspec: KernelspecFacts | None = None,
    ) -> Report:
        """The report for a kernel of this environment, started as things stand. Blocks while it scans.

        ``own``: what its kernelspec sets beside the activation, where it has one.
        """
        key, asked = (*self._key(environment), own, kernelspec), _asked(reading)
        with self._lock:
            known = self._remembered.get(environment.id)
        holds = known is not None and known.key == key and _are_as_before(known.marks)
        if known is not None and holds and known.asked == asked:
            return known.report
        began = time.time_ns()
        if known is not None and holds:
            marks = known.marks
            snapshot = self._of_now(known.snapshot, reading)
        else:
            variables = self.variables(Path(environment.prefix), own)
            snapshot = self.snapshot(environment, reading, variables=variables, kernelspec=kernelspec)
            marks = {path: mark(path) for path in sources_of(self._machine, snapshot)}
        made = _Remembered(
            key=key,
            # What changed while it was read may have been read before or after.
            marks=marks if marks is not None and settled(marks.values(), began) else None,
            asked=asked,
            snapshot=snapshot,
            report=diagnose(snapshot),
        )
        with self._lock:
            self._remembered[environment.id] = made
        return made.report

    def snapshot(
        self,
        environment: Environment,
        reading: Reading | None,
        *,
        variables: Mapping[str, str] | None = None,
        kernelspec: KernelspecFacts | None = None,
        framework: str | None = None,
        whom: Whom = NOBODY,
    ) -> Snapshot:
        """The facts. ``variables``: what the kernel has; without: what one of the environment, started as
        things stand, would have. ``whom``: the kernel that it is about, where it runs."""
        prefix = Path(environment.prefix)
        found = scan(
            self._machine,
            prefix,
            reading=reading,
            variables=self.variables(prefix) if variables is None else variables,
            kernelspec=kernelspec,
            other_environments=self._others(environment),
            framework=framework,
        )
        return self._named(self._with_activation(found, prefix), reading, whom)

    def snapshot_without_environment(
        self, prefix: Path, reading: Reading | None, kernelspec: KernelspecFacts, framework: str | None
    ) -> Snapshot:
        """The facts on a kernelspec whose environment is gone from ``prefix``: on the machine, and on it."""
        found = scan(
            self._machine,
            prefix,
            reading=reading,
            variables=self._machine.environ,
            kernelspec=kernelspec,
            other_environments=self._others(None),
            framework=framework,
        )
        return msgspec.structs.replace(found, environment=None)

    def variables(self, prefix: Path, own: Mapping[str, str] | None = None) -> dict[str, str] | None:
        """What a kernel of this environment would have: this process's variables with the activation.

        ``own``: what its kernelspec sets besides, with references as jupyter_client resolves them. None:
        a script that was not run yet decides on a variable that frameworks and the loader go by.
        """
        activation = self._activations.known(prefix, self._machine.environ)
        stated = own or {}
        # PATH is known as far as it goes: a script may put more folders before it.
        if that_matter(dict.fromkeys({*activation.unknown} - {*stated, "PATH"}, "")):
            return None
        variables = activated(activation, self._machine.environ)
        return {**variables, **substituted(stated, variables)}

    def last(self, environment: Environment) -> Report | None:
        """The report last made on this environment; None: not judged yet."""
        with self._lock:
            remembered = self._remembered.get(environment.id)
        return None if remembered is None else remembered.report

    def _of_now(self, snapshot: Snapshot, reading: Reading | None) -> Snapshot:
        return self._named(with_reading(self._machine, snapshot, reading), reading, NOBODY)

    def _named(self, snapshot: Snapshot, reading: Reading | None, whom: Whom) -> Snapshot:
        """With the kernels and notebooks that the processes on the devices are."""
        if self._held is None or reading is None or not any(each.processes for each in reading.devices):
            return snapshot
        return with_holders(snapshot, self._held(reading), whom)

    def _with_activation(self, snapshot: Snapshot, prefix: Path) -> Snapshot:
        if snapshot.environment is None:
            return snapshot
        activation = self._activations.known(prefix, self._machine.environ)
        facts = activation_facts(
            activation, self._activations.scripts(prefix), self._machine, snapshot.variables
        )
        return msgspec.structs.replace(
            snapshot, environment=msgspec.structs.replace(snapshot.environment, activation=facts)
        )

    def _others(self, environment: Environment | None) -> tuple[OtherEnvironment, ...]:
        known = self._registry.known
        return other_environments(known, self._specs(), None if environment is None else environment.id)

    def _key(self, environment: Environment) -> Key:
        # The activation's variables come from files of their own.
        activation = self._activations.known(Path(environment.prefix), self._machine.environ)
        return environment, activation, self._registry.known, tuple(self._specs())


def _asked(reading: Reading | None) -> Key:
    """What a report goes by of a Reading; how much memory is free only roughly."""
    if reading is None:
        return (None,)
    devices = (
        (
            each.uuid,
            each.index,
            each.name,
            each.state,
            each.mig,
            each.parent,
            _steps(each.memory.free, each.memory.total) if each.memory else None,
            frozenset(process.pid for process in each.processes or ()),
        )
        for each in reading.devices
    )
    return reading.driver, reading.simulated, *devices


def _steps(free: int | None, total: int | None) -> int | None:
    return free * _STEPS // total if free is not None and total else None


def _are_as_before(marks: Mapping[str, Mark | None] | None) -> bool:
    return marks is not None and all(mark(path) == was for path, was in marks.items())
