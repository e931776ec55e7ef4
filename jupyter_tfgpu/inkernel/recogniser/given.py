"""What a call of a package gives back, and whether it calls the functions that it is given. Pure."""

import re
from typing import List, Optional

from .call import Call, origin_of
from .origins import framework_of, is_other
from .values import Value

_ESTIMATORS = re.compile(r"^(skorch|scikeras)\.|Keras(Classifier|Regressor)")
"""Networks that behave as scikit-learn's estimators."""

WRAPS = frozenset(
    [
        "compile",
        "cache",
        "checkpoint",
        "filter_jit",
        "filter_pmap",
        "filter_vmap",
        "function",
        "jit",
        "lru_cache",
        "no_grad",
        "partial",
        "pmap",
        "remat",
        "script",
        "shard_map",
        "vmap",
        "wraps",
    ]
)
"""Calls that give back the function they are given, changed."""

STARTS = frozenset(["__call__", "apply", "delay", "fit", "launch", "map", "remote", "run", "start", "train"])
"""Methods that call the function that their object holds."""

PASSES = frozenset(["prepare", "setup", "to", "cuda", "cpu", "double", "float", "half"])
"""Methods that give back what they are given, or their own object."""

_LOOKS = re.compile(
    r"^(help|print|display|id|type|repr|str|len|list|isinstance|callable|hasattr|setattr|getsource\w*|signature|"
    r"inspect|to_code|make_jaxpr|eval_shape|lower|trace|on_\w+|observe|register\w*|add_\w+|append|insert|"
    r"connect|command|property|staticmethod|classmethod|setter|wraps|contextmanager|patch\w*|compile)$"
)
"""Calls that only look at a function, or keep it for later."""


def only_looks(name: str) -> bool:
    """Whether a call of this name does not call the functions that it is given."""
    return bool(_LOOKS.match(name))


def keeps(call: Call) -> bool:
    """Whether an object is made that keeps the functions it is given, to call them later."""
    return call.name[:1].isupper()


def passed(call: Call) -> Value:
    """What ``accelerator.prepare(model, optimizer)`` and ``model.to(device)`` give back."""
    if call.name in ("prepare", "setup") and call.arguments:
        return call.arguments[0] if len(call.arguments) == 1 else tuple(call.arguments)
    return call.receiver


def result_of(call: Call) -> Value:
    """The value of the call: its origin with ``()``."""
    origin = origin_of(call)
    if origin is None:
        return None
    if is_other(origin):
        return (
            _estimator_inside(call.arguments + [call.keywords[one] for one in call.keywords]) or origin + "()"
        )
    return origin + "()"


def estimator(call: Call) -> Optional[str]:
    """The framework of the network that ``cross_val_score(net, …)`` is given."""
    return framework_of(_estimator_inside(call.arguments[:1] + [call.keywords.get("estimator")]))


def _estimator_inside(values: List[Value], depth: int = 3) -> Optional[str]:
    for value in values:
        if isinstance(value, str) and _ESTIMATORS.search(value):
            return value
        if isinstance(value, tuple) and depth:
            found = _estimator_inside(list(value), depth - 1)
            if found is not None:
                return found
    return None
