"""Keeps kernelspecs in step with environments: joins what is installed, what there is, and the settings."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

import msgspec

from ...environments import DEFAULT_TEMPLATE, Environment, NotAnEnvironment, Registry, kernel_key, labels
from ...environments.activation import Activations
from ...machine import Machine
from ..pins.store import PinStore
from .activation import SpecActivations
from .errors import SpecError, SpecNotFound
from .installed import InstalledSpec, InstalledSpecs
from .name import checked_name
from .patience import Patience
from .pins import SpecPins
from .removed import RemovedSpec, RemovedSpecs
from .repair import RepairPlan, plan_repair
from .settings import SpecSettings, SpecSettingsFile
from .store import OwnedSpec, SpecStore
from .sync import (
    SyncPlan,
    SyncState,
    SyncStep,
    label_of_added,
    label_of_renamed,
    plan_sync,
    plan_updates,
    spec_kernel,
    spec_key,
    spec_labels,
)

_log = logging.getLogger(__name__)


class Keeper:
    """What there is, and every change of it. ``label``: the template where the settings name none.

    Blocks on the disk; what adds or repairs a kernelspec blocks for the seconds that activation scripts may
    take. Raises :class:`SpecError` where a change cannot be made.
    """

    def __init__(
        self,
        machine: Machine,
        registry: Registry,
        store: SpecStore,
        settings: SpecSettingsFile,
        activations: Activations,
        pins: PinStore,
        label: str = DEFAULT_TEMPLATE,
    ) -> None:
        self.settings = settings
        self._label = label
        self._registry = registry
        self._store = store
        self.activations = SpecActivations(machine, activations)
        self._pins = SpecPins(pins)
        self._removed = RemovedSpecs()
        no_specs: tuple[InstalledSpec, ...] = ()
        self._listing = Patience(InstalledSpecs(machine).all, no_specs)
        self._labelled: tuple[tuple[Environment, ...], str, Mapping[str, str]] = ((), "", {})
        self._state: SyncState | None = None

    def specs(self) -> tuple[InstalledSpec, ...]:
        """Every kernelspec that Jupyter finds; those of the last time where a disk does not answer."""
        return self._listing.answer()

    @property
    def problems(self) -> tuple[str, ...]:
        """Sentences on what could not be looked at."""
        if not self._listing.hanging:
            return ()
        return ("A folder of kernelspecs, or one that they name, does not answer: they are shown as before.",)

    def state(self, *more: Environment, refresh: bool = False) -> SyncState:
        """What there is now, the same object as the last time where nothing has changed.

        ``more``: environments that count although no listing names them. ``refresh``: all environments are
        looked at anew.
        """
        environments = self._registry.environments(refresh=refresh)
        specs = self.specs()
        known = {each.id for each in environments}
        unlisted = {each.id: each for each in (*self._unlisted(specs, known), *more) if each.id not in known}
        said = self.settings.get()
        found = SyncState(
            environments=environments,
            specs=specs,
            labels=self._labels((*environments, *unlisted.values()), said.label or self._label),
            removed={*said.removed, *_missed(said.written, specs, known)},
            unlisted=tuple(unlisted.values()),
        )
        before = self._state
        if before is not None and found == before:
            return before
        self._state = found
        return found

    def add(
        self,
        environment: Environment,
        *,
        kernel: str | None = None,
        name: str | None = None,
        display_name: str | None = None,
    ) -> OwnedSpec:
        """Writes the environment's kernelspec, or brings it up to date. One that was removed under this name
        comes back as it was, with its pin."""
        state = self.state(environment)
        key = kernel_key(environment.id, kernel)
        removed = None if name is None else self._removed.get(checked_name(name), key)
        back = removed is not None and all(spec.name != removed.name for spec in state.specs)
        activation, activation_state = self.activations.run(environment)
        with self._pins.changed({removed.name: removed.pin} if removed is not None and back else {}):
            added = self._store.add(
                environment,
                label=label_of_added(state, environment, kernel, name),
                activation=activation,
                activation_state=activation_state,
                kernel=kernel,
                name=name,
                display_name=display_name,
                removed=removed.files if removed is not None else None,
            )
        self._removed.forget(added.name)
        self._remember(lambda said: said.with_written(key))
        return added

    def change(self, spec: InstalledSpec, name: str | None, display_name: str | None) -> str:
        """Changes the name, or the text in the picker ("": the label again), of a kernelspec of ours; its
        name then. A pin goes with it. What raises SpecError has changed nothing."""
        new = spec.name if name is None else checked_name(name)
        label = label_of_renamed(self.state(), spec, new)
        pins = {new: self._pins.get(spec.name), spec.name: None} if new != spec.name else {}
        with self._pins.changed(pins):
            self._store.change(spec.name, new_name=name, display_name=display_name, label=label)
        self.refresh()  # which of two for one environment has the plain label may be another now
        return new

    def remove(self, spec: InstalledSpec) -> None:
        """Removes a kernelspec of ours, and its pin; a sync does not write it again."""
        key, pin = spec_key(spec), self._pins.get(spec.name)
        with self._pins.changed({spec.name: None}):
            files = self._store.remove(spec.name)
        self._removed.put(RemovedSpec(name=spec.name, key=key, files=files, pin=pin))
        self._remember(lambda said: said.with_removed(key))

    def repair_plan(self, spec: InstalledSpec, state: SyncState) -> RepairPlan:
        """What repairing a kernelspec of ours would do."""
        plan = plan_repair(spec, state.by_id().get(spec.environment or ""), state.environments)
        if plan.what == "nothing" and self._outdated(spec, plan.environment, spec_labels(state)[spec.name]):
            why = "Its environment has changed. Repairing writes it again."
            return msgspec.structs.replace(plan, what="rewrite", why=why)
        return plan

    def rewrite(self, name: str) -> None:
        """Does what :meth:`repair_plan` says, but for installing; scripts that failed before are run anew."""
        state = self.state()
        spec = next((each for each in state.specs if each.name == name), None)
        if spec is None:
            raise SpecNotFound(f"There is no kernelspec called {name!r}.", {"name": name})
        environment = self.repair_plan(spec, state).environment
        key = kernel_key(environment.id, spec_kernel(spec))
        if environment.id == spec.environment:
            label = spec_labels(state)[name]
        else:
            label = state.labels.get(key, spec.display_name)
        activation, activation_state = self.activations.run(environment, again=True)
        self._store.refresh(
            name, environment, label=label, activation=activation, activation_state=activation_state
        )
        self._remember(lambda said: said.with_written(key))

    def refresh(self) -> bool:
        """Brings the kernel.json of ours up to date; says whether anything was written. Runs no script."""
        return bool(self._done(plan_updates(self.state(), self._outdated))[0])

    def sync(self, dry_run: bool = False) -> SyncPlan:
        """Adds, updates and removes kernelspecs of ours as the environments are now; says what was done, and
        what could not be. ``dry_run``: what would be."""
        state = self.state()
        plan = plan_sync(state, self._outdated)
        if dry_run:
            return plan
        done, failed = self._done(plan.steps)
        now = {spec_key(spec) for spec in self.specs() if spec.owned}
        self._remember(lambda said: said.with_all(now, state.removed))
        return SyncPlan(steps=tuple(done), problems=(*plan.problems, *failed))

    def _labels(self, environments: tuple[Environment, ...], template: str) -> Mapping[str, str]:
        known, with_template, made = self._labelled
        if known != environments or with_template != template:
            made = labels(environments, template)
            self._labelled = (environments, template, made)
        return made

    def _unlisted(self, specs: Iterable[InstalledSpec], known: Collection[str]) -> Iterator[Environment]:
        """Environments of ours that no locator finds, such as one that was added by its path."""
        for spec in specs:
            prefix = spec.prefix or ""
            if spec.owned and spec.environment not in known and os.path.isabs(prefix):  # noqa: PTH117
                with contextlib.suppress(NotAnEnvironment):
                    yield self._registry.find(prefix)

    def _outdated(self, spec: InstalledSpec, environment: Environment, label: str) -> str | None:
        activation, state = self.activations.changed(spec, environment)
        try:
            changes = self._store.refresh(
                spec.name,
                environment,
                label=label,
                activation=activation,
                activation_state=state,
                dry_run=True,
            )
        except SpecError:  # ipykernel is gone, or a link is there: nothing that writing it again would mend
            return None
        return f"Its kernel.json does not say what {environment.prefix} holds now." if changes else None

    def _done(self, steps: Iterable[SyncStep]) -> tuple[list[SyncStep], list[str]]:
        """The steps that succeeded, and sentences on the others."""
        done: list[SyncStep] = []
        failed: list[str] = []
        for step in steps:
            try:
                done.append(self._do(step))
            except SpecError as error:
                failed.append(f"{step.name}: {error}")
        return done, failed

    def _do(self, step: SyncStep) -> SyncStep:
        if step.environment is None:
            self._store.remove(step.name)  # its pin stays, for an environment that is made again
            return step
        if step.spec is None:
            activation, state = self.activations.run(step.environment)
            added = self._store.add(
                step.environment,
                label=step.label,
                activation=activation,
                activation_state=state,
                kernel=step.kernel,
            )
            return msgspec.structs.replace(step, name=added.name, display_name=added.display_name)
        moved = step.environment.id != step.spec.environment
        found = (
            self.activations.run(step.environment)
            if moved
            else self.activations.changed(step.spec, step.environment)
        )
        self._store.refresh(
            step.name,
            step.environment,
            label=step.label,
            activation=found[0],
            activation_state=found[1],
        )
        return step

    def _remember(self, change: Callable[[SpecSettings], SpecSettings]) -> None:
        """Notes which kernels have a kernelspec of ours, and which shall have none. Not being able to costs
        no more than a kernelspec that a sync writes again."""
        try:
            self.settings.change(change)
        except SpecError as error:
            _log.warning("%s", error)


def _missed(written: Iterable[str], specs: Iterable[InstalledSpec], known: Collection[str]) -> list[str]:
    """The kernels whose kernelspec another program removed while their environment is there."""
    there = {spec_key(spec) for spec in specs if spec.owned}
    return [key for key in written if key not in there and key.partition("/")[0] in known]


__all__ = ["Keeper"]
