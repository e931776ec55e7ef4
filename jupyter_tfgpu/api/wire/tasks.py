"""Work that takes a while."""

from __future__ import annotations

from typing import Literal

import msgspec


class TaskAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Work that takes a while. ``progress``: 0-1, None: not known. ``log``: its last lines, at most 200.

    ``message``: why it failed, or a sentence on what was done. ``kernelspec``, ``environment``: what it is
    for. ``cancellable``: whether it can still be cancelled with nothing left half-made.
    """

    schema: Literal["tfgpu.task/1"] = "tfgpu.task/1"
    id: str
    kind: Literal["repair", "install-ipykernel"]
    title: str
    state: Literal["running", "done", "failed", "cancelled"]
    progress: float | None
    cancellable: bool
    log: tuple[str, ...] = ()
    message: str | None = None
    kernelspec: str | None = None
    environment: str | None = None


class TasksAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The tasks that run or wait, and those that ended last, in the order in which they were begun."""

    schema: Literal["tfgpu.tasks/1"] = "tfgpu.tasks/1"
    tasks: tuple[TaskAnswer, ...]
