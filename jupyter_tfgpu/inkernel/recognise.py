"""Does a cell train, and with which framework? From its syntax tree. Pure: no kernel, no disk.

A cell trains if what it runs, functions of earlier cells that it calls included, has one of the calls in
``training.py``. Code that is only defined does not count. ``fit`` alone is scikit-learn's word too, so it
counts only for an object of a framework.
"""

import ast
from typing import Callable, Dict, FrozenSet, Iterator, List, NamedTuple, Optional, Set, Tuple

from . import cells, training
from .origins import CLASSICAL, FRAMEWORKS, Live, Origins, package_of

Judgement = NamedTuple(
    "Judgement", [("trains", bool), ("framework", Optional[str]), ("imports", Tuple[str, ...])]
)
"""``framework``: tensorflow, torch, jax, mxnet or None (not known); ``imports``: first imported here."""

NOTHING = Judgement(False, None, ())

Loaded = Callable[[], FrozenSet[str]]

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class _Function:
    """A function of the notebook: what it trains with itself, and the names that it calls."""

    def __init__(self, framework: Optional[str], trains: bool, calls: FrozenSet[str]) -> None:
        self.framework = framework
        self.trains = trains
        self.calls = calls


class Recogniser:
    """Judges the cells of one notebook in the order in which they run, and learns from each.

    ``live(name)`` gives the origin of a running kernel's variable, ``loaded()`` the packages that it has
    imported, ``keras_backend()`` the framework under Keras; without them the code alone decides.
    """

    def __init__(
        self,
        live: Optional[Live] = None,
        loaded: Optional[Loaded] = None,
        keras_backend: Optional[Callable[[], Optional[str]]] = None,
    ) -> None:
        self._origins = Origins(live)
        self._loaded = loaded or frozenset
        self._keras_backend = keras_backend
        self._backend: Optional[str] = None
        self._functions: Dict[str, _Function] = {}
        self._imported: Set[str] = set()

    def may_train(self, source: str) -> bool:
        """Whether the tree is worth a look, from the words in the text."""
        return cells.may_train(source, self._trainers())

    def judge_source(self, source: str) -> Judgement:
        """Judges a cell's text; one that is no Python does not train."""
        tree = cells.parse(source)
        return self.judge(tree) if tree is not None else NOTHING

    def judge(self, tree: ast.AST) -> Judgement:
        """Judges a cell's tree and learns from it."""
        self._origins.forget()
        found, calls = self._look(getattr(tree, "body", []), self._origins)
        imports = self._first_imports(tree)
        framework = found[0] if found else self._through_functions(calls)
        if framework is None:
            return Judgement(False, None, imports)
        return Judgement(True, framework or None, imports)

    def _trainers(self) -> List[str]:
        return [name.lstrip(".") for name in self._functions if self._resolve(name, set()) is not None]

    def _through_functions(self, calls: FrozenSet[str]) -> Optional[str]:
        for name in sorted(calls):
            framework = self._resolve(name, set())
            if framework is not None:
                return framework
        return None

    def _resolve(self, name: str, seen: Set[str]) -> Optional[str]:
        """The framework that a function of the notebook trains with, itself or through others."""
        function = self._functions.get(name)
        if function is None or name in seen:
            return None
        if function.trains:
            return function.framework or ""
        seen.add(name)
        for called in sorted(function.calls):
            framework = self._resolve(called, seen)
            if framework is not None:
                return framework
        return None

    def _look(self, body: List[ast.stmt], origins: Origins) -> Tuple[List[str], FrozenSet[str]]:
        """The frameworks of the training calls that these statements run, and the names they call."""
        found: List[str] = []
        calls: Set[str] = set()
        for node in _running(body):
            if isinstance(node, _FUNCTIONS):
                self._define(node, origins, node.name)
            elif isinstance(node, ast.ClassDef):
                origins.learn(node)
                for method in node.body:
                    if isinstance(method, _FUNCTIONS):
                        self._define(method, origins, "." + method.name)
            elif isinstance(node, ast.Call):
                framework = self._training_call(node, origins)
                if framework is not None:
                    found.append(framework)
                calls.update(_called(node, origins))
                for inner in self._inner_cells(node):
                    more, named = self._look(inner, origins)
                    found.extend(more)
                    calls.update(named)
            else:
                self._notice_backend(node)
                origins.learn(node)
        return found, frozenset(calls)

    def _define(self, node: ast.AST, origins: Origins, name: str) -> None:
        inner = origins.inner()
        body = getattr(node, "body", [])
        found, calls = self._look(body, inner)
        self._functions[name] = _Function(found[0] if found else None, bool(found), calls)
        if not name.startswith("."):
            values = [one.value for one in _running(body) if isinstance(one, ast.Return) and one.value]
            returned = [origin for origin in map(inner.of, values) if origin]
            origins.define(name, returned[0] if returned else None)

    def _training_call(self, node: ast.Call, origins: Origins) -> Optional[str]:
        """The framework that this very call trains with; empty: not known which; None: no training."""
        package = training.package_of_call(node, origins, self._packages(origins))
        if package is None:
            return None
        return self._framework(package)

    def _framework(self, package: str) -> str:
        framework = FRAMEWORKS.get(package, "")
        if framework != "keras":
            return framework
        backend = self._backend or (self._keras_backend() if self._keras_backend else None)
        return backend if backend in ("torch", "jax") else "tensorflow"

    def _packages(self, origins: Origins) -> FrozenSet[str]:
        return (origins.packages() | self._loaded()) & (CLASSICAL | frozenset(FRAMEWORKS))

    def _first_imports(self, tree: ast.AST) -> Tuple[str, ...]:
        """Frameworks that the cell imports and no earlier cell did."""
        first: List[str] = []
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            for name in names:
                package = package_of(name)
                framework = self._framework(package) if package in FRAMEWORKS else ""
                if framework and framework not in self._imported:
                    self._imported.add(framework)
                    first.append(framework)
        return tuple(first)

    def _notice_backend(self, node: ast.AST) -> None:
        """``os.environ["KERAS_BACKEND"] = "torch"``"""
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            index = node.targets[0].slice
            key = cells.text_of(getattr(index, "value", index)) or cells.text_of(index)
            if key == "KERAS_BACKEND":
                self._backend = cells.text_of(node.value)

    def _inner_cells(self, node: ast.Call) -> Iterator[List[ast.stmt]]:
        """The Python inside ``%%time``, ``%%capture`` and the like, as IPython rewrites them."""
        name = getattr(node.func, "attr", None)
        if name in ("run_cell_magic", "run_line_magic") and node.args:
            if cells.text_of(node.args[0]) in cells.RUNS_PYTHON:
                tree = cells.parse(cells.text_of(node.args[-1]) or "")
                if tree is not None:
                    yield tree.body


def _called(node: ast.Call, origins: Origins) -> List[str]:
    """The name that is called, a method's with a dot in front; no method of a package without training."""
    if isinstance(node.func, ast.Name):
        return [node.func.id]
    if not isinstance(node.func, ast.Attribute):
        return []
    made_by = origins.of(node.func.value)
    return [] if made_by is not None and package_of(made_by) in CLASSICAL else ["." + node.func.attr]


def _running(body: List[ast.stmt]) -> Iterator[ast.AST]:
    """The nodes of what runs, in the order of the text. Of a function its head: its body runs when called.

    What a statement binds is given before what its parts call, but an assignment after its value.
    """
    for statement in body:
        for node in _walk(statement):
            yield node


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, _FUNCTIONS):
        for part in node.decorator_list + node.args.defaults:
            for one in _walk(part):
                yield one
        yield node
        return
    if isinstance(node, ast.Lambda):
        return
    if isinstance(node, ast.ClassDef):
        yield node
        children: List[ast.AST] = [child for child in node.body if not isinstance(child, _FUNCTIONS)]
    else:
        children = list(ast.iter_child_nodes(node))
    late = isinstance(node, (ast.Assign, ast.AnnAssign))
    if not late:
        yield node
    for child in children:
        for one in _walk(child):
            yield one
    if late:
        yield node
