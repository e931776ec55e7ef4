"""Kernelspecs: listed with what is wrong with them, added, renamed, kept in step, repaired and removed."""

from __future__ import annotations

import msgspec

from ..environments import (
    AmbiguousEnvironment,
    Environment,
    EnvironmentNotFound,
    LabelError,
    NotAnEnvironment,
    Registry,
    check_template,
)
from ..kernels import InstalledSpec, Keeper, RepairPlan, SpecError, spec_kernel
from .environments import change_answer, kernelspec_answers
from .errors import BadInput, Conflict, NotFound, Refused
from .wire import (
    AddKernelspec,
    ChangeKernelspec,
    KernelSettings,
    KernelspecAnswer,
    KernelspecsAnswer,
    SyncAnswer,
)

SPEC_FAILURES: dict[str, type[Refused]] = {
    "not-found": NotFound,
    "no-such-kernel": NotFound,
    "bad-name": BadInput,
}
"""Reasons of SpecError that are no conflict."""

LONGEST_DISPLAY_NAME = 200
"""Characters."""


class Kernelspecs:
    """The kernelspecs of this machine's user. ``defaults``: the settings where the user chose none.

    Its methods block: on the disk, and those that add or repair for the seconds that scripts may take.
    """

    def __init__(self, registry: Registry, keeper: Keeper, defaults: KernelSettings) -> None:
        self._registry = registry
        self._keeper = keeper
        self._defaults = defaults

    def find(self, text: str) -> Environment:
        """The environment of this id, name or prefix. Raises NotFound, BadInput (a path that is none)."""
        field = {"field": "environment"}
        try:
            return self._registry.find(text)
        except AmbiguousEnvironment as error:
            raise BadInput(str(error), reason="ambiguous-environment", detail=field) from None
        except EnvironmentNotFound as error:
            raise NotFound(str(error), reason="no-such-environment", detail=field) from None
        except NotAnEnvironment as error:
            raise BadInput(str(error), reason="no-environment", detail=field) from None

    def is_kernelspec(self, name: str) -> bool:
        """Whether Jupyter finds a kernelspec of this name."""
        return any(each.name == name for each in self._keeper.specs())

    def spec(self, name: str) -> InstalledSpec:
        """The kernelspec of this name, whoever wrote it. Raises NotFound."""
        for spec in self._keeper.specs():
            if spec.name == name:
                return spec
        raise NotFound(f"There is no kernelspec called {name[:60]!r}.", reason="no-such-kernelspec")

    def specs_of(self, environment: Environment) -> tuple[InstalledSpec, ...]:
        """The kernelspecs of ours that start this environment's Python."""
        return tuple(
            spec
            for spec in self._keeper.specs()
            if spec.owned and spec.environment == environment.id and spec_kernel(spec) is None
        )

    def kernelspecs(self) -> KernelspecsAnswer:
        """Every kernelspec that Jupyter finds, ours marked."""
        return KernelspecsAnswer(kernelspecs=kernelspec_answers(self._keeper.state()))

    def add_kernelspec(self, wanted: AddKernelspec) -> KernelspecAnswer:
        """Writes a kernelspec for an environment; one that was removed here comes back as it was, with its
        pin, where its name is asked for. Raises NotFound, BadInput, Conflict (no ipykernel, …)."""
        environment = self.find(wanted.environment)
        _check_display_name(wanted.display_name)
        try:
            added = self._keeper.add(
                environment,
                kernel=wanted.kernel.lower() if wanted.kernel else None,
                name=wanted.name,
                display_name=wanted.display_name,
            )
        except SpecError as error:
            raise _refused(error) from None
        return self._answer(added.name)

    def rename_kernelspec(self, name: str, wanted: ChangeKernelspec) -> KernelspecAnswer:
        """Changes the name, or the text in the picker, of a kernelspec of ours; a pin goes with it.

        Raises NotFound, BadInput (a name that Jupyter does not allow), Conflict (not ours, name taken).
        """
        if wanted.name is None and wanted.display_name is None:
            raise BadInput(
                "Say a new name or a new display_name.", reason="bad-body", detail={"field": "name"}
            )
        _check_display_name(wanted.display_name)
        spec = self._own(name)
        try:
            return self._answer(self._keeper.change(spec, wanted.name, wanted.display_name))
        except SpecError as error:
            raise _refused(error) from None

    def remove_kernelspec(self, name: str) -> None:
        """Removes a kernelspec of ours and its pin; a sync does not write it again. Raises NotFound,
        Conflict."""
        spec = self._own(name)
        try:
            self._keeper.remove(spec)
        except SpecError as error:
            raise _refused(error) from None

    def repair_plan(self, name: str) -> RepairPlan:
        """What repairing a kernelspec of ours would do. Raises NotFound, Conflict (not ours, or no
        environment that it could be made to start: the message says what the user can do)."""
        spec = self._own(name)
        try:
            return self._keeper.repair_plan(spec, self._keeper.state())
        except SpecError as error:
            raise _refused(error) from None

    def rewrite_kernelspec(self, name: str) -> KernelspecAnswer:
        """Writes a kernelspec of ours again as :meth:`repair_plan` says. Raises NotFound, Conflict."""
        try:
            self._keeper.rewrite(name)
        except SpecError as error:
            raise _refused(error) from None
        return self._answer(name)

    def refresh_kernelspecs(self) -> bool:
        """Brings the kernel.json of ours up to date, and with the setting ``on`` does a whole sync; says
        whether anything was written."""
        if self.settings().sync == "on":
            return bool(self._keeper.sync().steps)
        return self._keeper.refresh()

    def sync(self, dry_run: bool) -> SyncAnswer:
        """Adds, updates and removes kernelspecs of ours as the environments are now; ``dry_run``: only says
        so. What could not be done is in ``problems``."""
        plan = self._keeper.sync(dry_run)
        changes = tuple(change_answer(step) for step in plan.steps)
        return SyncAnswer(dry_run=dry_run, changes=changes, problems=plan.problems)

    def settings(self) -> KernelSettings:
        """How kernelspecs are named and kept: what the user chose, else the defaults."""
        chosen = self._keeper.settings.get()
        politely = chosen.share_politely
        return KernelSettings(
            label=chosen.label or self._defaults.label,
            sync=chosen.sync or self._defaults.sync,
            share_politely=self._defaults.share_politely if politely is None else politely,
        )

    def set_settings(self, wanted: KernelSettings) -> KernelSettings:
        """Changes that; the labels are written anew at once. Raises BadInput (a bad template), Conflict."""
        try:
            if wanted.label is not None:
                check_template(wanted.label)
            self._keeper.settings.change(
                lambda before: msgspec.structs.replace(
                    before, label=wanted.label, sync=wanted.sync, share_politely=wanted.share_politely
                )
            )
        except LabelError as error:
            raise BadInput(str(error), reason="bad-label", detail={"field": "label"}) from None
        except SpecError as error:
            raise _refused(error) from None
        self._keeper.refresh()
        return self.settings()

    def _own(self, name: str) -> InstalledSpec:
        spec = self.spec(name)
        if not spec.owned:
            raise Conflict(
                f"The kernelspec {name} is not one that we wrote; it is left alone.", reason="not-owned"
            )
        return spec

    def _answer(self, name: str) -> KernelspecAnswer:
        self.spec(name)
        return next(each for each in self.kernelspecs().kernelspecs if each.name == name)


def _check_display_name(display_name: str | None) -> None:
    if display_name is None or (display_name.isprintable() and len(display_name) <= LONGEST_DISPLAY_NAME):
        return
    raise BadInput(
        f"A display name is one line of at most {LONGEST_DISPLAY_NAME} characters.",
        reason="bad-display-name",
        detail={"field": "display_name"},
    )


def _refused(error: SpecError) -> Refused:
    kind = SPEC_FAILURES.get(error.reason, Conflict)
    return kind(str(error), reason=error.reason, detail={k: str(v) for k, v in error.detail.items()})
