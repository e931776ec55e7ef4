"""What the names of a notebook stand for, as far as the recogniser follows them. Pure.

A value is an origin (text, see ``origins.py``), a tuple of values, one of the classes below, or None: not
known.
"""

import ast
import copy
from typing import Any, Callable, Dict, List, Optional, Set, Tuple

from .origins import framework_of

Value = Any
"""``Union[None, str, Tuple[Value, ...], Function, Class, Instance, Table]``, which cannot be written."""

Live = Callable[[str], Optional[str]]
"""Gives the origin of a running kernel's variable, or of a path that starts at one (``agent.model``)."""


class Missing:
    """A name that nothing has bound."""


MISSING = Missing()


class Literal:
    """None, True or False as the value of a parameter; elsewhere these are not followed."""

    __slots__ = ("value",)

    def __init__(self, value: Optional[bool]) -> None:
        self.value = value

    def __deepcopy__(self, memo: Dict[int, Any]) -> "Literal":
        return self


_LITERALS = (Literal(None), Literal(True), Literal(False))


def literal(node: Optional[ast.AST]) -> Optional[Literal]:
    """The literal that this node is."""
    if type(node).__name__ not in ("Constant", "NameConstant"):
        return None
    value = getattr(node, "value", MISSING)
    for one in _LITERALS:
        if value is one.value:
            return one
    return None


class Function:
    """A function, method or lambda of the notebook. ``gradient``: a decorator made it its own gradient."""

    __slots__ = ("bound", "gradient", "node", "owner", "scope")

    def __init__(
        self,
        node: ast.AST,
        scope: "Scope",
        owner: Optional["Class"] = None,
        bound: Value = None,
        gradient: Optional[str] = None,
    ) -> None:
        self.node = node
        self.scope = scope
        self.owner = owner
        self.bound = bound
        self.gradient = gradient

    def of(self, instance: Value) -> "Function":
        """The same as a method of this object."""
        return Function(self.node, self.scope, self.owner, instance, self.gradient)

    def __deepcopy__(self, memo: Dict[int, Any]) -> "Function":
        """A copy for another notebook with the same tree, which nothing changes and which may be large."""
        made = memo[id(self)] = Function.__new__(Function)
        made.node, made.gradient = self.node, self.gradient
        made.scope = copy.deepcopy(self.scope, memo)
        made.owner = copy.deepcopy(self.owner, memo)
        made.bound = copy.deepcopy(self.bound, memo)
        return made

    def differentiated(self, framework: str) -> "Function":
        """Its gradient, as this framework makes it."""
        return Function(self.node, self.scope, self.owner, self.bound, framework)


class Class:
    """A class of the notebook."""

    __slots__ = ("bases", "members", "name")

    def __init__(self, name: str, bases: List[Value]) -> None:
        self.name = name
        self.bases = bases
        self.members: Dict[str, Value] = {}

    def find(self, name: str) -> Value:
        """A member, its own or inherited from a class of the notebook."""
        if name in self.members:
            return self.members[name]
        for base in self.bases:
            found = base.find(name) if isinstance(base, Class) else None
            if found is not None:
                return found
        return None

    def base(self) -> Optional[str]:
        """The package's class that it derives from."""
        for base in self.bases:
            found = base.base() if isinstance(base, Class) else base
            if isinstance(found, str):
                return found
        return None

    def plain(self) -> bool:
        """Whether all that it derives from is in the notebook."""
        return all(isinstance(base, Class) and base.plain() for base in self.bases)


class Instance:
    """An object of a class of the notebook."""

    __slots__ = ("cls", "members")

    def __init__(self, cls: Class, members: Optional[Dict[str, Value]] = None) -> None:
        self.cls = cls
        self.members: Dict[str, Value] = {} if members is None else members

    def find(self, name: str) -> Value:
        """An attribute, or a method bound to this object."""
        if name in self.members:
            return self.members[name]
        found = self.cls.find(name)
        return found.of(self) if isinstance(found, Function) else found

    def base(self) -> Optional[str]:
        """The origin that this object has from the package's class it derives from."""
        base = self.cls.base()
        return base + "()" if base is not None else None


class Table:
    """A dictionary: its values, each under its key where that is a text."""

    __slots__ = ("items",)

    def __init__(self) -> None:
        self.items: List[Tuple[Optional[str], Value]] = []

    def get(self, key: Optional[str]) -> Value:
        """The value under a key; where that is not known, the first that is."""
        for name, value in reversed(self.items):
            if key is not None and name == key:
                return value
        return first(value for _, value in self.items)


class Held(str):
    """An origin of a package's object that was given functions of the notebook to call."""

    functions: Tuple[Function, ...] = ()


def held(origin: Optional[str], functions: List[Function]) -> Held:
    """An object of this origin with these functions."""
    made = Held(origin or "")
    made.functions = tuple(functions)
    return made


class Scope:
    """The names of the notebook, or inside one of its functions."""

    def __init__(self, outer: Optional["Scope"] = None) -> None:
        self.names: Dict[str, Value] = {}
        self.outer = outer
        self.shared: Set[str] = set()
        self.returned: List[Value] = []
        self.function: Optional[Function] = None
        self.ended = False

    def get(self, name: str) -> Value:
        """What the name stands for; :data:`MISSING` where nothing has bound it."""
        scope: Optional[Scope] = self
        while scope is not None:
            value = scope.names.get(name, MISSING)
            if value is not MISSING:
                return value
            scope = scope.outer
        return MISSING

    def set(self, name: str, value: Value) -> None:
        """Binds a name, here or where ``global`` says."""
        scope = self
        if name in self.shared:
            while scope.outer is not None:
                scope = scope.outer
        scope.names[name] = value


def first(values: Any) -> Value:
    """The first value that is known."""
    for value in values:
        if value is not None and not isinstance(value, Literal):
            return value
    return None


def element(value: Value) -> Value:
    """What a loop over this value gives: one that a framework made, where there is one among them."""
    if isinstance(value, tuple):
        return first(one for one in value if _of_framework(one)) or first(value)
    return str(value) if isinstance(value, str) else None


def _of_framework(value: Value) -> bool:
    if isinstance(value, tuple):
        return any(_of_framework(one) for one in value[:4])
    return isinstance(value, (Function, Instance)) or (
        isinstance(value, str) and framework_of(value) is not None
    )
