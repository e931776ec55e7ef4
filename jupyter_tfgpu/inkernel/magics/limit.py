"""``%tfgpu limit``: the most GPU memory that a framework takes here, on each GPU.

What the limit does not count: CUDA's own context, some hundred MiB a process. This is the user's command, so
the loaded framework's own functions are called.
"""

import os
import re
from typing import Any, Callable, Dict, List, Optional

from ..device_findings import NAMES
from ..launch import ProgramError
from . import frameworks
from .devices import gib
from .growth import too_late
from .visible import ours

USAGE = "Usage: %tfgpu limit 4GiB"
MIB = 1 << 20
UNITS = {"": 0, "K": 10, "M": 20, "G": 30, "T": 40}
"""Powers of 2 for KiB, MiB, …; with a plain B powers of 1000."""

SMALLEST = 64 * MIB


def run(part: Any, words: List[str]) -> None:
    """Sets the limit in every framework that takes one, and says of each how far it counts."""
    wanted = "".join(words)
    size = memory(wanted)
    if size is None or size < SMALLEST:
        raise ProgramError("{}; at least 64MiB.".format(USAGE))
    present = frameworks.present()
    if not present:
        raise ProgramError("No framework is installed here that could be limited.")
    limit = Limit(part, wanted, size)
    for framework in present:
        print(limit.set(framework))


def memory(text: str) -> Optional[int]:
    """Bytes from ``4GiB``, ``500MB``, ``1.5g``; None where it says no amount."""
    match = re.match(r"^(\d{1,9}(?:\.\d{1,6})?)([KMGT]?)(i?)B?$", text, re.IGNORECASE)
    if match is None:
        return None
    number, unit, binary = match.group(1), match.group(2).upper(), match.group(3)
    power = UNITS[unit]
    decimal = text[-1:] in "bB" and not binary and unit
    return int(float(number) * (1000 ** (power // 10) if decimal else 1 << power))


class Limit:
    """One limit, ``size`` bytes, for the frameworks of one kernel. ``wanted``: as it was written."""

    def __init__(self, part: Any, wanted: str, size: int) -> None:
        self._part = part
        self._wanted = wanted
        self._size = size

    def set(self, framework: str) -> str:
        """Limits a framework; what is said of that."""
        label = NAMES[framework]
        if frameworks.settled(framework):
            return too_late(label, "limit " + self._wanted)
        loaded = frameworks.module(framework)
        if loaded is None and framework in ("tensorflow", "torch"):
            return "{} is not imported yet: run %tfgpu limit {} again after that{}.".format(
                label, self._wanted, ", before its first operation" if framework == "tensorflow" else ""
            )
        try:
            said: Dict[str, Callable[[Any], str]] = {
                "tensorflow": self._tensorflow,
                "torch": self._torch,
                "jax": self._jax,
                "mxnet": self._mxnet,
            }
            return said[framework](loaded)
        except ProgramError:
            raise
        except Exception as error:
            return "{} could not be limited: {}".format(label, error)

    def _tensorflow(self, tensorflow: Any) -> str:
        """A device with a limit of its own in each GPU's place: ``tf.config``, before version 2.4 (1.15, 2.x)
        its experimental part. A session of version 1 with a configuration of its own does not heed it."""
        config: Any = getattr(tensorflow, "config", None)
        old: Any = getattr(config, "experimental", None)
        listed = getattr(config, "list_physical_devices", None) or getattr(old, "list_physical_devices", None)
        if listed is None:
            return "This TensorFlow is limited in its session's configuration alone (tf.GPUOptions)."
        frameworks.listed_by_us = True
        gpus = listed("GPU")
        for gpu in gpus:
            megabytes = self._size // MIB
            if hasattr(config, "set_logical_device_configuration"):
                made = config.LogicalDeviceConfiguration(memory_limit=megabytes)
                config.set_logical_device_configuration(gpu, [made])
            else:
                made = old.VirtualDeviceConfiguration(memory_limit=megabytes)
                old.set_virtual_device_configuration(gpu, [made])
        return self._done("TensorFlow", len(gpus))

    def _torch(self, torch: Any) -> str:
        """A fraction of each GPU's memory (PyTorch 1.8 and later), for what its allocator takes."""
        fraction = getattr(torch.cuda, "set_per_process_memory_fraction", None)
        if fraction is None:
            return "PyTorch can be limited from 1.8 on; this is {}.".format(torch.__version__)
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        for index in range(count):
            total = torch.cuda.get_device_properties(index).total_memory
            fraction(min(1.0, self._size / float(total)), index)
        return self._done("PyTorch", count)

    def _done(self, label: str, count: int) -> str:
        if not count:
            return "{} sees no GPU here: there is nothing to limit.".format(label)
        where = "the GPU" if count == 1 else "each of {} GPUs".format(count)
        return "{} takes at most {} of {}.".format(label, gib(self._size), where)

    def _jax(self, _jax: Any) -> str:
        """A fraction of each GPU's memory, the same for all: that of the largest, so that none has more.

        The variable's older name, which every jaxlib reads; both at once are an error of jaxlib's.
        """
        total = self._total()
        if total is None:
            return "JAX takes a fraction of a GPU's memory, and it is not known how much this kernel's have."
        name = "XLA_CLIENT_MEM_FRACTION"
        name = name if os.environ.get(name) else "XLA_PYTHON_CLIENT_MEM_FRACTION"
        os.environ[name] = "{:.4f}".format(int(min(1.0, self._size / float(total)) * 10000) / 10000.0)
        return "JAX takes at most {} of a GPU ({}={}).".format(gib(self._size), name, os.environ[name])

    def _mxnet(self, _mxnet: Any) -> str:
        """No limit, but what its pool leaves to others, a percentage
        (https://mxnet.apache.org/versions/1.9.1/api/faq/env_var)."""
        total = self._total()
        if total is None:
            return (
                "MXNet's pool leaves a percentage of a GPU, and it is not known how much this kernel's have."
            )
        left = max(0, min(100, 100 - int(100 * self._size / float(total))))
        os.environ["MXNET_GPU_MEM_POOL_RESERVE"] = str(left)
        return (
            "MXNet knows no limit. Its pool now gives back what is not in use when less than {} % of the GPU "
            "is free (MXNET_GPU_MEM_POOL_RESERVE).".format(left)
        )

    def _total(self) -> Optional[int]:
        """Bytes of the largest of this kernel's GPUs, asked of our program."""
        devices = ours(self._part, self._part.launch.ask(["devices"])["devices"])
        totals = [(one.get("memory") or {}).get("total") for one in devices]
        return max((one for one in totals if one), default=None)
