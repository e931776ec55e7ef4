"""Was the container started with a GPU, and with all of the driver?"""

from __future__ import annotations

import re

from ..fixes import containers
from ..nodes import nodes
from ..report import Finding
from ..subject import Subject
from ..versions import numbers
from .rule import Found, Rule

_APPTAINER = ("apptainer", "singularity")

HELPER, HELPER_FROM, TOOLKIT, DESKTOP = "libnvdxgdmal.so.1", 555, "1.14.4", "4.31.0"
"""Windows drivers from R555 on need this library in WSL2; container toolkits before 1.14.4 and Docker Desktop
before 4.31.0 do not take it into a container (NVIDIA/nvidia-container-toolkit issue 520)."""
_OF_WSL = ("libdxcore.", "libd3d12", "libnvwgf2umx")
"""How the names of WSL2's other libraries of this kind begin."""
_NOT_FOUND = re.compile(r"CUDA_ERROR_NOT_FOUND|named symbol not found", re.IGNORECASE)


def container_without_gpu(subject: Subject) -> Found | None:
    """A container on a machine with a GPU was given none: no device node of one, and as a rule none of the
    driver's libraries."""
    driver, kind = subject.driver, subject.host.container
    if driver.status in ("library-mismatch", "gpu-lost", "no-permission") or not _gpu_outside(subject):
        return None
    if driver.status == "ok" and subject.snapshot.gpus != ():
        return None
    without_libraries = driver.status == "absent"
    if not without_libraries and driver.status != "ok" and not driver.kernel_module_version:
        return None  # the driver of the host itself is not loaded, or nothing is known of it
    found = nodes(subject)
    unnamed = without_libraries and driver.kernel_module_version and found is not None and not found.any
    if kind is None and not unnamed:
        return None
    if found is None and not without_libraries:
        return None
    # The host's nodes are there in Apptainer in any case; what --nv brings are the driver's libraries.
    of_host = kind in _APPTAINER and without_libraries
    if found is not None and (found.gpus or found.dxg) and not of_host:
        return None
    name = f"This {kind} container" if kind else "This container or service"
    module = driver.kernel_module_version
    return Found(
        Finding(
            code="container-without-gpu",
            severity="error",
            title="The container was started without the GPU",
            detail=(
                f"The machine has a GPU ({subject.gpu_names}), but {name[0].lower()}{name[1:]} was not given "
                f"it: {_lacking(subject)}. Nothing inside the container can change that; it has to be "
                "started otherwise on the host."
            ),
            evidence=(
                *((f"the host's kernel module {module} is loaded",) if module else ()),
                *(("the driver's libraries are not in the container",) if without_libraries else ()),
                *(("no device node of a GPU",) if found is not None and not found.gpus else ()),
                *_variables(subject),
            ),
            fixes=containers.start_with_gpu(subject),
        )
    )


def _lacking(subject: Subject) -> str:
    found = nodes(subject)
    parts = []
    if found is not None and not (found.gpus or found.dxg):
        parts.append("no device node of it")
    if subject.driver.status == "absent":
        parts.append("none of the driver's libraries")
    return f"it has {' and '.join(parts)}"


def _gpu_outside(subject: Subject) -> bool:
    """Whether the machine around the container has an NVIDIA GPU. Under WSL2 nothing inside tells, but for
    the variables of an image that was made for GPUs."""
    if subject.nvidia_gpu or subject.driver.kernel_module_version:
        return True
    asked = (subject.host.nvidia_container_variables or {}).get("NVIDIA_VISIBLE_DEVICES")
    return bool(subject.host.wsl and subject.host.container and asked and asked not in ("none", "void"))


def _variables(subject: Subject) -> tuple[str, ...]:
    given = subject.host.nvidia_container_variables
    if given is None:
        return ()
    names = ("NVIDIA_VISIBLE_DEVICES", "NVIDIA_DRIVER_CAPABILITIES")
    return tuple(f"{name}={given[name]}" if given.get(name) else f"{name} is not set" for name in names)


def container_capabilities(subject: Subject) -> Found | None:
    """The container has the device, but not all of the driver's libraries."""
    kind = subject.host.container
    if not kind or subject.host.os not in ("linux", None) or not _gpu_outside(subject):
        return None
    return _without_helper(subject) or _without_libraries(subject)


def _without_libraries(subject: Subject) -> Found | None:
    found, driver = nodes(subject), subject.driver
    device = driver.status == "ok" or (found is not None and (found.gpus or found.dxg))
    if not device or (driver.status == "absent" and subject.host.container in _APPTAINER):
        return None
    capabilities = _capabilities(subject)
    complete = subject.environment.libraries_complete and subject.environment.libraries is not None
    libcuda = any(each.file.startswith("libcuda.") and each.origin != "stub" for each in subject.libraries)
    withheld = capabilities is not None and not capabilities & {"compute", "all"}
    missing = driver.status == "ok" and complete and not libcuda
    if not (driver.status == "absent" or missing or (withheld and not libcuda)):
        return None
    which = "libraries" if driver.status == "absent" else "library for computing (libcuda.so.1)"
    why = (
        f"NVIDIA_DRIVER_CAPABILITIES is {','.join(sorted(capabilities or ())) or 'empty'}, without compute. "
        if withheld
        else ""
    )
    return Found(
        Finding(
            code="container-capabilities",
            severity="error",
            title=f"The container lacks the driver's {which.split(' (')[0]}",
            detail=(
                f"The container has the GPU's device, but the driver's {which} "
                f"{'were' if which == 'libraries' else 'was'} not put into it. {why}The host's container "
                "runtime does that when the container starts."
            ),
            evidence=(
                "the driver's library (NVML) is not in the container"
                if driver.status == "absent"
                else "libcuda.so.1 is not in the container",
                *_variables(subject),
            ),
            fixes=containers.give_capabilities(subject),
        )
    )


def _capabilities(subject: Subject) -> frozenset[str] | None:
    """What the container was started with. None: not known, or not set, which is the runtime's own choice."""
    value = (subject.host.nvidia_container_variables or {}).get("NVIDIA_DRIVER_CAPABILITIES")
    if not isinstance(value, str) or not value.strip():
        return None
    return frozenset(each.strip().lower() for each in value.split(","))


def _without_helper(subject: Subject) -> Found | None:
    """WSL2: a library that newer Windows drivers need, and older container toolkits do not know."""
    driver = subject.driver
    if not subject.host.wsl or numbers(driver.version)[:1] < (HELPER_FROM,):
        return None
    names = [each.file for each in subject.libraries]
    if any(name.startswith("libnvdxgdmal") for name in names):
        return None
    # A list that has others of WSL2's own would have this one too.
    listed = bool(subject.environment.libraries_complete) and any(name.startswith(_OF_WSL) for name in names)
    said = bool(_NOT_FOUND.search(subject.snapshot.log or ""))
    if not listed and not said:
        return None
    return Found(
        Finding(
            code="container-capabilities",
            severity="error",
            title="The container lacks a library of the Windows driver",
            detail=(
                f"The Windows driver {driver.version} needs {HELPER} under WSL2, and the container toolkit "
                "or Docker Desktop that started this container did not put it there: the GPU is listed, and "
                "CUDA cannot start (named symbol not found)."
            ),
            evidence=(
                f"driver {driver.version} under WSL2; {HELPER} came with R{HELPER_FROM}",
                *((f"{HELPER} is not in the container",) if listed else ()),
                *(("the log says: named symbol not found",) if said else ()),
            ),
            fixes=containers.update_toolkit(subject, TOOLKIT, DESKTOP),
        )
    )


RULES = (
    Rule("container-without-gpu", "machine", container_without_gpu),
    Rule("container-capabilities", "machine", container_capabilities),
)
