"""Does a cell train, or import a framework for the first time? From its syntax tree. Pure.

A cell trains if what it runs, functions of earlier cells that it calls included, has one of the calls in
``training.py``. Code that is only defined does not count. ``fit`` alone is scikit-learn's word too, so it
counts only for an object of a framework.
"""

import ast
from typing import Callable, Dict, FrozenSet, List, NamedTuple, Optional, Set, Tuple
from weakref import WeakKeyDictionary

from . import cells, training
from .evaluate import Evaluator
from .expressions import Exhausted
from .notebook import Loaded, Notebook
from .values import Class, Function, Held, Instance, Live, Value

MAX_PENDING = 20000
"""Characters of earlier cells that are kept unjudged at most."""


class Judgement(
    NamedTuple("Judgement", [("trains", bool), ("framework", Optional[str]), ("imports", Tuple[str, ...])])
):
    """``framework``: the one that the cell trains with, tensorflow, torch, jax or mxnet, None where it does
    not train; ``imports``: those that it imports for the first time."""

    __slots__ = ()

    @property
    def recognised(self) -> bool:
        """Whether the report is to be shown before this cell."""
        return self.trains or bool(self.imports)

    @property
    def frameworks(self) -> Tuple[str, ...]:
        """The frameworks that the cell is recognised for: the one it trains with first."""
        first = (self.framework,) if self.framework is not None else ()
        return first + tuple(one for one in self.imports if one != self.framework)


NOTHING = Judgement(False, None, ())


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
        self._notebook = Notebook(live, loaded, keras_backend)
        self._names: Optional[FrozenSet[str]] = None
        self._pending: List[Tuple[str, List[str]]] = []

    def may_train(self, source: str) -> bool:
        """Whether the tree is worth a look, from the words in the text.

        Keeps the text of one that is not, if it defines something that a later cell may call.
        """
        if len(source) > cells.MAX_SOURCE:
            return False
        # The names last: they are gathered anew after each cell that was judged.
        if cells.may_train(source) or any(name in source for name in self._trainers()):
            return True
        if "def " in source and len(source) <= MAX_PENDING:
            self._pending.append((source, cells.defined_names(source)))
            while sum(len(text) for text, _ in self._pending) > MAX_PENDING:
                del self._pending[0]
            self._names = None
        return False

    def judge_source(self, source: str) -> Judgement:
        """Judges a cell's text; one that is no Python is not recognised."""
        tree = cells.parse(source)
        return self.judge(tree) if tree is not None else NOTHING

    def judge(self, tree: ast.AST) -> Judgement:
        """Judges a cell's tree and learns from it."""
        pending, self._pending = self._pending, []
        for source, _ in pending:
            earlier = cells.parse(source)
            if earlier is not None:
                self._follow(earlier)
        self._names = None
        self._notebook.begin()
        evaluator = self._follow(tree)
        framework = evaluator.found[0] if evaluator.found else None
        imports = tuple(sorted(set(evaluator.imported), key=evaluator.imported.index))
        return Judgement(framework is not None, framework, imports)

    def _follow(self, tree: ast.AST) -> Evaluator:
        evaluator = Evaluator(self._notebook)
        for statement in getattr(tree, "body", []):
            try:
                evaluator.run([statement], self._notebook.scope)
            except RecursionError:  # nested too deep; the next statement need not be
                continue
            except Exhausted:
                break
        return evaluator

    def _trainers(self) -> FrozenSet[str]:
        """The names, of functions and methods, whose call may train."""
        if self._names is None:
            pending = [name for _, names in self._pending for name in names]
            self._names = frozenset(_training_names(self._notebook)) | frozenset(pending)
        return self._names


def _training_names(notebook: Notebook) -> Set[str]:
    """Names whose functions have a word of training in them, or call one of these names."""
    called: Dict[str, Set[str]] = {}
    names: Set[str] = set()
    for name, value in list(notebook.scope.names.items()) + list(notebook.methods.items()):
        if isinstance(value, str) and training.gradient_of(value):
            names.add(name)
        for function in _functions_of(value):
            mentioned, has_word = _mentioned(function.node)
            called.setdefault(name, set()).update(mentioned)
            if has_word or function.gradient is not None:
                names.add(name)
    while True:
        more = {name for name, inside in called.items() if name not in names and not names.isdisjoint(inside)}
        if not more:
            return names
        names |= more


def _functions_of(value: Value) -> List[Function]:
    if isinstance(value, Function):
        return [value]
    if isinstance(value, Held):
        return list(value.functions)
    members = value.cls if isinstance(value, Instance) else value
    if isinstance(members, Class):
        wanted = [members.find(name) for name in ("__init__", "__call__", "forward")]
        return [one for one in wanted if isinstance(one, Function)]
    return []


_MENTIONED: "WeakKeyDictionary[ast.AST, Tuple[FrozenSet[str], bool]]" = WeakKeyDictionary()
"""By tree, which copies of a recogniser share: each is walked once, not after every cell."""


def _mentioned(node: ast.AST) -> Tuple[FrozenSet[str], bool]:
    """The names and attributes in a function, and whether one of them is a word of training."""
    found = _MENTIONED.get(node)
    if found is None:
        named = (getattr(one, "attr", None) or getattr(one, "id", None) for one in ast.walk(node))
        names = frozenset(one for one in named if isinstance(one, str))
        found = _MENTIONED[node] = names, any(training.is_word(one) for one in names)
    return found
