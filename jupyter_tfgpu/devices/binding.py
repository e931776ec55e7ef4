"""nvidia-ml-py, and a copy of it for a library that was installed while this program runs."""

from __future__ import annotations

import ctypes
import importlib.util
import sys
from pathlib import Path
from types import ModuleType


def beside(library: Path) -> ModuleType | None:
    """A second ``pynvml`` over this library, next to the one that is loaded; None where that fails.

    A process keeps the libnvidia-ml.so.1 that it loaded first, and nvidia-ml-py keeps one library a
    module. After an update of the driver that library is refused by the new kernel module. A file of
    another path is another library, also to the loader.
    """
    found = importlib.util.find_spec("pynvml")
    name = f"{__package__}.pynvml-of-{library.name}"
    spec = importlib.util.spec_from_file_location(name, found.origin) if found and found.origin else None
    if spec is None or spec.loader is None:
        return None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # it looks itself up there while it is executed
    try:
        loaded = ctypes.CDLL(str(library))
        spec.loader.exec_module(module)
    except (OSError, ImportError):
        del sys.modules[name]
        return None
    vars(module)["nvmlLib"] = loaded
    return module
