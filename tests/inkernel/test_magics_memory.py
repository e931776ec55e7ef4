"""``%tfgpu growth`` and ``limit``: what is set for which framework, and what is said when it is too late."""

from __future__ import annotations

import os
import sys
import types
from collections.abc import Callable
from typing import Any

import pytest

from jupyter_tfgpu.inkernel import touched
from jupyter_tfgpu.inkernel.launch import ProgramError
from jupyter_tfgpu.inkernel.magics import frameworks, growth, limit

GIB = 1 << 30
VARIABLES = (
    "TF_FORCE_GPU_ALLOW_GROWTH",
    "XLA_PYTHON_CLIENT_PREALLOCATE",
    "XLA_PYTHON_CLIENT_MEM_FRACTION",
    "XLA_CLIENT_MEM_FRACTION",
    "MXNET_GPU_MEM_POOL_RESERVE",
)
Load = Callable[..., Any]


@pytest.fixture(autouse=True)
def nothing_is_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """No framework, none of the variables, no open file of a GPU."""
    for name in [one for one in sys.modules if one.split(".")[0] in frameworks.KNOWN]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(touched, "FOLDER", str(tmp_path))
    monkeypatch.setattr(frameworks, "_is_installed", lambda name: False)
    monkeypatch.setattr(frameworks, "listed_by_us", False)
    for name in VARIABLES:
        monkeypatch.setenv(name, "")  # so that it is put back
        monkeypatch.delenv(name)


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Load:
    def put(name: str, **values: Any) -> Any:
        module = types.ModuleType(name)
        module.__dict__.update(values)
        monkeypatch.setitem(sys.modules, name, module)
        return module

    return put


class Kernel:
    """A kernel whose program lists GPUs of so many GiB, which it has."""

    def __init__(self, *gib: int) -> None:
        self.launch = self.visible = self
        self.given = self.value = self.order = None
        self._devices = [
            {"uuid": f"GPU-{n}", "index": n, "name": "one", "memory": {"total": size * GIB}}
            for n, size in enumerate(gib)
        ]

    def ask(self, words: list[str]) -> dict[str, Any]:
        assert words == ["devices"]
        return {"devices": self._devices}


def said(capsys: pytest.CaptureFixture[str], module: Any, *words: str, part: Any = None) -> str:
    module.run(part or Kernel(80), list(words))
    return capsys.readouterr().out.strip()


def set_now() -> dict[str, str]:
    return {name: os.environ[name] for name in VARIABLES if name in os.environ}


def test_growth_is_set_for_what_is_imported_later(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert said(capsys, growth, "on") == "No framework is installed here. Set for those to come."
    assert set_now() == {"TF_FORCE_GPU_ALLOW_GROWTH": "true", "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
    monkeypatch.setattr(frameworks, "_is_installed", lambda name: True)
    assert said(capsys, growth, "off").splitlines() == [
        "TensorFlow takes nearly all of a GPU's memory with its first operation "
        "(TF_FORCE_GPU_ALLOW_GROWTH=false).",
        "PyTorch takes a GPU's memory as it needs it, always.",
        "JAX takes 75 % of a GPU's memory with its first operation (XLA_PYTHON_CLIENT_PREALLOCATE=true).",
        "MXNet takes a GPU's memory as it needs it, always.",
    ]
    assert set_now() == {"TF_FORCE_GPU_ALLOW_GROWTH": "false", "XLA_PYTHON_CLIENT_PREALLOCATE": "true"}
    assert said(capsys, growth) == (
        "TF_FORCE_GPU_ALLOW_GROWTH is false\nXLA_PYTHON_CLIENT_PREALLOCATE is true"
    )


class Context:
    def __init__(self, handle: object = None, devices: object = None) -> None:
        self._context_handle = handle
        self._physical_devices = devices


@pytest.mark.parametrize(
    ("version", "context", "late"),
    [
        ("2.21.0", None, False),
        ("2.21.0", Context(devices=[]), False),
        ("2.21.0", Context(handle=object()), True),
        ("1.15.0", Context(devices=[]), True),
        ("1.15.0", Context(), False),
    ],
)
def test_tensorflow_can_be_told_until_it_has_begun(
    load: Load, capsys: pytest.CaptureFixture[str], version: str, context: object, late: bool
) -> None:
    load("tensorflow", __version__=version)
    load("tensorflow.python.eager.context", _context=context)
    text = said(capsys, growth, "on")
    assert ("TF_FORCE_GPU_ALLOW_GROWTH" in set_now()) != late
    if late:
        assert text == (
            "TensorFlow has already begun here, and keeps to what it began with. Restart the kernel, and run "
            "%tfgpu growth on before its first operation."
        )


def test_an_old_tensorflow_is_told_by_its_session(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    load("tensorflow", __version__="1.12.3")
    assert "tf.GPUOptions(allow_growth=True)" in said(capsys, growth, "on")


def test_jax_that_has_begun_keeps_its_memory(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    load("jax", __version__="0.6.0")
    load("jax._src.xla_bridge", _backends={"cpu": 1, "cuda": 2})
    assert said(capsys, growth, "on").startswith("JAX has already begun here")
    assert said(capsys, limit, "4GiB").startswith("JAX has already begun here")
    assert set_now() == {"TF_FORCE_GPU_ALLOW_GROWTH": "true"}, "which is not here, and may come"


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("4GiB", 4 * GIB),
        ("4G", 4 * GIB),
        ("4gib", 4 * GIB),
        ("1.5GiB", 3 * GIB // 2),
        ("500MB", 500_000_000),
        ("500MiB", 500 << 20),
        ("1TiB", 1 << 40),
        ("1000", 1000),
        ("", None),
        ("much", None),
        ("-4GiB", None),
        ("4GiBs", None),
        ("1e9", None),
        ("4" * 20 + "GiB", None),
    ],
)
def test_amounts_of_memory(text: str, size: int | None) -> None:
    assert limit.memory(text) == size


@pytest.mark.parametrize("words", [(), ("none",), ("4",), ("1MiB",)])
def test_what_is_no_limit(words: tuple[str, ...]) -> None:
    with pytest.raises(ProgramError, match="Usage: %tfgpu limit 4GiB"):
        limit.run(Kernel(), list(words))


def test_without_a_framework_there_is_nothing_to_limit() -> None:
    with pytest.raises(ProgramError, match="No framework is installed here"):
        limit.run(Kernel(), ["4GiB"])


class Configuration:
    """``tf.config``, which keeps what was set."""

    def __init__(self, *gpus: str) -> None:
        self.gpus, self.limits = gpus, dict[str, int]()

    def list_physical_devices(self, kind: str) -> tuple[str, ...]:
        assert kind == "GPU"
        return self.gpus

    def LogicalDeviceConfiguration(self, memory_limit: int) -> int:
        return memory_limit

    def set_logical_device_configuration(self, gpu: str, made: list[int]) -> None:
        [self.limits[gpu]] = made


class OldConfiguration:
    """The same up to 2.3: in its experimental part."""

    def __init__(self, new: Configuration) -> None:
        self.experimental = types.SimpleNamespace(
            list_physical_devices=new.list_physical_devices,
            VirtualDeviceConfiguration=new.LogicalDeviceConfiguration,
            set_virtual_device_configuration=new.set_logical_device_configuration,
        )


@pytest.mark.parametrize("old", [False, True])
def test_tensorflow_is_limited_on_each_gpu(load: Load, capsys: pytest.CaptureFixture[str], old: bool) -> None:
    config = Configuration("GPU:0", "GPU:1")
    load("tensorflow", __version__="2.3.0", config=OldConfiguration(config) if old else config)
    assert said(capsys, limit, "4", "GiB") == "TensorFlow takes at most 4.0 GiB of each of 2 GPUs."
    assert config.limits == {"GPU:0": 4096, "GPU:1": 4096}


def test_that_we_listed_the_devices_of_an_old_tensorflow_is_not_that_it_began(
    load: Load, capsys: pytest.CaptureFixture[str]
) -> None:
    context = Context()

    def listed(kind: str) -> tuple[str, ...]:
        context._physical_devices = ()
        return ()

    load("tensorflow", __version__="1.15.0", config=types.SimpleNamespace(list_physical_devices=listed))
    load("tensorflow.python.eager.context", _context=context)
    said(capsys, limit, "4GiB")
    assert "TF_FORCE_GPU_ALLOW_GROWTH=true" in said(capsys, growth, "on")


def test_tensorflow_without_a_gpu_has_nothing_to_limit(
    load: Load, capsys: pytest.CaptureFixture[str]
) -> None:
    load("tensorflow", __version__="2.21.0", config=Configuration())
    assert said(capsys, limit, "4GiB") == "TensorFlow sees no GPU here: there is nothing to limit."


def test_what_a_framework_refuses_is_said(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError("Virtual devices cannot be modified after being initialized")

    config = Configuration("GPU:0")
    config.set_logical_device_configuration = refuse  # type: ignore[method-assign]
    load("tensorflow", __version__="2.21.0", config=config)
    assert said(capsys, limit, "4GiB") == (
        "TensorFlow could not be limited: Virtual devices cannot be modified after being initialized"
    )


def test_what_is_not_imported_is_limited_after_that(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(frameworks, "_is_installed", lambda name: name in ("tensorflow", "torch"))
    assert said(capsys, limit, "4GiB").splitlines() == [
        "TensorFlow is not imported yet: run %tfgpu limit 4GiB again after that, before its first operation.",
        "PyTorch is not imported yet: run %tfgpu limit 4GiB again after that.",
    ]


class Cuda:
    """``torch.cuda`` on two GPUs."""

    _initialized = True

    def __init__(self) -> None:
        self.fractions = dict[int, float]()

    def is_available(self) -> bool:
        return True

    def device_count(self) -> int:
        return 2

    def get_device_properties(self, index: int) -> Any:
        return types.SimpleNamespace(total_memory=(80 * GIB, 2 * GIB)[index])

    def set_per_process_memory_fraction(self, fraction: float, device: int) -> None:
        self.fractions[device] = fraction


def test_pytorch_is_limited_at_any_time(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    cuda = Cuda()
    load("torch", __version__="2.13.0", cuda=cuda)
    assert said(capsys, limit, "4GiB") == "PyTorch takes at most 4.0 GiB of each of 2 GPUs."
    assert cuda.fractions == {0: 0.05, 1: 1.0}
    load("torch", __version__="1.7.1", cuda=types.SimpleNamespace())
    assert said(capsys, limit, "4GiB") == "PyTorch can be limited from 1.8 on; this is 1.7.1."


@pytest.mark.parametrize("name", ["XLA_PYTHON_CLIENT_MEM_FRACTION", "XLA_CLIENT_MEM_FRACTION"])
def test_jax_gets_a_fraction_of_the_largest_gpu(
    load: Load, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    load("jax", __version__="0.6.0")
    monkeypatch.setenv(name, "0.9")
    text = said(capsys, limit, "4GiB", part=Kernel(24, 80))
    assert set_now() == {name: "0.0500"}, "both at once are an error"
    assert text == f"JAX takes at most 4.0 GiB of a GPU ({name}=0.0500)."
    assert "it is not known how much" in said(capsys, limit, "4GiB", part=Kernel())


def test_mxnet_knows_no_limit(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    load("mxnet", __version__="1.9.1")
    assert said(capsys, limit, "8GiB").startswith("MXNet knows no limit.")
    assert set_now() == {"MXNET_GPU_MEM_POOL_RESERVE": "90"}


def test_a_package_is_found_without_being_imported(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.undo()
    for name in frameworks.KNOWN:
        monkeypatch.delitem(sys.modules, name, raising=False)
    (tmp_path / "mxnet").mkdir()
    (tmp_path / "mxnet" / "__init__.py").write_text("raise SystemExit('imported')")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert "mxnet" in frameworks.present()
