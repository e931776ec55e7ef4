"""Which framework has begun to use the GPU: read from attributes of every generation, and from open files."""

from __future__ import annotations

import sys
import threading
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_tfgpu.inkernel import touched
from jupyter_tfgpu.inkernel.touched import OTHER

Load = Callable[..., types.ModuleType]


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Load:
    """Puts a module with these names where imported ones are."""

    def put(name: str, **values: Any) -> types.ModuleType:
        module = types.ModuleType(name)
        module.__dict__.update(values)
        monkeypatch.setitem(sys.modules, name, module)
        return module

    return put


class OpenFiles:
    """The open files of a process as /proc lists them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, target: str) -> None:
        (self._folder / str(len(list(self._folder.iterdir())))).symlink_to(target)


@pytest.fixture(autouse=True)
def open_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> OpenFiles:
    """The files that are open; none of the GPU unless a test adds it."""
    monkeypatch.setattr(touched, "FOLDER", str(tmp_path))
    for name in (*touched.USERS, *touched.BINDINGS, "torch.cuda", "tensorflow.python.eager.context"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    files = OpenFiles(tmp_path)
    files.add("/dev/null")
    files.add("socket:[4711]")
    return files


def test_nothing_loaded_has_touched_nothing() -> None:
    assert touched.touched() is None


@pytest.mark.parametrize(("initialised", "said"), [(True, "torch"), (False, None)])
def test_torch(load: Load, initialised: bool, said: str | None) -> None:
    load("torch")
    load("torch.cuda", _initialized=initialised)
    assert touched.touched() == said


class Context:
    """The eager context as TensorFlow keeps it."""

    def __init__(self, **values: Any) -> None:
        self.__dict__.update({"_context_handle": None, "_physical_devices": None, **values})


@pytest.mark.parametrize(
    "module", ["tensorflow.python.eager.context", "tensorflow_core.python.eager.context"]
)
@pytest.mark.parametrize(
    ("context", "said"),
    [
        (None, None),
        (Context(), None),
        (Context(_physical_devices=[]), "tensorflow"),
        (Context(_context_handle=object()), "tensorflow"),
    ],
)
def test_tensorflows_context(load: Load, module: str, context: object, said: str | None) -> None:
    load(module, _context=context)
    assert touched.touched() == said


@pytest.mark.parametrize(
    "told", [{"build_info": {"is_cuda_build": False}}, {"is_cuda_build": False}], ids=["2.x", "1.15"]
)
def test_a_tensorflow_without_cuda_touches_nothing(load: Load, told: dict[str, Any]) -> None:
    load("tensorflow.python.eager.context", _context=Context(_physical_devices=[]))
    load("tensorflow.python.platform.build_info", **told)
    assert touched.touched() is None


class BaseSession:
    pass


class Session(BaseSession):
    pass


class InteractiveSession(BaseSession):
    _active_session_count = 0


def test_a_session_among_the_users_names(load: Load) -> None:
    load("tensorflow.python.client.session", BaseSession=BaseSession, InteractiveSession=InteractiveSession)
    load("__main__", np=types, Session=Session)
    assert touched.touched() is None
    load("__main__", np=types, sess=Session())
    assert touched.touched() == "tensorflow"


def test_an_interactive_session(load: Load) -> None:
    active = type("InteractiveSession", (BaseSession,), {"_active_session_count": 1})
    load("tensorflow.python.client.session", BaseSession=BaseSession, InteractiveSession=active)
    assert touched.touched() == "tensorflow"


def test_the_session_that_keras_keeps(load: Load) -> None:
    kept = threading.local()
    load("tensorflow.python.keras.backend", _SESSION=kept)
    assert touched.touched() is None
    kept.session = Session()
    assert touched.touched() == "tensorflow"
    load("tensorflow.python.keras.backend", _SESSION=None)
    assert touched.touched() is None
    load("keras.backend.tensorflow_backend", _SESSION=Session())
    assert touched.touched() == "tensorflow"


@pytest.mark.parametrize(
    "module", ["jax._src.xla_bridge", "jax._src.lib.xla_bridge", "jax.lib.xla_bridge"], ids=str
)
@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"_backends": {}, "_backend_factories": {"cpu": 1, "cuda": 2}}, None),
        ({"_backends": None}, None),
        ({"_backends": {"cpu": 1}, "_backend_factories": {"cpu": 1}}, None),
        ({"_backends": {"cpu": 1, "cuda": 2}}, "jax"),
        ({"_backends": {"cpu": 1, "gpu": 2}}, "jax"),
        ({"_backends": {"cpu": 1}, "_backend_factories": {"cpu": 1, "cuda": 2}}, None),
        ({"_backends": {"cpu": 1}, "_backend_errors": {"cuda": "no GPU"}}, "jax"),
    ],
)
def test_jax(load: Load, module: str, values: dict[str, Any], said: str | None) -> None:
    load(module, **values)
    assert touched.touched() == said


@pytest.mark.parametrize(
    ("module", "values"),
    [("jax_plugins", {"xla_cuda12": types}), ("jaxlib.xla_extension", {"GpuAllocatorConfig": object})],
)
def test_a_jax_with_cuda_that_chose_the_cpu_does_not_choose_again(
    load: Load, module: str, values: dict[str, Any]
) -> None:
    load("jax._src.xla_bridge", _backends={"cpu": 1})
    assert touched.touched() is None
    load(module, **values)
    assert touched.touched() == "jax"


def test_jaxlib_before_jax_kept_its_own(load: Load) -> None:
    load("jaxlib.xla_client", _local_backends={"cpu": 1, "gpu": 2})
    assert touched.touched() == "jax"


@pytest.mark.parametrize("file", ["/dev/nvidia-uvm", "/dev/nvidia0", "/dev/nvidia12", "/dev/dxg"])
def test_an_open_file_of_the_gpu(open_files: OpenFiles, file: str) -> None:
    open_files.add(file)
    assert touched.touched() == OTHER


@pytest.mark.parametrize("file", ["/dev/nvidiactl", "/dev/nvidia-modeset", "/home/me/nvidia0"])
def test_other_files_of_the_driver_tell_nothing(open_files: OpenFiles, file: str) -> None:
    open_files.add(file)
    assert touched.touched() is None


def test_the_file_of_a_gpu_that_is_only_asked_for_its_state(load: Load, open_files: OpenFiles) -> None:
    load("pynvml")
    open_files.add("/dev/nvidia0")
    assert touched.touched() is None
    open_files.add("/dev/nvidia-uvm")
    assert touched.touched() == OTHER


@pytest.mark.parametrize(
    ("loaded", "said"),
    [("mxnet", "mxnet"), ("cupy", "cupy"), ("numba.cuda", "numba"), ("tensorflow", "tensorflow")],
)
def test_the_only_one_that_can_hold_it_holds_it(
    load: Load, open_files: OpenFiles, loaded: str, said: str
) -> None:
    load(loaded)
    open_files.add("/dev/nvidia-uvm")
    assert touched.touched() == said
    load("paddle")
    assert touched.touched() == OTHER


def test_no_module_is_asked_for_a_name_and_none_can_break_it(load: Load) -> None:
    class Module(types.ModuleType):
        def __getattr__(self, name: str) -> Any:
            raise AssertionError(f"asked for {name}")

    class Hostile:
        @property
        def __dict__(self) -> dict[str, Any]:  # type: ignore[override]
            raise RuntimeError("never")

    for name in ("torch.cuda", "jax._src.xla_bridge", "tensorflow.python.client.session"):
        sys.modules[name] = load(name)
        sys.modules[name].__class__ = Module
    load("tensorflow.python.eager.context", _context=Hostile())
    assert touched.touched() is None


def test_a_system_without_proc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(touched, "FOLDER", str(tmp_path / "absent"))
    assert touched.touched() is None
