"""Does the framework import with the packages beside it: numpy, protobuf, Keras, another framework?"""

from __future__ import annotations

from .rule import Rule

RULES: tuple[Rule, ...] = ()
