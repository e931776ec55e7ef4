"""The calls that train, one function a kind. Each gives the framework it trains with, or None. Pure."""

import ast
import re
from typing import Any, Callable, Dict, List, NamedTuple, Optional

from .cells import text_of
from .notebook import Notebook
from .origins import framework_of, is_other, package_of
from .values import Function, Instance, Table, Value

KERAS_KEYWORDS = frozenset(
    [
        "epochs",
        "nb_epoch",
        "num_epoch",
        "initial_epoch",
        "validation_data",
        "validation_split",
        "callbacks",
        "steps_per_epoch",
        "batch_size",
        "train_dataloaders",
        "datamodule",
    ]
)
"""Arguments of ``fit`` that scikit-learn does not have."""

_NOT_NETWORKS = re.compile(
    r"^(clf|classifier|scaler|\w*_scaler|pca|\w*pca|le|\w*encoder|enc|ohe|\w*vectorizer|tfidf|cv|lda|knn|svm|svc|rf|"
    r"forest|tree|dt|logreg|lr|linreg|regr?|regressor|kmeans|km|pipe|pipeline|grid\w*|gs|search|imputer|"
    r"tokenizer|xgb|lgbm?|bst|booster|tsne|umap|normalizer|\w*datagen|gmm|transformer|preprocessor|estimator)$",
    re.IGNORECASE,
)
"""Names that people give to what scikit-learn fits."""

_OPTIMIZER = re.compile(r"optim|(^|_)opt(_|\d|$)", re.IGNORECASE)

TRAINS_BY_NAME = re.compile(
    r"^(train|do_train|fit|fit_model|run_training|start_training|training_(loop|step)|"
    r"train_(model|models|network|net|loop|step|one_step|epoch|epochs|one_epoch|batch|fn|func|gan|vae|agent|"
    r"classifier|and_\w+|ch\d+\w*|concise_\w+|seq2seq\w*|ranking|batch_\w+))$"
)
"""What people call a function that trains, where it comes from a file of their own."""

_TRAINING_PARTS = re.compile(r"Trainer|[Ee]stimator|contrib\.learn|slim\.learning|Runner|Recipe")
_TRAINING_PACKAGES = frozenset(
    [
        "autogluon",
        "flair",
        "gluonts",
        "mmengine",
        "ray",
        "scvi",
        "simpletransformers",
        "super_gradients",
        "tf_agents",
        "ultralytics",
        "unsloth",
        "detectron2",
    ]
)
"""Packages with objects whose ``train()`` trains; torch's own ``train()`` only sets a mode."""

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

Call = NamedTuple(
    "Call",
    [
        ("node", ast.Call),
        ("name", str),
        ("receiver", Any),
        ("called", Any),
        ("arguments", List[Any]),
        ("keywords", Dict[str, Any]),
    ],
)
"""A call of what is not in the notebook; ``receiver``: the value before the dot."""

Kind = Callable[[Call, Notebook], Optional[str]]


def framework_of_call(call: Call, notebook: Notebook) -> Optional[str]:
    """The framework that this very call trains with; None where it does not train."""
    kind = KINDS.get(call.name)
    if kind is not None:
        return kind(call, notebook)
    origin = _origin(call)
    if call.name.startswith("fit_") and not call.name.startswith(("fit_on_", "fit_transform", "fit_predict")):
        return framework_of(origin)  # tfp.vi.fit_surrogate_posterior, botorch.fit_gpytorch_mll
    if call.name.startswith("cross_val") and package_of(origin or "") == "sklearn":
        return _estimator(call)
    return _by_name(call, notebook) if TRAINS_BY_NAME.match(call.name) else None


def _origin(call: Call) -> Optional[str]:
    return call.called if isinstance(call.called, str) and call.called else None


def _made_by(call: Call) -> Optional[str]:
    """The origin of the object before the dot."""
    if isinstance(call.receiver, Instance):
        return call.receiver.base()
    return call.receiver if isinstance(call.receiver, str) and call.receiver else None


def _is_own(call: Call) -> bool:
    """Whether the object is of a class all of which is in the notebook."""
    return isinstance(call.receiver, Instance) and call.receiver.cls.plain()


def _written(call: Call) -> str:
    """The name before the dot as it is written."""
    value = getattr(call.node.func, "value", None)
    while isinstance(value, ast.Subscript):
        value = value.value
    return getattr(value, "attr", None) or getattr(value, "id", None) or ""


def _is_method(call: Call) -> bool:
    return isinstance(call.node.func, ast.Attribute)


def _fit(call: Call, notebook: Notebook) -> Optional[str]:
    """Keras, Lightning, fastai, MXNet's Module: ``fit`` of an object that comes from a framework."""
    made_by = _made_by(call)
    if not _is_method(call):
        return _by_name(call, notebook)
    framework = framework_of(made_by)
    if framework is not None:
        prepares = "preprocessing" in (made_by or "") or "ImageDataGenerator" in (made_by or "")
        return None if prepares else framework
    if is_other(made_by) or _is_own(call):
        return None
    framework = notebook.in_use("keras", "tensorflow", "torch", "mxnet")
    if framework is None or call.name != "fit" or KERAS_KEYWORDS & set(call.keywords):
        return framework
    if notebook.fits_otherwise() or _NOT_NETWORKS.match(_written(call)):
        return None
    return framework


def _tape(call: Call, notebook: Notebook) -> Optional[str]:
    origin = _origin(call)
    if origin is not None:
        return "tensorflow" if framework_of(origin) == "tensorflow" else None
    return "tensorflow" if notebook.in_use("tensorflow", "keras") else None


def _gradient(call: Call, _notebook: Notebook) -> Optional[str]:
    """``tape.gradient(loss, variables)``"""
    return "tensorflow" if "GradientTape()" in (_made_by(call) or "") else None


def _apply_gradients(call: Call, notebook: Notebook) -> Optional[str]:
    made_by = _made_by(call)
    if made_by is not None and ".train." in made_by:
        return None  # TensorFlow 1: an operation for a session
    framework = framework_of(made_by)
    if framework is not None:
        return framework if framework != "torch" else None
    return notebook.in_use("tensorflow", "keras", "jax")


def _minimize(call: Call, notebook: Notebook) -> Optional[str]:
    """TensorFlow 2's ``optimizer.minimize(lambda: loss, variables)``; a loss alone makes an operation."""
    framework = framework_of(_origin(call)) if _origin(call) else notebook.in_use("tensorflow", "keras")
    steps = bool(call.arguments) and isinstance(call.arguments[0], Function)
    return framework if framework in ("tensorflow", "keras") and (steps or "tape" in call.keywords) else None


def _backward(call: Call, notebook: Notebook) -> Optional[str]:
    framework = framework_of(_made_by(call))
    if framework in ("torch", "mxnet"):
        return framework
    if not _is_method(call) or _is_own(call) or is_other(_made_by(call)):
        return None
    return notebook.in_use("torch", "mxnet")


def _step(call: Call, notebook: Notebook) -> Optional[str]:
    """``optimizer.step()`` of torch, ``trainer.step(n)`` of Gluon; not a scheduler's or an environment's."""
    made_by, written = _made_by(call) or "", _written(call)
    framework = framework_of(made_by)
    if "sched" in made_by.lower() or "sched" in written.lower() or _is_own(call) or is_other(made_by):
        return None
    if framework == "mxnet":
        return framework if "Trainer" in made_by else None
    if framework == "torch" and ("optim" in made_by or "GradScaler" in made_by or "infer" in made_by):
        return framework
    if _OPTIMIZER.search(written):
        return notebook.in_use("torch")
    return "mxnet" if "trainer" in written and call.arguments and notebook.in_use("mxnet") else None


def _record(call: Call, _notebook: Notebook) -> Optional[str]:
    origin = _origin(call)
    return "mxnet" if framework_of(origin) == "mxnet" and "autograd" in (origin or "") else None


def _grad(call: Call, _notebook: Notebook) -> Optional[str]:
    return gradient_of(_origin(call))


def gradient_of(origin: Optional[str]) -> Optional[str]:
    """The framework whose gradient function this is."""
    if origin is None or KINDS.get(origin.replace("()", "").rsplit(".", 1)[-1]) is not _grad:
        return None
    framework = framework_of(origin)
    if framework == "torch":
        return framework if "autograd." in origin or "func" in origin else None
    return framework if framework == "jax" else None


def _train(call: Call, notebook: Notebook) -> Optional[str]:
    """``Trainer.train()``, ``Estimator.train(input_fn)``; torch's own only sets a mode."""
    made_by = _made_by(call)
    framework = framework_of(made_by)
    if made_by is not None and framework is not None:
        trains = _TRAINING_PARTS.search(made_by) or package_of(made_by) in _TRAINING_PACKAGES
        return framework if trains and _is_method(call) else None
    if is_other(made_by) or is_other(_origin(call)) or _is_own(call):
        return None
    if _is_method(call) and made_by is None and not call.node.args and not call.node.keywords:
        trains = "trainer" in _written(call).lower() and notebook.uses("transformers", "trl", "setfit")
        return "torch" if trains else None
    return _by_name(call, notebook)


def _by_name(call: Call, notebook: Notebook) -> Optional[str]:
    """A function or method of the user's own files, known by its name only."""
    origin = _origin(call)
    if is_other(origin) or not (call.node.args or call.node.keywords):
        return None
    if framework_of(origin) is not None:
        book = package_of(origin or "") == "d2l" and call.name.startswith("train")
        return framework_of(origin) if book else None
    if len(call.node.args) == 1 and type(call.node.args[0]).__name__ in ("Constant", "NameConstant"):
        return None  # model.train(False)
    return notebook.in_use("tensorflow", "keras", "torch", "jax", "mxnet")


def _train_and_evaluate(call: Call, notebook: Notebook) -> Optional[str]:
    origin = _origin(call)
    return framework_of(origin) if framework_of(origin) else _by_name(call, notebook)


def _run(call: Call, notebook: Notebook) -> Optional[str]:
    """``session.run(train_op)`` and ``train_op.run()`` of TensorFlow 1, and loops of some packages."""
    made_by, written = _made_by(call) or "", _written(call)
    package = package_of(made_by)
    if package in ("ignite", "numpyro", "trax", "jaxopt"):
        trains = "()" in made_by and "valuator" not in made_by and "MCMC" not in made_by
        return framework_of(made_by) if trains else None
    if _is_train_op(made_by):
        return "tensorflow"
    if made_by:
        session = "Session" in made_by and framework_of(made_by) == "tensorflow"
    else:
        session = bool(re.search(r"sess(ion)?$", written, re.IGNORECASE)) and bool(
            notebook.in_use("tensorflow")
        )
    if not session or not call.node.args:
        return None
    fetched = _fetched(call.node.args[0], call.arguments[0])
    return "tensorflow" if any(_trains_when_run(node, value) for node, value in fetched) else None


def _fetched(node: ast.AST, value: Value) -> Any:
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
    r"loss|cost|acc|error|summar|data|batch|image|label|init|writer|iter|_[xy]$|[xy]_|pred", re.IGNORECASE
)


def _is_train_op(origin: str) -> bool:
    return any(
        sign in origin
        for sign in (".minimize()", ".apply_gradients()", "create_train_op()", "optimize_loss()")
    )


def _trains_when_run(node: ast.AST, value: Value) -> bool:
    word = getattr(node, "id", None) or getattr(node, "attr", None) or text_of(node) or ""
    named = bool(_TRAIN_OP.search(word)) and not _NO_TRAIN_OP.search(word)
    if isinstance(value, str) and value:
        joined = any(sign in value for sign in (".group()", ".no_op()", ".identity()", ".get_collection()"))
        return _is_train_op(value) or (named and joined) or (named and framework_of(value) is None)
    return named


def _search(call: Call, _notebook: Notebook) -> Optional[str]:
    """``Tuner.search(…)`` of Keras Tuner."""
    made_by = _made_by(call) or ""
    return framework_of(made_by) if package_of(made_by) in ("keras_tuner", "kerastuner") else None


def _learn(call: Call, notebook: Notebook) -> Optional[str]:
    """Stable Baselines."""
    made_by = _made_by(call)
    if framework_of(made_by) is not None:
        return framework_of(made_by) if "stable_baselines" in (made_by or "") else None
    return notebook.in_use("torch", "tensorflow") if "total_timesteps" in call.keywords else None


def _of_framework(*signs: str) -> Kind:
    """A call of a framework's whose origin has one of these signs."""

    def kind(call: Call, _notebook: Notebook) -> Optional[str]:
        origin = _origin(call) or ""
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
    "filter_value_and_grad": _grad,
    "apply_updates": _of_framework("optax.", "equinox.", "haiku."),
    "update": _of_framework(
        "nnx.Optimizer()", "nnx.ModelAndOptimizer()", "SVI()", "mxnet.mod", "mxnet.module"
    ),
    "train": _train,
    "train_model": _train,
    "tune": _of_framework("Trainer()"),
    "hyperparameter_search": _of_framework("Trainer()"),
    "train_and_evaluate": _train_and_evaluate,
    "run": _run,
    "search": _search,
    "learn": _learn,
}
"""By the name that is called."""


# -- what a call of a package gives ----------------------------------------------------------------------


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
    origin = _origin(call)
    if origin is None:
        return None
    if is_other(origin):
        return (
            _estimator_inside(call.arguments + [call.keywords[one] for one in call.keywords]) or origin + "()"
        )
    return origin + "()"


def _estimator(call: Call) -> Optional[str]:
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


def is_word(name: str) -> bool:
    """Whether a call of this name may train."""
    return name in KINDS or name.startswith("fit_") or bool(TRAINS_BY_NAME.match(name))
