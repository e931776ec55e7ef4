"""Environments and kernelspecs: what there is, added and removed."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from ..devices import Reading
from ..doctor import KernelspecFacts as SnapshotKernelspec
from ..doctor import Report, Snapshot, SnapshotError, decode_snapshot, diagnose, personal_names, redact
from ..environments import Environment, NotAnEnvironment, Registry, describe
from ..environments.activation import Activations
from ..kernels import DeviceHolders, InstalledSpec, Keeper, StartedKernel, SyncState, own_entries, plan_sync
from ..machine import Machine
from .environments import change_answer, environment_answer, kernelspec_answers, names_by_environment
from .errors import BadInput
from .kernelspecs import Kernelspecs
from .report_facts import Whom, running_with, started_with
from .reports import Reports
from .wire import EnvironmentsAnswer, KernelSettings


class _Facts(msgspec.Struct, frozen=True, kw_only=True):
    """All that the list of environments is made of; ``reports`` and ``activation_problems`` in the order of
    the environments."""

    state: SyncState
    suggesting: bool
    reports: tuple[Report | None, ...]
    activation_problems: tuple[str | None, ...]
    problems: tuple[str, ...]


class Catalogue(Kernelspecs):
    """Environments and kernelspecs of this machine, with the reports on them."""

    def __init__(
        self,
        machine: Machine,
        registry: Registry,
        keeper: Keeper,
        activations: Activations,
        reading: Callable[[], Reading],
        held: Callable[[Reading], Mapping[str, DeviceHolders]],
        pinned: Callable[[str, Reading], Mapping[str, str]],
        defaults: KernelSettings,
    ) -> None:
        """``pinned``: what the pin of the kernelspec of this name sets, empty where it has none."""
        super().__init__(registry, keeper, defaults)
        self._machine = machine
        self._reading = reading
        self._pinned = pinned
        self._reports = Reports(machine, registry, activations, keeper.specs, held)
        self._judging = threading.Lock()
        self._answered: tuple[_Facts, EnvironmentsAnswer] | None = None

    def environments(self, refresh: bool = False) -> EnvironmentsAnswer:
        """``environments`` of the contract; ``refresh``: looked for anew."""
        state = self._keeper.state(refresh=refresh)
        facts = _Facts(
            state=state,
            suggesting=self.settings().sync == "suggest",
            reports=tuple(map(self._reports.last, state.environments)),
            activation_problems=tuple(map(self._keeper.activations.problem, state.environments)),
            problems=(*self._registry.problems, *self._keeper.problems),
        )
        if self._answered is None or self._answered[0] != facts:
            self._answered = (facts, _answer(facts))
        return self._answered[1]

    def judge_all(self) -> bool:
        """Reaches a verdict on every environment that holds a framework; says whether any is new.

        One caller works at a time; another one meanwhile waits, then finds it done.
        """
        with self._judging:
            found = [each for each in self._registry.environments() if each.frameworks and not each.problem]
            before = [self._reports.last(each) for each in found]
            if found:
                reading = self._reading()
                for each in found:
                    self._report(each, reading)
            return before != [self._reports.last(each) for each in found]

    def environment_report(self, text: str) -> Report:
        """The report on an environment, for a kernel started in it as things stand.

        Raises NotFound, BadInput (no environment, or one that cannot be used at all).
        """
        return self._report(self._usable(self.find(text)), self._reading())

    def _report(self, environment: Environment, reading: Reading) -> Report:
        spec = self._own_spec(environment)
        if spec is None:
            return self._reports.of_environment(environment, reading)
        return self._reports.of_environment(
            environment, reading, self._variables_of(spec, reading), _kernelspec_facts(spec)
        )

    def report(self, env: str | None, kernelspec: str | None, framework: str | None) -> Report:
        """The report on an environment, a kernelspec or, with neither, the environment we run in."""
        if framework is None and kernelspec is None and env is not None:
            return self.environment_report(env)
        return diagnose(self._facts(env, kernelspec, framework), framework)

    def snapshot(self, env: str | None, kernelspec: str | None) -> Snapshot:
        """The facts of the same, redacted."""
        return redact(self.facts(env, kernelspec), names=personal_names(self._machine))

    def facts(self, env: str | None, kernelspec: str | None) -> Snapshot:
        """The facts of the same as they are, for an answer that stays here."""
        return self._facts(env, kernelspec, None)

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
        return self._reports.snapshot(
            self._described(start.prefix),
            self._reading(),
            variables=started_with(start),
            kernelspec=_started_by(start),
            whom=Whom(kernel_id=start.kernel_id),
        )

    def snapshot_of_process(self, pid: int, env: str | None, start: StartedKernel | None) -> Snapshot:
        """The facts of a process of this environment, by the one that runs us. ``start``: the kernel that it
        is, where we know it. Raises NotFound, BadInput."""
        return self._reports.snapshot(
            self._usable(self.environment(env)),
            self._reading(),
            variables=running_with(pid, self._machine.environ),
            kernelspec=_started_by(start) if start else None,
            whom=Whom(kernel_id=start.kernel_id if start else None, pid=pid),
        )

    def environment(self, text: str | None) -> Environment:
        """The environment of this id, name or prefix; None: the one we run in. Raises NotFound, BadInput."""
        return self.find(text) if text is not None else self._described(Path(sys.prefix))

    def variables(self, prefix: Path) -> dict[str, str]:
        """Those that a kernel of the environment has before its kernelspec's own, as far as known."""
        return self._reports.variables(prefix) or dict(self._machine.environ)

    def _facts(self, env: str | None, kernelspec: str | None, framework: str | None) -> Snapshot:
        if kernelspec is not None:
            return self._facts_of_spec(self.spec(kernelspec), framework)
        environment = self._usable(self.find(env) if env is not None else self._described(Path(sys.prefix)))
        own_spec = self._own_spec(environment)
        if own_spec is not None:
            return self._facts_of_spec(own_spec, framework)
        return self._reports.snapshot(environment, self._reading(), framework=framework)

    def _facts_of_spec(self, spec: InstalledSpec, framework: str | None) -> Snapshot:
        gone = spec.interpreter_exists is False and spec.prefix is not None
        if spec.problem is not None and not gone:
            raise BadInput(
                f"The kernelspec {spec.name} cannot start: {spec.problem}", reason="broken-kernelspec"
            )
        if spec.interpreter is None or spec.prefix is None:
            raise BadInput(
                f"The kernelspec {spec.name} starts no Python ({spec.language or 'unknown language'}).",
                reason="no-python-kernel",
            )
        prefix, facts, reading = Path(spec.prefix), _kernelspec_facts(spec), self._reading()
        try:
            environment = self._described(prefix)
        except BadInput:
            if gone:
                return self._reports.snapshot_without_environment(prefix, reading, facts, framework)
            raise
        variables = self._reports.variables(prefix, self._variables_of(spec, reading))
        return self._reports.snapshot(
            environment, reading, variables=variables, kernelspec=facts, framework=framework
        )

    def _variables_of(self, spec: InstalledSpec, reading: Reading) -> dict[str, str]:
        """What its kernel.json says besides the activation, and what its pin sets over that at each start."""
        return {**own_entries(spec.variables, spec.mark), **self._pinned(spec.name, reading)}

    def _own_spec(self, environment: Environment) -> InstalledSpec | None:
        """The kernelspec of ours that starts its Python, by which a kernel of it would be started."""
        return next(iter(self.specs_of(environment)), None)

    def _usable(self, environment: Environment) -> Environment:
        if environment.interpreter is None and environment.problem:
            raise BadInput(environment.problem, reason="broken-environment")
        return environment

    def _described(self, prefix: Path) -> Environment:
        try:
            return describe(self._machine, prefix)
        except NotAnEnvironment as error:
            raise BadInput(str(error), reason="no-environment") from None


def _started_by(start: StartedKernel) -> SnapshotKernelspec:
    return SnapshotKernelspec(
        name=start.kernelspec,
        executable=start.interpreter,
        executable_exists=True,
        prefix=str(start.prefix) if start.prefix else None,
    )


def _kernelspec_facts(spec: InstalledSpec) -> SnapshotKernelspec:
    return SnapshotKernelspec(
        name=spec.name,
        display_name=spec.display_name,
        executable=spec.interpreter,
        executable_exists=spec.interpreter_exists,
        prefix=spec.prefix,
    )


def _answer(facts: _Facts) -> EnvironmentsAnswer:
    state = facts.state
    names = names_by_environment(state.specs)
    found = zip(state.environments, facts.reports, facts.activation_problems, strict=True)
    # Kernelspecs of ours that have changed are written anew without asking.
    steps = plan_sync(state, lambda *_: None).steps if facts.suggesting else ()
    return EnvironmentsAnswer(
        environments=tuple(
            environment_answer(
                each,
                label=state.labels[each.id],
                kernelspecs=names.get(each.id, ()),
                report=report,
                activation_problem=problem,
            )
            for each, report, problem in found
        ),
        kernelspecs=kernelspec_answers(state),
        suggested=tuple(change_answer(step) for step in steps),
        problems=facts.problems,
    )
