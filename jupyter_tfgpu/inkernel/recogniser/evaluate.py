"""Follows what a cell runs, without running it: which calls it makes, and on what. Pure.

Statements are taken in the order of the text, both branches of a condition and the body of a loop once.
What is only defined is not followed; a function of the notebook that is called is, with the arguments that
it is given. Nothing of a framework is known but names (``origins.py``).
"""

import ast
from typing import Any, Dict, List, Optional

from . import training
from .calls import Calls
from .notebook import Notebook
from .truth import truth
from .values import Class, Function, Scope, element


class Evaluator(Calls):
    """Follows one cell. ``found``: the frameworks of the training calls that were met, in their order;
    ``imported``: those of the imports."""

    def __init__(self, notebook: Notebook) -> None:
        super().__init__(notebook)
        self.imported: List[str] = []

    def statement(self, node: Any, scope: Scope) -> None:
        """Follows a statement."""
        method = _KINDS.get(type(node).__name__)
        if method is not None:
            getattr(self, method)(node, scope)
        else:
            self.parts(node, scope)

    def _expression(self, node: ast.Expr, scope: Scope) -> None:
        self.value(node.value, scope)

    def _import(self, node: ast.Import, scope: Scope) -> None:
        for alias in node.names:
            package = alias.name.split(".", 1)[0]
            scope.set(alias.asname or package, alias.name if alias.asname else package)
            self._imports(alias.name)

    def _import_from(self, node: ast.ImportFrom, scope: Scope) -> None:
        for alias in node.names:
            path = "{}{}.{}".format("." * (node.level or 0), node.module or "", alias.name)
            if alias.name == "*":
                self.notebook.stars.append(path[:-2])
            else:
                scope.set(alias.asname or alias.name, path)
            self._imports(path)

    def _imports(self, path: str) -> None:
        framework = self.notebook.imports(path)
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
                    self.enter(function, [], {})
        if owner is not None:
            owner.members[node.name] = function
            self.notebook.methods[node.name] = function
        else:
            scope.set(node.name, function)

    def _class(self, node: ast.ClassDef, scope: Scope) -> None:
        made = Class(node.name, [self.value(base, scope) for base in node.bases])
        inside = Scope(scope)
        for statement in node.body:
            if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self._define(statement, scope, made)
            else:
                self.statement(statement, inside)
        for name, value in inside.names.items():
            made.members.setdefault(name, value)
        scope.set(node.name, made)

    def _assign(self, node: ast.Assign, scope: Scope) -> None:
        value = self.value(node.value, scope)
        for target in node.targets:
            self.bind(target, value, scope)
            self.notebook.notice_backend(target, node.value)

    def _assign_one(self, node: Any, scope: Scope) -> None:
        if node.value is not None:
            self.bind(node.target, self.value(node.value, scope), scope)

    def _with(self, node: Any, scope: Scope) -> None:
        for item in node.items:
            value = self.value(item.context_expr, scope)
            if item.optional_vars is not None:
                self.bind(item.optional_vars, value, scope)
        self.run(node.body, scope)

    def _for(self, node: Any, scope: Scope) -> None:
        self.bind(node.target, element(self.value(node.iter, scope)), scope)
        self.run(node.body, scope)
        self.run(node.orelse, scope)

    def _if(self, node: ast.If, scope: Scope) -> None:
        self.value(node.test, scope)
        decided = truth(node.test, scope)
        if decided is not False:
            self.run(node.body, scope)
        if decided is not True:
            self.run(node.orelse, scope)
        elif isinstance(node.body[-1], ast.Return) and scope.function is not None:
            scope.ended = True

    def _return(self, node: ast.Return, scope: Scope) -> None:
        if node.value is not None:
            scope.returned.append(self.value(node.value, scope))

    def _shared(self, node: ast.Global, scope: Scope) -> None:
        scope.shared.update(node.names)

    def _delete(self, node: ast.Delete, scope: Scope) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                scope.names.pop(target.id, None)


_KINDS: Dict[str, str] = {
    "Import": "_import",
    "ImportFrom": "_import_from",
    "FunctionDef": "_define",
    "AsyncFunctionDef": "_define",
    "ClassDef": "_class",
    "Assign": "_assign",
    "AnnAssign": "_assign_one",
    "Expr": "_expression",
    "With": "_with",
    "AsyncWith": "_with",
    "For": "_for",
    "AsyncFor": "_for",
    "If": "_if",
    "Return": "_return",
    "Global": "_shared",
    "Delete": "_delete",
}
"""The method for a kind of statement; other kinds are followed part by part."""
