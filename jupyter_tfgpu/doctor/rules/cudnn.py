"""Is the cuDNN that would be loaded one that the build can use?"""

from __future__ import annotations

from .rule import Rule

RULES: tuple[Rule, ...] = ()
