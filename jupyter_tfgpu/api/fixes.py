"""Automatic fixes: found in a report that is made anew, shown, applied, and taken back."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from ..doctor import Fix, Report
from ..kernels import PinStore, SpecError, SpecStore, Target, read_spec, with_entries
from ..kernels.pins.targets import make_target
from .errors import Conflict, NotFound, Refused
from .fix_changes import all_or_none, refusing
from .fix_plans import About, PinStep, RepairStep, SpecStep, Step, plan, shown, state
from .fix_records import FixRecord, FixRecords, PinRecord, SpecRecord, new_id
from .fix_subjects import FixSubjects
from .kernels import RunningKernel
from .kernelspecs import Kernelspecs
from .pinning import restart_message
from .repairs import OnLine, Repairs
from .wire import ApplyFix, FixAnswer, FixChange, KernelspecAnswer

_log = logging.getLogger(__name__)


class Fixes:
    """Applies the automatic fixes of reports. Its methods block on the disk, and for the driver."""

    def __init__(
        self,
        subjects: FixSubjects,
        specs: SpecStore,
        pins: PinStore,
        kernelspecs: Kernelspecs,
        repairs: Repairs,
        records: FixRecords,
    ) -> None:
        self._subjects = subjects
        self._specs = specs
        self._pins = pins
        self._kernelspecs = kernelspecs
        self._repairs = repairs
        self._records = records

    def apply(
        self, wanted: ApplyFix, running: Iterable[RunningKernel] = (), on_line: OnLine | None = None
    ) -> FixAnswer:
        """Applies the fix of a finding, or only shows it. ``running``: the kernels of this server.

        Raises BadInput (names none or several), NotFound (no such subject, or no such finding on it now),
        Conflict (nothing that can be done from here, not what was shown, a file that cannot be written).
        """
        report, about = self._subjects.look(wanted, running)
        fix, steps = _chosen(report, wanted, about)
        waiting = self._subjects.waiting(_spec_names(steps), _targets(steps))
        if not steps and wanted.kernel_id is not None:
            waiting = [wanted.kernel_id]
        answer = FixAnswer(
            code=wanted.code,
            title=fix.title,
            changes=shown(steps),
            dry_run=wanted.dry_run,
            state=state(steps),
            restart_needed=bool(waiting),
            message=restart_message(waiting) or _stays(steps),
        )
        if wanted.shown not in (None, answer.state):
            raise Conflict("Things have changed since this was shown. Look again.", reason="changed-since")
        if wanted.dry_run or not steps:
            return answer
        first = steps[0]
        if isinstance(first, RepairStep):
            return self._begun(answer, first, on_line)
        return self._done(answer, steps)

    def changes(self, fix_id: str | None) -> tuple[FixChange, ...]:
        """What a fix that was applied has changed; None: the last one. Raises NotFound, Conflict."""
        return self._records.get(fix_id).shown

    def undo(self, fix_id: str | None = None) -> FixAnswer:
        """Takes back a fix, None: the last one: what it changed is as it was, a kernel.json byte for byte
        where nothing else in it has changed since.

        Raises NotFound, and Conflict where something has been changed since; then nothing is taken back.
        """
        record = self._records.get(fix_id)
        backs = [self._back(each) for each in record.specs]
        targets = [make_target(each.kind, each.key) for each in record.pins]
        for target in targets:
            self._check_without_pin(target)
        with all_or_none(self._specs, self._pins) as doing:
            for each, current, wanted in backs:
                if wanted is None:
                    self._kernelspecs.remove_kernelspec(each.name)
                else:
                    doing.replace(each.folder, current, wanted)
            for kept in record.pins:
                doing.pin(kept, set_again=True)
            self._records.remove(record.id)
        waiting = self._subjects.waiting([each.name for each in record.specs], targets)
        told = [restart_message(waiting), record.stays]
        return FixAnswer(
            code=record.code,
            title=record.title,
            changes=tuple(
                msgspec.structs.replace(each, before=each.after, after=each.before) for each in record.shown
            ),
            id=record.id,
            undone=True,
            state="",
            restart_needed=bool(waiting),
            message=" ".join(filter(None, told)) or None,
        )

    def _done(self, answer: FixAnswer, steps: Sequence[Step]) -> FixAnswer:
        """Does the steps and notes them; where one fails, none is done."""
        record = FixRecord(
            id=new_id(),
            code=answer.code,
            title=answer.title,
            shown=answer.changes,
            specs=tuple(_spec_record(each) for each in steps if isinstance(each, SpecStep)),
            pins=tuple(
                PinRecord(kind=each.target.kind, key=each.target.key, before=str(each.before))
                for each in steps
                if isinstance(each, PinStep)
            ),
        )
        with all_or_none(self._specs, self._pins) as doing:
            for spec in record.specs:
                doing.replace(spec.folder, spec.before or b"", spec.after)
            for pin in record.pins:
                doing.pin(pin, set_again=False)
            self._records.add(record)
        return msgspec.structs.replace(answer, id=record.id)

    def _begun(self, answer: FixAnswer, step: RepairStep, on_line: OnLine | None) -> FixAnswer:
        """Begins the task; when it is done, it is noted what can be taken back."""
        fix_id = new_id()
        before: dict[str, bytes] = {}
        for spec in self._kernelspecs.specs_of(step.environment):
            before |= self._now(spec.name)
        if step.kernelspec is not None:
            before |= self._now(step.kernelspec)

        def note(written: KernelspecAnswer) -> None:
            record = FixRecord(
                id=fix_id,
                code=answer.code,
                title=answer.title,
                shown=answer.changes,
                specs=tuple(
                    SpecRecord(name=written.name, folder=folder, before=before.get(folder), after=after)
                    for folder, after in self._now(written.name).items()
                ),
                stays=_stays([step]),
            )
            try:
                self._records.add(record)
            except Refused as error:
                _log.warning("%s", error)

        if step.kernelspec is not None:
            task = self._repairs.repair(step.kernelspec, on_line, note)
        else:
            task = self._repairs.install_ipykernel(step.environment.prefix, on_line, note)
        return msgspec.structs.replace(answer, id=fix_id, task=task)

    def _now(self, name: str) -> dict[str, bytes]:
        """The kernel.json of a kernelspec, by its folder."""
        with refusing():
            spec = self._kernelspecs.spec(name)
            return {spec.folder: read_spec(name, spec.folder).data}

    def _back(self, kept: SpecRecord) -> tuple[SpecRecord, bytes, bytes | None]:
        """With the kernel.json as it is, and as it is to be; None: gone, as it was before."""
        try:
            file = read_spec(kept.name, kept.folder)
        except SpecError as error:
            raise Conflict(f"This cannot be taken back. {error}", reason="changed-since") from None
        if file.data == kept.after:
            return kept, file.data, kept.before
        env = file.document.get("env")
        entries = env if isinstance(env, dict) else {}
        for name, (_, after) in kept.changes.items():
            if entries.get(name) != after:
                raise Conflict(
                    f"{name} in the kernelspec {kept.name} has been changed since, so it is left as it is.",
                    reason="changed-since",
                    detail={"name": name},
                )
        if not kept.changes:
            raise Conflict(
                f"The kernelspec {kept.name} has been changed since, so it is left as it is.",
                reason="changed-since",
            )
        wanted = {name: before for name, (before, _) in kept.changes.items()}
        return kept, file.data, with_entries(file.document, wanted)

    def _check_without_pin(self, target: Target) -> None:
        if target.kernel_id is not None and not self._subjects.waiting((), [target]):
            raise Conflict("The kernel has ended, and its pin with it.", reason="changed-since")
        if self._pins.get(target) is not None:
            raise Conflict(
                f"The {target.kind} {target.key} has another pin by now, which is left as it is.",
                reason="changed-since",
            )


def _stays(steps: Sequence[Step]) -> str | None:
    """What is not taken back: other packages may have come to need it."""
    installs = [each for each in steps if isinstance(each, RepairStep) and each.environment.ipykernel is None]
    return f"Undo leaves ipykernel in {installs[0].environment.prefix}." if installs else None


def _chosen(report: Report, wanted: ApplyFix, about: About) -> tuple[Fix, tuple[Step, ...]]:
    """The first fix of the finding that can be applied from here, and what it does."""
    found = [
        each
        for each in report.findings
        if each.code == wanted.code and wanted.framework in (None, each.framework)
    ]
    if not found:
        raise NotFound(f"The report, made anew, has no finding {wanted.code[:60]}.", reason="no-such-finding")
    refused = Conflict(f"{wanted.code} has no fix that can be applied from here.", reason="not-automatic")
    for fix in (fix for finding in found for fix in finding.fixes if fix.automatic):
        try:
            return fix, plan(fix, about)
        except Conflict as error:
            refused = error
    raise refused


def _spec_record(step: SpecStep) -> SpecRecord:
    wanted = {name: after for name, (_, after) in step.entries.items()}
    return SpecRecord(
        name=step.file.name,
        folder=step.file.folder,
        before=step.file.data,
        after=with_entries(step.file.document, wanted),
        changes=dict(step.entries),
    )


def _spec_names(steps: Iterable[Step]) -> Iterator[str]:
    for step in steps:
        if isinstance(step, SpecStep):
            yield step.file.name


def _targets(steps: Iterable[Step]) -> list[Target]:
    return [step.target for step in steps if isinstance(step, PinStep)]
