"""Reports: a scan and a diagnosis, made once for each state of an environment and of the machine."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..devices import Reading
from ..doctor import KernelspecFacts, OtherEnvironment, Report, Snapshot, diagnose, scan
from ..doctor.report import Verdict
from ..environments import Environment, Registry, site_packages
from ..machine import Machine

Key = tuple[object, ...]


class Reports:
    """Makes reports and remembers the last one of each environment.

    A remembered report counts while the environment's folders have the same modification times, the
    driver and its devices are the same and the variables that the kernel would get are the same.
    """

    def __init__(self, machine: Machine, registry: Registry) -> None:
        self._machine = machine
        self._registry = registry
        self._lock = threading.Lock()
        self._remembered: dict[str, tuple[Key, Report]] = {}

    def of_environment(self, environment: Environment, reading: Reading | None) -> Report:
        """The report for a kernel of this environment, started as things stand. Blocks while it scans."""
        key = self._key(environment, reading)
        with self._lock:
            remembered = self._remembered.get(environment.id)
        if remembered is not None and remembered[0] == key:
            return remembered[1]
        report = diagnose(self.snapshot(environment, reading))
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
        """The facts. ``variables``: what the kernel has or will have; without: this process's own."""
        return scan(
            self._machine,
            Path(environment.prefix),
            reading=reading,
            variables=self._machine.environ if variables is None else variables,
            kernelspec=kernelspec,
            other_environments=self._others(environment),
            framework=framework,
        )

    def verdict(self, environment: Environment) -> Verdict | None:
        """The verdict last reached on this environment; None: not judged yet."""
        with self._lock:
            remembered = self._remembered.get(environment.id)
        return None if remembered is None else remembered[1].verdict

    def _others(self, environment: Environment) -> Sequence[OtherEnvironment]:
        return tuple(
            OtherEnvironment(
                name=other.name,
                prefix=other.prefix,
                python=other.python,
                frameworks=tuple(f"{f.name} {f.version}" if f.version else f.name for f in other.frameworks),
                gpu_build=any(f.build == "gpu" for f in other.frameworks) or None,
            )
            for other in self._registry.environments()
            if other.id != environment.id and other.frameworks
        )

    def _key(self, environment: Environment, reading: Reading | None) -> Key:
        folders = (
            Path(environment.prefix) / "conda-meta",
            *site_packages(self._machine, Path(environment.prefix)),
        )
        devices = () if reading is None else tuple((d.uuid, d.state) for d in reading.devices)
        driver = None if reading is None else (reading.driver.status, reading.driver.version)
        return (environment, tuple(_modified(folder) for folder in folders), driver, devices)


def _modified(path: Path) -> int | None:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None
