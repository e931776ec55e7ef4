"""Was the container given the GPU, and all of its driver?"""

from __future__ import annotations

from .rule import Rule

RULES: tuple[Rule, ...] = ()
