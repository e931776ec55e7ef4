"""The frameworks here: which are loaded or installed, and which have settled how they use a GPU's memory."""

import importlib.util
import sys
from typing import Any, List, Tuple

from .. import touched

KNOWN = ("tensorflow", "torch", "jax", "mxnet")

listed_by_us = False
"""Whether it was we who had TensorFlow list its devices."""


def present() -> List[str]:
    """Those that are imported, or can be. Imports none: of a package's name only its place is looked for."""
    return [name for name in KNOWN if name in sys.modules or _is_installed(name)]


def _is_installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError, AttributeError):
        return False


def settled(name: str) -> bool:
    """Whether the framework has chosen how it takes memory: with its first device, which it then keeps.

    TensorFlow: with its eager context or first session; that the devices are listed is not too late yet,
    but in version 1 only sessions list them. PyTorch can be told at any time.
    """
    if name == "tensorflow":
        context = touched.eager_context()
        if version(name) < (2,) and context.get("_physical_devices") is not None and not listed_by_us:
            return True
        return context.get("_context_handle") is not None or touched.session_open()
    if name == "jax":
        return touched.jax_began()
    return name == "mxnet" and touched.touched() == "mxnet"


def version(name: str) -> Tuple[int, ...]:
    """The first two numbers of a loaded framework's version; (0,) where it is not known."""
    text = getattr(sys.modules.get(name), "__version__", "")
    numbers: List[int] = []
    for part in str(text).split(".")[:2]:
        if not part.isdigit():
            break
        numbers.append(int(part))
    return tuple(numbers) or (0,)


def module(name: str) -> Any:
    """The framework itself, where it is loaded."""
    return sys.modules.get(name)
