"""What the recogniser knows of one notebook, or of one running kernel, between its cells."""

import ast
import builtins
from typing import Callable, Dict, FrozenSet, List, Optional, Set

from . import cells
from .origins import FITTING, FRAMEWORKS, framework_of, is_other, package_of, says_more_than_its_object
from .values import Class, Function, Held, Instance, Live, Scope, Table, Value

Loaded = Callable[[], FrozenSet[str]]
"""Gives the packages that a kernel has imported, of those in ``origins.py``."""

_BUILTINS = frozenset(dir(builtins))


class Notebook:
    """The names of a notebook and the packages that it uses.

    ``live`` and ``loaded`` tell of the running kernel, ``keras_backend`` gives the framework under Keras;
    without them the code alone decides.
    """

    def __init__(
        self,
        live: Optional[Live] = None,
        loaded: Optional[Loaded] = None,
        keras_backend: Optional[Callable[[], Optional[str]]] = None,
    ) -> None:
        self.scope = Scope()
        self.stars: List[str] = []
        self.methods: Dict[str, Function] = {}
        self.packages: Set[str] = set()
        self._imported: Set[str] = set()
        self._now: FrozenSet[str] = frozenset()
        self._live = live
        self._loaded = loaded
        self._keras_backend = keras_backend
        self._backend: Optional[str] = None

    # -- names -------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """A cell begins: what the kernel knows counts again; after a cell, objects say more than code."""
        if self._loaded is not None:
            self._now = self._loaded()
        if self._live is None:
            return
        names = self.scope.names
        for name in [name for name, value in names.items() if _is_outdated(value)]:
            del names[name]

    def unbound(self, name: str) -> Value:
        """What a name stands for that no code here has bound: the kernel's, else from a ``*`` import."""
        if self._live is not None:
            origin = self._live(name)
            if origin is not None:
                return self._local(origin)
        if self.stars and name not in _BUILTINS:
            known = [star for star in self.stars if framework_of(star) is not None]
            # Which of several is meant the code does not tell; of one kind, any will do.
            if known and not any(is_other(star) for star in self.stars):
                return "{}.{}".format(known[-1], name)
        return None

    def live_path(self, node: ast.Attribute) -> Optional[str]:
        """The origin of ``agent.model`` in the running kernel."""
        if self._live is None:
            return None
        names = [node.attr]
        inner: ast.AST = node.value
        while isinstance(inner, ast.Attribute):
            names.append(inner.attr)
            inner = inner.value
        if not isinstance(inner, ast.Name):
            return None
        return self._live(".".join([inner.id] + names[::-1]))

    def _local(self, origin: str) -> Value:
        """The notebook's own class or function, where the kernel names one."""
        if not origin.startswith("__main__."):
            return origin
        made = origin.endswith("()")
        name = origin[len("__main__.") :].replace("()", "")
        value = self.scope.get(name)
        if isinstance(value, Class) and made:
            return Instance(value)
        if isinstance(value, Function) and not made:
            return value
        base = self._live(name) if made and self._live is not None else None
        # Its class was in no cell that was judged: the package's class that it derives from.
        return base + "()" if base is not None and not base.startswith("__main__.") else None

    # -- packages ----------------------------------------------------------------------------------------

    def imports(self, path: str) -> Optional[str]:
        """Takes in an import; gives the framework where this is its first import."""
        package = package_of(path)
        self.packages.add(package)
        framework = framework_of(path)
        if framework is None:
            return None
        if package == "transformers" and framework == "torch" and self.in_use("tensorflow", "jax"):
            return None  # its tokenizers and configurations go with any of them
        if FRAMEWORKS.get(package) != framework:
            self.packages.add(framework)
        framework = self.under(framework)
        known = self._imported if self._loaded is None else self._now
        if framework in known:
            return None
        self._imported.add(framework)
        return framework

    def in_use(self, *frameworks: str) -> Optional[str]:
        """The first of these that the notebook uses; ``keras`` asks for Keras itself."""
        used = {FRAMEWORKS.get(package) for package in self.packages | self._now}
        for framework in frameworks:
            if framework in used:
                return framework
        return None

    def fits_otherwise(self) -> bool:
        """Whether a package is in use whose objects have a ``fit`` of their own."""
        return not FITTING.isdisjoint(self.packages) or not FITTING.isdisjoint(self._now)

    # -- Keras -------------------------------------------------------------------------------------------

    def under(self, framework: str) -> str:
        """The framework itself: Keras runs on TensorFlow, torch or JAX."""
        if framework != "keras":
            return framework
        backend = self._backend or (self._keras_backend() if self._keras_backend else None)
        return backend if backend in ("torch", "jax") else "tensorflow"

    def notice_backend(self, target: ast.AST, value: ast.AST) -> None:
        """``os.environ["KERAS_BACKEND"] = "torch"``"""
        if isinstance(target, ast.Subscript) and cells.text_of(target.slice) == "KERAS_BACKEND":
            self._backend = cells.text_of(value)

    def notice_variable(self, line: str) -> None:
        """``%env KERAS_BACKEND=torch``"""
        name, _, value = line.replace("=", " ").strip().partition(" ")
        if name == "KERAS_BACKEND":
            self._backend = value.strip()


def _is_outdated(value: Value) -> bool:
    """What a call made, which the kernel knows better; not what is defined in the notebook."""
    if isinstance(value, str):
        lasting = isinstance(value, Held) or says_more_than_its_object(value)
        return value.endswith("()") and not lasting
    return value is None or isinstance(value, (tuple, Instance, Table))
