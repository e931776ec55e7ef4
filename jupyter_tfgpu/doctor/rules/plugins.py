"""Device plug-ins and builds for other makers' GPUs: Metal, DirectML, ROCm."""

from __future__ import annotations

from .rule import Rule

RULES: tuple[Rule, ...] = ()
