"""``%%tfgpu``: runs the cell, then shows what it took of this kernel's devices.

The cell's first line becomes a call that begins to measure, and IPython's own end of the cell ends it: so the
rest runs just as without us, with its ``await``, its errors and its line numbers.
"""

import time
from typing import Any, List, Optional

from ..extension import report_failure
from . import measured
from .readings import Readings

FIRST = 5.0
"""Seconds that the cell waits for the first reading. Our program takes about half a second to start, and a
driver that nobody uses up to three for its first answer."""

LAST = 2.0
"""Seconds that the end waits for a reading of after it."""

CALL = "get_ipython()._jupyter_tfgpu.measure()\n"


def transform(part: Any, lines: List[str]) -> List[str]:
    """The cell's lines with :data:`CALL` for its first.

    A cell without a body, or with words behind the magic's name, is left to :func:`run_cell`, which refuses
    it; so is one with a ``__future__`` import, before which there may be no call.
    """
    body = lines[1:]
    if lines[0].split() != ["%%tfgpu"] or not "".join(body).strip():
        return lines
    if any(line.startswith("from __future__") for line in body):
        return lines
    if "".join(body).lstrip().startswith("%%"):
        # A cell magic is one only at its cell's beginning.
        body = part.shell.transform_cell("".join(body).lstrip()).splitlines(True)
    return [CALL] + body


def run_cell(part: Any, cell: str) -> None:
    """The same for text that is no cell. Raises what it raises."""
    measurement = Measurement(part)
    try:
        measurement.begin()
        tree = part.shell.compile.ast_parse(part.shell.transform_cell(cell), filename="<%%tfgpu>")
        code = compile(part.shell.transform_ast(tree), "<%%tfgpu>", "exec")
        exec(code, part.shell.user_global_ns, part.shell.user_ns)  # noqa: S102 - what the user asked for
    finally:
        measurement.end()


def begin(part: Any) -> None:
    """Measures until the cell that runs has ended."""
    measurement = Measurement(part)
    info = part.cell

    def ended(result: Any = None) -> None:
        if info is not None and getattr(result, "info", info) is not info:
            return  # the end of a cell that this one ran
        part.shell.events.unregister("post_run_cell", ended)
        measurement.end()

    part.shell.events.register("post_run_cell", ended)
    measurement.begin()


class Measurement:
    """One cell's. Raises nothing but KeyboardInterrupt: without readings the cell runs, and that is said."""

    def __init__(self, part: Any) -> None:
        self._part = part
        self._figures = measured.figures_of(part.launch)
        self._readings: Optional[Readings] = None
        self._problem = ""
        self._begun = time.time()
        self._clock = time.perf_counter()

    def begin(self) -> None:
        """Has the devices read from now on, and waits for the first reading."""
        try:
            self._readings = Readings(self._part.launch, self._figures)
            if not self._readings.wait(0.0, FIRST):
                self._problem = self._readings.problem() or "The driver has not answered yet."
        except OSError as error:
            self._problem = "jupyter tfgpu cannot be run: {}.".format(error.strerror)
        except Exception as error:
            report_failure("measuring a cell", error)
        self._begun = time.time()
        self._clock = time.perf_counter()
        self._figures.begin(self._begun)

    def end(self) -> None:
        """Shows the figures."""
        seconds = time.perf_counter() - self._clock
        try:
            ended = self._begun + seconds
            if self._readings is not None:
                self._readings.wait(ended, LAST)
                self._readings.close()
            display = measured.display(self._figures, self._begun, ended, self._part)
            self._part.shell.display_pub.publish(display, {})
            if self._figures.answer is None and self._problem:
                print(self._problem)
        except (Exception, KeyboardInterrupt) as error:
            report_failure("the figures of a cell", error)
        finally:
            if self._readings is not None:
                self._readings.close()
