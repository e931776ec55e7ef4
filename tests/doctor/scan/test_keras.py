"""Which framework Keras runs on: by its variable, by its file of settings, by itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jupyter_tfgpu.doctor.scan.keras import keras_backend
from jupyter_tfgpu.doctor.snapshot import Distribution
from jupyter_tfgpu.machine import Machine


def backend(
    tmp_path: Path, version: str | None = "3.10.0", settings: str | None = None, **variables: str
) -> str | None:
    home = tmp_path / "home"
    (home / ".keras").mkdir(parents=True, exist_ok=True)
    if settings is not None:
        (home / ".keras" / "keras.json").write_text(settings)
    machine = Machine(root=tmp_path / "root", environ={}, home=home)
    found = [] if version is None else [Distribution(name="keras", version=version)]
    return keras_backend(machine, variables, found)


def test_the_variable_counts_then_the_file_then_tensorflow(tmp_path: Path) -> None:
    settings = json.dumps({"floatx": "float32", "backend": "jax"})
    assert backend(tmp_path) == "tensorflow"
    assert backend(tmp_path, settings=settings) == "jax"
    assert backend(tmp_path, settings=settings, KERAS_BACKEND="Torch") == "torch"


def test_the_file_may_lie_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "keras.json").write_text('{"backend": "torch"}')
    assert backend(tmp_path, settings='{"backend": "jax"}', KERAS_HOME=str(tmp_path)) == "torch"


@pytest.mark.parametrize(
    ("version", "said"), [(None, None), ("2.15.0", None), ("2.4.3", None), ("2.3.1", "jax"), ("3.0.0", "jax")]
)
def test_only_a_keras_that_has_a_choice_says_one(
    tmp_path: Path, version: str | None, said: str | None
) -> None:
    assert backend(tmp_path, version, '{"backend": "jax"}') == said


@pytest.mark.parametrize("settings", ["", "{", "[]", '{"backend": 3}', '{"backend": ""}', "\x00\xff"])
def test_a_broken_file_says_nothing(tmp_path: Path, settings: str) -> None:
    assert backend(tmp_path, settings=settings) == "tensorflow"
