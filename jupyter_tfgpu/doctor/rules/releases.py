"""Releases that are known to be broken, whatever the environment."""

from __future__ import annotations

from .rule import Rule

RULES: tuple[Rule, ...] = ()
