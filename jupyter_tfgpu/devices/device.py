"""One device, read through NVML."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from ..machine import Machine
from .calls import MEMORY_V2, NvmlCalls
from .driver import GPU_IS_LOST, NO_PERMISSION, RESET_REQUIRED
from .host import host_memory
from .process_use import ProcessUse
from .processes import ProcessLists
from .rates import Counters
from .reading import Clocks, Device, DeviceState, Memory, Power, Process, Utilization
from .slow import SlowFigures

_SENSOR_GPU = 0
_CLOCK_SM, _CLOCK_MEMORY = 1, 2
_SLOWEST_STATE = 15
"""Performance states are 0 to 15; NVML answers 32 where it does not know."""
_THROTTLE = (
    (0x04, "power"),
    (0x10, "sync-boost"),
    (0x20 | 0x40, "thermal"),
    (0x80, "power-brake"),
    (0x200, "board-limit"),
    (0x400, "reliability"),
)
"""nvmlClocksEventReason bits. Left out: an unused device (1) and clocks that somebody chose (2, 0x100)."""
_HARDWARE_SLOWDOWN = 0x08
"""Set together with 0x40 or 0x80 where the cause is known; alone it is a reason of its own."""
_INTEGRATED = {"5.3", "6.2", "7.2", "8.7", "10.1", "11.0", "12.1"}
"""Compute capabilities of GPUs without memory of their own: Tegra X1, X2, Xavier, Orin, Thor, GB10
(https://developer.nvidia.com/cuda-gpus). NVML does not support their memory figures."""


class Identity(msgspec.Struct, frozen=True):
    """What of a device never changes. ``index``, ``minor`` and ``parent`` as in Device."""

    uuid: str
    index: int | None
    name: str | None
    compute_capability: str | None
    pci_bus_id: str | None
    minor: int | None = None
    parent: str | None = None


def identify(calls: NvmlCalls, handle: Any, index: int) -> Identity | None:
    """None where the device does not say its UUID."""
    uuid = calls.text("nvmlDeviceGetUUID", handle)
    if uuid is None:
        return None
    capability = calls.ask("nvmlDeviceGetCudaComputeCapability", handle)
    return Identity(
        uuid=uuid,
        index=index,
        name=calls.text("nvmlDeviceGetName", handle),
        compute_capability=f"{capability[0]}.{capability[1]}" if capability else None,
        pci_bus_id=_pci_bus_id(calls, handle),
        minor=calls.ask("nvmlDeviceGetMinorNumber", handle),
    )


def identify_instance(calls: NvmlCalls, handle: Any, parent: Identity) -> Identity | None:
    """The same for a MIG instance."""
    uuid = calls.text("nvmlDeviceGetUUID", handle)
    if uuid is None:
        return None
    return Identity(
        uuid=uuid,
        index=None,
        name=calls.text("nvmlDeviceGetName", handle),
        compute_capability=parent.compute_capability,
        pci_bus_id=parent.pci_bus_id,
        minor=parent.minor,
        parent=parent.uuid,
    )


def read_device(
    calls: NvmlCalls,
    lists: ProcessLists,
    handle: Any,
    identity: Identity,
    machine: Machine,
    slow: Callable[[], SlowFigures],
    counters: Counters | None,
    use: ProcessUse | None,
) -> Device:
    """The device now. ``machine``: whose memory is shown for GPUs that have none of their own.

    ``slow`` is called for the figures that are not asked for each time, unless the device is lost.
    ``counters``, ``use``: None for a MIG instance, which has no bus of its own, and whose processes' use
    NVML does not count.
    """
    calls.codes.clear()
    memory, shares = _memory(calls, handle, identity, machine)
    memory_failed = bool(calls.codes) and memory is None
    codes = set(calls.codes)
    if GPU_IS_LOST in codes:
        return _lost(identity)  # each further call of a lost GPU may take seconds
    figures = slow()
    if counters is not None:
        counters.start(calls, handle)
    utilization = calls.ask("nvmlDeviceGetUtilizationRates", handle)
    temperature = calls.ask("nvmlDeviceGetTemperatureV", handle, _SENSOR_GPU)
    if temperature is None and not calls.supported:
        temperature = calls.ask("nvmlDeviceGetTemperature", handle, _SENSOR_GPU)
    power = Power(
        usage=calls.ask("nvmlDeviceGetPowerUsage", handle),
        limit=figures.power_limit,
    )
    clocks = Clocks(
        sm=calls.ask("nvmlDeviceGetClockInfo", handle, _CLOCK_SM),
        memory=calls.ask("nvmlDeviceGetClockInfo", handle, _CLOCK_MEMORY),
        max_sm=figures.max_sm_clock,
        max_memory=figures.max_memory_clock,
    )
    fan = calls.ask("nvmlDeviceGetFanSpeed", handle)
    throttle = _throttle(calls, handle)
    performance_state = calls.ask("nvmlDeviceGetPerformanceState", handle)
    processes = lists.read(handle, calls.codes)
    if processes and use is not None:
        processes = use.read(handle, processes, utilization is None or utilization.gpu > 0, calls.codes)
    if counters is not None:
        counters.finish(calls, handle)
    silent = utilization is None and temperature is None and power.usage is None
    return Device(
        uuid=identity.uuid,
        index=identity.index,
        name=identity.name,
        compute_capability=identity.compute_capability,
        parent=identity.parent,
        pci_bus_id=identity.pci_bus_id,
        minor=identity.minor,
        memory=memory,
        host_memory=shares,
        utilization=_utilization(utilization, figures),
        temperature=temperature,
        power=power if power != Power() else None,
        clocks=clocks if (clocks.sm, clocks.memory) != (None, None) else None,
        throttle=throttle,
        performance_state=performance_state if performance_state in range(_SLOWEST_STATE + 1) else None,
        compute_mode=figures.compute_mode,
        energy=counters.energy if counters else None,
        fan=None if fan is None else fan / 100,
        ecc=figures.ecc,
        pcie=counters.pcie if counters else None,
        nvlink=counters.nvlink if counters else None,
        mig=figures.mig,
        processes=processes,
        state=_state(set(calls.codes), memory_failed, silent),
    )


def without_processes_of(device: Device, instances: list[Device]) -> Device:
    """A MIG parent without the processes that its instances show: NVML lists them for both."""
    if device.processes is None:
        return device
    placed = {process.pid for instance in instances for process in instance.processes or ()}
    left: tuple[Process, ...] = tuple(process for process in device.processes if process.pid not in placed)
    return msgspec.structs.replace(device, processes=left)


def _lost(identity: Identity) -> Device:
    """A device of which only the name is left."""
    return Device(
        uuid=identity.uuid,
        index=identity.index,
        name=identity.name,
        compute_capability=identity.compute_capability,
        parent=identity.parent,
        pci_bus_id=identity.pci_bus_id,
        minor=identity.minor,
        state="lost",
    )


def _state(codes: set[int], memory_failed: bool, silent: bool) -> DeviceState:
    """A device that may not be asked for its memory alone, as some MIG parents, is well."""
    if GPU_IS_LOST in codes:
        return "lost"
    if RESET_REQUIRED in codes:
        return "reset-required"
    return "error" if memory_failed and (silent or codes != {NO_PERMISSION}) else "ok"


def _pci_bus_id(calls: NvmlCalls, handle: Any) -> str | None:
    info = calls.ask("nvmlDeviceGetPciInfo", handle)
    if info is None:
        return None
    said = info.busId
    return said.decode("ascii", "replace") if isinstance(said, bytes) else str(said)


def _memory(
    calls: NvmlCalls, handle: Any, identity: Identity, machine: Machine
) -> tuple[Memory | None, bool]:
    """The memory, and whether it is the host's.

    The second version of NVML's function counts what the driver keeps for itself apart; drivers before
    510 know only the first, whose ``used`` contains it.
    """
    info = calls.ask(MEMORY_V2, handle)
    if info is not None:
        return Memory(total=info.total, used=info.used, free=info.free, reserved=info.reserved), False
    if not calls.supported:
        info = calls.ask("nvmlDeviceGetMemoryInfo", handle)
        if info is not None:
            return Memory(total=info.total, used=info.used, free=info.free), False
    host = None
    if not calls.supported and identity.parent is None and identity.compute_capability in _INTEGRATED:
        host = host_memory(machine)
    if host is not None:
        total, available = host
        return Memory(total=total, used=total - available, free=available), True
    return None, False


def _utilization(rates: Any, figures: SlowFigures) -> Utilization | None:
    utilization = Utilization(
        gpu=None if rates is None else rates.gpu / 100,
        memory=None if rates is None else rates.memory / 100,
        encoder=figures.encoder,
        decoder=figures.decoder,
    )
    return utilization if utilization != Utilization() else None


def _throttle(calls: NvmlCalls, handle: Any) -> tuple[str, ...] | None:
    bits = calls.ask("nvmlDeviceGetCurrentClocksEventReasons", handle)
    if bits is None and not calls.supported:
        bits = calls.ask("nvmlDeviceGetCurrentClocksThrottleReasons", handle)
    if bits is None:
        return None
    reasons = tuple(name for mask, name in _THROTTLE if bits & mask)
    if bits & _HARDWARE_SLOWDOWN and not bits & (0x40 | 0x80):
        reasons += ("hardware",)
    return reasons
