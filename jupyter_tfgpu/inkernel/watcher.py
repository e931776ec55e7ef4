"""Before a cell that trains: shows what the report says of its framework, once a cause."""

from typing import Any, Dict, List, Optional, Set, Tuple, Union

from . import live, render, reports
from .launch import Launch
from .recognise import Recogniser

WAIT = 0.3
"""Seconds that the first training cell waits for a report that is still being made."""

PATIENCE = 10.0
"""The same where no server makes the report. nbclient and papermill run the cells back to back, so the
first one that trains is there long before the report (one to three seconds after the kernel's start), and
nobody sits waiting."""

MODES = ("off", "warn", "block")

LEADS = {
    "error": "Before this cell trains:",
    "warning": "Before this cell trains:",
    "info": "This cell trains on the CPU:",
}


class Watcher:
    """Watches the cells of one shell. ``mode``: one of :data:`MODES`; ``allowed``: the next one may run;
    ``passing``: the one that runs now was allowed, and so are the cells that it runs."""

    def __init__(self, shell: Any, launch: Launch) -> None:
        self.mode = "warn"
        self.allowed = False
        self.passing = False
        self.reports: Union[reports.ReportFile, reports.OwnReport] = reports.ReportFile(launch.report_file)
        self._wait = WAIT
        if launch.known and launch.report_file is None:
            # Started by a program that is no server: its Python has our program.
            self.reports = reports.OwnReport(launch.report)
            self._wait = PATIENCE
        elif not launch.known and not (__package__ or "").startswith("_"):
            # Loaded by %load_ext: this Python has our program, and nobody writes a report for us.
            self.reports = reports.OwnReport(launch.report)
        self._shell = shell
        self._shown: Set[Tuple[str, Optional[str]]] = set()
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
        if not judgement.trains or self.mode == "off":
            return
        report = self.reports.read(self._wait)
        if report is None:
            return
        findings = reports.concerning(report, judgement.framework)
        self._show(report, findings)
        self._block([one for one in findings if one["severity"] == "error"])

    def _show(self, report: Dict[str, Any], findings: List[Dict[str, Any]]) -> None:
        new = [one for one in findings if (one["code"], one["framework"]) not in self._shown]
        if not new:
            return
        display = render.bundle(reports.only(report, new), LEADS[new[0]["severity"]])
        self._shell.display_pub.publish(display, {})
        self._shown.update((one["code"], one["framework"]) for one in new)

    def _block(self, errors: List[Dict[str, Any]]) -> None:
        if self.allowed:
            self.allowed, self.passing = False, True
        if self.mode != "block" or not errors or self.passing:
            return
        from IPython.core.error import InputRejected

        raise InputRejected(
            "The cell was not run: {} To run it all the same: %tfgpu allow".format(
                " ".join("{} [{}].".format(one["title"].rstrip("."), one["code"]) for one in errors)
            )
        )
