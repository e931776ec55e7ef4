"""Before a cell runs: whether it trains, by the recogniser of the kernels, and what stands in its way."""

from __future__ import annotations

import copy
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from ..doctor import Finding, Report
from ..inkernel import cells, reports
from ..inkernel.recognise import NOTHING, Judgement, Recogniser
from .errors import NotFound
from .wire.preflight import BODY_LIMIT, AskPreflight, PreflightAnswer, PreflightWords

_REMEMBERED = 64
"""Notebooks, each up to one of its cells, of which it is remembered what was learnt of them."""


class Preflight:
    """Judges cells from the code alone. Thread-safe; it reads no disk and waits for no driver.

    ``started``: the kernel of this id, None where it was not started here. ``report``: the report on it;
    raises NotFound where there is none (yet).
    """

    def __init__(self, started: Callable[[str], object], report: Callable[[str], Report]) -> None:
        self._started = started
        self._report = report
        self._lock = threading.Lock()
        self._learnt: OrderedDict[bytes, Recogniser] = OrderedDict()

    def words(self) -> PreflightWords:
        """Which cells are worth a question."""
        return PreflightWords(words=tuple(cells.WORDS), longest=cells.MAX_SOURCE, limit=BODY_LIMIT)

    def ask(self, wanted: AskPreflight) -> PreflightAnswer:
        """What is to be known of a cell before it runs. Raises NotFound: the kernel was not started here."""
        if self._started(wanted.kernel_id) is None:
            raise NotFound(
                f"No kernel {wanted.kernel_id[:60]} was started from here.",
                reason="no-such-kernel",
                detail={"field": "kernel_id"},
            )
        judgement = self._judge(wanted.code, wanted.earlier)
        return PreflightAnswer(
            trains=judgement.trains,
            framework=judgement.framework,
            imports=judgement.imports,
            findings=self._findings(wanted.kernel_id, judgement),
        )

    def _judge(self, code: str, earlier: Sequence[str]) -> Judgement:
        """The judgement on a cell below others. Of those only what is new is judged: mostly nothing."""
        marks = _marks(earlier)
        with self._lock:
            known = next((n for n in range(len(marks), 0, -1) if marks[n - 1] in self._learnt), 0)
            above = self._learnt[marks[known - 1]] if known else Recogniser()
            if known < len(earlier):
                above = copy.deepcopy(above)
                for source in earlier[known:]:
                    _learn(above, source)
                self._remember(marks[-1], above)
            below = copy.deepcopy(above)
            judgement = _learn(below, code)
            # The cell that runs next is mostly the next one.
            self._remember(_marks([code], marks[-1] if marks else b"")[-1], below)
        return judgement

    def _remember(self, mark: bytes, learnt: Recogniser) -> None:
        self._learnt[mark] = learnt
        self._learnt.move_to_end(mark)
        while len(self._learnt) > _REMEMBERED:
            self._learnt.popitem(last=False)

    def _findings(self, kernel_id: str, judgement: Judgement) -> tuple[Finding, ...]:
        concerned = (judgement.framework,) if judgement.trains else judgement.imports
        if not concerned:
            return ()
        try:
            report = msgspec.to_builtins(self._report(kernel_id))
        except NotFound:
            return ()
        chosen = [each for name in concerned for each in reports.concerning(report, name)]
        return tuple(msgspec.convert(each, Finding) for each in _once(chosen))


def _learn(recogniser: Recogniser, source: str) -> Judgement:
    """As the watcher in the kernel does it: a cell without any of the words is not looked at."""
    return recogniser.judge_source(source) if recogniser.may_train(source) else NOTHING


def _marks(sources: Iterable[str], above: bytes = b"") -> list[bytes]:
    """For each cell a mark of it and of all above it."""
    marks = []
    for source in sources:
        above = hashlib.blake2b(above + source.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        marks.append(above)
    return marks


def _once(findings: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without those that concern several of the frameworks a second time."""
    return list({(each["code"], each["framework"]): each for each in findings}.values())
