"""What a page asks before a cell runs."""

from __future__ import annotations

import msgspec

from ...doctor.report import Finding

BODY_LIMIT = 1024 * 1024
"""Bytes of a question at most."""


class AskPreflight(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of ``POST preflight``: a cell that is about to run in a kernel, and the sources of the code cells
    above it, the first one first. Together at most :data:`BODY_LIMIT`."""

    kernel_id: str
    code: str
    earlier: tuple[str, ...] = ()


class PreflightAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be known before a cell runs.

    ``trains``: it trains, with ``framework`` (None: not known which, or it does not). ``imports``: the
    frameworks that it imports and no cell above does. ``findings``: what the report on the kernel says of
    these, errors and warnings, as it is now; none for a cell that neither trains nor imports one.
    """

    trains: bool
    framework: str | None = None
    imports: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


class PreflightWords(msgspec.Struct, frozen=True, kw_only=True):
    """Which cells are worth the question: those with one of ``words`` in them, or with the name of a
    function from such a cell, and at most ``longest`` characters. ``limit``: bytes that a body may have."""

    words: tuple[str, ...]
    longest: int
    limit: int
