"""The calls that train, one function a kind. Each gives the framework it trains with, or None. Pure."""

import ast
import re
from typing import Callable, Dict, Optional

from .call import Call, is_method, is_own, maker_of, origin_of, word_before
from .given import estimator
from .names import (
    KERAS_KEYWORDS,
    MODE,
    NOT_NETWORKS,
    OPTIMIZER,
    TRAINER,
    TRAINING_PACKAGES,
    TRAINING_PARTS,
    TRAINS_BY_NAME,
)
from .notebook import Notebook
from .origins import framework_of, is_other, package_of
from .sessions import run_kind
from .values import Function

_PARTS = ("fit", "train", "grad", "cross_val")

Kind = Callable[[Call, Notebook], Optional[str]]


def framework_of_call(call: Call, notebook: Notebook) -> Optional[str]:
    """The framework that this very call trains with; None where it does not train."""
    kind = KINDS.get(call.name)
    if kind is not None:
        return kind(call, notebook)
    if not any(part in call.name for part in _PARTS):  # most calls
        return None
    origin = origin_of(call)
    if call.name.endswith(("grad()", "gradients()", "gradients_function()")):
        return gradient_of(origin)
    if call.name.startswith("fit_") and not call.name.startswith(("fit_on_", "fit_transform", "fit_predict")):
        return framework_of(origin)  # tfp.vi.fit_surrogate_posterior, botorch.fit_gpytorch_mll
    if call.name.startswith("cross_val") and package_of(origin or "") == "sklearn":
        return estimator(call)
    return _by_name(call, notebook) if TRAINS_BY_NAME.match(call.name) else None


def _fit(call: Call, notebook: Notebook) -> Optional[str]:
    """Keras, Lightning, fastai, MXNet's Module: ``fit`` of an object that comes from a framework."""
    made_by = maker_of(call)
    if not is_method(call):
        return _by_name(call, notebook)
    framework = framework_of(made_by)
    if framework is not None:
        prepares = "preprocessing" in (made_by or "") or "ImageDataGenerator" in (made_by or "")
        return None if prepares else framework
    if is_other(made_by) or is_own(call):
        return None
    if made_by is not None and "(" not in made_by:
        return _by_name(call, notebook)  # of a module or a class, not of an object
    framework = notebook.in_use("keras", "tensorflow", "torch", "mxnet")
    if framework is None or call.name != "fit" or KERAS_KEYWORDS & set(call.keywords):
        return framework
    if notebook.fits_otherwise() or NOT_NETWORKS.match(word_before(call)):
        return None
    return framework


def _tape(call: Call, notebook: Notebook) -> Optional[str]:
    origin = origin_of(call)
    if origin is not None:
        return "tensorflow" if framework_of(origin) == "tensorflow" else None
    return "tensorflow" if notebook.in_use("tensorflow", "keras") else None


def _gradient(call: Call, _notebook: Notebook) -> Optional[str]:
    """``tape.gradient(loss, variables)``"""
    return "tensorflow" if "GradientTape()" in (maker_of(call) or "") else None


def _apply_gradients(call: Call, notebook: Notebook) -> Optional[str]:
    made_by = maker_of(call)
    if made_by is not None and (".train." in made_by or "python.training." in made_by):
        return None  # TensorFlow 1: an operation for a session
    framework = framework_of(made_by)
    if framework is not None:
        return framework if framework != "torch" else None
    if "grads" in call.keywords:  # flax's TrainState
        return notebook.in_use("jax")
    return notebook.in_use("tensorflow", "keras", "jax")


def _minimize(call: Call, notebook: Notebook) -> Optional[str]:
    """TensorFlow 2's ``optimizer.minimize(lambda: loss, variables)``; a loss alone makes an operation."""
    framework = framework_of(origin_of(call)) if origin_of(call) else notebook.in_use("tensorflow", "keras")
    steps = bool(call.arguments) and isinstance(call.arguments[0], Function)
    return framework if framework in ("tensorflow", "keras") and (steps or "tape" in call.keywords) else None


def _backward(call: Call, notebook: Notebook) -> Optional[str]:
    framework = framework_of(maker_of(call))
    if framework in ("torch", "mxnet"):
        return framework
    if not is_method(call) or is_own(call) or is_other(maker_of(call)):
        return None
    return notebook.in_use("torch", "mxnet")


def _step(call: Call, notebook: Notebook) -> Optional[str]:
    """``optimizer.step()`` of torch, ``trainer.step(n)`` of Gluon; not a scheduler's or an environment's."""
    made_by, written = maker_of(call) or "", word_before(call)
    framework = framework_of(made_by)
    if "sched" in made_by.lower() or "sched" in written.lower() or is_own(call) or is_other(made_by):
        return None
    if framework == "mxnet":
        return framework if "Trainer" in made_by else None
    if framework == "torch" and ("optim" in made_by or "GradScaler" in made_by or "infer" in made_by):
        return framework
    if OPTIMIZER.search(written):
        return notebook.in_use("torch")
    return "mxnet" if "trainer" in written and call.arguments and notebook.in_use("mxnet") else None


def _record(call: Call, _notebook: Notebook) -> Optional[str]:
    origin = origin_of(call)
    return "mxnet" if framework_of(origin) == "mxnet" and "autograd" in (origin or "") else None


def _grad(call: Call, _notebook: Notebook) -> Optional[str]:
    return gradient_of(origin_of(call))


def gradient_of(origin: Optional[str]) -> Optional[str]:
    """The framework whose gradient function this is."""
    if origin is None or KINDS.get(origin.replace("()", "").rsplit(".", 1)[-1]) is not _grad:
        return None
    framework = framework_of(origin)
    if framework == "torch":
        return framework if "autograd." in origin or "func" in origin else None
    if framework == "tensorflow":
        return framework if "eager." in origin else None
    return framework if framework == "jax" else None


def _train(call: Call, notebook: Notebook) -> Optional[str]:
    """``Trainer.train()``, ``Estimator.train(input_fn)``; torch's own only sets a mode."""
    made_by = maker_of(call)
    framework = framework_of(made_by)
    if made_by is not None and framework is not None:
        trains = TRAINING_PARTS.search(made_by) or package_of(made_by) in TRAINING_PACKAGES
        return framework if trains and is_method(call) else None
    if is_other(made_by) or is_other(origin_of(call)) or is_own(call):
        return None
    if is_method(call) and not call.node.args and not call.node.keywords:
        named = TRAINER.search(word_before(call)) or TRAINER.search(made_by or "")
        return notebook.in_use("torch", "tensorflow", "keras", "jax", "mxnet") if named else None
    return _by_name(call, notebook)


def _sets_mode(call: Call) -> bool:
    """``model.train(False)``, ``model.train(mode=was_training)``"""
    given = list(call.node.args) + [one.value for one in call.node.keywords if one.arg == "mode"]
    if len(given) != 1 or len(call.node.keywords) > 1:
        return False
    name = getattr(given[0], "id", None) or getattr(given[0], "attr", None)
    return bool(MODE.search(name)) if name else not isinstance(given[0], (ast.Call, ast.Subscript))


def _by_name(call: Call, notebook: Notebook) -> Optional[str]:
    """A function or method of the user's own files, known by its name only."""
    origin = origin_of(call)
    if re.search(r"(^|\.)[A-Z]\w*\.\w+$", origin or ""):
        return None  # a class's own, such as `Panel.fit("text")`
    if is_other(origin) or not (call.node.args or call.node.keywords):
        return None
    if framework_of(origin) is not None:
        book = package_of(origin or "") == "d2l" and call.name.startswith("train")
        return framework_of(origin) if book else None
    if is_method(call) and call.name == "train" and _sets_mode(call):
        return None
    return notebook.in_use("tensorflow", "keras", "torch", "jax", "mxnet")


def _train_and_evaluate(call: Call, notebook: Notebook) -> Optional[str]:
    origin = origin_of(call)
    return framework_of(origin) if framework_of(origin) else _by_name(call, notebook)


def _search(call: Call, _notebook: Notebook) -> Optional[str]:
    """``Tuner.search(…)`` of Keras Tuner."""
    made_by = maker_of(call) or ""
    return framework_of(made_by) if package_of(made_by) in ("keras_tuner", "kerastuner") else None


_UPDATES = re.compile(r"^flax\.nnx\..*Optimizer\(\)|^numpyro\..*SVI\(\)|^mxnet\.mod")


def _update(call: Call, _notebook: Notebook) -> Optional[str]:
    """Flax's ``Optimizer.update(grads)``, NumPyro's ``SVI.update``, MXNet's ``Module.update()``."""
    made_by = maker_of(call)
    return framework_of(made_by) if _UPDATES.search(made_by or "") else None


def _hyperparameter_search(call: Call, notebook: Notebook) -> Optional[str]:
    """``Trainer.hyperparameter_search(…)`` of transformers: nothing else has a method of this name."""
    return framework_of(maker_of(call)) or notebook.in_use("torch")


def _learn(call: Call, notebook: Notebook) -> Optional[str]:
    """Stable Baselines."""
    made_by = maker_of(call)
    if framework_of(made_by) is not None:
        return framework_of(made_by) if "stable_baselines" in (made_by or "") else None
    return notebook.in_use("torch", "tensorflow") if "total_timesteps" in call.keywords else None


def _of_framework(*signs: str) -> Kind:
    """A call of a framework's whose origin has one of these signs."""

    def kind(call: Call, _notebook: Notebook) -> Optional[str]:
        origin = origin_of(call) or ""
        return framework_of(origin) if any(sign in origin for sign in signs) else None

    return kind


KINDS: Dict[str, Kind] = {
    "fit": _fit,
    "fit_generator": _fit,
    "fit_one_cycle": _fit,
    "fit_onecycle": _fit,
    "fit_flat_cos": _fit,
    "fit_sgdr": _fit,
    "autofit": _fit,
    "fine_tune": _fit,
    "train_on_batch": _fit,
    "lr_find": _fit,
    "GradientTape": _tape,
    "gradient": _gradient,
    "apply_gradients": _apply_gradients,
    "minimize": _minimize,
    "backward": _backward,
    "manual_backward": _backward,
    "step": _step,
    "record": _record,
    "forward_backward": _of_framework("mxnet."),
    "grad": _grad,
    "value_and_grad": _grad,
    "filter_grad": _grad,
    "implicit_gradients": _grad,
    "implicit_value_and_gradients": _grad,
    "gradients_function": _grad,
    "filter_value_and_grad": _grad,
    "apply_updates": _of_framework("optax.", "equinox.", "haiku."),
    "update": _update,
    "train": _train,
    "train_model": _train,
    "tune": _of_framework("Trainer()"),
    "next": _of_framework("tensorflow_federated.learning"),
    "create": _of_framework("mxnet.model.FeedForward"),
    "run_experiment": _of_framework("train_lib"),
    "train_and_validate": _of_framework("tensorflow_ranking"),
    "hyperparameter_search": _hyperparameter_search,
    "train_and_evaluate": _train_and_evaluate,
    "run": run_kind,
    "search": _search,
    "learn": _learn,
}
"""By the name that is called."""


def is_word(name: str) -> bool:
    """Whether a call of this name may train."""
    return name in KINDS or name.startswith("fit_") or bool(TRAINS_BY_NAME.match(name))
