"""Puts our part into an IPython shell. Small: the rest is loaded when a cell first needs it."""

import threading
import time
from typing import Any, Dict, Optional

ATTRIBUTE = "_jupyter_tfgpu"
"""Where the shell keeps the part: one a shell, however often and under whatever name it is loaded."""


class Part:
    """What we keep in a kernel. ``span``: seconds that our start took; for the benchmark."""

    def __init__(self, shell: Any, content: Optional[Dict[str, Any]]) -> None:
        self.shell = shell
        self.span: Optional[float] = None
        self._content = content
        self._launch: Any = None
        self._watcher: Any = None
        self._lock = threading.Lock()
        self._source: Optional[str] = None

    @property
    def launch(self) -> Any:
        """How this kernel was started."""
        if self._launch is None:
            from .launch import Launch

            self._launch = Launch(self._content)
        return self._launch

    @property
    def watcher(self) -> Any:
        """Watches for training cells."""
        with self._lock:  # `prepare` may be at it in its thread
            if self._watcher is None:
                from .watcher import Watcher

                self._watcher = Watcher(self.shell, self.launch)
            return self._watcher

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

    def visit(self, node: Any) -> Any:
        """Entry of ``shell.ast_transformers``: looks at the cell's tree and hands it back as it is.

        Raises ``InputRejected`` where the cell is not to run; nothing else, ever.
        """
        from IPython.core.error import InputRejected

        if self._source is None:
            return node
        try:
            if self._watcher is not None or _may_train(self._source):
                self.watcher.before(node, self._source)
        except InputRejected:
            raise
        except Exception as error:
            report_failure("the check before a cell", error)
        return node

    def magic(self, line: str) -> None:
        """``%tfgpu``"""
        from .magics import run

        run(self, line)


def _may_train(source: str) -> bool:
    from .cells import may_train

    return may_train(source)


def report_failure(what: str, error: BaseException) -> None:
    """A line in the kernel's log; the user does not see it."""
    from traitlets.log import get_logger

    get_logger().warning("jupyter-tfgpu: %s failed: %r", what, error)


def load(shell: Any, content: Optional[Dict[str, Any]] = None) -> Part:
    """Puts our part into the shell, once; ``content`` is the launch file's. Returns what is in the shell."""
    present = getattr(shell, ATTRIBUTE, None)
    if present is not None:
        return present  # type: ignore[no-any-return]
    begun = time.perf_counter()
    part = Part(shell, content)
    shell.events.register("pre_run_cell", part.remember)
    shell.ast_transformers.append(part)
    shell.register_magic_function(part.magic, "line", "tfgpu")
    setattr(shell, ATTRIBUTE, part)
    if content is None or (content and not content.get("report")):
        threading.Thread(
            target=part.prepare, daemon=True
        ).start()  # %load_ext, or a program that is no server: nobody makes the report
    part.span = time.perf_counter() - begun
    return part
