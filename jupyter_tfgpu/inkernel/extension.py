"""Puts our part into an IPython shell. Small: the rest is loaded when a cell first needs it."""

import os
import sys
import threading
import time
from typing import Any, Dict, List, Optional, Set, Tuple

ATTRIBUTE = "_jupyter_tfgpu"
"""Where the shell keeps the part: one a shell, however often and under whatever name it is loaded."""


_USE_GPUS = ("torch", "tensorflow", "jax", "mxnet", "cupy", "numba", "pycuda", "paddle", "cudf")
"""While none of these is loaded nothing has touched a GPU."""


class Part:
    """What we keep in a kernel. ``span``: seconds that our start took; for the benchmark.

    IPython calls it at three moments: before a cell is parsed (:meth:`remember`), before its tree runs
    (:meth:`visit`), and after it (:meth:`after`). A cell may run others (``%%capture``, ``%%tfgpu``): these
    are looked at too, but begin and end nothing.
    """

    def __init__(self, shell: Any, content: Optional[Dict[str, Any]]) -> None:
        self.shell = shell
        self.span: Optional[float] = None
        self._content = content
        self._at_start = os.environ.get("CUDA_VISIBLE_DEVICES")
        self._launch: Any = None
        self._visible: Any = None
        self._watcher: Any = None
        self._explaining: Any = None
        self._lock = threading.Lock()
        self._cell: Any = None
        self._source: Optional[str] = None

    @property
    def launch(self) -> Any:
        """How this kernel was started."""
        if self._launch is None:
            from .launch import Launch

            self._launch = Launch(self._content)
        return self._launch

    @property
    def visible(self) -> Any:
        """What CUDA_VISIBLE_DEVICES is here, and was when CUDA read it."""
        if self._visible is None:
            from .late import Visible

            self._visible = Visible(self._at_start)
        return self._visible

    @property
    def watcher(self) -> Any:
        """Watches for training cells."""
        with self._lock:  # `prepare` may be at it in its thread
            if self._watcher is None:
                from .watcher import Watcher

                self._watcher = Watcher(self.shell, self.launch, self.visible)
            return self._watcher

    @property
    def cell(self) -> Any:
        """IPython's ``ExecutionInfo`` of the cell that runs, the outermost; None: none does."""
        return self._cell

    @property
    def explaining(self) -> Any:
        """Explains what a cell has said when it failed."""
        if self._explaining is None:
            from .explaining import Explaining

            self._explaining = Explaining(self.shell, self.launch)
        return self._explaining

    def prepare(self) -> None:
        """Has the report made from now on, to be there before the first training cell."""
        try:
            self.watcher  # noqa: B018 - it has the report made where no server does
        except Exception as error:
            report_failure("the report on this environment", error)

    def remember(self, info: Any = None) -> None:
        """Event ``pre_run_cell``: keeps the cell's text, which the tree alone does not tell."""
        text = getattr(info, "raw_cell", None)
        self._source = text if isinstance(text, str) else None
        if self not in self.shell.ast_transformers:
            self.shell.ast_transformers.append(self)
        try:
            if any(name in sys.modules for name in _USE_GPUS):
                self.visible.look(self._source or "")
        except Exception as error:
            report_failure("the look at CUDA_VISIBLE_DEVICES", error)
        if self._cell is not None and not getattr(info, "store_history", True):
            return  # run by the cell that runs
        self._cell = info
        if self._watcher is not None:
            self._watcher.passing = False
        try:
            self.explaining.begin()
        except (Exception, KeyboardInterrupt) as error:
            report_failure("the look at what a cell says", error)

    def visit(self, node: Any) -> Any:
        """Entry of ``shell.ast_transformers``: looks at the cell's tree and hands it back as it is.

        Raises ``InputRejected`` where the cell is not to run; nothing else, ever.
        """
        from IPython.core.error import InputRejected

        try:
            if self._source is not None and (self._watcher is not None or _may_matter(self._source)):
                self.watcher.before(node, self._source)
        except InputRejected:
            raise
        except KeyboardInterrupt:
            # IPython does not expect an interrupt here; this ends the cell as the user wanted.
            raise not_run("Interrupted before the cell ran.") from None
        except Exception as error:
            report_failure("the check before a cell", error)
        finally:
            self._step_out()
        return node

    def _step_out(self) -> None:
        """Leaves ``shell.ast_transformers`` until the next cell, where nobody else is in it.

        With any transformer IPython then walks the whole tree by recursion (``ast.fix_missing_locations``):
        time for nothing, and a RecursionError for an expression so deep that only Python's own compiler,
        with its higher limit, takes it.
        """
        if len(self.shell.ast_transformers) == 1:
            self.shell.ast_transformers.remove(self)

    def after(self, result: Any = None) -> None:
        """Event ``post_run_cell``: has the cell's failure explained."""
        if self._cell is None or getattr(result, "info", None) not in (None, self._cell):
            return
        self._cell = None
        if result is None:
            return
        try:
            self.explaining.after(result)
        except (Exception, KeyboardInterrupt) as error:
            report_failure("the explanation after a cell", error)

    def magic(self, line: str, cell: Optional[str] = None) -> Any:
        """GPUs, and whether a framework can use them.

        %tfgpu                       devices and this kernel's pin
        %tfgpu check                 why a framework would not use the GPU here
        %tfgpu pin                   this kernel's pin, and the one at its next start
        %tfgpu pin PIN               another pin: all, none, auto, auto:2, auto:1,8GiB, 0, 0,2, GPU-8932f937
        %tfgpu explain [WORDS]       what the last error, or these words, mean here
        %tfgpu growth on|off         frameworks take GPU memory as they need it, or all at once
        %tfgpu limit 4GiB            the most GPU memory that a framework takes here
        %tfgpu watch off|warn|block  what happens before a training cell
        %tfgpu allow                 let the next training cell run
        %tfgpu help                  this text
        %%tfgpu                      runs the cell; then its peak memory, mean use, energy and time
        """
        from . import magics

        if cell is None:
            return magics.run(self, line)
        return magics.run_cell(self, line, cell)

    def measure(self) -> None:
        """What stands in place of ``%%tfgpu`` when the cell runs."""
        from . import magics

        magics.measure(self)

    def transform(self, lines: List[str]) -> List[str]:
        """Of ``shell.input_transformers_cleanup``: a cell under ``%%tfgpu`` runs as a cell of its own.

        As a magic's text it could not ``await``.
        """
        if not lines or not lines[0].startswith("%%tfgpu"):
            return lines
        try:
            from . import magics

            return magics.transform(self, lines)
        except Exception as error:
            report_failure("%%tfgpu", error)
            return lines

    def complete(self, _shell: Any, event: Any) -> Any:
        """Hook ``complete_command``: what may follow ``%tfgpu``."""
        try:
            from . import magics

            return magics.complete(self, event)
        except Exception as error:
            report_failure("completion", error)
            return []


def _may_matter(source: str) -> bool:
    """Whether a first cell is worth a watcher: for its words, or for what a later cell may call."""
    from .recogniser.cells import may_train

    return may_train(source) or "def " in source


def not_run(text: str) -> Exception:
    """What keeps a cell from running, shown as this text without a traceback: it is not the cell's fault."""
    from IPython.core.error import InputRejected

    class CellNotRun(InputRejected):
        def _render_traceback_(self) -> List[str]:
            return [text]

    return CellNotRun(text)


_reported: Set[Tuple[str, str]] = set()


def report_failure(what: str, error: BaseException) -> None:
    """A line in the kernel's log, once a cause; the user does not see it."""
    from traitlets.log import get_logger

    cause = (what, repr(error)[:200])
    if cause in _reported or len(_reported) > 100:
        return
    _reported.add(cause)
    get_logger().warning("jupyter-tfgpu: %s failed: %r", what, error)


def load(shell: Any, content: Optional[Dict[str, Any]] = None) -> Part:
    """Puts our part into the shell, once; ``content`` is the launch file's. Returns what is in the shell."""
    present = getattr(shell, ATTRIBUTE, None)
    if present is not None:
        return present  # type: ignore[no-any-return]
    begun = time.perf_counter()
    part = Part(shell, content)
    shell.events.register("pre_run_cell", part.remember)
    shell.events.register("post_run_cell", part.after)
    shell.register_magic_function(part.magic, "line_cell", "tfgpu")
    for name in ("%tfgpu", "%%tfgpu"):
        shell.set_hook("complete_command", part.complete, str_key=name)
    getattr(shell, "input_transformers_cleanup", []).append(part.transform)  # from IPython 7.0 on
    setattr(shell, ATTRIBUTE, part)
    if content is None or (content and not content.get("report")):
        threading.Thread(
            target=part.prepare, daemon=True
        ).start()  # %load_ext, or a program that is no server: nobody makes the report
    part.span = time.perf_counter() - begun
    return part
