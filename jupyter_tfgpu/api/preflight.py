"""Before a cell runs: whether it trains, by the recogniser of the kernels, and what stands in its way."""

from __future__ import annotations

import copy
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from ..doctor import Finding, Report
from ..inkernel import reports
from ..inkernel.changes import Now, as_of_now
from ..inkernel.recogniser import cells
from ..inkernel.recogniser.recognise import NOTHING, Judgement, Recogniser
from ..inkernel.state import StateFile, devices_of, room_beside
from ..kernels import StartedKernel
from .errors import NotFound
from .wire.preflight import BODY_LIMIT, AskPreflight, PreflightAnswer, PreflightWords

_REMEMBERED = 64
"""Notebooks, each up to one of its cells, of which it is remembered what was learnt of them."""


class Preflight:
    """Judges cells from the code alone, and says of them what their kernel does. Thread-safe; waits for
    no driver.

    ``started``: the kernel of this id, None where it was not started here. ``report``: the report on it;
    raises NotFound where there is none (yet). ``state_file``: where kernels are told what readings show.
    """

    def __init__(
        self,
        started: Callable[[str], StartedKernel | None],
        report: Callable[[str], Report],
        state_file: Path | None,
    ) -> None:
        self._started = started
        self._report = report
        self._state = StateFile(None if state_file is None else str(state_file))
        self._lock = threading.Lock()
        self._learnt: OrderedDict[bytes, Recogniser] = OrderedDict()

    def words(self) -> PreflightWords:
        """Which cells are worth a question."""
        return PreflightWords(words=tuple(cells.WORDS), longest=cells.MAX_SOURCE, limit=BODY_LIMIT)

    def ask(self, wanted: AskPreflight) -> PreflightAnswer:
        """What is to be known of a cell before it runs. Raises NotFound: the kernel was not started here."""
        start = self._started(wanted.kernel_id)
        if start is None:
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
            findings=self._findings(start, judgement),
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

    def _findings(self, start: StartedKernel, judgement: Judgement) -> tuple[Finding, ...]:
        if not judgement.frameworks:
            return ()
        try:
            report = msgspec.to_builtins(self._report(start.kernel_id))
        except NotFound:
            return ()
        now = self._now(start)
        found: dict[tuple[str, str | None], Any] = {}
        for framework in judgement.frameworks:
            for each in reports.concerning(as_of_now(report, framework, now), framework):
                found.setdefault((each["code"], each["framework"]), each)
        return msgspec.convert(tuple(found.values()), tuple[Finding, ...])

    def _now(self, start: StartedKernel) -> Now:
        """What is known of this moment; what cells have done to the kernel's variables is not."""
        seen, given, set_to = self._state.read(), start.allocation.uuids, start.variables
        devices = None
        if seen is not None:
            visible, order = set_to.get("CUDA_VISIBLE_DEVICES"), set_to.get("CUDA_DEVICE_ORDER")
            devices = devices_of(seen, None if given is None else list(given), visible, order)
        return Now(
            devices=devices,
            all_well=seen is not None and seen["driver"] == "ok",
            elsewhere=seen is not None and room_beside(seen, devices or []),
            kernel_id=start.kernel_id,
            variable_changed=False,
            own=[],
        )


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
