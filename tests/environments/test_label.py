"""A label says what matters, in few words."""

from __future__ import annotations

import pytest

from jupyter_tfgpu.environments import Environment, Framework, label

CPU = Framework(name="tensorflow", version="2.21.0", build="cpu")


@pytest.mark.parametrize(
    ("python", "frameworks", "expected"),
    [
        ("3.11.7", (CPU,), "tf2 · Python 3.11 · TensorFlow 2.21 (CPU build)"),
        ("3.12.1", (Framework(name="tensorflow", version="2.20.0", build="gpu", cuda="12.5.1"),),
         "tf2 · Python 3.12 · TensorFlow 2.20 (CUDA 12.5)"),
        ("3.11", (), "tf2 · Python 3.11"),
        (None, (), "tf2"),
        ("3.11", (Framework(name="torch", version="2.7.0+rocm6.3", build="gpu"),),
         "tf2 · Python 3.11 · PyTorch 2.7 (GPU build)"),
        ("3.11", (Framework(name="jax", version="0.7.2", build="gpu", cuda="12"),),
         "tf2 · Python 3.11 · JAX 0.7 (CUDA 12)"),
        ("3.11", (Framework(name="mxnet"),), "tf2 · Python 3.11 · MXNet"),
        ("3.11", (CPU, Framework(name="torch", version="2.7.0")),
         "tf2 · Python 3.11 · TensorFlow 2.21 (CPU build), PyTorch"),
    ],
)  # fmt: skip
def test_labels(python: str | None, frameworks: tuple[Framework, ...], expected: str) -> None:
    environment = Environment(
        id="0" * 12, name="tf2", kind="venv", prefix="/env", python=python, frameworks=frameworks
    )
    assert label(environment) == expected
