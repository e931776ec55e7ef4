"""Does the framework import on this machine: processor, glibc, Windows runtime?"""

from __future__ import annotations

from .rule import Rule

RULES: tuple[Rule, ...] = ()
