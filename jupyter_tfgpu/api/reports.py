"""Reports: a scan and a diagnosis, made once for each state of an environment and of the machine."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from ..devices import Reading
from ..doctor import KernelspecFacts, OtherEnvironment, Report, Snapshot, diagnose, scan, that_matter
from ..doctor.snapshot import Activation as ActivationFacts
from ..environments import Environment, Registry, site_packages
from ..environments.activation import Activations, activated
from ..kernels import substituted
from ..machine import Machine

Key = tuple[object, ...]


class Reports:
    """Makes reports and remembers the last one of each environment.

    A remembered report counts while the environment's folders have the same modification times, the
    driver and its devices are the same and the variables that the kernel would get are the same.
    Nothing is run: of an activation script that was never run only what its plain lines set is known.
    """

    def __init__(self, machine: Machine, registry: Registry, activations: Activations) -> None:
        self._machine = machine
        self._registry = registry
        self._activations = activations
        self._lock = threading.Lock()
        self._remembered: dict[str, tuple[Key, Report]] = {}

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
        key = (*self._key(environment, reading), own, kernelspec)
        with self._lock:
            remembered = self._remembered.get(environment.id)
        if remembered is not None and remembered[0] == key:
            return remembered[1]
        variables = self.variables(Path(environment.prefix), own)
        report = diagnose(self.snapshot(environment, reading, variables=variables, kernelspec=kernelspec))
        with self._lock:
            self._remembered[environment.id] = (key, report)
        return report

    def snapshot(
        self,
        environment: Environment,
        reading: Reading | None,
        *,
        variables: Mapping[str, str] | None = None,
        kernelspec: KernelspecFacts | None = None,
        framework: str | None = None,
    ) -> Snapshot:
        """The facts. ``variables``: what the kernel has; without: what one of the environment, started as
        things stand, would have."""
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
        return self._with_activation(found, prefix)

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

    def _with_activation(self, snapshot: Snapshot, prefix: Path) -> Snapshot:
        """With what activating sets, of that the variables that matter, and whether the kernel has it."""
        if snapshot.environment is None:
            return snapshot
        set_by_it = self._activations.known(prefix, self._machine.environ).variables
        mattering = that_matter(set_by_it)
        has = snapshot.variables
        facts = ActivationFacts(
            scripts=self._activations.scripts(prefix),
            variables=mattering,
            applied=None if has is None else all(has.get(name) == mattering[name] for name in mattering),
        )
        return msgspec.structs.replace(
            snapshot, environment=msgspec.structs.replace(snapshot.environment, activation=facts)
        )

    def last(self, environment: Environment) -> Report | None:
        """The report last made on this environment; None: not judged yet."""
        with self._lock:
            remembered = self._remembered.get(environment.id)
        return None if remembered is None else remembered[1]

    def _others(self, environment: Environment | None) -> Sequence[OtherEnvironment]:
        return tuple(
            OtherEnvironment(
                name=other.name,
                prefix=other.prefix,
                python=other.python,
                frameworks=tuple(f"{f.name} {f.version}" if f.version else f.name for f in other.frameworks),
                gpu_build=any(f.build == "gpu" for f in other.frameworks) or None,
            )
            for other in self._registry.environments()
            if other.frameworks and (environment is None or other.id != environment.id)
        )

    def _key(self, environment: Environment, reading: Reading | None) -> Key:
        folders = (
            Path(environment.prefix) / "conda-meta",
            *site_packages(self._machine, Path(environment.prefix)),
        )
        devices = () if reading is None else tuple((d.uuid, d.state) for d in reading.devices)
        driver = None if reading is None else (reading.driver.status, reading.driver.version)
        # The registry notices what is installed; the activation's variables come from files of their own.
        activation = self._activations.known(Path(environment.prefix), self._machine.environ)
        return (environment, tuple(_modified(folder) for folder in folders), driver, devices, activation)


def _modified(path: Path) -> int | None:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None
