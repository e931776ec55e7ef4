"""Does XLA find what it compiles with: ptxas and libdevice?"""

from __future__ import annotations

from .rule import Rule

RULES: tuple[Rule, ...] = ()
