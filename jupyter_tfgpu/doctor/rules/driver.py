"""Is there a GPU, and does its driver answer? Versions of the driver: ``driver_versions``."""

from __future__ import annotations

import re

from ..fixes import host
from ..nodes import nodes
from ..report import Finding
from ..subject import Subject
from ..versions import numbers
from .driver_versions import driver_too_new
from .rule import Found, Rule

_LOST = re.compile(
    r"fallen off the bus|gpu is lost|unable to determine the device handle"
    r"|gpu requires (?:a )?reset|reset required|requires gpu reset|\bxid\b",
    re.IGNORECASE,
)


def no_gpu(subject: Subject) -> Found | None:
    """There is no GPU in this machine that a framework could use. Under WSL2 and on macOS the PCI bus
    does not tell, so nothing is said there."""
    if subject.nvidia_gpu is not False or subject.other_gpu is not False:
        return None
    return Found(
        Finding(
            code="no-gpu",
            severity="info",
            title="There is no GPU in this machine",
            detail="No NVIDIA GPU is on the PCI bus and no driver lists one: training will run on the CPU.",
            evidence=("NVIDIA devices on the PCI bus: 0",),
        )
    )


def driver_missing(subject: Subject) -> Found | None:
    """An NVIDIA GPU, and no driver installed, or only its kernel module.

    Silent in a container, where a missing driver means that the container was not given one. Under WSL2 it
    is Windows' driver that is missing.
    """
    driver, machine = subject.driver, subject.host
    if driver.status != "absent" or not subject.nvidia_gpu or machine.container or machine.jetson:
        return None
    if machine.os == "macos":
        return None
    if driver.kernel_module_version:
        found = nodes(subject)
        return None if found is not None and not found.any else _only_the_module(subject)
    evidence = ["the driver's library (NVML) is not on this machine and its kernel module is not loaded"]
    if machine.wsl:
        if any(each.file.startswith("libcuda.") for each in subject.libraries):
            return None  # it is there, out of reach
        evidence = ["under WSL2 the driver is Windows' own; its libraries (/usr/lib/wsl/lib) are not there"]
    if machine.nvidia_pci_devices:
        evidence.insert(0, f"NVIDIA devices on the PCI bus: {machine.nvidia_pci_devices}")
    return Found(
        Finding(
            code="driver-missing",
            severity="error",
            title="The NVIDIA driver is not installed",
            detail=(
                f"The machine has a GPU ({subject.gpu_names}), but no NVIDIA driver is installed"
                f"{' in Windows' if machine.wsl else ''}, so no framework can use it."
            ),
            evidence=tuple(evidence),
            fixes=host.install_driver(subject),
        )
    )


def _only_the_module(subject: Subject) -> Found:
    version = subject.driver.kernel_module_version
    return Found(
        Finding(
            code="driver-missing",
            severity="error",
            title="The NVIDIA driver's libraries are not installed",
            detail=(
                f"The kernel module of the NVIDIA driver {version} is loaded, but the libraries that belong "
                "to it are not on this machine, so no framework can use the GPU."
            ),
            evidence=(f"kernel module {version}", "the driver's library (NVML) is not on this machine"),
            fixes=host.install_driver(subject),
        )
    )


def driver_not_loaded(subject: Subject) -> Found | None:
    """The driver is installed and its kernel module is not loaded.

    With a module that is loaded after all (its version is known) the nodes in /dev are what is missing; a
    driver that no longer knows the GPU does not load either.
    """
    driver = subject.driver
    if driver.status != "not-loaded" or driver.kernel_module_version or subject.nvidia_gpu is False:
        return None
    if driver_too_new(subject) is not None:
        return None
    version = f" {driver.version}" if driver.version else ""
    return Found(
        Finding(
            code="driver-not-loaded",
            severity="error",
            title="The NVIDIA driver is not loaded",
            detail=(
                f"The NVIDIA driver{version} is installed, but its kernel module is not loaded. That is so "
                "after an installation without a restart, when the module was not built for the running "
                "kernel, when Secure Boot refuses it, or when the driver no longer serves the GPU."
            ),
            evidence=("NVML says: driver not loaded", *_message(subject)),
            fixes=host.load_driver(subject),
        )
    )


def driver_library_mismatch(subject: Subject) -> Found | None:
    """The driver's libraries and its loaded kernel module are of different versions."""
    driver = subject.driver
    library, module = driver.version, driver.kernel_module_version
    differ = _differ(library, module)
    cuda = _libcuda_version(subject)
    half_done = driver.status in ("ok", None) and not differ and _differ(cuda, module)
    if not (driver.status == "library-mismatch" or (differ and driver.status == "error") or half_done):
        return None
    named = cuda if half_done else library
    known = f" ({named})" if named else ""
    loaded = f" ({module})" if module else ""
    seen = f"libcuda is of {cuda}, the kernel module of {module}"
    return Found(
        Finding(
            code="driver-library-mismatch",
            severity="error",
            title="The NVIDIA driver's libraries do not match its kernel module",
            detail=(
                f"The libraries of the NVIDIA driver{known} and the kernel module that is loaded{loaded} "
                "are of different versions, as after an update without a restart. Until they match, no "
                "program can use the GPU."
            ),
            evidence=(
                seen if half_done else "NVML says: driver/library version mismatch",
                *_message(subject),
            ),
            fixes=host.restart(subject),
        )
    )


def _differ(library: str | None, module: str | None) -> bool:
    """Whether two versions contradict each other, as far as both are written out."""
    one, other = numbers(library), numbers(module)
    common = min(len(one), len(other))
    return common > 0 and one[:common] != other[:common]


def _libcuda_version(subject: Subject) -> str | None:
    """The version of the driver's own libcuda, where it is the one that is loaded. On WSL2 and Jetson its
    versions are counted otherwise."""
    if subject.host.os != "linux" or subject.host.wsl or subject.host.jetson:
        return None
    loaded = next(
        (each for each in subject.libraries if each.file == "libcuda.so.1" and each.reachable), None
    )
    if loaded is None or loaded.origin not in ("driver", "system") or numbers(loaded.version)[:1] < (100,):
        return None
    return loaded.version


def gpu_lost(subject: Subject) -> Found | None:
    """A GPU fell off the bus or needs a reset; or the driver runs and lists none of those on the bus."""
    driver, machine = subject.driver, subject.host
    said = driver.status == "gpu-lost" or bool(_LOST.search(driver.message or ""))
    none_listed = (
        driver.status == "ok"
        and subject.snapshot.gpus == ()
        and bool(machine.nvidia_pci_devices)
        and not (machine.container or machine.wsl or machine.jetson)
    )
    if not said and not none_listed:
        return None
    what = (
        "The driver says that a GPU is lost: it fell off the bus or waits for a reset. Programs that use it "
        "fail."
        if said
        else f"The driver answers, but lists none of the machine's GPUs ({subject.gpu_names}). A GPU that "
        "failed to start is not listed, nor one that is too old for this driver, or before Turing for the "
        "open variant of its kernel module."
    )
    return Found(
        Finding(
            code="gpu-lost",
            severity="error",
            title="A GPU is lost" if said else "The driver lists no GPU",
            detail=what,
            evidence=(f"NVML says: {driver.status}", *_message(subject)),
            fixes=host.recover_gpu(subject),
        )
    )


def driver_state(subject: Subject) -> Found | None:
    """The driver does not answer, or answers and CUDA cannot start: a restart is due.

    A line of a log that CUDA could not start is no proof of how things stand now, but for the one that names
    its cause.
    """
    driver = subject.driver
    if driver.status == "ok" and subject.said("system-not-ready"):
        return _state(
            subject,
            "CUDA cannot start yet",
            "The driver answers, but CUDA says that the system is not yet initialized. On machines whose "
            "GPUs are joined by NVSwitch that is so while the fabric manager does not run.",
            ("CUDA says: system not yet initialized",),
            by_fabric=True,
        )
    if driver.status not in ("not-answering", "error") or subject.nvidia_gpu is False:
        return None
    if gpu_lost(subject) is not None or driver_library_mismatch(subject) is not None:
        return None
    asleep = driver.status == "not-answering"
    return _state(
        subject,
        "The NVIDIA driver does not answer" if asleep else "The NVIDIA driver cannot start",
        "The driver of this machine's GPU is installed and loaded, but "
        f"{'does not answer' if asleep else 'reports an error'}. Programs that use the GPU may hang or fail "
        "until it is started again, as after suspend or an update that was not completed.",
        (f"NVML says: {driver.status}", *_message(subject)),
    )


def _state(
    subject: Subject, title: str, detail: str, evidence: tuple[str, ...], *, by_fabric: bool = False
) -> Found:
    return Found(
        Finding(
            code="driver-state",
            severity="warning",
            title=title,
            detail=detail,
            evidence=evidence,
            fixes=host.start_fabric_manager(subject) if by_fabric else host.wake_driver(subject),
        )
    )


def _message(subject: Subject) -> tuple[str, ...]:
    return (subject.driver.message,) if subject.driver.message else ()


RULES = (
    Rule("no-gpu", "machine", no_gpu),
    Rule("driver-missing", "machine", driver_missing),
    Rule("driver-not-loaded", "machine", driver_not_loaded),
    Rule("driver-library-mismatch", "machine", driver_library_mismatch),
    Rule("gpu-lost", "machine", gpu_lost),
    Rule("driver-state", "machine", driver_state),
)
