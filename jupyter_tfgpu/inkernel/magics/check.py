"""``%tfgpu check``: the report on this kernel."""

import os
import time
from typing import Any, Dict, List, Optional, Tuple

from .. import render, reports
from ..launch import ProgramError

FRESH = 60.0
"""Seconds for which the server's report counts as one of now."""


def run(part: Any, words: List[str]) -> None:
    """Shows the server's report where it is of this minute, else one made now."""
    if words:
        raise ProgramError("Usage: %tfgpu check")
    age = _age(part.launch.report_file)
    report = part.watcher.reports.read() if age is not None and age < FRESH else None
    note = ""
    if report is None:
        report, note = _made_now(part, age)
    lead = report["summary"] if report["findings"] else ""
    display = render.bundle(report, lead, part.launch.kernel_id)
    part.shell.display_pub.publish(display, {})
    if note:
        print(note)


def _made_now(part: Any, age: Optional[float]) -> Tuple[Dict[str, Any], str]:
    """A fresh report; where there can be none, the last one, with a sentence that says so."""
    try:
        report = reports.checked(part.launch.report())
        if report is not None:
            return report, ""
        problem = "jupyter tfgpu gave no report that can be shown."
    except ProgramError as error:
        problem = str(error)
    report = part.watcher.reports.read()
    if report is None:
        raise ProgramError(problem)
    since = "" if age is None else ", {:.0f} min ago".format(age / 60)
    return report, "As it was at the kernel's start{}. {}".format(since, problem)


def _age(path: Optional[str]) -> Optional[float]:
    """Seconds since the report was written; None where there is none."""
    try:
        return None if path is None else abs(time.time() - os.stat(path).st_mtime)
    except OSError:
        return None
