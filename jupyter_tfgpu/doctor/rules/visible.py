"""Which GPUs does the kernel see?"""

from __future__ import annotations

import re

from ..fixes import devices
from ..nodes import nodes
from ..report import Finding
from ..snapshot import Gpu
from ..subject import Subject, capability
from ..versions import numbers
from ..visibility import VARIABLE, Visible, usable_gpus, visible
from .libcuda import libcuda_not_on_path, libcuda_shadowed
from .rule import Found, Rule

JAX_PLATFORMS = ("JAX_PLATFORMS", "JAX_PLATFORM_NAME")

_NONE_SEEN = re.compile(
    r"CUDA_ERROR_NO_DEVICE|no CUDA-capable device is detected|No CUDA GPUs are available|cudaErrorNoDevice",
    re.IGNORECASE,
)


def gpu_hidden(subject: Subject) -> Found | None:
    """CUDA_VISIBLE_DEVICES (or HIP's, for a build for AMD's GPUs) leaves no GPU: empty, -1, nothing that is
    there. Or CUDA says that it sees none, while the driver lists some and all else is in order: then the
    program hid them itself, after its process began."""
    if not _could_use_one(subject):
        return None
    left = visible(subject)
    if left is not None and left.hides_all:
        return _by_variable(subject, left)
    platform = _by_platform(subject)
    if platform is not None:
        return platform
    if left is None or left.reason is None:
        return _by_program(subject)
    return None


def _could_use_one(subject: Subject) -> bool:
    build = subject.framework
    if build is None or subject.host.os == "macos":
        return False
    if build.rocm_build:
        return bool(subject.other_gpu)
    return build.cuda_build is not False and bool(subject.nvidia_gpu)


def _by_variable(subject: Subject, left: Visible) -> Found:
    wrong = _what_is_wrong(left, len(usable_gpus(subject)))
    return _hidden(subject, left.variable, left.value, wrong)


def _by_platform(subject: Subject) -> Found | None:
    """JAX has variables of its own for where it computes (its documentation, "Configuration options")."""
    variables = subject.snapshot.variables or {}
    name = next((each for each in JAX_PLATFORMS if variables.get(each)), None)
    if subject.name != "jax" or name is None:
        return None
    value = str(variables[name])
    if {each.strip().lower() for each in value.split(",")} != {"cpu"}:
        return None
    return _hidden(subject, name, value, f"{name} is {value}: it tells JAX to leave every GPU alone.")


def _hidden(subject: Subject, variable: str, value: str, wrong: str) -> Found:
    return Found(
        Finding(
            code="gpu-hidden",
            severity="error",
            framework=subject.name,
            title=f"{variable} hides every GPU",
            detail=f"{wrong} So {subject.title} sees no GPU in this kernel and trains on the CPU.",
            evidence=(f"{variable}={_quoted(value)}", *_listed(subject)),
            fixes=devices.show_gpus(subject, variable),
        )
    )


def _what_is_wrong(left: Visible, count: int) -> str:
    name, value = left.variable, _quoted(left.value)
    first = left.ignored[0] if left.ignored else ""
    there = f"the driver lists {count} here, counted from 0" if count else "the machine has no such one"
    return {
        "empty": f"{name} is set and empty, which means no GPU at all; not set, it means all.",
        "negative": f"{name} is {value}, and {first} names no GPU: the list ends there, with none in it.",
        "no-such-index": f"{name} is {value}, and there is no GPU {first}: {there}.",
        "no-such-uuid": f"{name} is {value}, and no GPU of this machine has the UUID {first}.",
        "no-such-mig": f"{name} is {value}, and no MIG instance of this machine is called {first}.",
        "ambiguous": f"{name} is {value}, and several GPUs' UUIDs begin with {first}.",
        "twice": f"{name} is {value}, with one entry twice, for which CUDA takes none at all.",
        "no-device": f"{name} is {value}, and {_quoted(first)} is no index and no UUID of a GPU.",
    }[left.reason or "empty"]


def _quoted(value: str) -> str:
    return f'"{value}"' if not value or not value.isprintable() or value != value.strip() else value


def _listed(subject: Subject) -> tuple[str, ...]:
    return tuple(
        f"GPU {gpu.index if gpu.index is not None else place}: {gpu.name}"
        for place, gpu in enumerate(usable_gpus(subject))
        if gpu.name
    )


def _by_program(subject: Subject) -> Found | None:
    """The log is the only witness, so everything else that CUDA could mean has to be ruled out."""
    if subject.driver.status != "ok" or not subject.nvidia_gpus:
        return None
    if not _NONE_SEEN.search(subject.snapshot.log or "") or not _driver_within_reach(subject):
        return None
    return Found(
        Finding(
            code="gpu-hidden",
            severity="error",
            framework=subject.name,
            title="CUDA sees no GPU, although the driver lists one",
            detail=(
                f"CUDA says that it detects no device, while the driver lists {subject.gpu_names} and "
                f"answers. {VARIABLE} is not what the kernel was started with, so the program most likely "
                f"sets it itself, before {subject.proper_name} starts."
            ),
            evidence=("the log says: no CUDA-capable device is detected", *_listed(subject)),
            fixes=devices.show_in_program(subject),
        )
    )


def _driver_within_reach(subject: Subject) -> bool:
    """Whether nothing tells of another libcuda, or of device nodes that lack."""
    found = nodes(subject)
    if found is not None and (found.denied or (found.control and not found.uvm)):
        return False
    copies = [each for each in subject.libraries if each.file.startswith(("libcuda.so", "nvcuda."))]
    first = next((each for each in copies if each.reachable), None)
    if copies and (first is None or first.origin in ("stub", "compat")):
        return False
    return libcuda_shadowed(subject) is None and libcuda_not_on_path(subject) is None


def gpu_hidden_partly(subject: Subject) -> Found | None:
    """Some entries name GPUs, and those from the first on that names none are left out."""
    left = visible(subject) if _could_use_one(subject) else None
    # A -1 at the end is how people close a list on purpose.
    if left is None or not left.gpus or left.reason is None or left.ignored == ("-1",):
        return None
    seen = ", ".join(gpu.name or "a GPU" for gpu in left.gpus)
    return Found(
        Finding(
            code="gpu-hidden-partly",
            severity="warning",
            framework=subject.name,
            title=f"Some entries of {left.variable} are ignored",
            detail=(
                f"{left.variable} is {left.value}. CUDA reads the list up to the first entry that names no "
                f"GPU, {_quoted(left.ignored[0])}, and ignores {', '.join(left.ignored)}: {subject.title} "
                f"sees {len(left.gpus)} of the {len(left.gpus) + len(left.ignored)} ({seen})."
            ),
            evidence=(f"{left.variable}={left.value}", *_listed(subject)),
            fixes=devices.name_devices(subject, left.variable, usable_gpus(subject)),
        )
    )


def mig_one_instance(subject: Subject) -> Found | None:
    """A process uses one MIG instance, whatever it is given (NVIDIA's MIG user guide)."""
    divided = [gpu for gpu in subject.nvidia_gpus if gpu.mig]
    if not divided:
        return None
    count = sum(len(gpu.mig or ()) for gpu in divided)
    return Found(
        Finding(
            code="mig-one-instance",
            severity="info",
            title="A kernel uses one MIG instance",
            detail=(
                f"{', '.join(dict.fromkeys(gpu.name or 'A GPU' for gpu in divided))} is divided into "
                f"{count} MIG instance{'' if count == 1 else 's'}. A process uses one of them at a time, the "
                f"first that {VARIABLE} names, however many it is given."
            ),
            evidence=tuple(f"{gpu.name or 'GPU'}: {len(gpu.mig or ())} instances" for gpu in divided),
        )
    )


def device_order(subject: Subject) -> Found | None:
    """CUDA puts the fastest GPU first unless it is told to count as nvidia-smi does. Silent where the first
    on the bus is likely the fastest, too: then both count alike."""
    variables, gpus = subject.snapshot.variables, subject.nvidia_gpus
    if variables is None or len(gpus) < 2 or variables.get("CUDA_DEVICE_ORDER") == "PCI_BUS_ID":
        return None
    if not all(gpu.name for gpu in gpus) or len({gpu.name for gpu in gpus}) == 1:
        return None
    if all(_slower(gpu, gpus[0]) for gpu in gpus[1:]):
        return None
    return Found(
        Finding(
            code="device-order",
            severity="info",
            title="CUDA may count the GPUs otherwise than nvidia-smi",
            detail=(
                "The GPUs of this machine differ, and CUDA gives the number 0 to the fastest, while "
                f"nvidia-smi counts them as they sit on the bus: an index in {VARIABLE} or in a program may "
                "mean another GPU than nvidia-smi shows under it."
            ),
            evidence=(*_listed(subject), "CUDA_DEVICE_ORDER is not PCI_BUS_ID"),
            fixes=devices.order_by_bus(subject),
        )
    )


def _slower(gpu: Gpu, first: Gpu) -> bool:
    """Whether the GPU is likely not faster than the first: older and not larger, or as old and smaller."""
    if gpu.name == first.name:
        return True
    generation, of_first = numbers(capability(gpu)), numbers(capability(first))
    size, size_of_first = gpu.memory_total or 0, first.memory_total or 0
    return (generation < of_first and size <= size_of_first) or (
        generation == of_first and size < size_of_first
    )


RULES = (
    Rule("gpu-hidden", "framework", gpu_hidden),
    Rule("gpu-hidden-partly", "framework", gpu_hidden_partly),
    Rule("mig-one-instance", "machine", mig_one_instance),
    Rule("device-order", "machine", device_order),
)
