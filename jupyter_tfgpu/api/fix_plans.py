"""What an automatic fix would change, for one kernel, environment or kernelspec. Nothing is written here."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from ..doctor import Fix
from ..environments import Environment
from ..kernels import InstalledSpec, Pin, RepairPlan, SpecError, SpecFile, Target, changed_entries, read_spec
from .errors import Conflict
from .wire import FixChange

VISIBLE = "CUDA_VISIBLE_DEVICES"
"""The variable that a pin sets."""


@dataclass(frozen=True, kw_only=True)
class About:
    """What a report is about, as far as fixes go.

    ``specs``: the kernelspecs whose variables may be changed; ``without``: why there is none. ``hiding``: the
    pins that keep a kernel of it from every device, the one that counts first. ``repairs``: finds out what
    repairing kernelspecs of ours does; ``hindrance``: why ipykernel cannot be installed from here, None: it
    can. ``environment``: where it would go. ``running``: it is a
    kernel, and the report is about its last start. ``otherwise``: the variables that a start has without
    what its kernelspec sets. ``simulated``: not this machine was judged.
    """

    specs: tuple[InstalledSpec, ...] = ()
    without: str = "No kernelspec of ours starts it."
    hiding: tuple[tuple[Target, Pin], ...] = ()
    repairs: Callable[[], Iterable[RepairPlan]] = tuple
    hindrance: Callable[[Environment], str | None] = lambda _: None
    environment: Environment | None = None
    running: bool = False
    otherwise: Mapping[str, str] = field(default_factory=dict, repr=False)
    simulated: bool = False


@dataclass(frozen=True, kw_only=True)
class SpecStep:
    """A kernel.json with other entries in its ``env``: by name those before and after; None: none."""

    file: SpecFile
    entries: Mapping[str, tuple[str | None, str | None]]


@dataclass(frozen=True, kw_only=True)
class PinStep:
    """A pin that is cleared."""

    target: Target
    before: Pin


@dataclass(frozen=True, kw_only=True)
class RepairStep:
    """A task. ``kernelspec`` None: ipykernel is installed in the environment, and its kernelspec written."""

    kernelspec: str | None
    environment: Environment
    why: str


Step = SpecStep | PinStep | RepairStep


def plan(fix: Fix, about: About) -> tuple[Step, ...]:
    """What applying a fix does; nothing, where it was applied and a running kernel has yet to start anew.

    Raises Conflict where it cannot be done here, or would not help; the text says why.
    """
    if fix.repairs is not None:
        return (_repair(fix, about),)
    if not fix.sets and not fix.unsets:
        raise Conflict("This fix is not one that can be applied from here.", reason="not-automatic")
    pins = _cleared(fix, about)
    specs = _changed(fix, about, others=bool(pins))
    if not pins and not specs and not about.running:
        raise Conflict("Nothing is left to change.", reason="nothing-to-change")
    return (*pins, *specs)


def shown(steps: Sequence[Step]) -> tuple[FixChange, ...]:
    """The changes for a person."""
    return tuple(change for step in steps for change in _shown(step))


def state(steps: Sequence[Step]) -> str:
    """A name for exactly these changes, of exactly what stands there now."""
    digest = hashlib.sha256()
    for step in steps:
        digest.update(step.file.data if isinstance(step, SpecStep) else b"")
        digest.update(msgspec.json.encode(_shown(step)))
    return digest.hexdigest()[:16]


def _shown(step: Step) -> list[FixChange]:
    if isinstance(step, SpecStep):
        return [
            FixChange(what="variable", target=step.file.name, name=name, before=before, after=after)
            for name, (before, after) in step.entries.items()
        ]
    if isinstance(step, PinStep):
        return [FixChange(what="pin", target=step.target.key, name=step.target.kind, before=str(step.before))]
    if step.kernelspec is not None:
        return [FixChange(what="kernelspec", target=step.kernelspec, why=step.why)]
    return [FixChange(what="ipykernel", target=step.environment.prefix, why=step.why)]


def _repair(fix: Fix, about: About) -> RepairStep:
    for each in about.repairs():
        if each.what != "nothing":
            step = RepairStep(kernelspec=each.kernelspec, environment=each.environment, why=each.why)
            return _installable(step, about) if each.what == "install-ipykernel" else step
    environment = about.environment
    if fix.repairs == "ipykernel" and environment is not None and environment.ipykernel is None:
        why = "ipykernel is installed there, and its kernelspec is written."
        return _installable(RepairStep(kernelspec=None, environment=environment, why=why), about)
    raise Conflict(
        about.without if not about.specs else "There is nothing that could be repaired from here.",
        reason="nothing-to-repair",
    )


def _installable(step: RepairStep, about: About) -> RepairStep:
    hindrance = about.hindrance(step.environment)
    if hindrance is not None:
        raise Conflict(hindrance, reason="not-installed")
    return step


def _cleared(fix: Fix, about: About) -> tuple[PinStep, ...]:
    if VISIBLE not in fix.unsets:
        return ()
    return tuple(PinStep(target=target, before=pin) for target, pin in about.hiding)


def _changed(fix: Fix, about: About, others: bool) -> tuple[SpecStep, ...]:
    """The kernelspecs with other entries. ``others``: the fix changes something else as well."""
    if about.simulated or not about.specs:
        if others:
            return ()
        why = "The devices are simulated: kernelspecs stay as they are." if about.simulated else about.without
        raise Conflict(why, reason="not-ours")
    files = [_readable(spec) for spec in about.specs]
    steps = [
        SpecStep(file=file, entries=entries)
        for file in files
        if (entries := changed_entries(file, fix.sets, fix.unsets, about.otherwise))
    ]
    elsewhere = [name for name in fix.unsets if name in about.otherwise]
    if elsewhere and not steps and not others:
        raise Conflict(
            f"{elsewhere[0]} is not set by the kernelspec, but where the kernel is started from, or by "
            "activating its environment.",
            reason="not-ours",
        )
    return tuple(steps)


def _readable(spec: InstalledSpec) -> SpecFile:
    """Its kernel.json, where that could be written as well."""
    try:
        file = read_spec(spec.name, spec.folder)
    except SpecError as error:
        raise Conflict(str(error), reason=error.reason, detail=error.detail) from None
    if not os.access(spec.folder, os.W_OK):
        raise Conflict(f"The kernelspec in {spec.folder} cannot be changed by you.", reason="not-written")
    return file
