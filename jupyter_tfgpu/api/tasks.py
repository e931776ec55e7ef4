"""Work that takes a while, done in threads of its own: begun, followed, cancelled, remembered for a while."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Literal

from ..kernels.specs.install_ipykernel import Cancelled
from .errors import Conflict, NotFound, Refused
from .wire import TaskAnswer, TasksAnswer

AT_ONCE = 2
KEPT = 20
"""Tasks that have ended and can still be asked for."""
LINES = 200
LONGEST_LINE = 2000
"""Characters kept of a line of output."""
PACE = 0.2
"""Seconds between two messages on one task; how it ended is told at once."""
PATIENCE = 30.0
"""Seconds that the end of the program waits for a step that must not be cut short."""

Kind = Literal["repair", "install-ipykernel"]
Told = Callable[[TaskAnswer], None]


class Task:
    """One task. What does its work is handed it, says how far it is, and asks whether to go on."""

    def __init__(
        self, tasks: Tasks, kind: Kind, title: str, kernelspec: str | None, environment: str | None
    ) -> None:
        self.id = secrets.token_hex(6)
        self.title = title
        self.kind: Kind = kind
        self.kernelspec = kernelspec
        self.environment = environment
        self.state: Literal["running", "done", "failed", "cancelled"] = "running"
        self.message: str | None = None
        self.on_line: Callable[[str], None] | None = None
        self._tasks = tasks
        self._log: deque[str] = deque(maxlen=LINES)
        self._progress: float | None = None
        self._wanted_off = threading.Event()
        self._committed = False
        self._lock = threading.Lock()

    @property
    def cancelled(self) -> bool:
        """Whether somebody wants it to end; it does so by raising :class:`Cancelled`."""
        return self._wanted_off.is_set()

    def log(self, line: str) -> None:
        """A line for who follows it."""
        line = line.rstrip()[:LONGEST_LINE]
        self._log.append(line)
        if self.on_line is not None:
            self.on_line(line)
        self._tasks.changed(self)

    def commit(self) -> None:
        """From here on it cannot be cancelled. Raises Cancelled where that was wanted before."""
        with self._lock:
            if self._wanted_off.is_set():
                raise Cancelled
            self._committed = True
        self._tasks.changed(self)

    def cancel(self) -> bool:
        """Asks it to end. False: it is past that."""
        with self._lock:
            if not self._committed:
                self._wanted_off.set()
            return not self._committed

    def end(self, state: Literal["done", "failed", "cancelled"], message: str | None) -> None:
        with self._lock:
            self._committed = True
            self.state, self.message = state, message
            if state == "done":
                self._progress = 1.0

    def answer(self) -> TaskAnswer:
        with self._lock:  # nobody hears that it has ended without how
            return self._answer()

    def _answer(self) -> TaskAnswer:
        return TaskAnswer(
            id=self.id,
            kind=self.kind,
            title=self.title,
            state=self.state,
            progress=self._progress,
            cancellable=self.state == "running" and not self._committed and not self.cancelled,
            log=tuple(self._log.copy()),
            message=self.message,
            kernelspec=self.kernelspec,
            environment=self.environment,
        )


Work = Callable[[Task], str]
"""Does a task. Returns a sentence on what was done; raises Cancelled, Refused (the sentence on why not)."""


class Tasks:
    """All tasks of this program; may be used from several threads.

    Two run at once, and no two of one environment; the others wait. Nothing survives the program's end:
    see :meth:`close`.
    """

    def __init__(self, log: logging.Logger) -> None:
        self._logger = log
        self._lock = threading.Lock()
        self._tasks: dict[str, Task] = {}
        self._waiting: deque[tuple[Task, Work]] = deque()
        self._running: dict[Task, threading.Thread] = {}
        self._followers: list[Told] = []
        self._telling = threading.Lock()
        self._told_at: dict[Task, float] = {}
        self._timers: dict[Task, threading.Timer] = {}
        self._closed = False

    def follow(self, told: Told) -> None:
        """``told`` is called with every task that changes, from any thread, at most 5 times a second each."""
        self._followers.append(told)

    def start(
        self,
        kind: Kind,
        title: str,
        work: Work,
        *,
        kernelspec: str | None = None,
        environment: str | None = None,
        on_line: Callable[[str], None] | None = None,
    ) -> TaskAnswer:
        """Begins a task, or answers with the one that does the same already. ``on_line``: gets its lines.

        Raises Conflict where the program is ending.
        """
        with self._lock:
            if self._closed:
                raise Conflict("The server is stopping.", reason="stopping")
            for task in self._tasks.values():
                same = (task.kind, task.kernelspec, task.environment) == (kind, kernelspec, environment)
                if same and task.state == "running" and not task.cancelled:
                    return task.answer()
            task = Task(self, kind, title, kernelspec, environment)
            task.on_line = on_line
            self._tasks[task.id] = task
            self._waiting.append((task, work))
            self._begin_next()
            waits = task not in self._running
        if waits:
            task.log("Waiting for another task to end.")
        self.changed(task)
        return task.answer()

    def all(self) -> TasksAnswer:
        with self._lock:
            return TasksAnswer(tasks=tuple(task.answer() for task in self._tasks.values()))

    def get(self, task_id: str) -> TaskAnswer:
        """Raises NotFound."""
        return self._task(task_id).answer()

    def cancel(self, task_id: str) -> TaskAnswer:
        """Asks a task to end; it is told when it has. Raises NotFound, Conflict (it has, or is past that)."""
        task = self._task(task_id)
        with self._lock:
            if task.state != "running":
                raise Conflict(f"“{task.title}” has ended already.", reason="task-ended")
            if not task.cancel():
                raise Conflict(
                    f"“{task.title}” has begun to write, which takes a moment and cannot be cut short.",
                    reason="task-not-cancellable",
                )
            waiting = any(task is each for each, _ in self._waiting)
            if waiting:
                self._waiting = deque(pair for pair in self._waiting if pair[0] is not task)
                task.end("cancelled", "It was cancelled before it began.")
        self.changed(task)
        return task.answer()

    def close(self) -> None:
        """Ends all: those that can be cancelled at once, the others within half a minute."""
        with self._lock:
            self._closed = True
            waiting, self._waiting = self._waiting, deque()
            running = dict(self._running)
        for task, _ in waiting:
            task.cancel()
            task.end("cancelled", "The server was stopped.")
        for task in running:
            task.cancel()
        ends = time.monotonic() + PATIENCE
        for thread in running.values():
            thread.join(max(0.0, ends - time.monotonic()))
        with self._lock:
            timers, self._timers = self._timers, {}
        for timer in timers.values():
            timer.cancel()

    def changed(self, task: Task) -> None:
        """Tells the followers: now, or when they were last told of it long enough ago."""
        with self._lock:
            if task.state == "running":
                wait = self._told_at.get(task, -PACE) + PACE - time.monotonic()
                if task in self._timers or self._closed:
                    return
                if wait > 0:
                    timer = self._timers[task] = threading.Timer(wait, self._tell_late, (task,))
                    timer.daemon = True
                    timer.start()
                    return
            self._told_at[task] = time.monotonic()
        self._tell(task)

    def _tell_late(self, task: Task) -> None:
        with self._lock:
            if self._timers.pop(task, None) is None or task.state != "running":
                return
            self._told_at[task] = time.monotonic()
        self._tell(task)

    def _tell(self, task: Task) -> None:
        # One at a time, and as it is now: nobody hears that it runs after having heard that it has ended.
        with self._telling:
            answer = task.answer()
            for told in self._followers:
                told(answer)

    def _task(self, task_id: str) -> Task:
        with self._lock:
            task = self._tasks.get(task_id)
        if task is None:
            raise NotFound(f"There is no task {task_id[:40]}.", reason="no-such-task")
        return task

    def _begin_next(self) -> None:
        """Begins those that may run now, in their order. The lock is held."""
        for pair in list(self._waiting):
            task, work = pair
            busy = {each.environment for each in self._running if each.environment is not None}
            if len(self._running) < AT_ONCE and task.environment not in busy and not self._closed:
                self._waiting.remove(pair)
                # A daemon: a program that waits for a network for ever does not keep ours from ending.
                thread = threading.Thread(
                    target=self._run, args=(task, work), name=f"tfgpu-task-{task.id}", daemon=True
                )
                self._running[task] = thread
                thread.start()

    def _run(self, task: Task, work: Work) -> None:
        try:
            task.end("done", work(task))
        except Cancelled:
            task.end("cancelled", "It was cancelled; nothing was changed.")
        except Refused as error:
            task.end("failed", str(error))
        except Exception:
            self._logger.exception("tfgpu: the task %r failed", task.title)
            task.end("failed", "It failed for a reason that was not foreseen; the server's log says where.")
        with self._lock:
            del self._running[task]
            self._forget_old()
            self._begin_next()
        self.changed(task)

    def _forget_old(self) -> None:
        ended = [task for task in self._tasks.values() if task.state != "running"]
        for task in ended[:-KEPT]:
            del self._tasks[task.id]
            self._told_at.pop(task, None)


__all__ = ["Task", "Tasks", "Work"]
