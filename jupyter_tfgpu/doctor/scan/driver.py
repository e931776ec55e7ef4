"""The driver and its GPUs, from a Reading and from what the kernel module says of itself."""

from __future__ import annotations

import re

from ...devices.host import kernel_module_version, library_version
from ...devices.reading import Device, Reading
from ...machine import Machine
from ..snapshot import Driver, Gpu, GpuProcess, Host
from .other_gpus import jetson_gpu, other_gpus

_CAPABILITY = re.compile(r"\d+\.\d")
_OLD_JETSON = re.compile(r"R(\d+)")
_FIRST_JETSON_WITH_NVML = 36


def driver_facts(machine: Machine, reading: Reading | None, host: Host) -> Driver:
    """What the driver said, and the version of the module that is loaded, whatever it said."""
    module = kernel_module_version(machine)
    if reading is None:
        return Driver(kernel_module_version=module)
    state = reading.driver
    if reading.simulated:
        module = state.version if state.status == "ok" else None
    elif state.status == "ok" and state.message is not None:
        # Its files were replaced: who has them loaded works on, and a kernel that starts now loads the new.
        return Driver(
            status="library-mismatch",
            version=library_version(machine),
            kernel_module_version=module,
            message=state.message,
        )
    elif state.status == "absent" and _has_no_nvml(host):
        return Driver(kernel_module_version=module)
    return Driver(
        status=state.status,
        version=state.version,
        kernel_module_version=module,
        cuda_version=state.cuda_version,
        message=None if state.status == "ok" else state.message,
    )


def _has_no_nvml(host: Host) -> bool:
    """Whether the platform has no NVML, so that its absence says nothing: macOS, a Jetson before R36."""
    if host.os == "macos":
        return True
    release = _OLD_JETSON.match(host.jetson or "")
    return host.jetson is not None and (release is None or int(release[1]) < _FIRST_JETSON_WITH_NVML)


def gpu_facts(machine: Machine, reading: Reading | None, host: Host) -> tuple[Gpu, ...] | None:
    """The GPUs that the driver lists, then those of other makers. None: no driver was asked, or it could not
    answer, and no other GPU is there."""
    simulated = reading is not None and reading.simulated
    others = () if simulated else other_gpus(machine, host)
    if reading is None or (reading.driver.status != "ok" and not reading.devices):
        return (*jetson_gpu(machine, host), *others) or None
    return (*(_gpu(device, reading) for device in reading.devices if device.parent is None), *others)


def _gpu(device: Device, reading: Reading) -> Gpu:
    capability = device.compute_capability or ""
    memory = device.memory
    instances = tuple(each.uuid for each in reading.devices if each.parent == device.uuid)
    return Gpu(
        index=device.index,
        uuid=device.uuid,
        name=device.name,
        vendor="nvidia",
        compute_capability=capability if _CAPABILITY.fullmatch(capability) else None,
        memory_total=memory.total if memory else None,
        memory_free=memory.free if memory else None,
        mig=instances if device.mig else None,
        processes=None
        if device.processes is None
        else tuple(GpuProcess(pid=each.pid, memory=each.memory) for each in device.processes),
    )
