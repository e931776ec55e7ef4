"""What the recogniser sees of a running kernel's objects, none of whose code may run."""

from __future__ import annotations

import sys
import types
from typing import Any

import pytest

from jupyter_tfgpu.inkernel.recogniser.live import keras_backend, loaded_packages, origin_in
from jupyter_tfgpu.inkernel.recogniser.recognise import Recogniser


def made(name: str, module: str, *bases: type, **members: Any) -> type:
    """A class that says it comes from a module."""
    return type(name, bases, {"__module__": module, **members})


class Touchy:
    """Raises whatever is asked of it."""

    __module__ = "keras.models"

    def __getattribute__(self, name: str) -> Any:
        raise AssertionError(f"{name} was asked for")


class Pretender:
    """Says that it is of another class, in code of its own."""

    @property
    def __class__(self) -> Any:
        raise AssertionError("its class was asked for")


class Slotted:
    __slots__ = ("model",)


def test_objects_classes_modules_and_functions_are_known_by_where_they_come_from() -> None:
    model = made("Sequential", "keras.engine.sequential")
    mine = made("Mine", "__main__", model)
    module = types.ModuleType("tensorflow.keras")
    origin = origin_in(
        {
            "model": model(),
            "Model": model,
            "mine": mine(),
            "Mine": mine,
            "other": made("Other", "helpers", made("Module", "torch.nn.modules.module"))(),
            "tf": module,
            "number": 3,
            "nothing": None,
            "here": types.FunctionType((lambda: None).__code__, {"__name__": "__main__"}, "here"),
            "there": types.FunctionType((lambda: None).__code__, {"__name__": "torch.hub"}, "load"),
        }
    )
    assert origin("model") == "keras.engine.sequential.Sequential()"
    assert origin("Model") == "keras.engine.sequential.Sequential"
    assert origin("mine") == "__main__.Mine()"
    assert origin("Mine") == "keras.engine.sequential.Sequential"
    assert origin("other") == "torch.nn.modules.module.Module()"
    assert origin("tf") == "tensorflow.keras"
    assert origin("here") == "__main__.here"
    assert (origin("there") or "").startswith("torch.hub.")
    assert [origin(name) for name in ("number", "nothing", "missing", "missing.too")] == [None] * 4


def test_attributes_are_read_as_they_are_stored() -> None:
    model = made("Sequential", "keras.models")()
    holder = types.SimpleNamespace(model=model, deeper=types.SimpleNamespace(model=model))
    torch_like = types.SimpleNamespace(_modules={"head": made("Linear", "torch.nn")()})
    origin = origin_in({"agent": holder, "net": torch_like})
    assert origin("agent.model") == origin("agent.deeper.model") == "keras.models.Sequential()"
    assert origin("net.head") == "torch.nn.Linear()"
    assert origin("agent.missing.model") is None


@pytest.mark.parametrize("make", [Touchy, Pretender, Slotted, type("Meta", (type,), {})("A", (), {})])
def test_no_code_of_an_object_runs(make: type) -> None:
    origin = origin_in({"value": make()})
    assert origin("value.model.fit") is None
    assert origin("value") == ("keras.models.Touchy()" if make is Touchy else None)
    recogniser = Recogniser(live=origin, loaded=lambda: frozenset(["keras"]))
    assert recogniser.judge_source("value.fit(x)").framework == "tensorflow"


def test_loaded_packages_and_the_backend_are_read_from_the_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mxnet", types.ModuleType("mxnet"))
    assert "mxnet" in loaded_packages()
    assert "rl" not in loaded_packages()
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.delitem(sys.modules, "keras.src.backend.config", raising=False)
    assert keras_backend() == "jax"
    config = types.ModuleType("keras.src.backend.config")
    config.__dict__["_BACKEND"] = "torch"
    monkeypatch.setitem(sys.modules, "keras.src.backend.config", config)
    assert keras_backend() == "torch"
