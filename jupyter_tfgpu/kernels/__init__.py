"""Kernels on GPUs: which one a kernel shall have (pins), how it is started so, and who holds what.

The provisioner starts kernels; what it needs of the program around it is handed over with
:func:`set_services`. Pins are kept on disk by :class:`PinStore` and turned into variables by
:func:`resolve`. :class:`Joiner` says which kernel the GPU processes of a Reading belong to.

Kernelspecs of ours are written by :class:`SpecStore` alone; :class:`Keeper` keeps them in step with the
environments (what there should be: ``sync``, what makes one start again: ``repair``, both pure functions).
"""

from __future__ import annotations

from . import install_ipykernel
from .allotment import allotted, find_device, identify
from .command import prefix_of
from .holders import DeviceHolders, Holder
from .installed_specs import InstalledSpec, all_specs
from .joining import Joined, Joiner
from .jupyter_servers import JupyterServer, starter_name, starting_server
from .keeper import Keeper
from .launchfile import LaunchFile, read_launch_files, write_private
from .patience import Patience
from .pins import ALL, Pin, PinError, parse_pin
from .pinstore import PinStore
from .precedence import PinFrom, choose_pin
from .processes import ProcessTable, born
from .repair import RepairPlan, plan_repair
from .resolve import Allocation, resolve
from .services import (
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
from .spec_env import own_entries
from .spec_errors import SpecError
from .spec_settings import SpecSettingsFile, SyncWhen
from .spec_start import install_command
from .specs import SpecStore
from .started import StartedKernel, StartedKernels
from .sweep import kernel_runs, starter_runs, sweep
from .sync import SyncState, SyncStep, plan_sync, spec_kernel
from .targets import Target, notebook_target
from .usage import UsageLog, share
from .warnings import Full, Subject, device_warnings, full_devices

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
    "SpecSettingsFile",
    "SpecStore",
    "StartedKernel",
    "StartedKernels",
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
    "born",
    "choose_pin",
    "device_warnings",
    "find_device",
    "full_devices",
    "identify",
    "install_command",
    "install_ipykernel",
    "kernel_runs",
    "notebook_target",
    "own_entries",
    "parse_pin",
    "pins_path",
    "plan_repair",
    "plan_sync",
    "prefix_of",
    "program_variables",
    "read_launch_files",
    "resolve",
    "services",
    "set_services",
    "share",
    "spec_kernel",
    "starter_name",
    "starter_runs",
    "starting_server",
    "surroundings",
    "sweep",
    "write_private",
]
