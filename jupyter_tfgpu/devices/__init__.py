"""Which GPUs are there, what do they do, who holds their memory. Knows NVML; nothing of Jupyter.

A Source makes one :class:`Reading` (all devices, all processes, one moment): :class:`NvmlSource` asks the
driver, ``simulated.SimulatedSource`` invents; the latter is not loaded with this, as few simulate.
:class:`Monitor` owns the only thread that calls a Source, keeps the history and serves any number of
subscribers.
"""

from .history import DeviceHistory, History
from .host import container_of, is_wsl
from .monitor import Monitor, Subscription
from .nvml import NvmlSource
from .reading import (
    Clocks,
    Device,
    DeviceState,
    DriverState,
    DriverStatus,
    Ecc,
    LinkRates,
    Memory,
    Power,
    Process,
    Rates,
    Reading,
    Utilization,
)
from .source import Source

__all__ = [
    "Clocks",
    "Device",
    "DeviceHistory",
    "DeviceState",
    "DriverState",
    "DriverStatus",
    "Ecc",
    "History",
    "LinkRates",
    "Memory",
    "Monitor",
    "NvmlSource",
    "Power",
    "Process",
    "Rates",
    "Reading",
    "Source",
    "Subscription",
    "Utilization",
    "container_of",
    "is_wsl",
]
