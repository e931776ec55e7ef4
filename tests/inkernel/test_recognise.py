"""Which cells train."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_tfgpu.inkernel.recogniser.cells import WORDS
from jupyter_tfgpu.inkernel.recogniser.origins import FRAMEWORKS
from jupyter_tfgpu.inkernel.recogniser.recognise import Recogniser
from jupyter_tfgpu.inkernel.recogniser.training import KINDS

TF = "import tensorflow as tf\n"
TORCH = "import torch\nfrom torch import nn, optim\n"
SKLEARN = (
    "from sklearn.ensemble import RandomForestClassifier\nfrom sklearn.preprocessing import StandardScaler\n"
)

TRAINS = [
    # Keras
    ([TF + "model = tf.keras.Sequential()", "model.fit(x, y)"], "tensorflow"),
    (["from tensorflow import keras\nkeras.Sequential([]).fit(x, y, epochs=3)"], "tensorflow"),
    (["from tensorflow.keras.models import Model", "m = Model(a, b)\nhistory = m.fit(x, y)"], "tensorflow"),
    (["import keras", "hist = model.fit_generator(g, steps_per_epoch=3)"], "tensorflow"),
    ([TF + "for b in data:\n    loss = model.train_on_batch(*b)"], "tensorflow"),
    (
        [TF + "def build():\n    m = tf.keras.Sequential()\n    return m", "model = build()", "model.fit(x)"],
        "tensorflow",
    ),
    (
        [TF + "with tf.distribute.MirroredStrategy().scope():\n    m = tf.keras.Model()\nm.fit(d)"],
        "tensorflow",
    ),
    ([TF + SKLEARN, "model = tf.keras.Sequential()", "model.fit(scaled)"], "tensorflow"),
    ([TF + SKLEARN + "anything.fit(x, y, epochs=2)"], "tensorflow"),
    (
        ["import os\nos.environ['KERAS_BACKEND'] = 'torch'\nimport keras", "keras.Sequential().fit(x)"],
        "torch",
    ),
    (["import os\nos.environ['KERAS_BACKEND'] = 'jax'\nimport keras", "keras.Sequential().fit(x)"], "jax"),
    (["import keras_tuner as kt\ntuner = kt.Hyperband(b)", "tuner.search(x, y, epochs=3)"], "tensorflow"),
    # TensorFlow's own loops
    ([TF + "with tf.GradientTape() as tape:\n    loss = f(x)"], "tensorflow"),
    (["from tensorflow import GradientTape", "with GradientTape() as t:\n    pass"], "tensorflow"),
    (
        [
            TF,
            "@tf.function\ndef step(x):\n    with tf.GradientTape() as t:\n        pass",
            "for b in d:\n    step(b)",
        ],
        "tensorflow",
    ),
    ([TF + "opt = tf.keras.optimizers.Adam()\nopt.apply_gradients(zip(g, v))"], "tensorflow"),
    (
        [
            TF,
            "with tf.Session() as s:\n    s.run(init)\n    for i in r:\n        s.run([train_op, loss])",
        ],
        "tensorflow",
    ),
    ([TF + "sess = tf.compat.v1.Session()", "_, l = sess.run([optimizer, loss], feed_dict=f)"], "tensorflow"),
    ([TF + "est = tf.estimator.DNNClassifier(h)\nest.train(input_fn=f)"], "tensorflow"),
    ([TF + "tf.estimator.train_and_evaluate(e, t, v)"], "tensorflow"),
    # torch
    ([TORCH + "loss.backward()"], "torch"),
    ([TORCH, "opt = optim.SGD(p, 0.1)\nfor x in d:\n    opt.step()"], "torch"),
    (
        [TORCH, "def train(e):\n    for x in d:\n        loss.backward()", "for e in range(3): train(e)"],
        "torch",
    ),
    ([TORCH, "def run():\n    epoch()", "def epoch():\n    loss.backward()", "run()"], "torch"),
    ([TORCH, "class T:\n    def go(self):\n        self.loss.backward()", "T().go()"], "torch"),
    (["import torch", "scaler.scale(loss).backward()\nscaler.step(optimizer)"], "torch"),
    (["import pytorch_lightning as pl\npl.Trainer(max_epochs=1).fit(model, loader)"], "torch"),
    (["from lightning import Trainer", "t = Trainer()", "t.fit(m)"], "torch"),
    (["from transformers import Trainer\ntrainer = Trainer(m, args)", "trainer.train()"], "torch"),
    (
        ["from ultralytics import YOLO\nmodel = YOLO('y.pt')", "results = model.train(data='coco8.yaml')"],
        "torch",
    ),
    (["from fastai.vision.all import *\nimport fastai", "learn.fine_tune(1)"], "torch"),
    (
        [
            "from fastai.vision.learner import vision_learner\nlearn = vision_learner(d, r)",
            "learn.fit_one_cycle(1)",
        ],
        "torch",
    ),
    (["import torch\nfrom accelerate import Accelerator\na = Accelerator()\na.backward(loss)"], "torch"),
    # MXNet, JAX
    (["import mxnet as mx\nmod = mx.mod.Module(s)", "mod.fit(it, num_epoch=3)"], "mxnet"),
    (["from mxnet import autograd", "with autograd.record():\n    l = f(x)\nl.backward()"], "mxnet"),
    (["import jax", "g = jax.grad(loss)(p)"], "jax"),
    (["from jax import value_and_grad, jit", "step = jit(value_and_grad(loss))"], "jax"),
    # through functions, objects and other names
    (
        [
            TORCH,
            "from functools import partial",
            "def t(o, n):\n    o.backward()\ngo = partial(t, n=1)",
            "go(x)",
        ],
        "torch",
    ),
    (["from jax import grad as g", "g(f)(x)"], "jax"),
    ([TORCH, "def e(opt=None):\n    if opt is not None:\n        l.backward()", "e(opt)"], "torch"),
    ([TORCH, "def e(o=None):\n    if o is None:\n        o = optim.SGD(p)\n    o.step()", "e()"], "torch"),
    ([TORCH, "def e(train=False):\n    if not train:\n        return\n    l.backward()", "e(True)"], "torch"),
    (["import jax\nf = jax.jit", "d = jax.vmap(jax.grad(h))"], "jax"),
    ([TF, "def a(step):\n    step()\ndef b():\n    tf.GradientTape()", "a(b)"], "tensorflow"),
    ([TF, "def a(m):\n    m.fit(x)", "a(tf.keras.Sequential())"], "tensorflow"),
    ([TORCH, "class A:\n    def f(self):\n        l.backward()\nclass B(A):\n    pass", "B().f()"], "torch"),
    (
        [
            TORCH,
            "class A:\n    def f(self):\n        l.backward()",
            "class B(A):\n    def g(self):\n        super().f()",
            "B().g()",
        ],
        "torch",
    ),
    (
        [TF, "class M(tf.keras.Model):\n    def fit(self, x):\n        return super().fit(x)", "M().fit(x)"],
        "tensorflow",
    ),
    (
        [TF, "models = {'a': tf.keras.Sequential()}", "for n, m in models.items():\n    m.fit(x)"],
        "tensorflow",
    ),
    (
        [TORCH + "import threading", "def t():\n    l.backward()", "threading.Thread(target=t).start()"],
        "torch",
    ),
    (["import os\nos.environ['KERAS_BACKEND'] = 'jax'", "import keras\nkeras.Sequential().fit(x)"], "jax"),
    (["%env KERAS_BACKEND=torch", "import keras\nkeras.Sequential().fit(x)"], "torch"),
    (["from transformers import Trainer", "trainer.hyperparameter_search(n_trials=3)"], "torch"),
    ([TORCH + "from engine import Trainer", "t = Trainer(m)", "t.train()"], "torch"),
    ([TORCH, "trainer.train(resume_from_checkpoint=True)"], "torch"),
    ([TORCH, "def fn(f):\n    f()\ndef t():\n    l.backward()", "fn(lambda: t())"], "torch"),
    ([TF, "op = tf.assign(a, b)", "train_op = tf.group(op)", "tf.Session().run(train_op)"], "tensorflow"),
    # where the call stands
    ([TF, "    m = 1\n    model.fit(x)"], "tensorflow"),
    ([TF, ">>> for m in ms:\n...     m.fit(x)"], "tensorflow"),
    ([TF, "!pip install \\\n  thing\nmodel.fit(x)"], "tensorflow"),
    ([TF, "%timeit -n 1 -r1 model.fit(x)"], "tensorflow"),
    ([TF, "get_ipython().run_cell_magic('time', '', 'model.fit(x)')"], "tensorflow"),
    ([TF, "print('\\d')\nmodel.fit(x)"], "tensorflow"),
    ([TF, "%%time\nmodel.fit(x)"], "tensorflow"),
    ([TF, "%%capture out\nmodel.fit(x)"], "tensorflow"),
    ([TF, "%time model.fit(x)"], "tensorflow"),
    ([TF, "!nvidia-smi\n%matplotlib inline\nfiles = !ls\nmodel.fit(x)"], "tensorflow"),
    (
        [TF, "if __name__ == '__main__':\n    try:\n        model.fit(x)\n    finally:\n        pass"],
        "tensorflow",
    ),
    ([TF, "results = [m.fit(x, epochs=1) for m in models]"], "tensorflow"),
    ([TF, "await model.fit(x)"], "tensorflow"),
    ([TF, "x = (model\n     .fit(a, b)\n     .history)"], "tensorflow"),
]

DOES_NOT = [
    [""],
    ["print('model.fit(x)')"],
    ["# model.fit(x)"],
    ["model.fit(x, y)"],
    [SKLEARN + "RandomForestClassifier().fit(x, y)"],
    [SKLEARN + TF, "clf = RandomForestClassifier()", "clf.fit(x, y)"],
    [TF + SKLEARN + "StandardScaler().fit(x)\nStandardScaler().fit_transform(x)"],
    [TF + SKLEARN, "unknown.fit(x, y)"],
    ["import xgboost as xgb", "m = xgb.XGBClassifier()\nm.fit(x, y)"],
    ["import statsmodels.api as sm", "sm.OLS(y, x).fit()"],
    ["import torch\nfrom sklearn.decomposition import PCA", "p = PCA(2).fit(x)"],
    [TF + "tok = tf.keras.preprocessing.text.Tokenizer()\ntok.fit_on_texts(t)"],
    [TF + "g = tf.keras.preprocessing.image.ImageDataGenerator()\ng.fit(x)"],
    [TF + "model.evaluate(x)\nmodel.predict(x)\nmodel.compile('adam')\nmodel.summary()"],
    [TF, "def train():\n    model.fit(x)"],
    [TF, "def train():\n    model.fit(x)\n", "train\nhelp(train)"],
    [TF, "f = lambda: model.fit(x)"],
    [TORCH, "model.train()\nmodel.eval()"],
    [TORCH, "with torch.no_grad():\n    y = model(x)"],
    [TORCH, "state, reward = env.step(action)"],
    [TORCH, "s = optim.lr_scheduler.StepLR(o, 1)\ns.step()"],
    [TORCH, "class Net(nn.Module):\n    def forward(self, x):\n        return x", "Net()(x)"],
    [
        TORCH,
        "class T:\n    def fit(self):\n        loss.backward()",
        "from sklearn.svm import SVC\nSVC().fit(x)",
    ],
    [TF, "tf.Session().run(init)"],
    [TF, "import subprocess\nsubprocess.run(['train.sh'])"],
    [TF, "app.run(train=True)"],
    ["import jax.numpy as jnp", "jnp.grad_like(x)"],
    ["import numpy as np", "np.gradient(x)"],
    ["from autograd import grad", "grad(f)(x)"],
    [TF, "%%bash\nmodel.fit(x)"],
    [TF, "%%writefile train.py\nmodel.fit(x)"],
    [TF, "if False:\n    model.fit(x)"],
    [TF + "from panels import Panel", "Panel.fit('text')"],
    ["from keras.models import *\nfrom sklearn.preprocessing import *", "s = StandardScaler()\ns.fit(x)"],
    [
        TORCH,
        "def mode(net, train):\n    net.train(train)",
        "mode(m, True)\nm.train(mode=False)\nm.train(not x)",
    ],
    [TORCH + "from nets import build", "net = build()", "net.train()"],
    [TF, "s = tf.Session()", "a, b = s.run([train_loss, train_images])"],
    [
        "from transformers import AutoTokenizer",
        "AutoTokenizer.from_pretrained('a').train_new_from_iterator(c)",
    ],
    [TORCH, "def e(opt=None):\n    if opt is not None:\n        l.backward()", "e()\ne(None)\ne(opt=None)"],
    [TORCH, "def e(train):\n    if not train:\n        return 1\n    l.backward()", "e(False)"],
    [TORCH, "def e(train=True):\n    if train and x:\n        l.backward()", "def v():\n    e(False)", "v()"],
    [TF + SKLEARN, "def score(m):\n    m.fit(x)", "score(StandardScaler())"],
    [TF + SKLEARN, "for m in [StandardScaler(), RandomForestClassifier()]:\n    m.fit(x)"],
    [TORCH, "class V:\n    def backward(self):\n        pass\nv = V() * V()\nv.backward()"],
    [TORCH, "def t():\n    l.backward()", "import inspect\ninspect.getsource(t)\nhelp(t)"],
    [TORCH, "def t():\n    l.backward()\nbutton.on_click(t)"],
    ["import tensorflow.compat.v1 as tf\nop = tf.train.AdamOptimizer().minimize(l)", "tf.Session().run(l)"],
    [TF, "model.fit?"],
    [TF, "model.fit("],
    [TF, "x = 1\n  model.fit(x)"],
]


@pytest.mark.parametrize(("sources", "framework"), TRAINS, ids=lambda value: str(value)[-60:])
def test_a_cell_that_trains_is_recognised_with_its_framework(sources: list[str], framework: str) -> None:
    recogniser = Recogniser()
    judged = [recogniser.judge_source(source) for source in sources]
    assert judged[-1].trains
    assert judged[-1].framework == framework
    assert not any(one.trains for one in judged[:-1])


@pytest.mark.parametrize("sources", DOES_NOT, ids=lambda value: str(value)[-60:])
def test_other_cells_are_left_alone(sources: list[str]) -> None:
    recogniser = Recogniser()
    assert not any(recogniser.judge_source(source).trains for source in sources)


@pytest.mark.parametrize("sources", [sources for sources, _ in TRAINS])
def test_the_word_search_rules_out_no_cell_that_trains(sources: list[str]) -> None:
    recogniser = Recogniser()
    for source in sources[:-1]:
        recogniser.judge_source(source)
    assert recogniser.may_train(sources[-1])


def test_the_word_search_rules_out_what_has_none_of_the_words() -> None:
    assert not Recogniser().may_train("df = pd.read_csv('a.csv')\ndf.head()\n" * 50)
    assert not Recogniser().may_train("fit " * 60_000)


def test_the_word_search_finds_every_call_that_may_train_and_every_framework() -> None:
    for name in KINDS:
        assert Recogniser().may_train(f"x = a.{name}(b)"), name
    for name in FRAMEWORKS:
        assert Recogniser().may_train(f"x = 1\nif x: import os, {name}.more as m\n"), name
        assert any(word in f"from {name} import m" for word in WORDS)
    assert not Recogniser().may_train("import os, sys\nfrom pathlib import Path\n")


def test_the_first_import_of_each_framework_is_told() -> None:
    recogniser = Recogniser()
    assert recogniser.judge_source("import tensorflow as tf, os").imports == ("tensorflow",)
    assert recogniser.judge_source("import tensorflow.keras\nimport torch.nn").imports == ("torch",)
    assert recogniser.judge_source("from jax import numpy").imports == ("jax",)
    assert recogniser.judge_source("import torch, numpy").imports == ()


def test_a_kernel_s_first_import_is_the_one_before_which_the_framework_is_not_loaded() -> None:
    loaded: set[str] = set()
    recogniser = Recogniser(loaded=lambda: frozenset(loaded))
    assert recogniser.judge_source("import torch").imports == ("torch",)
    assert recogniser.judge_source("import torch").imports == ("torch",)  # the first was stopped, or failed
    loaded.add("torch")
    assert recogniser.judge_source("import torch").imports == ()


def test_an_import_counts_where_it_runs() -> None:
    recogniser = Recogniser()
    assert not recogniser.judge_source("def load():\n    import torch").recognised
    assert recogniser.judge_source("load()").imports == ("torch",)
    assert recogniser.judge_source("try:\n    import jax\nexcept ImportError:\n    jax = None").imports == (
        "jax",
    )


def test_a_judgement_names_its_frameworks() -> None:
    judged = Recogniser().judge_source("import jax\nimport torch\ntorch.ones(1).backward()")
    assert judged.frameworks == ("torch", "jax")
    assert judged.recognised
    assert not Recogniser().judge_source("1").recognised


def test_what_a_kernel_has_loaded_counts_as_well_as_the_code() -> None:
    tree = ast.parse("thing.fit(x)")
    assert not Recogniser().judge(tree).trains
    assert Recogniser(loaded=lambda: frozenset(["torch"])).judge(tree).framework == "torch"
    live = {"thing": "keras.engine.sequential.Sequential()"}
    assert Recogniser(live=live.get).judge(tree).framework == "tensorflow"
    assert Recogniser(live=live.get, keras_backend=lambda: "jax").judge(tree).framework == "jax"
    other = {"thing": "sklearn.svm._classes.SVC()"}
    assert not Recogniser(live=other.get, loaded=lambda: frozenset(["torch"])).judge(tree).trains


def test_a_variable_that_a_later_cell_changed_is_what_the_kernel_says() -> None:
    live = {"m": "sklearn.svm._classes.SVC()"}
    recogniser = Recogniser(live=live.get)
    assert recogniser.judge_source("import keras\nm = keras.Sequential()\nm.fit(x)").trains
    assert not recogniser.judge_source("m.fit(x)").trains


@pytest.mark.parametrize(
    ("first", "live", "cell"),
    [
        (
            "import tensorflow.compat.v1 as tf\nop = tf.train.Adam().minimize(l)",
            {"op": "tensorflow.python.framework.ops.Operation()", "s": "tensorflow.client.session.Session()"},
            "s.run(op)",
        ),
        ("import jax\ng = jax.grad(f)", {"g": "__main__.f"}, "g(x)"),
        (
            "from skorch import NeuralNet as N\nfrom sklearn.pipeline import Pipeline\np = Pipeline([N()])",
            {"p": "sklearn.pipeline.Pipeline()"},
            "p.fit(x)",
        ),
        ("from flax import nnx", {"o": "flax.nnx.training.optimizer.Optimizer()"}, "o.update(g)"),
    ],
    ids=lambda value: str(value)[-20:],
)
def test_what_an_object_does_not_tell_is_known_from_the_code(
    first: str, live: dict[str, str], cell: str
) -> None:
    recogniser = Recogniser(live=live.get)
    recogniser.judge_source(first)
    assert recogniser.judge_source(cell).trains


def test_objects_of_the_notebook_s_own_classes_are_known_in_a_kernel() -> None:
    live = {"runner": "__main__.Runner()", "net": "__main__.Net()", "Net": "keras.Model"}
    recogniser = Recogniser(live=live.get)
    recogniser.judge_source(TORCH + "class Runner:\n    def go(self):\n        self.loss.backward()")
    assert recogniser.judge_source("runner.go()").framework == "torch"
    assert recogniser.judge_source("net.fit(x)").framework == "tensorflow"  # its class was in no judged cell
    assert not recogniser.judge_source("runner.stop()").trains


def test_a_cell_that_was_ruled_out_is_known_to_those_that_call_it() -> None:
    recogniser = Recogniser(loaded=lambda: frozenset(["torch"]))
    assert not recogniser.may_train("def main():\n    one()\n")
    recogniser.judge_source("def one():\n    loss.backward()")
    assert recogniser.may_train("main()")
    assert recogniser.judge_source("main()").trains


@pytest.mark.parametrize(
    "source",
    [
        "x = " + "(" * 5000 + ")" * 5000,
        "x = " + "-" * 100_000 + "1",
        "x = " + "a." * 50_000 + "b",
        "x" + " + x" * 20_000,
        "if x:\n" + "".join(" " * n + "if x:\n" for n in range(1, 95)),
        "model.fit(x)\0",
        "\ud800 = 1",
        "\r\n%%",
        "%",
        "!",
        "%%time",
        "%time",
        "x = !",
        "%%time\n%%time\n%%time",
        "data = [" + "1," * 500_000 + "]",
        "f = lambda: f()\nf()",
        "def f(): f(f)\nf(f)",
        "class A(A): pass\nA().fit(x)",
        "class A:\n    def __init__(self): A()\nA()",
    ],
    ids=lambda source: ascii(source[:30]),
)
def test_bad_and_endless_code_is_judged_in_the_end(source: str) -> None:
    recogniser = Recogniser()
    recogniser.judge_source(TF)
    recogniser.judge_source(source)
    assert recogniser.judge_source("tf.keras.Sequential().fit(x)").trains


def test_a_tree_that_is_too_deep_hides_only_its_own_statement() -> None:
    deep: ast.expr = ast.Name("x", ast.Load())
    for _ in range(5000):
        deep = ast.BinOp(deep, ast.Add(), ast.Name("x", ast.Load()))
    tree = ast.parse("import torch\n1\nloss.backward()")
    tree.body[1] = ast.Expr(deep)
    assert Recogniser().judge(tree).trains


def test_functions_that_call_each_other_many_times_are_followed_to_an_end() -> None:
    lines = ["def f0(x): pass"]
    lines += [f"def f{n}(x): f{n - 1}([x]); f{n - 1}((x,)); f{n - 1}(x)" for n in range(1, 30)]
    assert not Recogniser().judge_source(TORCH + "\n".join(lines) + "\nf29(1)").trains


@given(st.text(alphabet="modelfit.()\n %!=:xdefclas 'torchimp\"", max_size=120))
def test_no_text_breaks_it(source: str) -> None:
    assert isinstance(Recogniser().judge_source(source).trains, bool)
