"""What people call things: names from which it can be told what is meant. Pure."""

import re

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

NOT_NETWORKS = re.compile(
    r"^(clf|classifier|scaler|\w*_scaler|pca|\w*pca|le|\w*encoder|enc|ohe|\w*vectorizer|tfidf|cv|lda|knn|svm|svc|rf|"
    r"forest|tree|dt|logreg|lr|linreg|regr?|regressor|kmeans|km|pipe|pipeline|grid\w*|gs|search|imputer|"
    r"tokenizer|xgb|lgbm?|bst|booster|tsne|umap|normalizer|\w*datagen|gmm|transformer|preprocessor|estimator)$",
    re.IGNORECASE,
)
"""Names that people give to what scikit-learn fits."""

OPTIMIZER = re.compile(r"optim|(^|_)opt(_|\d|$)", re.IGNORECASE)

TRAINS_BY_NAME = re.compile(
    r"^(train|do_train|fit|fit_model|run_training|start_training|training_(loop|step)|"
    r"train_(model|models|network|net|loop|step|one_step|epoch|epochs|one_epoch|batch|fn|func|gan|vae|agent|"
    r"classifier|and_\w+|ch\d+\w*|concise_\w+|seq2seq\w*|ranking|batch_\w+))$"
)
"""What people call a function that trains, where it comes from a file of their own."""

TRAINER = re.compile(r"trainer|learner|solver", re.IGNORECASE)
"""What people call an object whose ``train()`` needs nothing more to train."""

TRAINING_PARTS = re.compile(r"Trainer|[Ee]stimator|contrib\.learn|slim\.learning|Runner|Recipe")
TRAINING_PACKAGES = frozenset(
    [
        "autogluon",
        "brax",
        "flair",
        "gluonts",
        "mmengine",
        "ray",
        "sbi",
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

MODE = re.compile(r"mode|train|eval|phase|flag", re.IGNORECASE)
"""What they call the argument of a ``train()`` that only sets a mode."""
