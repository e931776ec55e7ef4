"""Kernels on GPUs: which one a kernel shall have (pins), how it is started so, and who holds what.

The provisioner starts kernels; what it needs of the program around it is handed over with
:func:`set_services`. Pins are kept on disk by :class:`PinStore` and turned into variables by
:func:`resolve`. :class:`Joiner` says which kernel the GPU processes of a Reading belong to.

Kernelspecs of ours are written by :class:`SpecStore` alone; :class:`Keeper` keeps them in step with the
environments (what there should be: ``sync``, what makes one start again: ``repair``, both pure functions).
"""

from __future__ import annotations

from .command import prefix_of
from .holders.holders import DeviceHolders, Holder
from .holders.joining import Joined, Joiner
from .holders.usage import UsageLog, share
from .holders.warnings import Full, Subject, device_warnings, full_devices
from .launch.repinned import as_written, repin
from .launch.services import (
    PINS_VARIABLE,
    PROGRAM_VARIABLES,
    ROOT_VARIABLE,
    SIMULATE_VARIABLE,
    LaunchServices,
    Surroundings,
    activation_folder,
    pins_path,
    program_variables,
    services,
    set_services,
    surroundings,
)
from .pins.allotment import allotted, find_device, identify
from .pins.pin import ALL, Pin, PinError, parse_pin
from .pins.precedence import PinFrom, choose_pin
from .pins.resolve import Allocation, needs_reading, resolve
from .pins.store import PinStore
from .pins.targets import Target, notebook_target
from .running.jupyter_servers import JupyterServer, starter_name, starting_server
from .running.launchfile import LaunchFile, read_launch_files, write_private
from .running.processes import ProcessTable, born
from .running.started import StartedKernel, StartedKernels
from .running.statefile import (
    DevicesState,
    StateDevice,
    StateHolder,
    StateMemory,
    new_state_path,
    write_state,
)
from .running.sweep import kernel_runs, starter_runs, sweep
from .specs import install_ipykernel
from .specs.env import own_entries, substituted
from .specs.errors import SpecError
from .specs.installed import InstalledSpec, all_specs
from .specs.keeper import Keeper
from .specs.patience import Patience
from .specs.repair import RepairPlan, plan_repair
from .specs.settings import SpecSettingsFile, SyncWhen
from .specs.start import install_command
from .specs.store import SpecStore
from .specs.sync import SyncState, SyncStep, plan_sync, spec_kernel
from .specs.variables import SpecFile, changed_entries, read_spec, with_entries

PROVISIONER_NAME = "tfgpu-provisioner"
"""The entry point of our provisioner (:mod:`.provisioner`), as jupyter_client's factory knows it."""

__all__ = [
    "ALL",
    "PINS_VARIABLE",
    "PROGRAM_VARIABLES",
    "PROVISIONER_NAME",
    "ROOT_VARIABLE",
    "SIMULATE_VARIABLE",
    "Allocation",
    "DeviceHolders",
    "DevicesState",
    "Full",
    "Holder",
    "InstalledSpec",
    "Joined",
    "Joiner",
    "JupyterServer",
    "Keeper",
    "LaunchFile",
    "LaunchServices",
    "Patience",
    "Pin",
    "PinError",
    "PinFrom",
    "PinStore",
    "ProcessTable",
    "RepairPlan",
    "SpecError",
    "SpecFile",
    "SpecSettingsFile",
    "SpecStore",
    "StartedKernel",
    "StartedKernels",
    "StateDevice",
    "StateHolder",
    "StateMemory",
    "Subject",
    "Surroundings",
    "SyncState",
    "SyncStep",
    "SyncWhen",
    "Target",
    "UsageLog",
    "activation_folder",
    "all_specs",
    "allotted",
    "as_written",
    "born",
    "changed_entries",
    "choose_pin",
    "device_warnings",
    "find_device",
    "full_devices",
    "identify",
    "install_command",
    "install_ipykernel",
    "kernel_runs",
    "needs_reading",
    "new_state_path",
    "notebook_target",
    "own_entries",
    "parse_pin",
    "pins_path",
    "plan_repair",
    "plan_sync",
    "prefix_of",
    "program_variables",
    "read_launch_files",
    "read_spec",
    "repin",
    "resolve",
    "services",
    "set_services",
    "share",
    "spec_kernel",
    "starter_name",
    "starter_runs",
    "starting_server",
    "substituted",
    "surroundings",
    "sweep",
    "with_entries",
    "write_private",
    "write_state",
]
