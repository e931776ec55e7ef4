"""Is the driver's own library the one that would be loaded?"""

from __future__ import annotations

from .rule import Rule

RULES: tuple[Rule, ...] = ()
