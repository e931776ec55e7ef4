"""A small notebook for each framework, which trains in earnest on what it makes itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Lesson:
    """Cells that belong together. ``framework``: what it trains on, as findings name it.

    ``imports`` is the first import; ``prepares`` defines and makes, and trains nothing; ``trains`` prints
    "trained" at its end; ``looks`` uses what was trained.
    """

    environment: str
    framework: str
    imports: str
    prepares: str
    trains: str
    looks: str


KERAS_MODEL = """\
import numpy as np
x = np.random.rand(32, 4).astype("float32")
y = x.sum(axis=1, keepdims=True)
inputs = keras.Input(shape=(4,))
outputs = keras.layers.Dense(1)(keras.layers.Dense(8, activation="relu")(inputs))
model = keras.Model(inputs, outputs)
model.compile(optimizer="sgd", loss="mse")
"""

KERAS_FIT = """\
history = model.fit(x, y, epochs=1, verbose=0)
print("trained")
"""

KERAS_PREDICT = "print(model.predict(x[:2], verbose=0).shape, sorted(history.history))\n"

TF2 = Lesson(
    environment="tf2",
    framework="tensorflow",
    imports="import tensorflow as tf",
    prepares="from tensorflow import keras\n" + KERAS_MODEL,
    trains=KERAS_FIT,
    looks=KERAS_PREDICT,
)

TF2_TAPE = Lesson(
    environment="tf2",
    framework="tensorflow",
    imports="import tensorflow as tf",
    prepares="""\
weight = tf.Variable(tf.zeros([4, 1]))
x = tf.random.uniform([32, 4])
y = tf.reduce_sum(x, axis=1, keepdims=True)

@tf.function
def step(x, y):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((x @ weight - y) ** 2)
    weight.assign_sub(0.1 * tape.gradient(loss, weight))
    return loss
""",
    trains="""\
for _ in range(3):
    loss = step(x, y)
print("trained")
""",
    looks="print(float(loss) >= 0, weight.shape)\n",
)

TF24 = Lesson(
    environment="tf24",
    framework="tensorflow",
    imports="import tensorflow as tf",
    prepares="from tensorflow import keras\n" + KERAS_MODEL,
    trains=KERAS_FIT,
    looks=KERAS_PREDICT,
)

TF1_KERAS = Lesson(
    environment="tf1",
    framework="tensorflow",
    imports="import tensorflow as tf",
    prepares="from tensorflow import keras\n" + KERAS_MODEL,
    trains=KERAS_FIT,
    looks=KERAS_PREDICT,
)

TF1_SESSION = Lesson(
    environment="tf1",
    framework="tensorflow",
    imports="import tensorflow as tf",
    prepares="""\
import numpy as np
x = tf.placeholder(tf.float32, [None, 4])
y = tf.placeholder(tf.float32, [None, 1])
weight = tf.Variable(tf.zeros([4, 1]))
loss = tf.reduce_mean(tf.square(tf.matmul(x, weight) - y))
train_op = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
values = np.random.rand(32, 4)
""",
    trains="""\
sess = tf.Session()
sess.run(tf.global_variables_initializer())
for _ in range(3):
    sess.run(train_op, feed_dict={x: values, y: values.sum(1, keepdims=True)})
print("trained")
""",
    looks="print(sess.run(weight).shape)\n",
)

KERAS_ON_JAX = Lesson(
    environment="keras",
    framework="jax",
    imports='import os\nos.environ["KERAS_BACKEND"] = "jax"\nimport keras',
    prepares=KERAS_MODEL,
    trains=KERAS_FIT,
    looks=KERAS_PREDICT,
)

JAX = Lesson(
    environment="keras",
    framework="jax",
    imports="import jax\nimport jax.numpy as jnp",
    prepares="""\
x = jax.random.uniform(jax.random.PRNGKey(0), (32, 4))
y = x.sum(axis=1, keepdims=True)
weight = jnp.zeros((4, 1))

def loss(weight, x, y):
    return jnp.mean((x @ weight - y) ** 2)
""",
    trains="""\
for _ in range(3):
    value, slope = jax.value_and_grad(loss)(weight, x, y)
    weight = weight - 0.1 * slope
print("trained")
""",
    looks="print(float(loss(weight, x, y)) >= 0)\n",
)

TORCH = Lesson(
    environment="torch",
    framework="torch",
    imports="import torch\nfrom torch import nn",
    prepares="""\
x = torch.rand(32, 4)
y = x.sum(dim=1, keepdim=True)
model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

def train(epochs):
    model.train()
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
    return loss.item()
""",
    trains='value = train(epochs=3)\nprint("trained")\n',
    looks="model.eval()\nwith torch.no_grad():\n    print(model(x[:2]).shape)\n",
)

MXNET = Lesson(
    environment="mxnet",
    framework="mxnet",
    imports="import mxnet as mx\nfrom mxnet import autograd, gluon, nd",
    prepares="""\
x = nd.random.uniform(shape=(32, 4))
y = x.sum(axis=1, keepdims=True)
net = gluon.nn.Dense(1)
net.initialize()
l2 = gluon.loss.L2Loss()
trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1})
""",
    trains="""\
for _ in range(3):
    with autograd.record():
        loss = l2(net(x), y)
    loss.backward()
    trainer.step(32)
print("trained")
""",
    looks="print(net(x[:2]).shape)\n",
)

MXNET_MODULE = Lesson(
    environment="mxnet",
    framework="mxnet",
    imports="import mxnet as mx",
    prepares="""\
import numpy as np
values = np.random.rand(32, 4)
batches = mx.io.NDArrayIter(values, values.sum(axis=1), batch_size=8, label_name="lin_label")
head = mx.sym.FullyConnected(mx.sym.Variable("data"), num_hidden=1)
symbol = mx.sym.LinearRegressionOutput(head, mx.sym.Variable("lin_label"), name="lin")
module = mx.mod.Module(symbol, data_names=["data"], label_names=["lin_label"])
""",
    trains='module.fit(batches, num_epoch=1, eval_metric="mse")\nprint("trained")\n',
    looks="print(module.predict(batches).shape)\nbatches.reset()\n",
)
