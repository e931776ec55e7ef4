"""What is known of a Python environment from its files alone."""

from __future__ import annotations

from typing import Literal

import msgspec

Kind = Literal["conda", "pixi", "venv", "virtualenv", "uv", "poetry", "pipenv", "hatch", "pyenv", "system"]
FrameworkName = Literal["tensorflow", "torch", "jax", "mxnet"]


class Framework(msgspec.Struct, frozen=True, kw_only=True):
    """A framework that an environment holds. ``cuda``: the CUDA release it was built with."""

    name: FrameworkName
    version: str | None = None
    build: Literal["gpu", "cpu", "unknown"] = "unknown"
    cuda: str | None = None


class OwnKernel(msgspec.Struct, frozen=True, kw_only=True):
    """A kernelspec that lies in an environment itself (``share/jupyter/kernels``), of R, Julia or another
    language than the environment's Python. ``name``: its folder's, in lower case; ``folder``: that folder."""

    name: str
    display_name: str
    language: str | None
    folder: str


class Environment(msgspec.Struct, frozen=True, kw_only=True):
    """An environment: a prefix with an interpreter.

    ``id`` is the first 12 hex digits of the SHA-256 of the prefix: stable on one machine, fit for a URL.
    ``problem`` is a sentence for a person where the environment cannot be used as it is, else None.
    ``answers`` False: its disk does not answer now. It is what was known before, without what could be
    started in it; who asks that disk for more may wait for ever.
    """

    id: str
    name: str
    kind: Kind
    prefix: str
    interpreter: str | None = None
    python: str | None = None
    frameworks: tuple[Framework, ...] = ()
    ipykernel: str | None = None
    own_kernels: tuple[OwnKernel, ...] = ()
    problem: str | None = None
    answers: bool = True
