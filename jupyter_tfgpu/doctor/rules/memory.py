"""Is there memory left on the GPU?"""

from __future__ import annotations

from .rule import Rule

RULES: tuple[Rule, ...] = ()
