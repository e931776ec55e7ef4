"""``%tfgpu check``: the report on this kernel."""

from typing import Any, List

from .. import render, reports
from ..launch import ProgramError


def run(part: Any, _words: List[str]) -> None:
    """Shows the report that is there; else has one made."""
    report = part.watcher.reports.read()
    if report is None:
        report = reports.checked(part.launch.report())
    if report is None:
        raise ProgramError("jupyter tfgpu gave no report that can be shown.")
    lead = report["summary"] if report["findings"] else ""
    display = render.bundle(report, lead, part.launch.kernel_id)
    part.shell.display_pub.publish(display, {})
