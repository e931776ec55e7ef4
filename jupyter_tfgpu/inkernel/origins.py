"""Where the names in a notebook come from: ``model`` from ``tensorflow.keras.Sequential()``. Pure.

An origin is the dotted path of a module's member; a call appends ``()``, so that what an object was made
by can be told from the maker. Its first part is the package.
"""

import ast
from typing import Callable, Dict, FrozenSet, Optional

FRAMEWORKS = {
    "tensorflow": "tensorflow",
    "tensorflow_core": "tensorflow",  # the real package's name in TensorFlow 1.15 and 2.0
    "tf_keras": "tensorflow",
    "tflearn": "tensorflow",
    "keras_tuner": "keras",
    "kerastuner": "keras",
    "keras_cv": "keras",
    "keras_nlp": "keras",
    "keras_hub": "keras",
    "autokeras": "keras",
    "scikeras": "keras",
    "keras": "keras",
    "torch": "torch",
    "pytorch_lightning": "torch",
    "lightning": "torch",
    "lightning_fabric": "torch",
    "transformers": "torch",
    "trl": "torch",
    "setfit": "torch",
    "sentence_transformers": "torch",
    "accelerate": "torch",
    "fastai": "torch",
    "fastcore": "torch",
    "ignite": "torch",
    "skorch": "torch",
    "ultralytics": "torch",
    "torch_geometric": "torch",
    "torchvision": "torch",
    "timm": "torch",
    "jax": "jax",
    "flax": "jax",
    "optax": "jax",
    "haiku": "jax",
    "equinox": "jax",
    "mxnet": "mxnet",
    "gluoncv": "mxnet",
    "gluonnlp": "mxnet",
    "gluonts": "mxnet",
}
"""Packages that train on GPUs and the framework underneath; ``keras`` runs on one of three."""

CLASSICAL = frozenset(
    [
        "sklearn",
        "xgboost",
        "lightgbm",
        "catboost",
        "statsmodels",
        "prophet",
        "imblearn",
        "scipy",
        "numpy",
        "pandas",
        "cuml",
        "sktime",
        "hmmlearn",
        "lifelines",
        "surprise",
        "umap",
        "category_encoders",
    ]
)
"""Packages whose objects have a ``fit`` too, which is no concern of a framework."""

Live = Callable[[str], Optional[str]]


def package_of(origin: str) -> str:
    """The first part of an origin."""
    return origin.split(".", 1)[0].replace("()", "")


class Origins:
    """The origins of names: what the code says, then what ``live`` knows of the running kernel."""

    def __init__(self, live: Optional[Live] = None, outer: Optional["Origins"] = None) -> None:
        self._names: Dict[str, Optional[str]] = {}
        self._live = live
        self._outer = outer

    def inner(self) -> "Origins":
        """The names inside a function: its own first, then these."""
        return Origins(outer=self)

    def forget(self) -> None:
        """Lets what ``live`` knows count again: after a cell has run, objects say more than code."""
        if self._live is not None:
            self._names = {
                name: origin for name, origin in self._names.items() if origin and not origin.endswith("()")
            }

    def of_name(self, name: str) -> Optional[str]:
        """The origin of a plain name; None: not known."""
        if name in self._names:
            return self._names[name]
        if self._outer is not None:
            return self._outer.of_name(name)
        return self._live(name) if self._live is not None else None

    def of(self, node: ast.AST) -> Optional[str]:
        """The origin of an expression; None: not known."""
        if isinstance(node, ast.Name):
            return self.of_name(node.id)
        if isinstance(node, ast.Attribute):
            origin = self.of(node.value)
            return "{}.{}".format(origin, node.attr) if origin else None
        if isinstance(node, ast.Call):
            origin = self.of(node.func)
            return origin + "()" if origin else None
        if isinstance(node, (ast.Await, ast.Subscript, ast.Starred)):
            return self.of(node.value)
        return None

    def packages(self) -> FrozenSet[str]:
        """The packages that the code named so far comes from."""
        mine = frozenset(package_of(origin) for origin in self._names.values() if origin)
        return mine | self._outer.packages() if self._outer is not None else mine

    def learn(self, node: ast.AST) -> None:
        """Takes in what a statement binds: imports, assignments, ``with … as``, classes."""
        if isinstance(node, ast.Import):
            for alias in node.names:
                package = alias.name.split(".", 1)[0]
                self._names[alias.asname or package] = alias.name if alias.asname else package
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if node.module and not node.level:
                    self._names[alias.asname or alias.name] = "{}.{}".format(node.module, alias.name)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                self._bind(target, node.value)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            self._bind(node.target, node.value)
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            for item in node.items:
                if item.optional_vars is not None:
                    self._bind(item.optional_vars, item.context_expr)
        elif isinstance(node, ast.ClassDef):
            bases = [origin for origin in map(self.of, node.bases) if origin]
            self._names[node.name] = bases[0] if bases else None

    def define(self, name: str, origin: Optional[str]) -> None:
        """Sets the origin of a name, such as of a function by what it returns."""
        self._names[name] = origin

    def _bind(self, target: ast.AST, value: ast.AST) -> None:
        if isinstance(target, ast.Name):
            self._names[target.id] = self.of(value)
        elif isinstance(target, (ast.Tuple, ast.List)):
            values = value.elts if isinstance(value, (ast.Tuple, ast.List)) else []
            for index, element in enumerate(target.elts):
                if index < len(values):
                    self._bind(element, values[index])
                elif isinstance(element, ast.Name):
                    # Several things out of one call, as in `model, optimizer = prepare(model, optimizer)`.
                    self._names[element.id] = self.of(value)
