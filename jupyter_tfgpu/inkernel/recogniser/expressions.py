"""What the expressions of a cell stand for. Pure."""

import ast
from typing import Any, Callable, Dict

from . import cells, given
from .notebook import Notebook
from .values import MISSING, Class, Function, Instance, Scope, Table, Value, element, first

MAX_STEPS = 60000
"""Expressions that are followed in one cell at most; a long notebook's cell has a few thousand."""

MAX_ELEMENTS = 50
"""Elements of a list that are looked at; longer ones hold data."""

PLAIN = frozenset(["Constant", "Num", "Str", "Bytes", "NameConstant", "Ellipsis"])
"""The nodes of constants; most of these are from before Python 3.8."""


class Exhausted(Exception):
    """The cell is too long to be followed to its end."""


class Expressions:
    """The part of :class:`~.evaluate.Evaluator` that follows expressions."""

    def __init__(self, notebook: Notebook) -> None:
        self.notebook = notebook
        self._steps = 0
        self._methods: Dict[type, Callable[[Any, Scope], Value]] = {}

    def statement(self, node: Any, scope: Scope) -> None:
        """Follows a statement."""
        raise NotImplementedError

    def call(self, node: ast.Call, scope: Scope) -> Value:
        """Follows a call."""
        raise NotImplementedError

    def value(self, node: Any, scope: Scope) -> Value:
        """What an expression stands for; follows the calls in it."""
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise Exhausted
        method = self._methods.get(type(node))
        if method is None:
            method = self._methods[type(node)] = self._method(type(node).__name__)
        return method(node, scope)

    def _method(self, kind: str) -> Callable[[Any, Scope], Value]:
        if kind in PLAIN:
            return _plain
        found: Callable[[Any, Scope], Value] = getattr(self, _KINDS.get(kind, "parts"))
        return found

    def _name(self, node: ast.Name, scope: Scope) -> Value:
        value = scope.get(node.id)
        return self.notebook.unbound(node.id) if value is MISSING else value

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Value:
        return self.member(self.value(node.value, scope), node)

    def member(self, owner: Value, node: ast.Attribute) -> Value:
        """The attribute that the node asks of this object."""
        if isinstance(owner, str):
            return "{}.{}".format(owner, node.attr)
        if isinstance(owner, (Instance, Class)):
            found = first([owner.find(node.attr), self.notebook.live_path(node)])
            if found is None and owner.base() is not None:
                found = "{}.{}".format(owner.base(), node.attr)
            return found
        if isinstance(owner, Function):
            return owner if node.attr in given.STARTS else None
        return self.notebook.live_path(node) if owner is None else None

    def _sequence(self, node: Any, scope: Scope) -> Value:
        return tuple(self.value(one, scope) for one in node.elts[:MAX_ELEMENTS])

    def _dict(self, node: ast.Dict, scope: Scope) -> Value:
        table = Table()
        for key, value in list(zip(node.keys, node.values))[:MAX_ELEMENTS]:
            table.items.append((cells.text_of(key), self.value(value, scope)))
        return table

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Value:
        owner = self.value(node.value, scope)
        self.parts(node.slice, scope)
        if isinstance(owner, Table):
            return owner.get(cells.text_of(node.slice))
        if isinstance(owner, tuple):
            place: Any = getattr(node.slice, "value", getattr(node.slice, "n", None))
            if isinstance(place, int) and -len(owner) <= place < len(owner):
                return owner[place]
            return element(owner)
        return str(owner) if isinstance(owner, str) else None

    def _choice(self, node: ast.IfExp, scope: Scope) -> Value:
        self.value(node.test, scope)
        return first([self.value(node.body, scope), self.value(node.orelse, scope)])

    def _either(self, node: ast.BoolOp, scope: Scope) -> Value:
        return first([self.value(one, scope) for one in node.values])

    def _operation(self, node: ast.BinOp, scope: Scope) -> Value:
        values = self.value(node.left, scope), self.value(node.right, scope)
        return first(one for one in values if isinstance(one, Instance))

    def _inner(self, node: Any, scope: Scope) -> Value:
        return self.value(node.value, scope) if node.value is not None else None

    def _named(self, node: Any, scope: Scope) -> Value:
        value = self.value(node.value, scope)
        self.bind(node.target, value, scope)
        return value

    def _lambda(self, node: ast.Lambda, scope: Scope) -> Value:
        return Function(node, scope)

    def _comprehension(self, node: Any, scope: Scope) -> Value:
        inside = Scope(scope)
        for generator in node.generators:
            self.bind(generator.target, element(self.value(generator.iter, inside)), inside)
            for condition in generator.ifs:
                self.value(condition, inside)
        if isinstance(node, ast.DictComp):
            table = Table()
            table.items.append((None, self.value(node.value, inside)))
            return table
        return (self.value(node.elt, inside),)

    def parts(self, node: Any, scope: Scope) -> Value:
        """Follows all that a node consists of."""
        for field in node._fields:
            part = getattr(node, field, None)
            for one in part if isinstance(part, list) else (part,):
                if isinstance(one, ast.stmt):
                    self.statement(one, scope)
                elif isinstance(one, ast.expr):
                    self.value(one, scope)
                elif isinstance(one, ast.AST) and one._fields:
                    self.parts(one, scope)

    def bind(self, target: Any, value: Value, scope: Scope) -> None:
        """Binds what stands on the left of an assignment."""
        if isinstance(target, ast.Name):
            scope.set(target.id, value)
        elif isinstance(target, ast.Attribute):
            owner = self.value(target.value, scope)
            if isinstance(owner, (Instance, Class)):
                owner.members[target.attr] = value
        elif isinstance(target, ast.Subscript):
            owner = self.value(target.value, scope)
            if isinstance(owner, Table):
                owner.items.append((cells.text_of(target.slice), value))
        elif isinstance(target, ast.Starred):
            self.bind(target.value, value, scope)
        elif isinstance(target, (ast.Tuple, ast.List)):
            for index, one in enumerate(target.elts):
                if isinstance(value, tuple):
                    part = value[index] if index < len(value) else None
                else:
                    # Several things out of one call, as in `model, history = build()`.
                    part = value if isinstance(value, str) else None
                self.bind(one, part, scope)


def _plain(node: Any, scope: Scope) -> Value:
    """A constant: not followed."""


_KINDS: Dict[str, str] = {
    "Name": "_name",
    "Attribute": "_attribute",
    "Call": "call",
    "Tuple": "_sequence",
    "List": "_sequence",
    "Set": "_sequence",
    "Dict": "_dict",
    "Subscript": "_subscript",
    "IfExp": "_choice",
    "BoolOp": "_either",
    "BinOp": "_operation",
    "Await": "_inner",
    "Starred": "_inner",
    "Yield": "_inner",
    "YieldFrom": "_inner",
    "NamedExpr": "_named",
    "Lambda": "_lambda",
    "ListComp": "_comprehension",
    "SetComp": "_comprehension",
    "GeneratorExp": "_comprehension",
    "DictComp": "_comprehension",
}
"""The method for a kind of node; other kinds are followed part by part."""
