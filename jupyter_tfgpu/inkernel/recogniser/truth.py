"""Conditions that are decided by what a function is given: ``if optimizer is not None``. Pure."""

import ast
from typing import Any, Optional

from .expressions import PLAIN
from .values import Literal, Scope, literal


def truth(node: Any, scope: Scope) -> Optional[bool]:
    """Whether the condition holds; None: not known."""
    if type(node).__name__ in PLAIN:
        return bool(getattr(node, "value", getattr(node, "n", True)))
    if isinstance(node, ast.Name):
        value = scope.get(node.id)
        return bool(value.value) if isinstance(value, Literal) else None
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        inner = truth(node.operand, scope)
        return None if inner is None else not inner
    if isinstance(node, ast.BoolOp):
        return _joined([truth(one, scope) for one in node.values], isinstance(node.op, ast.Or))
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        return _compared(node, scope)
    return None


def _joined(parts: Any, any_is_enough: bool) -> Optional[bool]:
    if any_is_enough in parts:
        return any_is_enough
    return None if None in parts else not any_is_enough


def _compared(node: ast.Compare, scope: Scope) -> Optional[bool]:
    """``name is None``, ``name == True`` and their opposites."""
    wanted = literal(node.comparators[0])
    if wanted is None or not isinstance(node.left, ast.Name):
        return None
    value = scope.get(node.left.id)
    same = isinstance(node.ops[0], (ast.Is, ast.Eq))
    if not same and not isinstance(node.ops[0], (ast.IsNot, ast.NotEq)):
        return None
    if isinstance(value, Literal):
        return (value is wanted) == same
    # Something that is known to be an object is not None.
    return not same if isinstance(value, str) and wanted.value is None else None
