"""The report on this kernel, a server's or our own: read, checked, and what of it concerns a cell."""

import json
import logging
import threading
import time
from typing import Any, Callable, Dict, List, Optional

from .watched import MAX_SIZE, WatchedFile

log = logging.getLogger("jupyter_tfgpu")

SCHEMA = "tfgpu.report/1"
SEVERITIES = ("error", "warning", "info")
VERDICTS = ("ok", "degraded", "broken", "cpu")
PLACES = ("kernelspec", "terminal", "notebook", "host")

Report = Dict[str, Any]

NONE: Report = {
    "schema": SCHEMA,
    "verdict": "degraded",
    "summary": "",
    "framework": None,
    "environment": None,
    "findings": [],
    "simulated": False,
}
"""Stands for a report that there is not (yet), around what the kernel itself has found."""


class ReportFile:
    """The report at a path, read again when the file has changed."""

    def __init__(self, path: Optional[str]) -> None:
        self._file = WatchedFile(path, decode)
        self._waited = False

    def read(self, wait: float = 0.0) -> Optional[Report]:
        """The report; None where there is none yet, or none that is fit to be shown.

        ``wait``: seconds to wait for one that is being made, the first time only: a report that was not
        there in time is not worth a delay in every cell.
        """
        report: Optional[Report] = self._file.read()
        until = time.time() + (0.0 if self._waited or self._file.path is None else wait)
        while report is None and time.time() < until:
            self._waited = True
            time.sleep(0.02)
            report = self._file.read()
        return report


class OwnReport:
    """A report that our program makes in the background from now on, where no server writes one.

    ``ask``: has it made and gives its JSON; may raise.
    """

    def __init__(self, ask: Callable[[], Any]) -> None:
        self._report: Optional[Report] = None
        self._waited = False
        self._asker = threading.Thread(target=self._make, args=(ask,), daemon=True)
        self._asker.start()

    def _make(self, ask: Callable[[], Any]) -> None:
        try:
            self._report = checked(ask())
        except Exception as error:
            log.debug("no report on this environment: %r", error)

    def read(self, wait: float = 0.0) -> Optional[Report]:
        """The report; None where it is not made yet, or cannot be.

        ``wait``: seconds to wait for it, the first time only, as :meth:`ReportFile.read` does.
        """
        if self._report is None and wait and not self._waited:
            self._waited = True
            self._asker.join(wait)
        return self._report


def decode(data: bytes) -> Optional[Report]:
    """The report in these bytes, with the fields we know and nothing else; None where it is no report."""
    if len(data) > MAX_SIZE:
        return None
    try:
        content = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    return checked(content)


def checked(content: Any) -> Optional[Report]:
    """The report with the fields we know, each of its type; None where it is no report."""
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        return None
    if content.get("verdict") not in VERDICTS or not isinstance(content.get("findings"), list):
        return None
    framework = content.get("framework")
    environment = content.get("environment")
    return {
        "schema": SCHEMA,
        "verdict": content["verdict"],
        "summary": text(content.get("summary")),
        "framework": _names(framework, "name", "version") if isinstance(framework, dict) else None,
        "environment": _names(environment, "name", "prefix") if isinstance(environment, dict) else None,
        "findings": [one for one in map(finding, content["findings"][:100]) if one is not None],
        "simulated": content.get("simulated") is True,
    }


def finding(content: Any) -> Optional[Dict[str, Any]]:
    """The finding with the fields we know, each of its type; None where it is none."""
    if not isinstance(content, dict) or content.get("severity") not in SEVERITIES:
        return None
    if not text(content.get("code")) or not text(content.get("title")):
        return None
    fixes = content.get("fixes")
    return {
        "code": text(content["code"]),
        "severity": content["severity"],
        "framework": text(content.get("framework")) or None,
        "title": text(content["title"]),
        "detail": text(content.get("detail")),
        "evidence": _texts(content.get("evidence")),
        "fixes": [_fix(one) for one in fixes[:20] if isinstance(one, dict)]
        if isinstance(fixes, list)
        else [],
    }


def _fix(content: Dict[str, Any]) -> Dict[str, Any]:
    where = content.get("where")
    return {
        "title": text(content.get("title")),
        "commands": _texts(content.get("commands")),
        "where": where if where in PLACES else "terminal",
        "automatic": content.get("automatic") is True,
    }


def _names(content: Dict[str, Any], *names: str) -> Dict[str, Optional[str]]:
    return {name: text(content.get(name)) or None for name in names}


def _texts(content: Any) -> List[str]:
    return [text(one) for one in (content if isinstance(content, list) else [])[:50] if text(one)]


def text(content: Any) -> str:
    """The text without control characters, of a length that can be read."""
    if not isinstance(content, str):
        return ""
    return "".join(c for c in content[:4000] if c == "\n" or c.isprintable())


def concerning(report: Report, framework: Optional[str]) -> List[Dict[str, Any]]:
    """The findings to show before a cell that uses this framework (None: not known which): errors and
    warnings, in the report's order."""
    return [
        one
        for one in report["findings"]
        if one["severity"] in ("error", "warning")
        and (framework is None or one["framework"] in (None, framework))
    ]


def only(report: Report, findings: List[Dict[str, Any]]) -> Report:
    """The report with these findings alone, and the verdict that they come to."""
    return dict(report, findings=findings, verdict=_verdict(report, findings))


def _verdict(report: Report, findings: List[Dict[str, Any]]) -> str:
    """As the doctor reaches it, where the findings are others than the report's."""
    if findings == report["findings"]:
        return report["verdict"]  # type: ignore[no-any-return]
    severities = [one["severity"] for one in findings]
    if "error" in severities:
        return "broken"
    return "degraded" if "warning" in severities else "ok"
