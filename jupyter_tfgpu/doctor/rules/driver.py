"""Is there a GPU, does its driver answer, and is it new enough?"""

from __future__ import annotations

from ..fixes import host
from ..knowledge import driver_floors, last_driver_branch
from ..report import Finding, Fix
from ..subject import Subject
from ..versions import numbers
from .rule import Found, Rule


def no_gpu(subject: Subject) -> Found | None:
    """There is no GPU in this machine that a framework could use. Under WSL2 and on macOS the PCI bus
    does not tell, so nothing is said there."""
    if subject.nvidia_gpu is not False or subject.other_gpu is not False or subject.snapshot.gpus:
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
    """An NVIDIA GPU is on the bus, and no driver is installed.

    Silent in a container, where a missing driver means that the container was not given one.
    """
    driver, machine = subject.driver, subject.host
    if driver.status != "absent" or not machine.nvidia_pci_devices or driver.kernel_module_version:
        return None
    if machine.container or machine.wsl or machine.jetson:
        return None
    return Found(
        Finding(
            code="driver-missing",
            severity="error",
            title="The NVIDIA driver is not installed",
            detail=(
                f"The machine has a GPU ({subject.gpu_names}), but no NVIDIA driver is installed, so no "
                "framework can use it."
            ),
            evidence=(
                f"NVIDIA devices on the PCI bus: {machine.nvidia_pci_devices}",
                "the driver's library (NVML) is not on this machine and its kernel module is not loaded",
            ),
            fixes=host.install_driver(subject),
        )
    )


def driver_not_loaded(subject: Subject) -> Found | None:
    """The driver is installed and its kernel module is not loaded.

    With a module that is loaded after all (its version is known) the nodes in /dev are what is missing.
    """
    driver = subject.driver
    if driver.status != "not-loaded" or driver.kernel_module_version or subject.nvidia_gpu is False:
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
                "kernel, or when Secure Boot refuses it."
            ),
            evidence=("NVML says: driver not loaded", *_message(subject)),
            fixes=host.load_driver(subject),
        )
    )


def driver_library_mismatch(subject: Subject) -> Found | None:
    """The driver's libraries and its loaded kernel module are of different versions."""
    driver = subject.driver
    library, module = driver.version, driver.kernel_module_version
    differ = bool(library and module and numbers(library) != numbers(module))
    if driver.status != "library-mismatch" and not (differ and driver.status == "error"):
        return None
    known = f" ({library})" if library else ""
    loaded = f" ({module})" if module else ""
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
            evidence=("NVML says: driver/library version mismatch", *_message(subject)),
            fixes=host.restart(subject),
        )
    )


def _message(subject: Subject) -> tuple[str, ...]:
    return (subject.driver.message,) if subject.driver.message else ()


def driver_too_old(subject: Subject) -> Found | None:
    """The driver is below the floor of the CUDA runtime that this build loads.

    The floor is that of the CUDA major release (minor-version compatibility) from CUDA 11 on, and the
    toolkit's own before (NVIDIA's CUDA compatibility guide). Silent on Jetson, whose versions count
    otherwise, and where a cuda-compat libcuda stands in for the driver's.
    """
    driver, build = subject.driver, subject.framework
    if build is None or not build.cuda_build or driver.status not in ("ok", None) or subject.host.jetson:
        return None
    if any(each.origin == "compat" and each.reachable for each in subject.libraries):
        return None
    cuda = cuda_in_use(subject)
    floor = _floor(cuda, subject.system)
    have = numbers(driver.version)
    if not have or floor is None or have >= numbers(floor):
        return None
    release = ".".join(str(part) for part in cuda)
    return Found(
        Finding(
            code="driver-too-old",
            severity="error",
            framework=subject.name,
            title=f"The NVIDIA driver is too old for CUDA {release}",
            detail=(
                f"{subject.title} runs on CUDA {release}, which needs the driver {floor} or newer; this "
                f"machine has {driver.version}. The CUDA version that nvidia-smi prints is the newest that "
                "the driver supports, not one that is installed."
            ),
            evidence=(
                f"driver {driver.version}"
                + (f", up to CUDA {driver.cuda_version}" if driver.cuda_version else ""),
                f"CUDA {release} of {subject.title}: driver {floor} at least",
            ),
            fixes=_newer_driver(subject, floor, release),
        )
    )


def cuda_in_use(subject: Subject) -> tuple[int, ...]:
    """The CUDA release of the runtime that the build loads: major and, as far as known, minor.

    What the build states; where that is only a major release, the file name of its runtime says more
    (``libcudart.so.10.1``). From CUDA 11 on the file name has the major release alone.
    """
    build = subject.framework
    if build is None:
        return ()
    stated = numbers(build.cuda)[:2]
    if len(stated) == 2:
        return stated
    for name in build.needs or ():
        if name.startswith("libcudart.so."):
            named = numbers(name.removeprefix("libcudart.so."))[:2]
            if not stated or named[:1] == stated:
                return named if named and named[0] < 11 else named[:1]
    return stated


def _floor(cuda: tuple[int, ...], system: str) -> str | None:
    """The oldest driver for this CUDA release, the lowest of what is meant where the minor is not known."""
    floors = [
        row.compatible[system] or row.toolkit[system]
        for row in driver_floors()
        if cuda and row.cuda[: len(cuda)] == cuda
    ]
    return min((floor for floor in floors if floor), key=numbers, default=None)


def _newer_driver(subject: Subject, floor: str, release: str) -> tuple[Fix, ...]:
    """An update, unless drivers that new no longer serve this GPU."""
    branches = [last_driver_branch(capability) for capability in subject.compute_capabilities]
    ends = [branch for branch in branches if branch is not None and branch < numbers(floor)[0]]
    if ends:
        return (
            Fix(
                title=(
                    f"No driver that new serves {subject.gpu_names}: R{min(ends)} is its last. Install "
                    f"a release of {subject.proper_name} that was built with an older CUDA than {release}"
                ),
            ),
        )
    return host.update_driver(subject, floor)


RULES = (
    Rule("no-gpu", "machine", no_gpu),
    Rule("driver-missing", "machine", driver_missing),
    Rule("driver-not-loaded", "machine", driver_not_loaded),
    Rule("driver-library-mismatch", "machine", driver_library_mismatch),
    Rule("driver-too-old", "framework", driver_too_old),
)
