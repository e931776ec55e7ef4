"""Environments and kernelspecs: what there is, added and removed."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path

from ..devices import Reading
from ..doctor import KernelspecFacts as SnapshotKernelspec
from ..doctor import Report, Snapshot, SnapshotError, decode_snapshot, diagnose, personal_names, redact
from ..environments import (
    AmbiguousEnvironment,
    Environment,
    EnvironmentNotFound,
    NotAnEnvironment,
    Registry,
    describe,
    labels,
)
from ..environments.activation import Activations
from ..kernels import InstalledSpec, SpecError, SpecStore, StartedKernel, all_specs
from ..machine import Machine
from .environments import environment_answer, kernelspec_answer
from .errors import BadInput, Conflict, NotFound, Refused
from .reports import Reports
from .wire import AddKernelspec, EnvironmentsAnswer, KernelspecAnswer, KernelspecsAnswer

SPEC_FAILURES: dict[str, type[Refused]] = {"not-found": NotFound, "bad-name": BadInput}
"""Reasons of SpecError that are no conflict."""


class Catalogue:
    """Environments and kernelspecs of this machine, with the reports on them."""

    def __init__(
        self,
        machine: Machine,
        registry: Registry,
        specs: SpecStore,
        activations: Activations,
        reading: Callable[[], Reading],
    ) -> None:
        self._machine = machine
        self._registry = registry
        self._specs = specs
        self._reading = reading
        self._activations = activations
        self._reports = Reports(machine, registry, activations)
        self._judging = threading.Lock()

    def environments(self, refresh: bool = False) -> EnvironmentsAnswer:
        """``environments`` of the contract; ``refresh``: looked for anew."""
        found = self._registry.environments(refresh=refresh)
        specs = all_specs(self._machine)
        named = labels(found)
        return EnvironmentsAnswer(
            environments=tuple(
                environment_answer(each, named[each.id], specs, self._reports.verdict(each)) for each in found
            ),
            problems=self._registry.problems,
        )

    def judge_all(self) -> bool:
        """Reaches a verdict on every environment that holds a framework; says whether any is new.

        One caller works at a time; another one meanwhile waits, then finds it done.
        """
        with self._judging:
            found = [each for each in self._registry.environments() if each.frameworks and not each.problem]
            before = [self._reports.verdict(each) for each in found]
            if found:
                reading = self._reading()
                for each in found:
                    self._reports.of_environment(each, reading)
            return before != [self._reports.verdict(each) for each in found]

    def find(self, text: str) -> Environment:
        """The environment of this id, name or prefix. Raises NotFound, BadInput (a path that is none)."""
        try:
            return self._registry.find(text)
        except AmbiguousEnvironment as error:
            raise BadInput(str(error), reason="ambiguous-environment") from None
        except EnvironmentNotFound as error:
            raise NotFound(str(error), reason="no-such-environment") from None
        except NotAnEnvironment as error:
            raise BadInput(str(error), reason="no-environment") from None

    def environment_report(self, text: str) -> Report:
        """The report on an environment, for a kernel started in it as things stand.

        Raises NotFound, BadInput (no environment, or one that cannot be used at all).
        """
        return self._reports.of_environment(self._usable(self.find(text)), self._reading())

    def report(self, env: str | None, kernelspec: str | None, framework: str | None) -> Report:
        """The report on an environment, a kernelspec or, with neither, the environment we run in."""
        if framework is None and kernelspec is None and env is not None:
            return self.environment_report(env)
        return diagnose(self._facts(env, kernelspec, framework), framework)

    def snapshot(self, env: str | None, kernelspec: str | None) -> Snapshot:
        """The facts of the same, redacted."""
        return redact(self._facts(env, kernelspec, None), names=personal_names(self._machine))

    def snapshot_report(self, data: bytes, framework: str | None) -> Report:
        """The report on a snapshot taken elsewhere. Raises BadInput with the first wrong field."""
        try:
            return diagnose(decode_snapshot(data), framework)
        except SnapshotError as error:
            raise BadInput(str(error), reason="bad-snapshot") from None

    def snapshot_of_start(self, start: StartedKernel) -> Snapshot:
        """The facts of a kernel as it was started. Raises BadInput where it is in no environment."""
        if start.prefix is None:
            raise BadInput(f"The kernel {start.kernel_id} is no Python.", reason="no-python-kernel")
        spec = SnapshotKernelspec(
            name=start.kernelspec,
            executable=start.interpreter,
            executable_exists=True,
            prefix=str(start.prefix),
        )
        return self._reports.snapshot(
            self._described(start.prefix), self._reading(), variables=start.variables, kernelspec=spec
        )

    def _facts(self, env: str | None, kernelspec: str | None, framework: str | None) -> Snapshot:
        if kernelspec is not None:
            return self._facts_of_spec(self._spec(kernelspec), framework)
        environment = self.find(env) if env is not None else self._described(Path(sys.prefix))
        return self._reports.snapshot(self._usable(environment), self._reading(), framework=framework)

    def _facts_of_spec(self, spec: InstalledSpec, framework: str | None) -> Snapshot:
        if spec.problem is not None:
            raise BadInput(
                f"The kernelspec {spec.name} cannot start: {spec.problem}", reason="broken-kernelspec"
            )
        if spec.interpreter is None or spec.prefix is None:
            raise BadInput(
                f"The kernelspec {spec.name} starts no Python ({spec.language or 'unknown language'}).",
                reason="no-python-kernel",
            )
        facts = SnapshotKernelspec(
            name=spec.name,
            display_name=spec.display_name,
            executable=spec.interpreter,
            executable_exists=spec.interpreter_exists,
            prefix=spec.prefix,
        )
        return self._reports.snapshot(
            self._described(Path(spec.prefix)),
            self._reading(),
            variables=self._reports.variables(Path(spec.prefix), spec.variables),
            kernelspec=facts,
            framework=framework,
        )

    def _usable(self, environment: Environment) -> Environment:
        if environment.interpreter is None and environment.problem:
            raise BadInput(environment.problem, reason="broken-environment")
        return environment

    def _described(self, prefix: Path) -> Environment:
        try:
            return describe(self._machine, prefix)
        except NotAnEnvironment as error:
            raise BadInput(str(error), reason="no-environment") from None

    def _spec(self, name: str) -> InstalledSpec:
        for spec in all_specs(self._machine):
            if spec.name == name:
                return spec
        raise NotFound(f"There is no kernelspec called {name[:60]!r}.", reason="no-such-kernelspec")

    def is_kernelspec(self, name: str) -> bool:
        """Whether Jupyter finds a kernelspec of this name."""
        return any(each.name == name for each in all_specs(self._machine))

    def kernelspecs(self) -> KernelspecsAnswer:
        """Every kernelspec that Jupyter finds, ours marked."""
        return KernelspecsAnswer(
            kernelspecs=tuple(kernelspec_answer(each) for each in all_specs(self._machine))
        )

    def add_kernelspec(self, wanted: AddKernelspec) -> KernelspecAnswer:
        """Writes a kernelspec for an environment. Raises NotFound, BadInput, Conflict (no ipykernel, …)."""
        environment = self.find(wanted.environment)
        try:
            added = self._specs.add(
                environment,
                label=self._label(environment),
                name=wanted.name,
                display_name=wanted.display_name,
            )
        except SpecError as error:
            raise _refused(error) from None
        return kernelspec_answer(self._spec(added.name))

    def _label(self, environment: Environment) -> str:
        others = [each for each in self._registry.environments() if each.id != environment.id]
        return labels([*others, environment])[environment.id]

    def remove_kernelspec(self, name: str) -> None:
        """Removes a kernelspec of ours. Raises NotFound, Conflict (not ours)."""
        if not self._spec(name).owned:
            raise Conflict(
                f"The kernelspec {name} is not one that we wrote; it is left alone.", reason="not-owned"
            )
        try:
            self._specs.remove(name)
        except SpecError as error:
            raise _refused(error) from None


def _refused(error: SpecError) -> Refused:
    kind = SPEC_FAILURES.get(error.reason, Conflict)
    return kind(str(error), reason=error.reason, detail={k: str(v) for k, v in error.detail.items()})
