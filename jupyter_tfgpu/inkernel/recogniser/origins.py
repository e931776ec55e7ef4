"""Packages and what stands under them. Pure.

An origin is the dotted path of a package's member, such as ``tensorflow.keras.Sequential``; a call appends
``()``, so that what an object was made by can be told from the maker.
"""

import re
from typing import Optional

FRAMEWORKS = {
    "tensorflow": "tensorflow",
    "tensorflow_core": "tensorflow",  # the real package's name in TensorFlow 1.15 and 2.0
    "tf_keras": "tensorflow",
    "tf_agents": "tensorflow",
    "tf_slim": "tensorflow",
    "tensorflow_addons": "tensorflow",
    "tensorflow_decision_forests": "tensorflow",
    "tensorflow_estimator": "tensorflow",
    "tensorflow_federated": "tensorflow",
    "tensorflow_gnn": "tensorflow",
    "tensorflow_hub": "tensorflow",
    "tensorflow_lattice": "tensorflow",
    "tensorflow_model_optimization": "tensorflow",
    "tensorflow_models": "tensorflow",
    "tensorflow_probability": "tensorflow",
    "tensorflow_ranking": "tensorflow",
    "tensorflow_recommenders": "tensorflow",
    "tensorflow_text": "tensorflow",
    "tflearn": "tensorflow",
    "tensorlayer": "tensorflow",
    "gpflow": "tensorflow",
    "ktrain": "tensorflow",
    "larq": "tensorflow",
    "official": "tensorflow",  # tf-models-official
    "sonnet": "tensorflow",
    "spektral": "tensorflow",
    "stable_baselines": "tensorflow",
    "stellargraph": "tensorflow",
    "tflite_model_maker": "tensorflow",
    "keras": "keras",
    "keras_contrib": "keras",
    "keras_core": "keras",
    "keras_cv": "keras",
    "keras_hub": "keras",
    "keras_nlp": "keras",
    "keras_rs": "keras",
    "keras_tuner": "keras",
    "kerastuner": "keras",
    "autokeras": "keras",
    "bayesflow": "keras",
    "rl": "keras",  # keras-rl
    "scikeras": "keras",
    "segmentation_models": "keras",
    "torch": "torch",
    "torch_geometric": "torch",
    "torchaudio": "torch",
    "torchtext": "torch",
    "torchvision": "torch",
    "pytorch_forecasting": "torch",
    "pytorch_lightning": "torch",
    "pytorch_metric_learning": "torch",
    "pytorch_tabnet": "torch",
    "lightning": "torch",
    "lightning_fabric": "torch",
    "accelerate": "torch",
    "autogluon": "torch",
    "botorch": "torch",
    "captum": "torch",
    "catalyst": "torch",
    "composer": "torch",
    "deepchem": "torch",
    "deepspeed": "torch",
    "detectron2": "torch",
    "diffusers": "torch",
    "dgl": "torch",
    "fastai": "torch",
    "fastbook": "torch",
    "flair": "torch",
    "functorch": "torch",
    "gpytorch": "torch",
    "ignite": "torch",
    "kornia": "torch",
    "mmengine": "torch",
    "monai": "torch",
    "neuralforecast": "torch",
    "peft": "torch",
    "poutyne": "torch",
    "pyro": "torch",
    "sbi": "torch",
    "scvi": "torch",
    "segmentation_models_pytorch": "torch",
    "sentence_transformers": "torch",
    "setfit": "torch",
    "simpletransformers": "torch",
    "skorch": "torch",
    "stable_baselines3": "torch",
    "super_gradients": "torch",
    "timm": "torch",
    "transformers": "torch",
    "trl": "torch",
    "tsai": "torch",
    "ultralytics": "torch",
    "unsloth": "torch",
    "jax": "jax",
    "blackjax": "jax",
    "brax": "jax",
    "diffrax": "jax",
    "distrax": "jax",
    "equinox": "jax",
    "flax": "jax",
    "haiku": "jax",
    "jaxopt": "jax",
    "jraph": "jax",
    "neural_tangents": "jax",
    "numpyro": "jax",
    "objax": "jax",
    "optax": "jax",
    "optimistix": "jax",
    "trax": "jax",
    "mxnet": "mxnet",
    "gluoncv": "mxnet",
    "gluonnlp": "mxnet",
    "gluonts": "mxnet",
}
"""Packages that train on GPUs, or import one that does, and the framework underneath; ``keras`` runs on one
of three."""

FITTING = frozenset(
    [
        "autosklearn",
        "catboost",
        "category_encoders",
        "cuml",
        "feature_engine",
        "fbprophet",
        "gensim",
        "hdbscan",
        "hmmlearn",
        "imblearn",
        "implicit",
        "interpret",
        "lifelines",
        "lightgbm",
        "linearmodels",
        "mlxtend",
        "nltk",
        "pmdarima",
        "prophet",
        "pycaret",
        "pymc",
        "pymc3",
        "pyspark",
        "sagemaker",
        "sentencepiece",
        "sklearn",
        "sklearnex",
        "sktime",
        "spacy",
        "statsmodels",
        "surprise",
        "tokenizers",
        "tpot",
        "tsfresh",
        "umap",
        "xgboost",
    ]
)
"""Packages whose objects have a ``fit`` or ``train`` that is no concern of a framework here."""

OTHERS = frozenset(
    [
        "IPython",
        "PIL",
        "bokeh",
        "cv2",
        "datasets",
        "evaluate",
        "gym",
        "gymnasium",
        "ipywidgets",
        "matplotlib",
        "numpy",
        "pandas",
        "plotly",
        "polars",
        "rich",
        "scipy",
        "seaborn",
        "skimage",
        "subprocess",
        "sympy",
        "turtle",
        "wandb",
    ]
)
"""Packages whose objects do not train."""

_LASTING = re.compile(
    r"\.(minimize|apply_gradients|create_train_op|optimize_loss|\w*grad|create_supervised_trainer)\(\)$"
    r"|^(skorch|scikeras)\.|Keras(Classifier|Regressor)"
)
_NOT_FRAMEWORKS = FITTING | OTHERS
_IN_D2L = {"torch": "torch", "tensorflow": "tensorflow", "jax": "jax", "mxnet": "mxnet"}
_UNDER_TRANSFORMERS = (
    (re.compile(r"\.TF[A-Z]"), "tensorflow"),
    (re.compile(r"\.Flax[A-Z]|modeling_flax"), "jax"),
)


def package_of(origin: str) -> str:
    """The first part of an origin."""
    first = origin.split(".", 1)[0]
    return first.replace("()", "") if first.endswith(")") else first


def framework_of(origin: Optional[str]) -> Optional[str]:
    """tensorflow, torch, jax, mxnet or keras (on whichever); None: none of them, or not known."""
    if origin is None:
        return None
    package = package_of(origin)
    if package == "d2l":  # the book's helpers: one module a framework
        return _IN_D2L.get(origin.split(".")[1]) if "." in origin else None
    if package == "gluonts" and ".torch" in origin:
        return "torch"
    if package == "transformers":
        for pattern, framework in _UNDER_TRANSFORMERS:
            if pattern.search(origin):
                return framework
    return FRAMEWORKS.get(package)


def is_other(origin: Optional[str]) -> bool:
    """Whether this comes from a package that is known to be no framework's."""
    return origin is not None and package_of(origin) in _NOT_FRAMEWORKS


def says_more_than_its_object(origin: str) -> bool:
    """Whether a value made so is known better by the code than by the object in the kernel: an operation does
    not tell that it trains, a gradient looks like its function, a search hides the network that it is around.
    """
    return _LASTING.search(origin) is not None
