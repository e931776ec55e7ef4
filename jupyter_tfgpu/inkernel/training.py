"""The calls that train, one function a kind. Each gives the package it trains with, or None. Pure."""

import ast
from typing import Callable, FrozenSet, Optional, Tuple

from .cells import text_of
from .origins import CLASSICAL, FRAMEWORKS, Origins, package_of

Packages = FrozenSet[str]
"""Packages in use in the notebook, as far as they matter here."""

KERAS_KEYWORDS = frozenset(
    [
        "epochs",
        "validation_data",
        "validation_split",
        "callbacks",
        "steps_per_epoch",
        "batch_size",
        "initial_epoch",
        "nb_epoch",
    ]
)
"""Arguments of ``fit`` that scikit-learn does not have."""

TRAINERS = frozenset(["transformers", "trl", "setfit", "sentence_transformers", "ultralytics"])
"""Packages with objects whose ``train()`` trains; torch's own ``train()`` only sets a mode."""

Kind = Callable[[ast.Call, str, Optional[str], Origins, Packages], Optional[str]]


def package_of_call(node: ast.Call, origins: Origins, packages: Packages) -> Optional[str]:
    """The package that this call trains with; None where it does not train."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", None)
    if name is None:
        return None
    kind = KINDS.get(name)
    return kind(node, name, origins.of(node.func), origins, packages) if kind is not None else None


def _receiver(node: ast.Call, origins: Origins) -> Tuple[Optional[str], str]:
    """The origin of the object before the dot, and its name as written."""
    if not isinstance(node.func, ast.Attribute):
        return None, ""
    value = node.func.value
    written = getattr(value, "attr", None) or getattr(value, "id", None) or ""
    return origins.of(value), written


def _one_of(packages: Packages, *frameworks: str) -> Optional[str]:
    """A package in use that belongs to one of these, in their order."""
    for framework in frameworks:
        for package in sorted(packages):
            if FRAMEWORKS.get(package) == framework:
                return framework
    return None


def _fit(
    node: ast.Call, name: str, _origin: Optional[str], origins: Origins, packages: Packages
) -> Optional[str]:
    """Keras, Lightning, fastai, MXNet's Module: ``fit`` of an object that comes from a framework."""
    made_by, _ = _receiver(node, origins)
    if not isinstance(node.func, ast.Attribute):
        return None
    if made_by is not None:
        package = package_of(made_by)
        if "preprocessing" in made_by or "ImageDataGenerator" in made_by:
            return None
        if package in FRAMEWORKS:
            return package
        if package in CLASSICAL:
            return None
    framework = _one_of(packages, "keras", "tensorflow", "torch", "mxnet")
    words = {keyword.arg for keyword in node.keywords}
    if framework is None:
        return None
    if name != "fit" or words & KERAS_KEYWORDS or not packages & CLASSICAL:
        return framework
    return None


def _tape(
    _node: ast.Call, _name: str, origin: Optional[str], _origins: Origins, packages: Packages
) -> Optional[str]:
    if origin is not None:
        return "tensorflow" if FRAMEWORKS.get(package_of(origin)) == "tensorflow" else None
    return _one_of(packages, "tensorflow", "keras") and "tensorflow"


def _apply_gradients(
    node: ast.Call, _name: str, _origin: Optional[str], origins: Origins, packages: Packages
) -> Optional[str]:
    made_by, _ = _receiver(node, origins)
    if made_by is not None and FRAMEWORKS.get(package_of(made_by)) in ("tensorflow", "keras", "jax"):
        return package_of(made_by)
    return _one_of(packages, "tensorflow", "keras", "jax")


def _backward(
    node: ast.Call, _name: str, _origin: Optional[str], origins: Origins, packages: Packages
) -> Optional[str]:
    made_by, _ = _receiver(node, origins)
    if not isinstance(node.func, ast.Attribute):
        return None
    if made_by is not None and package_of(made_by) in FRAMEWORKS:
        return package_of(made_by)
    return _one_of(packages, "torch", "mxnet")


def _step(
    node: ast.Call, _name: str, _origin: Optional[str], origins: Origins, packages: Packages
) -> Optional[str]:
    """``optimizer.step()`` of torch, ``trainer.step(n)`` of Gluon; not a scheduler's or an environment's."""
    made_by, written = _receiver(node, origins)
    if made_by is not None:
        package = package_of(made_by)
        if FRAMEWORKS.get(package) == "torch":
            return package if "optim" in made_by and "lr_scheduler" not in made_by else None
        if FRAMEWORKS.get(package) == "mxnet":
            return package if "Trainer" in made_by else None
        return None
    return _one_of(packages, "torch") if "optim" in written.lower() or written == "opt" else None


def _record(
    _node: ast.Call, _name: str, origin: Optional[str], _origins: Origins, _packages: Packages
) -> Optional[str]:
    return "mxnet" if origin is not None and origin.startswith("mxnet.") and "autograd" in origin else None


def _grad(
    _node: ast.Call, _name: str, origin: Optional[str], _origins: Origins, _packages: Packages
) -> Optional[str]:
    package = package_of(origin) if origin is not None else ""
    return package if FRAMEWORKS.get(package) == "jax" else None


def _train(
    node: ast.Call, _name: str, _origin: Optional[str], origins: Origins, _packages: Packages
) -> Optional[str]:
    """``Trainer.train()`` and ``Estimator.train(input_fn)``."""
    made_by, _ = _receiver(node, origins)
    if made_by is None:
        return None
    package = package_of(made_by)
    if package in TRAINERS and made_by.endswith("()"):
        return package
    return package if FRAMEWORKS.get(package) == "tensorflow" and "estimator" in made_by else None


def _train_and_evaluate(
    _node: ast.Call, _name: str, origin: Optional[str], _origins: Origins, _packages: Packages
) -> Optional[str]:
    return "tensorflow" if origin is not None and FRAMEWORKS.get(package_of(origin)) == "tensorflow" else None


def _session_run(
    node: ast.Call, _name: str, _origin: Optional[str], origins: Origins, packages: Packages
) -> Optional[str]:
    """``session.run(train_op)`` of TensorFlow 1: a session that fetches something named after training."""
    made_by, written = _receiver(node, origins)
    if made_by is not None:
        session = "Session" in made_by and FRAMEWORKS.get(package_of(made_by)) == "tensorflow"
    else:
        session = written.lower() in ("sess", "session") and _one_of(packages, "tensorflow") is not None
    if not session or not node.args:
        return None
    for part in ast.walk(node.args[0]):
        word = getattr(part, "id", None) or getattr(part, "attr", None) or text_of(part) or ""
        if any(sign in word.lower() for sign in ("train", "optim", "minimize", "step")):
            return "tensorflow"
    return None


def _search(
    node: ast.Call, _name: str, _origin: Optional[str], origins: Origins, _packages: Packages
) -> Optional[str]:
    """``Tuner.search(…)`` of Keras Tuner."""
    made_by, _ = _receiver(node, origins)
    package = package_of(made_by) if made_by is not None else ""
    return package if package in ("keras_tuner", "kerastuner") else None


KINDS = {
    "fit": _fit,
    "fit_generator": _fit,
    "fit_one_cycle": _fit,
    "fine_tune": _fit,
    "train_on_batch": _fit,
    "GradientTape": _tape,
    "apply_gradients": _apply_gradients,
    "backward": _backward,
    "step": _step,
    "record": _record,
    "grad": _grad,
    "value_and_grad": _grad,
    "train": _train,
    "train_and_evaluate": _train_and_evaluate,
    "run": _session_run,
    "search": _search,
}
"""By the name that is called."""
