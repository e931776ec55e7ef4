"""The text that names an environment in the kernel picker."""

from __future__ import annotations

import re

from .environment import Environment, Framework

_TITLES = {"tensorflow": "TensorFlow", "torch": "PyTorch", "jax": "JAX", "mxnet": "MXNet"}


def label(environment: Environment) -> str:
    """``tf2 · Python 3.11 · TensorFlow 2.21 (CPU build)``: the name, and what is known of the rest.

    Further frameworks follow by name alone, so that the label stays short.
    """
    parts = [environment.name]
    if environment.python:
        parts.append(f"Python {minor(environment.python)}")
    if environment.frameworks:
        first, *others = environment.frameworks
        parts.append(", ".join([framework_label(first), *(_TITLES[other.name] for other in others)]))
    return " · ".join(parts)


def framework_label(framework: Framework) -> str:
    """``TensorFlow 2.20 (CUDA 12.5)``, ``PyTorch 2.7 (GPU build)``, ``JAX``."""
    text = _TITLES[framework.name]
    if framework.version:
        text += f" {minor(framework.version)}"
    if framework.build == "cpu":
        return f"{text} (CPU build)"
    if framework.build == "gpu":
        return f"{text} ({f'CUDA {minor(framework.cuda)}' if framework.cuda else 'GPU build'})"
    return text


def minor(version: str) -> str:
    """A version's first two numbers: ``2.21.0`` is 2.21, ``12`` stays 12, what is no version stays too."""
    match = re.match(r"\d+(\.\d+)?", version)
    return match[0] if match else version
