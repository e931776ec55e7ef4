"""The order of root causes, and what explains what. The only place that holds either.

A new rule needs a place in ``ORDER``, and a line in ``EXPLAINS`` where its cause makes others follow.
"""

from __future__ import annotations

ORDER: tuple[str, ...] = (
    # Which environment
    "wrong-environment",
    "framework-missing",
    # Can this build use a GPU at all: an impossible build comes before a missing driver
    "cpu-only-build",
    # Is there a GPU, and does its driver answer
    "no-gpu",
    "driver-missing",
    "driver-not-loaded",
    "driver-library-mismatch",
    "driver-too-old",
    # What the build has to load
    "cuda-missing",
)
"""Codes, root cause first: the fix of an earlier one has to come first."""

_DRIVER = frozenset({"driver-missing", "driver-not-loaded", "driver-library-mismatch", "driver-too-old"})
_LIBRARIES = frozenset({"cuda-missing"})

EXPLAINS: dict[str, frozenset[str]] = {
    "no-gpu": frozenset({"cpu-only-build"}) | _DRIVER | _LIBRARIES,
    "wrong-environment": frozenset({"cpu-only-build", "driver-too-old"}) | _LIBRARIES,
    "framework-missing": frozenset({"cpu-only-build", "driver-too-old"}) | _LIBRARIES,
    "cpu-only-build": frozenset({"driver-too-old"}) | _LIBRARIES,
    "driver-missing": (_DRIVER - {"driver-missing"}) | _LIBRARIES,
    "driver-not-loaded": frozenset({"driver-too-old"}) | _LIBRARIES,
    "driver-library-mismatch": frozenset({"driver-too-old"}) | _LIBRARIES,
    "driver-too-old": _LIBRARIES,
}
"""A code to the codes that are not reported beside it, for the same framework."""

KEEPS_BROKEN_IMPORTS = frozenset({"no-gpu"})
"""Codes that do not explain a finding without whose fix the framework cannot even be imported."""
