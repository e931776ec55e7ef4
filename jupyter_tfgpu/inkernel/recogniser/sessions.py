"""TensorFlow 1: a session that is told to run an operation that trains. Pure."""

import ast
import re
from typing import List, Optional, Tuple

from .call import Call, maker_of, word_before
from .cells import text_of
from .notebook import Notebook
from .origins import framework_of
from .values import Table, Value

_RUNNERS = re.compile(
    r"^(ignite\.\S*create_supervised_trainer|numpyro\.\S*SVI|trax\.\S*Loop|jaxopt\.\w+)\(\)"
)
"""Objects whose ``run()`` trains."""


def run_kind(call: Call, notebook: Notebook) -> Optional[str]:
    """``session.run(train_op)`` and ``train_op.run()`` of TensorFlow 1, and loops of some packages."""
    made_by, written = maker_of(call) or "", word_before(call)
    if _RUNNERS.search(made_by):
        return framework_of(made_by)
    if _is_train_op(made_by) or (_SURELY.match(written) and notebook.in_use("tensorflow")):
        return "tensorflow"
    if made_by:
        session = "session" in made_by.lower() and framework_of(made_by) == "tensorflow"
    else:
        session = bool(re.search(r"sess(ion)?$", written, re.IGNORECASE)) and bool(
            notebook.in_use("tensorflow")
        )
    if not session or not call.node.args:
        return None
    fetched = _fetched(call.node.args[0], call.arguments[0])
    return "tensorflow" if any(_trains_when_run(node, value) for node, value in fetched) else None


def _fetched(node: ast.AST, value: Value) -> List[Tuple[ast.AST, Value]]:
    """The parts of what a session is told to run, each with its value."""
    if isinstance(node, (ast.List, ast.Tuple)) and isinstance(value, tuple):
        return [pair for one in zip(node.elts, value) for pair in _fetched(*one)]
    if isinstance(node, ast.Dict) and isinstance(value, Table):
        pairs = zip(node.values, [one for _, one in value.items])
        return [pair for one in pairs for pair in _fetched(*one)]
    if isinstance(value, tuple):
        return [(node, one) for one in value]
    return [(node, value)]


_TRAIN_OP = re.compile(r"train|optim|minimi[sz]e|solver|apply_grad|^step$", re.IGNORECASE)
_NO_TRAIN_OP = re.compile(
    r"loss|cost|acc|error|summar|data|batch|image|label|feature|target|sample|init|writer|iter|_[xy]$|[xy]_|pred",
    re.IGNORECASE,
)


_SURELY = re.compile(r"^_?(train|training|optimi[sz]e|apply_gradients?)_?(op|ops|step)$", re.IGNORECASE)


_JOINED = (".group()", ".no_op()", ".identity()", ".get_collection()", "Operation()")
"""Signs of an operation that stands for others; the last is what any of them is in a kernel."""


def _is_train_op(origin: str) -> bool:
    return any(
        sign in origin
        for sign in (".minimize()", ".apply_gradients()", "create_train_op()", "optimize_loss()")
    )


def _trains_when_run(node: ast.AST, value: Value) -> bool:
    word = getattr(node, "id", None) or getattr(node, "attr", None) or text_of(node) or ""
    if _SURELY.match(word):
        return True
    named = bool(_TRAIN_OP.search(word)) and not _NO_TRAIN_OP.search(word)
    if isinstance(value, str) and value:
        joined = any(sign in value for sign in _JOINED)
        return _is_train_op(value) or (named and joined) or (named and framework_of(value) is None)
    return named
