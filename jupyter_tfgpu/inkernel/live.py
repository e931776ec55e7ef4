"""What the running kernel knows of its names, for the recogniser. Looks at types, runs none of their code."""

import os
import sys
import types
from typing import Any, Callable, Dict, FrozenSet, Optional

from .origins import CLASSICAL, FRAMEWORKS, package_of

_KNOWN = frozenset(FRAMEWORKS) | CLASSICAL


def origin_in(namespace: Dict[str, Any]) -> Callable[[str], Optional[str]]:
    """Gives the origin of a variable: of an object, its class or the first base of a package that we know."""

    def origin(name: str) -> Optional[str]:
        value = namespace.get(name)
        if value is None:
            return None
        if isinstance(value, types.ModuleType):
            return value.__name__
        if isinstance(value, types.FunctionType):
            return _known(value.__module__, value.__qualname__)
        if isinstance(value, type):
            return _of_class(value)
        made_by = _of_class(type(value))
        return made_by + "()" if made_by is not None else None

    return origin


def _of_class(cls: type) -> Optional[str]:
    for base in type.mro(cls):
        found = _known(base.__dict__.get("__module__"), base.__name__)
        if found is not None:
            return found
    return None


def _known(module: Any, name: str) -> Optional[str]:
    if isinstance(module, str) and package_of(module) in _KNOWN:
        return "{}.{}".format(module, name)
    return None


def loaded_packages() -> FrozenSet[str]:
    """The packages that we know and that this kernel has imported."""
    return frozenset(name for name in _KNOWN if name in sys.modules)


def keras_backend() -> Optional[str]:
    """What Keras runs on: what Keras 3 has loaded, else its variable."""
    config = sys.modules.get("keras.src.backend.config")
    backend = getattr(config, "_BACKEND", None)
    return backend if isinstance(backend, str) else os.environ.get("KERAS_BACKEND")
