"""Which framework has begun to use the GPU in this process: from then on nothing reads CUDA_VISIBLE_DEVICES.

CUDA reads it once, when it is initialised, and the frameworks keep the list of devices that they then got.
Looks at attributes and at this process's open files; calls nothing of a framework and raises nothing.
"""

import os
import sys
import threading
from typing import Any, Callable, Dict, List, Optional, Tuple

OTHER = "another program part"
"""Something holds the GPU, and it cannot be said what."""

FOLDER = "/proc/self/fd"

USERS = ("tensorflow", "torch", "jax", "mxnet", "cupy", "numba.cuda", "pycuda", "paddle", "cudf")
"""Modules that may hold the GPU without an attribute that says so."""

BINDINGS = ("pynvml", "py3nvml", "nvitop")
"""Modules that open the GPU's file only to ask for its state; that initialises no CUDA."""


def touched(files: bool = True) -> Optional[str]:
    """The framework that has initialised CUDA here (``tensorflow``, ``torch``, ``jax``, …), or :data:`OTHER`.

    None: none has. What only open files tell is not told outside Linux, nor without ``files``, which are a
    hundred system calls.
    """
    for name, check in CHECKS:
        try:
            if check():
                return name
        except Exception:  # an attribute of another generation: the open files decide
            continue
    if not files:
        return None
    try:
        return _holder() if _holds_gpu(_open_files(), _any_loaded(BINDINGS)) else None
    except Exception:
        return None


def _torch() -> bool:
    return names_in("torch.cuda").get("_initialized") is True


def _tensorflow() -> bool:
    """A build with CUDA has listed its devices, made its eager context, or opened a session of version 1."""
    if _cpu_only():
        return False
    made = eager_context()
    names = ("_context_handle", "_physical_devices")
    return any(made.get(name) is not None for name in names) or session_open()


def eager_context() -> Dict[str, Any]:
    """What TensorFlow's eager context holds; empty where there is none yet."""
    names = ("tensorflow.python.eager.context", "tensorflow_core.python.eager.context")
    held = getattr(names_in(*names).get("_context"), "__dict__", None)
    return held if isinstance(held, dict) else {}


def _cpu_only() -> bool:
    """Whether this TensorFlow says that it was built without CUDA; it then leaves the GPU alone."""
    names = ("tensorflow.python.platform.build_info", "tensorflow_core.python.platform.build_info")
    values = names_in(*names)
    told = values.get("build_info")
    return (told if isinstance(told, dict) else values).get("is_cuda_build") is False


def session_open() -> bool:
    """Whether a session of TensorFlow 1 is open that can be seen."""
    names = ("tensorflow.python.client.session", "tensorflow_core.python.client.session")
    values = names_in(*names)
    interactive = getattr(values.get("InteractiveSession"), "_active_session_count", 0)
    if (isinstance(interactive, int) and interactive > 0) or any(map(_keras_session, KERAS)):
        return True
    base = values.get("BaseSession")
    if base is None:
        return False
    kinds = set(map(type, list(names_in("__main__").values())))  # in a kernel: of the user's names
    return any(base in type.mro(kind) for kind in kinds)


KERAS = (
    "tensorflow.python.keras.backend",
    "tensorflow_core.python.keras.backend",
    "keras.backend.tensorflow_backend",
)


def _keras_session(module: str) -> bool:
    """The session that Keras keeps: itself up to TensorFlow 1.13, in a ``threading.local`` from 1.14."""
    session = names_in(module).get("_SESSION")
    if isinstance(session, threading.local):
        session = getattr(session, "session", None)
    return session is not None


def jax_began() -> bool:
    """jax has made its backends, with CUDA or in a build that would have CUDA. It makes them once."""
    for name in ("jax._src.xla_bridge", "jax._src.lib.xla_bridge", "jax.lib.xla_bridge"):
        values = names_in(name)
        made = values.get("_backends")
        if isinstance(made, dict) and made:
            return _has_gpu(made) or _has_gpu(values.get("_backend_errors")) or _jax_with_cuda()
    made = names_in("jaxlib.xla_client").get("_local_backends")  # up to jaxlib 0.1.6x
    return isinstance(made, dict) and _has_gpu(made)


def _jax_with_cuda() -> bool:
    """Whether the plugin is loaded that CUDA comes with or, before there was one, jaxlib was built with it.

    That "cuda" is among the backends that jax knows says nothing: every build of some releases knows it.
    """
    plugged = any(name.startswith("xla_cuda") for name in list(names_in("jax_plugins")))
    return plugged or "GpuAllocatorConfig" in names_in("jaxlib.xla_extension")


def _has_gpu(backends: Any) -> bool:
    return isinstance(backends, dict) and any(name in backends for name in ("cuda", "gpu"))


CHECKS: Tuple[Tuple[str, Callable[[], bool]], ...] = (
    ("torch", _torch),
    ("tensorflow", _tensorflow),
    ("jax", jax_began),
)
"""MXNet says nothing of it in Python; its open files do."""


def _open_files() -> List[str]:
    """What this process has open; empty where /proc is not there."""
    found = []
    try:
        names = os.listdir(FOLDER)
    except OSError:
        return []
    for name in names:
        try:
            found.append(os.readlink(os.path.join(FOLDER, name)))
        except OSError:  # closed in between
            continue
    return found


def _holds_gpu(files: List[str], asks: bool) -> bool:
    """Whether CUDA is initialised by the files that are open. ``asks``: something here may use NVML.

    CUDA opens /dev/nvidia-uvm (on WSL2: /dev/dxg) and /dev/nvidia<n>; NVML /dev/nvidia<n> alone.
    """
    if any(one.startswith("/dev/nvidia-uvm") or one == "/dev/dxg" for one in files):
        return True
    return not asks and any(one.startswith("/dev/nvidia") and one[11:].isdigit() for one in files)


def _holder() -> str:
    loaded = [name for name in USERS if name in sys.modules]
    return loaded[0].split(".")[0] if len(loaded) == 1 else OTHER


def _any_loaded(names: Tuple[str, ...]) -> bool:
    return any(name in sys.modules for name in names)


def names_in(*modules: str) -> Dict[str, Any]:
    """The names of the first of these modules that is loaded; without asking the module for one."""
    for name in modules:
        found = getattr(sys.modules.get(name), "__dict__", None)
        if isinstance(found, dict):
            return found
    return {}
