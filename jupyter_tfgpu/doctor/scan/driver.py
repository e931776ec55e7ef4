"""The driver and its GPUs, from a Reading and from what the kernel module says of itself."""

from __future__ import annotations

import re

from ...devices.reading import Device, Reading
from ...machine import Machine
from ..snapshot import Driver, Gpu, GpuProcess

_VERSION = re.compile(r"\b\d{3}\.\d+(?:\.\d+)?\b")
_CAPABILITY = re.compile(r"\d+\.\d")


def driver_facts(machine: Machine, reading: Reading | None) -> Driver:
    """What the driver said, and the version of the module that is loaded, whatever it said."""
    if reading is None:
        return Driver(kernel_module_version=_module_version(machine))
    state = reading.driver
    simulated = state.version if reading.simulated and state.status == "ok" else None
    return Driver(
        status=state.status,
        version=state.version,
        kernel_module_version=simulated if reading.simulated else _module_version(machine),
        cuda_version=state.cuda_version,
        message=None if state.status == "ok" else state.message,
    )


def _module_version(machine: Machine) -> str | None:
    """Of the loaded kernel module: ``NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.14  Thu …``."""
    for path in ("/proc/driver/nvidia/version", "/sys/module/nvidia/version"):
        text = machine.read_text(path)
        match = _VERSION.search((text or "").partition("\n")[0])
        if match:
            return match[0]
    return None


def gpu_facts(reading: Reading | None) -> tuple[Gpu, ...] | None:
    """The GPUs that the driver lists. None: it was not asked, or could not answer."""
    if reading is None or (reading.driver.status != "ok" and not reading.devices):
        return None
    return tuple(_gpu(device, reading) for device in reading.devices if device.parent is None)


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
