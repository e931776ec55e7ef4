"""Kernels on GPUs: which one a kernel shall have (pins), how it is started so, and who holds what.

The provisioner starts kernels; what it needs of the program around it is handed over with
:func:`set_services`. Pins are kept on disk by :class:`PinStore` and turned into variables by
:func:`resolve`. :func:`join` says which kernel the GPU processes of a Reading belong to.
"""

from __future__ import annotations

from .allotment import allotted, find_device, identify
from .command import prefix_of
from .holders import DeviceHolders, Holder, attribute, join
from .installed_specs import InstalledSpec, all_specs
from .launchfile import LaunchFile, launch_path, read_launch_files, report_path, write_private
from .pins import ALL, NONE, Pin, PinError, parse_pin
from .pinstore import PinStore
from .precedence import PinFrom, choose_pin
from .processes import ProcessFacts, read_processes
from .resolve import Allocation, resolve
from .services import PROGRAM_VARIABLES, LaunchServices, pins_path, services, set_services
from .spec_errors import IpykernelMissing, SpecError
from .specs import SpecStore
from .started import StartedKernel, StartedKernels
from .targets import Target, notebook_target

PROVISIONER_NAME = "tfgpu-provisioner"
"""The entry point of our provisioner (:mod:`.provisioner`), as jupyter_client's factory knows it."""

__all__ = [
    "ALL",
    "NONE",
    "PROGRAM_VARIABLES",
    "PROVISIONER_NAME",
    "Allocation",
    "DeviceHolders",
    "Holder",
    "InstalledSpec",
    "IpykernelMissing",
    "LaunchFile",
    "LaunchServices",
    "Pin",
    "PinError",
    "PinFrom",
    "PinStore",
    "ProcessFacts",
    "SpecError",
    "SpecStore",
    "StartedKernel",
    "StartedKernels",
    "Target",
    "all_specs",
    "allotted",
    "attribute",
    "choose_pin",
    "find_device",
    "identify",
    "join",
    "launch_path",
    "notebook_target",
    "parse_pin",
    "pins_path",
    "prefix_of",
    "read_launch_files",
    "read_processes",
    "report_path",
    "resolve",
    "services",
    "set_services",
    "write_private",
]
