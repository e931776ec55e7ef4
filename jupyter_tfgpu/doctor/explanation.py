"""What a text means here: the answer of ``jupyter tfgpu explain``."""

from __future__ import annotations

from typing import Literal

import msgspec

from .report import Finding, JudgedEnvironment, JudgedFramework

TEXT_LIMIT = 1024 * 1024
"""Characters of a text that are read: of a longer one its beginning and its end, where a program's start and
its last error stand."""

LineKind = Literal["cause", "hint", "harmless", "note"]


class ExplainedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line that is known.

    ``kind``: a ``cause`` tells alone what is wrong, a ``hint`` has several causes, ``harmless`` means that
    nothing is wrong, a ``note`` only states something. ``number``: of its line in the text, from 1;
    ``times``: how often such a line is there. ``codes``: what it can stand for. ``here``: what the facts of
    this machine say to it. ``framework``: whose message it is, where it tells.
    """

    number: int
    line: str
    times: int
    kind: LineKind
    meaning: str
    here: str | None = None
    codes: tuple[str, ...] = ()
    framework: str | None = None


class MemoryHolder(msgspec.Struct, frozen=True, kw_only=True):
    """A process with memory on a GPU; ``memory`` in bytes. ``this_kernel``: the one that was asked about."""

    pid: int | None = None
    memory: int | None = None
    kernel_id: str | None = None
    notebook: str | None = None
    this_kernel: bool | None = None


class MemoryUse(msgspec.Struct, frozen=True, kw_only=True):
    """A GPU's memory in bytes, and who holds it, most first; None: not known. ``in_use``: the framework is
    given it."""

    index: int | None = None
    name: str | None = None
    total: int | None = None
    free: int | None = None
    holders: tuple[MemoryHolder, ...] | None = None
    in_use: bool | None = None


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """``findings``: what the text comes from, root cause first. ``others``: what is wrong here beside it.

    ``lines``: those that are known, in order; none: nothing in the text is known. ``unknown``: lines that
    look like errors and are not. ``memory``: where the text speaks of memory, who holds it, and ``advice``:
    what would leave more of it.
    """

    schema: Literal["tfgpu.explanation/1"] = "tfgpu.explanation/1"
    summary: str
    framework: JudgedFramework | None = None
    environment: JudgedEnvironment | None = None
    findings: tuple[Finding, ...] = ()
    lines: tuple[ExplainedLine, ...] = ()
    unknown: tuple[str, ...] = ()
    memory: tuple[MemoryUse, ...] | None = None
    advice: tuple[str, ...] = ()
    others: tuple[Finding, ...] = ()
    simulated: bool = False
