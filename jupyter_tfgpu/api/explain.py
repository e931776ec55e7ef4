"""What an error message or a log means: in a kernel, an environment or a kernelspec."""

from __future__ import annotations

import codecs
import locale
from collections.abc import Callable, Iterable

import msgspec

from ..doctor import TEXT_LIMIT, Explanation, Report, explain
from ..kernels import StartedKernel
from .catalogue import Catalogue
from .errors import BadInput, NotFound
from .fix_subjects import FixSubjects
from .wire import ExplainText

FILE_LIMIT = 64 * TEXT_LIMIT
"""Bytes of a log's file: of a long one its beginning and end are read."""

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""How a file begins that says how it is written. Windows PowerShell writes UTF-16 where it redirects."""


class Explainer:
    """Explains texts. ``started``: the running kernels, of other programs too."""

    def __init__(
        self,
        catalogue: Catalogue,
        fixable: FixSubjects,
        started: Callable[[], Iterable[StartedKernel]],
    ) -> None:
        self._catalogue = catalogue
        self._fixable = fixable
        self._started = started

    def ask(self, wanted: ExplainText) -> Explanation:
        """The answer to a request: for a kernel where one is named, else for the environment that we run in.

        Raises BadInput (no text, or too much of it), NotFound (no such kernel, or not started from here).
        """
        _check(wanted.text)
        if wanted.kernel_id is None:
            return self.in_environment(wanted.text, None, None)
        start = next((each for each in self._started() if each.kernel_id == wanted.kernel_id), None)
        if start is None:
            raise NotFound(
                f"No kernel {wanted.kernel_id[:60]} was started from here.",
                reason="no-such-kernel",
                detail={"field": "kernel_id"},
            )
        made = explain(wanted.text, self._catalogue.snapshot_of_start(start))
        return _settled(made, lambda report: self._fixable.of_start(report, start))

    def in_environment(self, text: str, env: str | None, kernelspec: str | None) -> Explanation:
        """What it means in an environment, a kernelspec or, with neither, the environment that we run in."""
        made = explain(text, self._catalogue.facts(env, kernelspec))
        return _settled(made, lambda report: self._fixable.of_choice(report, env, kernelspec))

    def in_process(self, text: str, pid: int, env: str | None) -> Explanation:
        """What it means in a running process of this environment that has us run with its variables."""
        start = next((each for each in self._started() if each.pid == pid), None)
        made = explain(text, self._catalogue.snapshot_of_process(pid, env, start))
        if start is None:
            return _settled(made, lambda report: self._fixable.of_choice(report, env, None))
        return _settled(made, lambda report: self._fixable.of_start(report, start))


def decoded(data: bytes) -> str:
    """The text of a log's file, whatever wrote it. Raises BadInput: too large, empty, or no text."""
    if len(data) > FILE_LIMIT:
        raise BadInput(f"The text has more than {FILE_LIMIT} bytes.", reason="too-large")
    encoding = next((name for mark, name in _MARKS.items() if data.startswith(mark)), None)
    if encoding is None and b"\0" in data:
        raise BadInput("This is no text: it holds zero bytes.", reason="no-text")
    text = _as_text(data, encoding)
    _check_not_empty(text)
    return text


def _as_text(data: bytes, encoding: str | None) -> str:
    if encoding is not None:
        return data.decode(encoding, errors="replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        # An old program's, in the encoding of this system, which is no worse a guess than another.
        return data.decode(locale.getpreferredencoding(do_setlocale=False), errors="replace")


def _check(text: str) -> None:
    if len(text) > TEXT_LIMIT:
        raise BadInput(
            f"The text has {len(text)} characters, and at most {TEXT_LIMIT} are read.",
            reason="too-large",
            detail={"field": "text"},
        )
    _check_not_empty(text)


def _check_not_empty(text: str) -> None:
    if not text.strip():
        raise BadInput("There is no text to explain.", reason="no-text", detail={"field": "text"})


def _settled(made: Explanation, settle: Callable[[Report], Report]) -> Explanation:
    """With ``automatic`` only at fixes that can be applied from here, as in a report."""
    every = Report(verdict="ok", summary="", findings=(*made.findings, *made.others))
    findings = settle(every).findings
    own = len(made.findings)
    return msgspec.structs.replace(made, findings=findings[:own], others=findings[own:])
