"""Follows what a cell runs, without running it: which calls it makes, and on what. Pure.

Statements are taken in the order of the text, both branches of a condition and the body of a loop once.
What is only defined is not followed; a function of the notebook that is called is, with the arguments that
it is given. Nothing of a framework is known but names (``origins.py``).
"""

import ast
from typing import Any, Callable, Dict, List, Optional, Tuple

from . import cells, training
from .notebook import Notebook
from .values import (
    MISSING,
    Class,
    Function,
    Held,
    Instance,
    Scope,
    Table,
    Value,
    element,
    first,
    held,
)

MAX_STEPS = 60000
"""Expressions that are followed in one cell at most; a long notebook's cell has a few thousand."""

MAX_DEPTH = 15
"""Functions inside functions that are followed."""

MAX_ELEMENTS = 50
"""Elements of a list that are looked at; longer ones hold data."""

_PLAIN = frozenset(["Constant", "Num", "Str", "Bytes", "NameConstant", "Ellipsis"])


class Exhausted(Exception):
    """The cell is too long to be followed to its end."""


class Evaluator:
    """Follows one cell. ``found``: the frameworks of the training calls that were met, in their order;
    ``imported``: those of the imports."""

    def __init__(self, notebook: Notebook) -> None:
        self.found: List[str] = []
        self.imported: List[str] = []
        self._notebook = notebook
        self._steps = 0
        self._entered: List[ast.AST] = []
        self._known: Dict[Any, Value] = {}

    # -- statements --------------------------------------------------------------------------------------

    def run(self, body: List[ast.stmt], scope: Scope) -> None:
        """Follows statements."""
        for statement in body:
            self._statement(statement, scope)

    def _statement(self, node: Any, scope: Scope) -> None:
        handler = _STATEMENTS.get(type(node).__name__)
        if handler is not None:
            handler(self, node, scope)
        else:
            self._parts(node, scope)

    def _parts(self, node: Any, scope: Scope) -> None:
        """Follows all that a node consists of."""
        for field in node._fields:
            part = getattr(node, field, None)
            for one in part if isinstance(part, list) else (part,):
                if isinstance(one, ast.stmt):
                    self._statement(one, scope)
                elif isinstance(one, ast.expr):
                    self.value(one, scope)
                elif isinstance(one, ast.AST) and one._fields:
                    self._parts(one, scope)

    def _import(self, node: ast.Import, scope: Scope) -> None:
        for alias in node.names:
            package = alias.name.split(".", 1)[0]
            scope.set(alias.asname or package, alias.name if alias.asname else package)
            self._imports(alias.name)

    def _import_from(self, node: ast.ImportFrom, scope: Scope) -> None:
        for alias in node.names:
            path = "{}{}.{}".format("." * (node.level or 0), node.module or "", alias.name)
            if alias.name == "*":
                self._notebook.stars.append(path[:-2])
            else:
                scope.set(alias.asname or alias.name, path)
            self._imports(path)

    def _imports(self, path: str) -> None:
        framework = self._notebook.imports(path)
        if framework is not None:
            self.imported.append(framework)

    def _define(self, node: Any, scope: Scope, owner: Optional[Class] = None) -> None:
        for default in node.args.defaults + node.args.kw_defaults:
            if default is not None:
                self.value(default, scope)
        function = Function(node, scope, owner)
        for decorator in node.decorator_list:
            made_by = self.value(decorator, scope)
            if isinstance(made_by, str):
                function.gradient = function.gradient or training.gradient_of(made_by)
                if made_by.endswith((".interact", ".interact()")):
                    self._enter(function, [], {})
        if owner is not None:
            owner.members[node.name] = function
            self._notebook.methods[node.name] = function
        else:
            scope.set(node.name, function)

    def _class(self, node: ast.ClassDef, scope: Scope) -> None:
        made = Class(node.name, [self.value(base, scope) for base in node.bases])
        inside = Scope(scope)
        for statement in node.body:
            if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self._define(statement, scope, made)
            else:
                self._statement(statement, inside)
        for name, value in inside.names.items():
            made.members.setdefault(name, value)
        scope.set(node.name, made)

    def _assign(self, node: ast.Assign, scope: Scope) -> None:
        value = self.value(node.value, scope)
        for target in node.targets:
            self._bind(target, value, scope)
            self._notebook.notice_backend(target, node.value)

    def _assign_one(self, node: Any, scope: Scope) -> None:
        if node.value is not None:
            self._bind(node.target, self.value(node.value, scope), scope)

    def _with(self, node: Any, scope: Scope) -> None:
        for item in node.items:
            value = self.value(item.context_expr, scope)
            if item.optional_vars is not None:
                self._bind(item.optional_vars, value, scope)
        self.run(node.body, scope)

    def _for(self, node: Any, scope: Scope) -> None:
        self._bind(node.target, element(self.value(node.iter, scope)), scope)
        self.run(node.body, scope)
        self.run(node.orelse, scope)

    def _if(self, node: ast.If, scope: Scope) -> None:
        self.value(node.test, scope)
        never = type(node.test).__name__ in _PLAIN and not getattr(node.test, "value", True)
        if not never:
            self.run(node.body, scope)
        self.run(node.orelse, scope)

    def _return(self, node: ast.Return, scope: Scope) -> None:
        if node.value is not None:
            scope.returned.append(self.value(node.value, scope))

    def _shared(self, node: ast.Global, scope: Scope) -> None:
        scope.shared.update(node.names)

    def _delete(self, node: ast.Delete, scope: Scope) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                scope.names.pop(target.id, None)

    def _bind(self, target: Any, value: Value, scope: Scope) -> None:
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
            self._bind(target.value, value, scope)
        elif isinstance(target, (ast.Tuple, ast.List)):
            for index, one in enumerate(target.elts):
                if isinstance(value, tuple):
                    part = value[index] if index < len(value) else None
                else:
                    # Several things out of one call, as in `model, history = build()`.
                    part = value if isinstance(value, str) else None
                self._bind(one, part, scope)

    # -- expressions -------------------------------------------------------------------------------------

    def value(self, node: Any, scope: Scope) -> Value:
        """What an expression stands for; follows the calls in it."""
        kind = type(node).__name__
        if kind in _PLAIN:
            return None
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise Exhausted
        handler = _EXPRESSIONS.get(kind)
        if handler is not None:
            return handler(self, node, scope)
        self._parts(node, scope)
        return None

    def _name(self, node: ast.Name, scope: Scope) -> Value:
        value = scope.get(node.id)
        return self._notebook.unbound(node.id) if value is MISSING else value

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Value:
        return self._member(self.value(node.value, scope), node)

    def _member(self, owner: Value, node: ast.Attribute) -> Value:
        """The attribute that the node asks of this object."""
        if isinstance(owner, str):
            return "{}.{}".format(owner, node.attr)
        if isinstance(owner, (Instance, Class)):
            found = first([owner.find(node.attr), self._notebook.live_path(node)])
            if found is None and owner.base() is not None:
                found = "{}.{}".format(owner.base(), node.attr)
            return found
        if isinstance(owner, Function):
            return owner if node.attr in training.STARTS else None
        return self._notebook.live_path(node) if owner is None else None

    def _sequence(self, node: Any, scope: Scope) -> Value:
        return tuple(self.value(one, scope) for one in node.elts[:MAX_ELEMENTS])

    def _dict(self, node: ast.Dict, scope: Scope) -> Value:
        table = Table()
        for key, value in list(zip(node.keys, node.values))[:MAX_ELEMENTS]:
            table.items.append((cells.text_of(key), self.value(value, scope)))
        return table

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Value:
        owner = self.value(node.value, scope)
        self._parts(node.slice, scope)
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
        self._bind(node.target, value, scope)
        return value

    def _lambda(self, node: ast.Lambda, scope: Scope) -> Value:
        return Function(node, scope)

    def _comprehension(self, node: Any, scope: Scope) -> Value:
        inside = Scope(scope)
        for generator in node.generators:
            self._bind(generator.target, element(self.value(generator.iter, inside)), inside)
            for condition in generator.ifs:
                self.value(condition, inside)
        if isinstance(node, ast.DictComp):
            table = Table()
            table.items.append((None, self.value(node.value, inside)))
            return table
        return (self.value(node.elt, inside),)

    # -- calls -------------------------------------------------------------------------------------------

    def _call(self, node: ast.Call, scope: Scope) -> Value:
        receiver: Value = None
        name = ""
        if isinstance(node.func, ast.Attribute):
            receiver, name = self.value(node.func.value, scope), node.func.attr
            called = self._member(receiver, node.func)
        else:
            called = self.value(node.func, scope)
            name = getattr(node.func, "id", "")
        arguments = [self.value(one, scope) for one in node.args]
        keywords = {one.arg or "": self.value(one.value, scope) for one in node.keywords}
        if isinstance(called, Function):
            return self._enter(called, arguments, keywords)
        if isinstance(called, Class):
            return self._make(called, arguments, keywords)
        if isinstance(called, Instance):
            return self._call_object(called, arguments, keywords)
        if isinstance(receiver, Table) or isinstance(receiver, tuple):
            return _of_collection(receiver, name, node, arguments)
        if name == "super" and called is None:
            return _super(scope)
        if name in cells.RUN_MAGIC:
            return self._magic(node, scope)
        call = training.Call(node, name, receiver, called, arguments, keywords)
        return self._outside(call)

    def _outside(self, call: training.Call) -> Value:
        """A call of what is not in the notebook."""
        method = self._notebook.methods.get(call.name)
        if method is not None and call.receiver is None and isinstance(call.node.func, ast.Attribute):
            return self._enter(method.of(None), call.arguments, call.keywords)
        framework = training.framework_of_call(call, self._notebook)
        if framework is not None:
            self.found.append(self._notebook.under(framework))
        if isinstance(call.receiver, Held) and call.name in training.STARTS:
            self._started(call.name, list(call.receiver.functions))
        origin = call.called if isinstance(call.called, str) else None
        values = call.arguments + [call.keywords[one] for one in call.keywords]
        functions = [one for one in values if isinstance(one, Function)]
        if functions and (call.name in training.WRAPS or training.gradient_of(origin)):
            return functions[0]
        if call.name in training.PASSES:
            return training.passed(call)
        if functions and training.keeps(call):
            return held(origin + "()" if origin else None, functions)
        self._started(call.name, functions)
        return training.result_of(call)

    def _started(self, name: str, functions: List[Function]) -> None:
        """A package's function of this name was given functions of the notebook."""
        if not training.only_looks(name):
            for function in functions:
                self._enter(function, [], {})

    def _make(self, cls: Class, arguments: List[Value], keywords: Dict[str, Value]) -> Value:
        made = Instance(cls)
        method = made.find("__init__")
        if isinstance(method, Function):
            self._enter(method, arguments, keywords)
        return made

    def _call_object(self, called: Instance, arguments: List[Value], keywords: Dict[str, Value]) -> Value:
        for name in ("__call__", "forward", "call"):
            method = called.find(name)
            if isinstance(method, Function):
                return self._enter(method, arguments, keywords)
        return None

    def _enter(self, function: Function, arguments: List[Value], keywords: Dict[str, Value]) -> Value:
        """Follows a function of the notebook; gives what it returns."""
        if function.gradient is not None:
            self.found.append(self._notebook.under(function.gradient))
        node: Any = function.node
        key = (
            node,
            function.scope,
            function.bound,
            tuple(arguments),
            tuple(sorted(keywords.items(), key=_key)),
        )
        if key in self._known:
            return self._known[key]
        if node in self._entered or len(self._entered) > MAX_DEPTH:
            return None
        scope = Scope(function.scope)
        scope.function = function
        _bind_parameters(node.args, function, arguments, keywords, scope)
        self._entered.append(node)
        try:
            if isinstance(node, ast.Lambda):
                scope.returned.append(self.value(node.body, scope))
            else:
                self.run(node.body, scope)
        finally:
            self._entered.pop()
        self._known[key] = first(scope.returned)
        return self._known[key]

    def _magic(self, node: ast.Call, scope: Scope) -> Value:
        """The Python inside ``%%time``, ``%time`` and the like, as IPython writes them."""
        texts = [cells.text_of(one) or "" for one in node.args]
        if texts and texts[0] in ("env", "set_env"):
            self._notebook.notice_variable(texts[-1])
        tree = cells.parse(cells.python_inside(texts))
        if tree is not None:
            self.run(tree.body, scope)
        return None


def _key(item: Tuple[str, Value]) -> str:
    return item[0]


def _super(scope: Scope) -> Value:
    inside: Optional[Scope] = scope
    while inside is not None and inside.function is None:
        inside = inside.outer
    function = inside.function if inside is not None else None
    if function is None or function.owner is None:
        return None
    members = function.bound.members if isinstance(function.bound, Instance) else None
    return Instance(Class("super", function.owner.bases), members)


def _of_collection(receiver: Value, name: str, node: ast.Call, arguments: List[Value]) -> Value:
    """``items()``, ``values()`` and ``get()`` of a dictionary, ``append()`` and ``pop()`` of a list."""
    if not isinstance(receiver, Table):
        return element(receiver) if name == "pop" else None
    if name == "items":
        return tuple((None, value) for _, value in receiver.items)
    if name == "values":
        return tuple(value for _, value in receiver.items)
    if name in ("get", "pop"):
        return receiver.get(cells.text_of(node.args[0]) if node.args else None)
    return None


def _bind_parameters(
    parameters: Any, function: Function, arguments: List[Value], keywords: Dict[str, Value], scope: Scope
) -> None:
    names = [one.arg for one in getattr(parameters, "posonlyargs", []) + parameters.args]
    every = names + [one.arg for one in parameters.kwonlyargs]
    for name in every:
        scope.names[name] = keywords.get(name)
    if function.owner is not None and names and not _is_static(function.node):
        scope.names[names[0]] = function.bound
        names = names[1:]
    for name, value in zip(names, arguments):
        scope.names[name] = value
    if parameters.vararg is not None:
        scope.names[parameters.vararg.arg] = tuple(arguments[len(names) :])
    if parameters.kwarg is not None:
        scope.names[parameters.kwarg.arg] = None


def _is_static(node: Any) -> bool:
    return any(getattr(one, "id", None) == "staticmethod" for one in getattr(node, "decorator_list", ()))


_Handler = Callable[[Evaluator, Any, Scope], Any]

_STATEMENTS: Dict[str, _Handler] = {
    "Import": Evaluator._import,
    "ImportFrom": Evaluator._import_from,
    "FunctionDef": Evaluator._define,
    "AsyncFunctionDef": Evaluator._define,
    "ClassDef": Evaluator._class,
    "Assign": Evaluator._assign,
    "AnnAssign": Evaluator._assign_one,
    "With": Evaluator._with,
    "AsyncWith": Evaluator._with,
    "For": Evaluator._for,
    "AsyncFor": Evaluator._for,
    "If": Evaluator._if,
    "Return": Evaluator._return,
    "Global": Evaluator._shared,
    "Delete": Evaluator._delete,
}

_EXPRESSIONS: Dict[str, _Handler] = {
    "Name": Evaluator._name,
    "Attribute": Evaluator._attribute,
    "Call": Evaluator._call,
    "Tuple": Evaluator._sequence,
    "List": Evaluator._sequence,
    "Set": Evaluator._sequence,
    "Dict": Evaluator._dict,
    "Subscript": Evaluator._subscript,
    "IfExp": Evaluator._choice,
    "BoolOp": Evaluator._either,
    "BinOp": Evaluator._operation,
    "Await": Evaluator._inner,
    "Starred": Evaluator._inner,
    "Yield": Evaluator._inner,
    "YieldFrom": Evaluator._inner,
    "NamedExpr": Evaluator._named,
    "Lambda": Evaluator._lambda,
    "ListComp": Evaluator._comprehension,
    "SetComp": Evaluator._comprehension,
    "GeneratorExp": Evaluator._comprehension,
    "DictComp": Evaluator._comprehension,
}
