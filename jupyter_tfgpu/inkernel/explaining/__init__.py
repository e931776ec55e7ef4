"""After a cell that failed with an error that is known, or printed one: what it comes from here."""

import os
from typing import Any, Dict, List, Optional, Set, Tuple

from ..extension import ATTRIBUTE
from ..launch import Launch, ProgramError
from . import said

PATIENCE = 20.0
"""Seconds that an explanation may take: a driver that was not asked for long takes some of them."""


class Explaining:
    """Explains what the cells of one shell say. It runs our program, and only after a cell."""

    def __init__(self, shell: Any, launch: Launch) -> None:
        self._shell = shell
        self._launch = launch
        self._said = said.Said()
        self._starts: Optional[said.Starts] = None
        self._printed: Set[str] = set()
        self._shown: Set[Tuple[str, Optional[str]]] = set()

    def begin(self) -> None:
        """Before a cell: listens to what it prints on standard error."""
        self._said.begin()

    def after(self, result: Any) -> None:
        """After a cell: explains what it failed with or, where it did not fail, what it printed."""
        printed = self._said.end()
        error: Any = getattr(result, "error_in_exec", None)
        try:
            if _may_be_known(error):
                self._after_error(error, printed)
            elif printed and error is None:
                self._after_output(printed)
        except (ProgramError, KeyboardInterrupt):
            return  # no answer, or the user did not wait for it: there is the traceback

    def explain(self, text: str) -> List[Dict[str, Any]]:
        """The displays that explain a text, for somebody who asks. Raises ProgramError."""
        from . import shown

        return shown.whole(self._answer(text), self._launch.kernel_id)

    def _after_error(self, error: BaseException, printed: str) -> None:
        if not self._found(said.message(error)):
            return
        from . import shown

        answer = self._answer(said.shortened(printed) + "\n" + said.traceback_text(error))
        self._show(shown.after_error(answer, self._launch.kernel_id), answer)

    def _after_output(self, printed: str) -> None:
        """Once a text: a program prints its warnings again and again."""
        new = set(self._found(printed)) - self._printed
        self._printed |= new
        if not new or self._without_gpu():
            return
        from . import shown

        answer = self._answer(printed)
        known = self._shown | self._watcher().shown
        self._show(shown.after_output(answer, known, self._launch.kernel_id), answer)

    def _without_gpu(self) -> bool:
        """Whether there is no GPU in the machine: then frameworks print of it, and nothing is wrong."""
        report = self._watcher().reports.read()
        return report is not None and report["verdict"] == "cpu"

    def _watcher(self) -> Any:
        return getattr(self._shell, ATTRIBUTE).watcher

    def _found(self, text: str) -> Tuple[str, ...]:
        if self._starts is None:
            patterns = self._launch.patterns
            self._starts = said.Starts(_own_patterns() if patterns is None else patterns)
        return self._starts.found(text)

    def _answer(self, text: str) -> Dict[str, Any]:
        from . import shown

        answer = shown.checked(self._launch.explain(said.shortened(text), PATIENCE))
        if answer is None:
            raise ProgramError("jupyter tfgpu gave no explanation that can be shown.")
        return answer

    def _show(self, displays: List[Dict[str, Any]], answer: Dict[str, Any]) -> None:
        from . import shown

        for display in displays:
            self._shell.display_pub.publish(display, {})
        self._shown.update((one["code"], one["framework"]) for one in shown.findings(answer))


def _may_be_known(error: Any) -> bool:
    """Whether it is an error of the cell's program, not an interrupt or a magic's answer."""
    from IPython.core.error import UsageError

    return isinstance(error, Exception) and not isinstance(error, UsageError)


def _own_patterns() -> List[str]:
    """Those of the package that this folder lies in, where no launch file has them (``%load_ext``)."""
    package = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    try:
        with open(os.path.join(package, "doctor", "messages", "starts.txt"), encoding="utf-8") as file:
            lines = file.read().splitlines()
    except OSError:
        return []
    return [line for line in lines if line.strip() and not line.startswith("#")]
