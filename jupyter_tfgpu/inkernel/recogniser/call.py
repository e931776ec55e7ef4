"""A call of what is not in the notebook, as the rules see it. Pure."""

import ast
from typing import Any, Dict, List, NamedTuple, Optional

from .values import Instance

Call = NamedTuple(
    "Call",
    [
        ("node", ast.Call),
        ("name", str),
        ("receiver", Any),
        ("called", Any),
        ("arguments", List[Any]),
        ("keywords", Dict[str, Any]),
    ],
)
"""A call of what is not in the notebook; ``receiver``: the value before the dot."""


def origin_of(call: Call) -> Optional[str]:
    """The origin of what is called."""
    return call.called if isinstance(call.called, str) and call.called else None


def maker_of(call: Call) -> Optional[str]:
    """The origin of the object before the dot."""
    if isinstance(call.receiver, Instance):
        return call.receiver.base()
    return call.receiver if isinstance(call.receiver, str) and call.receiver else None


def is_own(call: Call) -> bool:
    """Whether the object is of a class all of which is in the notebook."""
    return isinstance(call.receiver, Instance) and call.receiver.cls.plain()


def word_before(call: Call) -> str:
    """The name before the dot as it is written."""
    value = getattr(call.node.func, "value", None)
    while isinstance(value, ast.Subscript):
        value = value.value
    return getattr(value, "attr", None) or getattr(value, "id", None) or ""


def is_method(call: Call) -> bool:
    """Whether something stands before a dot."""
    return isinstance(call.node.func, ast.Attribute)
