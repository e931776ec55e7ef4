"""Before a cell that trains or first imports a framework: shows what the report says of it, once a cause."""

from typing import Any, Dict, List, Optional, Sequence, Set, Tuple, Union

from . import render, reports, state
from .changes import Now, as_of_now
from .device_findings import NAMES
from .extension import not_run
from .late import Visible
from .launch import Launch
from .recogniser import live
from .recogniser.recognise import Judgement, Recogniser

WAIT = 0.3
"""Seconds that the first recognised cell waits for a report that is still being made."""

PATIENCE = 10.0
"""The same where no server makes the report: it takes one to three seconds from the kernel's start, or from
``%load_ext`` on. nbclient and papermill run the cells back to back, so the first one that matters is there
long before."""

MODES = ("off", "warn", "block")


class Watcher:
    """Watches the cells of one shell. ``mode``: one of :data:`MODES`; ``allowed``: the next one that trains
    may run; ``passing``: the one that runs now was let pass, and so are the cells that it runs."""

    def __init__(self, shell: Any, launch: Launch, visible: Visible) -> None:
        self.mode = "warn"
        self.allowed = False
        self.passing = False
        self.reports: Union[reports.ReportFile, reports.OwnReport] = reports.ReportFile(launch.report_file)
        self._wait = WAIT
        by_load_ext = not launch.known and not (__package__ or "").startswith("_")
        if by_load_ext or (launch.known and launch.report_file is None):
            # This Python has our program, or that of the program that started it, which is no server.
            self.reports = reports.OwnReport(launch.report)
            self._wait = PATIENCE
        self._shell = shell
        self._launch = launch
        self._visible = visible
        self._state = state.StateFile(launch.state_file)
        self.shown: Set[Tuple[str, Optional[str]]] = set()
        self._recogniser = Recogniser(
            live=live.origin_in(shell.user_ns),
            loaded=live.loaded_packages,
            keras_backend=live.keras_backend,
        )

    def before(self, tree: Any, source: str) -> None:
        """Looks at a cell that is about to run. Raises ``InputRejected`` where it is not to."""
        if not self._recogniser.may_train(source):
            return
        judgement = self._recogniser.judge(tree)
        if not judgement.recognised:
            return
        if self.allowed:
            self.passing = True
            self.allowed = not judgement.trains
        if self.mode == "off":
            return
        found = self._found(judgement.frameworks)
        if found is None:
            return
        self._show(found, _lead(judgement))
        errors = [one for one in found["findings"] if one["severity"] == "error"]
        if self.mode == "block" and errors and not self.passing:
            raise _stopped(errors)

    def now(self) -> Now:
        """What is known of this moment beside the report."""
        seen, visible, launch = self._state.read(), self._visible, self._launch
        devices = None
        if seen is not None:
            given = None if visible.changed else launch.given
            devices = state.devices_of(seen, given, visible.value, visible.order)
        late = visible.finding()
        return Now(
            devices=devices,
            all_well=seen is not None and seen["driver"] == "ok",
            elsewhere=seen is not None and state.room_beside(seen, devices or []),
            kernel_id=launch.kernel_id,
            variable_changed=visible.changed,
            own=[late] if late is not None else [],
        )

    def _found(self, frameworks: Sequence[str]) -> Optional[reports.Report]:
        """The report as it is now with what concerns these frameworks; None: there is nothing to say."""
        report, now = self.reports.read(self._wait), self.now()
        if report is None:
            return reports.only(reports.NONE, now.own) if now.own else None
        found: Dict[Tuple[str, Optional[str]], Dict[str, Any]] = {}
        for framework in frameworks:
            for one in reports.concerning(as_of_now(report, framework, now), framework):
                found.setdefault((one["code"], one["framework"]), one)
        return reports.only(report, list(found.values())) if found else None

    def _show(self, report: reports.Report, lead: str) -> None:
        new = [one for one in report["findings"] if (one["code"], one["framework"]) not in self.shown]
        if not new:
            return
        display = render.bundle(reports.only(report, new), lead, self._launch.kernel_id)
        self._shell.display_pub.publish(display, {})
        self.shown.update((one["code"], one["framework"]) for one in new)


def _lead(judgement: Judgement) -> str:
    if judgement.trains:
        return "Before this cell trains:"
    return "Before this cell imports {}:".format(
        " and ".join(NAMES.get(one, one) for one in judgement.imports)
    )


def _stopped(errors: List[Dict[str, Any]]) -> Exception:
    """What stops the cell."""
    causes = " ".join("{} [{}].".format(one["title"].rstrip("."), one["code"]) for one in errors)
    return not_run("The cell was not run: {} To run it all the same: %tfgpu allow".format(causes))
