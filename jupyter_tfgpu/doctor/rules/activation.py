"""Does the kernel have the variables that the environment or the shell would set?"""

from __future__ import annotations

from .rule import Rule

RULES: tuple[Rule, ...] = ()
