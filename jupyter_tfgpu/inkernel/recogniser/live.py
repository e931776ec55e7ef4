"""What the running kernel knows of its names, for the recogniser. Looks at types, runs none of their code."""

import os
import sys
import types
from typing import Any, Callable, Dict, FrozenSet, Optional

from .origins import FITTING, FRAMEWORKS, OTHERS, package_of

_KNOWN = frozenset(FRAMEWORKS) | FITTING | OTHERS | frozenset(["d2l"])
_GENERIC = frozenset(["official", "rl", "surprise", "interpret", "implicit", "composer", "catalyst"])
"""Names that a folder of the user's may have too; as loaded modules they say nothing."""


def origin_in(namespace: Dict[str, Any]) -> Callable[[str], Optional[str]]:
    """Gives the origin of a variable, or of a path of attributes that starts at one.

    Of an object: its class, or the first base of a package that we know; of a function or an object of a
    class that the notebook defined: ``__main__.name``, with ``()`` for the object.
    """

    def origin(path: str) -> Optional[str]:
        names = path.split(".")
        value = namespace.get(names[0])
        for name in names[1:]:
            value = _attribute(value, name)
        return _origin_of(value)

    return origin


def _origin_of(value: Any) -> Optional[str]:
    cls = type(value)
    if value is None:
        return None
    if issubclass(cls, types.ModuleType):
        name = _members(value).get("__name__")
        return name if isinstance(name, str) else None
    if cls is types.FunctionType:
        if value.__module__ == "__main__":
            return "__main__.{}".format(value.__name__)
        return _known(value.__module__, value.__qualname__)
    if issubclass(cls, type):
        return _of_class(value)
    if _module_of(cls) == "__main__":
        return "__main__.{}()".format(type.__getattribute__(cls, "__name__"))
    made_by = _of_class(cls)
    return made_by + "()" if made_by is not None else None


def _of_class(cls: type) -> Optional[str]:
    for base in type.__getattribute__(cls, "__mro__"):
        found = _known(_module_of(base), type.__getattribute__(base, "__name__"))
        if found is not None:
            return found
    return None


def _module_of(cls: type) -> Any:
    return type.__getattribute__(cls, "__dict__").get("__module__")


def _attribute(value: Any, name: str) -> Any:
    """An attribute as it is stored: no property and no ``__getattr__`` of the object's is run."""
    members = _members(value)
    if name in members:
        return members[name]
    modules = members.get("_modules")  # torch keeps a module's parts there
    return modules.get(name) if type(modules) is dict else None


def _members(value: Any) -> Dict[str, Any]:
    try:
        members = object.__getattribute__(value, "__dict__")
    except Exception:  # it has none, or none like others
        return {}
    return members if type(members) is dict else {}


def _known(module: Any, name: str) -> Optional[str]:
    if isinstance(module, str) and package_of(module) in _KNOWN:
        return "{}.{}".format(module, name)
    return None


def loaded_packages() -> FrozenSet[str]:
    """The packages that we know and that this kernel has imported."""
    return frozenset(name for name in _KNOWN - _GENERIC if name in sys.modules)


def keras_backend() -> Optional[str]:
    """What Keras runs on: what Keras 3 has loaded, else its variable."""
    for name in ("keras.src.backend.config", "keras_core.src.backend.config"):
        module = sys.modules.get(name)
        backend = _members(module).get("_BACKEND") if module is not None else None
        if isinstance(backend, str):
            return backend
    return os.environ.get("KERAS_BACKEND")
