"""Does the build have code for this GPU?"""

from __future__ import annotations

from .rule import Rule

RULES: tuple[Rule, ...] = ()
