"""Which kernelspecs there should be, beside those that there are: pure functions of what was found.

The rules: every environment with ipykernel, and every kernel of another language in one, has a kernelspec,
whoever wrote it; ours say what is so now; ours whose environment is gone go. What the user removed is not
written again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from ...environments import Environment, OwnKernel, kernel_key
from ..command import is_python
from .document import text
from .installed import InstalledSpec
from .name import NAME_PREFIX, candidates, checked_name
from .repair import has_kernel, namesakes


class SyncState(msgspec.Struct, frozen=True, kw_only=True):
    """What there is. ``unlisted``: environments of kernelspecs of ours that no listing names. ``labels``: by
    ``kernel_key``; ``removed``: so too, the kernels whose kernelspec the user removed."""

    environments: tuple[Environment, ...]
    specs: tuple[InstalledSpec, ...]
    labels: Mapping[str, str]
    removed: Collection[str] = ()
    unlisted: tuple[Environment, ...] = ()

    def by_id(self) -> dict[str, Environment]:
        """The environments by their ids."""
        return {each.id: each for each in (*self.unlisted, *self.environments)}


class SyncStep(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do. ``spec``: what there is of ours, None where it is to be written. ``environment``: what
    it is to start then, None where it goes. ``why``: a sentence for a person."""

    action: Literal["add", "update", "remove"]
    name: str
    display_name: str
    spec: InstalledSpec | None
    environment: Environment | None
    kernel: str | None
    label: str
    why: str


class SyncPlan(msgspec.Struct, frozen=True, kw_only=True):
    """``problems``: sentences on kernelspecs that stay as they are although something is wrong with them."""

    steps: tuple[SyncStep, ...]
    problems: tuple[str, ...] = ()


Outdated = Callable[[InstalledSpec, Environment, str], str | None]
"""Given a kernelspec of ours, its environment and its label: a sentence where its kernel.json should say
something else than it does, else None."""


def plan_sync(state: SyncState, outdated: Outdated) -> SyncPlan:
    """What is to be done: updates first, so that names and environments are free for what follows."""
    started = {key for spec in state.specs for key in _started(spec, state.environments)}
    steps = list(plan_updates(state, outdated))
    problems = []
    for spec in _gone(state):
        step = _without_environment(spec, state, started)
        if isinstance(step, str):
            problems.append(step)
            continue
        steps.append(step)
        if step.environment is not None:
            started.add(kernel_key(step.environment.id, step.kernel))
    steps += _additions(state, started)
    return SyncPlan(steps=tuple(steps), problems=tuple(problems))


def plan_updates(state: SyncState, outdated: Outdated) -> tuple[SyncStep, ...]:
    """The kernelspecs of ours whose environment is there and has changed."""
    environments = state.by_id()
    labels = spec_labels(state)
    steps = []
    for spec in state.specs:
        here = environments.get(spec.environment or "")
        if spec.owned and here is not None and has_kernel(here, spec_kernel(spec)):
            why = outdated(spec, here, labels[spec.name])
            if why:
                steps.append(_step("update", spec, here, labels[spec.name], why))
    return tuple(steps)


def spec_kernel(spec: InstalledSpec) -> str | None:
    """The own kernel of its environment that a kernelspec of ours starts; None: its Python."""
    return text((spec.mark or {}).get("kernel")) or None


def spec_key(spec: InstalledSpec) -> str:
    """What a kernelspec of ours starts, as a ``kernel_key``."""
    return kernel_key(spec.environment or "", spec_kernel(spec))


def spec_labels(state: SyncState) -> dict[str, str]:
    """The labels of ours by name: their environment's; a second one of the same kernel adds its own name."""
    environments = state.by_id()
    first: dict[str, str] = {}
    owned = [spec for spec in state.specs if spec.owned]
    for spec in owned:
        environment = environments.get(spec.environment or "")
        plain = environment is not None and spec.name in candidates(environment, spec_kernel(spec))
        if plain or spec_key(spec) not in first:
            first[spec_key(spec)] = spec.name
    made = {}
    for spec in owned:
        label = state.labels.get(spec_key(spec), spec.display_name)
        made[spec.name] = label if first[spec_key(spec)] == spec.name else _second_label(label, spec.name)
    return made


def label_of_added(state: SyncState, environment: Environment, kernel: str | None, name: str | None) -> str:
    """The label of a kernelspec that is to be added; ``name``: chosen by the user. Raises BadName."""
    key = kernel_key(environment.id, kernel)
    label = state.labels.get(key, environment.name)
    if name is None or checked_name(name) in candidates(environment, kernel):
        return label
    others = any(spec.owned and spec_key(spec) == key for spec in state.specs)
    return _second_label(label, name) if others else label


def label_of_renamed(state: SyncState, spec: InstalledSpec, name: str) -> str:
    """The label that a kernelspec of ours has under another name."""
    others = (each for each in state.specs if each.name != spec.name)
    specs = sorted((*others, msgspec.structs.replace(spec, name=name)), key=lambda each: each.name)
    return spec_labels(msgspec.structs.replace(state, specs=tuple(specs))).get(name, spec.display_name)


def _second_label(label: str, name: str) -> str:
    """The label of a further kernelspec of the same kernel."""
    return f"{label} ({name.lower().removeprefix(NAME_PREFIX)})"


def _started(spec: InstalledSpec, environments: Sequence[Environment]) -> list[str]:
    """The kernels that a kernelspec starts, by ``kernel_key``."""
    if spec.owned:
        return [spec_key(spec)]
    if spec.interpreter and is_python(spec.interpreter):
        return [spec.environment] if spec.environment else []
    return [
        kernel_key(environment.id, own.name)
        for environment in environments
        for own in environment.own_kernels
        if _is_of(spec, environment, own)
    ]


def _is_of(spec: InstalledSpec, environment: Environment, own: OwnKernel) -> bool:
    """Whether somebody else's kernelspec is that own kernel itself, or starts a program of the environment in
    the same language."""
    if os.path.realpath(spec.folder) == os.path.realpath(own.folder):
        return True
    inside = Path(environment.prefix) in Path(spec.interpreter or "").parents
    return inside and (spec.language or "").lower() == (own.language or "").lower()


def _gone(state: SyncState) -> list[InstalledSpec]:
    known = state.by_id()
    return [spec for spec in state.specs if spec.owned and spec.environment not in known and spec.prefix_gone]


def _without_environment(spec: InstalledSpec, state: SyncState, started: Collection[str]) -> SyncStep | str:
    """For a kernelspec whose prefix is gone: another environment, or its end, or why it is kept."""
    kernel, name = spec_kernel(spec), text((spec.mark or {}).get("name"))
    found = namesakes(state.environments, name, kernel, spec.prefix)
    if len(found) == 1 and kernel_key(found[0].id, kernel) not in started:
        label = state.labels[kernel_key(found[0].id, kernel)]
        why = f"{spec.prefix} is gone; {found[0].prefix} is called {name!r} too."
        return _step("update", spec, found[0], label, why)
    if spec.disk_gone:
        return (
            f"The kernelspec {spec.name} is kept although {spec.prefix} is gone: the folder above it is gone "
            "too, so its disk may not be mounted. Remove it yourself where that is not so."
        )
    return _step("remove", spec, None, spec.display_name, f"{spec.prefix} no longer exists.")


def _additions(state: SyncState, started: Collection[str]) -> list[SyncStep]:
    names = {spec.name for spec in state.specs}
    steps = []
    for environment in state.environments:
        for kernel in _kernels(environment):
            key = kernel_key(environment.id, kernel)
            if key in started or key in state.removed:
                continue
            wanted = candidates(environment, kernel)
            name = next((each for each in wanted if each not in names), wanted[-1])
            names.add(name)
            what = "its Python" if kernel is None else f"its kernel {kernel}"
            steps.append(
                SyncStep(
                    action="add",
                    name=name,
                    display_name=state.labels[key],
                    spec=None,
                    environment=environment,
                    kernel=kernel,
                    label=state.labels[key],
                    why=f"{environment.prefix} has no kernelspec that starts {what}.",
                )
            )
    return steps


def _kernels(environment: Environment) -> list[str | None]:
    """The kernels that can be started in an environment."""
    if environment.problem is not None:
        return []
    own: list[str | None] = [each.name for each in environment.own_kernels]
    python = environment.ipykernel is not None and environment.interpreter is not None
    return [None, *own] if python else own


def _step(
    action: Literal["update", "remove"],
    spec: InstalledSpec,
    environment: Environment | None,
    label: str,
    why: str,
) -> SyncStep:
    chosen = bool((spec.mark or {}).get("chosen_display_name"))
    return SyncStep(
        action=action,
        name=spec.name,
        display_name=spec.display_name if chosen else label,
        spec=spec,
        environment=environment,
        kernel=spec_kernel(spec),
        label=label,
        why=why,
    )
