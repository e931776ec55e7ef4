"""The calls of a cell: functions of the notebook are followed, others looked up in ``training.py``. Pure."""

import ast
from typing import Any, Dict, List, Optional, Tuple

from . import cells, given, training
from .call import Call
from .expressions import Expressions
from .notebook import Notebook
from .origins import is_other
from .values import Class, Function, Held, Instance, Scope, Table, Value, element, first, held, literal

MAX_DEPTH = 15
"""Functions inside functions that are followed."""


class Calls(Expressions):
    """The part of :class:`~.evaluate.Evaluator` that follows calls."""

    def __init__(self, notebook: Notebook) -> None:
        super().__init__(notebook)
        self.found: List[str] = []
        self._entered: List[ast.AST] = []
        self._known: Dict[Any, Value] = {}

    def run(self, body: List[ast.stmt], scope: Scope) -> None:
        """Follows statements."""
        for statement in body:
            if scope.ended:
                return
            self.statement(statement, scope)

    def call(self, node: ast.Call, scope: Scope) -> Value:
        receiver: Value = None
        name = ""
        if isinstance(node.func, ast.Attribute):
            receiver, name = self.value(node.func.value, scope), node.func.attr
            called = self.member(receiver, node.func)
        else:
            called = self.value(node.func, scope)
            name = getattr(node.func, "id", "")
        arguments = [self._argument(one, scope) for one in node.args]
        keywords = {one.arg or "": self._argument(one.value, scope) for one in node.keywords}
        if isinstance(called, Function):
            return self.enter(called, arguments, keywords)
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
        if isinstance(called, str) and called:
            name = called.rsplit(".", 1)[-1]  # `from jax import grad as g`
        call = Call(node, name, receiver, called, arguments, keywords)
        return self._outside(call)

    def _argument(self, node: ast.expr, scope: Scope) -> Value:
        value = self.value(node, scope)
        return literal(node) if value is None else value

    def _outside(self, call: Call) -> Value:
        """A call of what is not in the notebook."""
        method = self.notebook.methods.get(call.name)
        if method is not None and call.receiver is None and isinstance(call.node.func, ast.Attribute):
            return self.enter(method.of(None), call.arguments, call.keywords)
        framework = training.framework_of_call(call, self.notebook)
        if framework is not None:
            self.found.append(self.notebook.under(framework))
        if isinstance(call.receiver, Held) and call.name in given.STARTS:
            self._started(call.name, list(call.receiver.functions))
        values = [one for one in call.arguments if one is not None]
        values += [one for one in call.keywords.values() if one is not None]
        return self._given(call, values) if values or call.name in given.PASSES else given.result_of(call)

    def _given(self, call: Call, values: List[Value]) -> Value:
        """The value of a call that is given what is known; it may call functions among them."""
        origin = call.called if isinstance(call.called, str) else None
        functions = [one for one in values if isinstance(one, Function)]
        if is_other(origin):  # a search or a pipeline around an estimator of the notebook's own
            fits = [one.find("fit") for one in values if isinstance(one, Instance)]
            functions += [one for one in fits if isinstance(one, Function)]
        gradient = training.gradient_of(origin) if "grad" in call.name else None
        if gradient is not None:
            return functions[0].differentiated(gradient) if functions else "{}()".format(origin)
        if call.name in given.WRAPS:
            return functions[0] if functions else values[0]
        if call.name in given.PASSES:
            return given.passed(call)
        if functions and given.keeps(call):
            return held(origin + "()" if origin else None, functions)
        self._started(call.name, functions)
        return given.result_of(call)

    def _started(self, name: str, functions: List[Function]) -> None:
        """A package's function of this name was given functions of the notebook."""
        if not given.only_looks(name):
            for function in functions:
                self.enter(function, [], {})

    def _make(self, cls: Class, arguments: List[Value], keywords: Dict[str, Value]) -> Value:
        made = Instance(cls)
        method = made.find("__init__")
        if isinstance(method, Function):
            self.enter(method, arguments, keywords)
        return made

    def _call_object(self, called: Instance, arguments: List[Value], keywords: Dict[str, Value]) -> Value:
        for name in ("__call__", "forward", "call"):
            method = called.find(name)
            if isinstance(method, Function):
                return self.enter(method, arguments, keywords)
        return None

    def enter(self, function: Function, arguments: List[Value], keywords: Dict[str, Value]) -> Value:
        """Follows a function of the notebook; gives what it returns."""
        if function.gradient is not None:
            self.found.append(self.notebook.under(function.gradient))
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
            self.notebook.notice_variable(texts[-1])
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
    defaults = dict(zip(names[::-1], parameters.defaults[::-1]))
    defaults.update(zip((one.arg for one in parameters.kwonlyargs), parameters.kw_defaults))
    for name in every:
        scope.names[name] = keywords[name] if name in keywords else literal(defaults.get(name))
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
