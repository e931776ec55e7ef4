"""Why would a framework not use the GPU? Facts in (:class:`Snapshot`), findings out (:class:`Report`).

- ``scan(machine, prefix, reading=…) -> Snapshot``: collects the facts, all of them read as data;
- ``with_reading(machine, snapshot, reading)``: the same at another Reading;
- ``sources_of(machine, snapshot)``: the paths that the facts came from;
- ``diagnose(snapshot, framework=None) -> Report``: a pure function, root cause first;
- ``explain(text, snapshot) -> Explanation``: what a traceback or a log means with these facts;
- ``decode_snapshot(data) -> Snapshot``, or ``SnapshotError`` with the path of the first wrong field;
- ``that_matter(variables) -> dict``: those that decide what a framework does with a GPU;
- ``redact(snapshot, names=personal_names(machine)) -> Snapshot``: without names, fit for a bug report.

Inside: ``rules`` (one module a theme), ``order`` (the order of causes and what explains what), ``knowledge``
(tables with sources), ``messages`` (what programs print, and what it means), ``fixes`` (commands for an
environment's own tool), ``scan`` (a module a kind of fact).
"""

from __future__ import annotations

from collections.abc import Iterable

from ..machine import Machine
from .decoding import SNAPSHOT_LIMIT, SnapshotError, decode_snapshot
from .explanation import TEXT_LIMIT, Explanation
from .report import Finding, Fix, Report, Severity, Verdict
from .scan import scan, sources_of, with_reading
from .scan.variables import that_matter
from .snapshot import KernelspecFacts, OtherEnvironment, Snapshot

__all__ = [
    "SNAPSHOT_LIMIT",
    "TEXT_LIMIT",
    "Explanation",
    "Finding",
    "Fix",
    "KernelspecFacts",
    "OtherEnvironment",
    "Report",
    "Severity",
    "Snapshot",
    "SnapshotError",
    "Verdict",
    "decode_snapshot",
    "diagnose",
    "explain",
    "personal_names",
    "redact",
    "scan",
    "sources_of",
    "that_matter",
    "with_reading",
]


# With the first call, not with the import: a Jupyter server starts without the rules, tables and patterns.


def diagnose(snapshot: Snapshot, framework: str | None = None) -> Report:
    """The findings on a snapshot, root cause first, and the verdict.

    ``framework``: the one to judge; without it the snapshot's own choice, and without that all that are
    installed, each finding with its framework.
    """
    from . import diagnosis

    return diagnosis.diagnose(snapshot, framework)


def explain(text: str, snapshot: Snapshot) -> Explanation:
    """What this text, printed in this environment, comes from. Pure, as a diagnosis is."""
    from . import explaining

    return explaining.explain(text, snapshot)


def redact(snapshot: Snapshot, *, names: Iterable[str] = ()) -> Snapshot:
    """The snapshot without user, host and notebook names, kernel and container ids; the diagnosis stays.

    ``names``: further words to take out.
    """
    from . import redaction

    return redaction.redact(snapshot, names=names)


def personal_names(machine: Machine) -> tuple[str, ...]:
    """What this user and this machine are called: for ``names`` of :func:`redact`."""
    from . import redaction

    return redaction.personal_names(machine)
