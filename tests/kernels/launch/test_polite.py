"""Frameworks that are told to share a GPU's memory."""

from __future__ import annotations

from jupyter_tfgpu.kernels.launch.polite import POLITE, polite_variables


def test_tensorflow_and_jax_are_told_to_take_memory_as_they_need_it() -> None:
    assert polite_variables({"PATH": "/bin"}) == {
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",
        "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
    }


def test_what_the_environment_says_already_stays() -> None:
    for name in POLITE:
        for value in ("true", "false", ""):
            assert polite_variables({name: value}) == {
                other: POLITE[other] for other in POLITE if other != name
            }
