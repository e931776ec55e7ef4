"""The extension: its settings, and how it joins a running Jupyter server."""

from __future__ import annotations

import asyncio
import logging
import os
from pathlib import Path
from typing import Any, cast

from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_core.paths import jupyter_data_dir, jupyter_runtime_dir
from jupyter_server.extension.application import ExtensionApp
from traitlets import Bool, Enum, Float, TraitError, Unicode, validate

from ..api.service import LONGEST_INTERVAL, SHORTEST_INTERVAL, Service
from ..api.wire import SyncWhen
from ..environments import DEFAULT_TEMPLATE, LabelError, check_template
from ..kernels import (
    PROVISIONER_NAME,
    ROOT_VARIABLE,
    SIMULATE_VARIABLE,
    PinError,
    Surroundings,
    new_state_path,
    parse_pin,
    pins_path,
    set_services,
)
from ..machine import Machine
from .handlers import ROUTES, NoSuchRouteHandler
from .live import LiveHub
from .metrics import ServerMetrics, add_metrics, remove_metrics
from .page import LiveHandler
from .renames import follow_renames
from .sessions import Sessions

JUPYTER_DEFAULT_PROVISIONER = "local-provisioner"
"""What jupyter_client uses where nobody configured a provisioner."""


class TfGpu(ExtensionApp):
    """GPUs, environments, pins and reports for the notebooks of this server."""

    name = "jupyter_tfgpu"
    description = "GPUs, environments, pins and reports for notebooks"

    default_pin = Unicode("all", help="Which GPUs a kernel gets that has no pin of its own.").tag(config=True)
    label = Unicode(
        DEFAULT_TEMPLATE,
        help="How kernels are called in the kernel picker, where the user has not chosen another way: a "
        "template of {name}, {python}, {framework}, {frameworks}, {cuda}, {kind} and {language}.",
    ).tag(config=True)
    sync = Enum(
        ("off", "suggest", "on"),
        "suggest",
        help="Whether kernelspecs are kept in step with the environments by themselves, where the user has "
        "not chosen: 'off', 'suggest' (the changes are shown) or 'on' (they are made).",
    ).tag(config=True)
    share_politely = Bool(
        False,
        help="Whether kernels are told to take a GPU's memory as they need it, not all of it at once "
        "(TensorFlow, JAX), where the user has not chosen.",
    ).tag(config=True)
    pin_by_uuid = Bool(
        False,
        help="Whether CUDA_VISIBLE_DEVICES of a pinned kernel holds UUIDs in every case. Without it, it holds"
        " indices where they surely mean the same devices: much training code takes them for numbers.",
    ).tag(config=True)
    interval = Float(
        2.0,
        help=f"Seconds between two readings of the devices, {SHORTEST_INTERVAL:g} to {LONGEST_INTERVAL:g}, "
        "where a page does not ask for others.",
    ).tag(config=True)
    watch_kernels = Bool(
        True,
        help="Whether the devices are read every 30 seconds while no page is open and a kernel holds memory "
        "on one, so that the history is there when a page opens. Without such a kernel, nothing is read.",
    ).tag(config=True)
    simulate = Unicode(
        os.environ.get(SIMULATE_VARIABLE, ""),
        help="Shows simulated devices instead of this machine's; the name of a scenario, or 'default'.",
    ).tag(config=True)
    machine_root = Unicode(
        os.environ.get(ROOT_VARIABLE) or "/",
        help="For tests: the folder in which /proc, /sys, /dev and /etc of the machine to judge lie.",
    ).tag(config=True)

    service: Service
    hub: LiveHub
    metrics: ServerMetrics

    @validate("default_pin")
    def _check_default_pin(self, proposal: Any) -> str:
        try:
            return str(parse_pin(proposal["value"]))
        except PinError as error:
            raise TraitError(f"TfGpu.default_pin: {error}") from None

    @validate("label")
    def _check_label(self, proposal: Any) -> str:
        template: str = proposal["value"]
        try:
            check_template(template)
        except LabelError as error:
            raise TraitError(f"TfGpu.label: {error}") from None
        return template

    @validate("interval")
    def _check_interval(self, proposal: Any) -> float:
        interval: float = proposal["value"]
        if not SHORTEST_INTERVAL <= interval <= LONGEST_INTERVAL:  # NaN is not either
            bounds = f"between {SHORTEST_INTERVAL:g} and {LONGEST_INTERVAL:g} s"
            raise TraitError(f"TfGpu.interval: {interval:g} is not {bounds}.")
        return interval

    @validate("simulate")
    def _check_simulate(self, proposal: Any) -> str:
        scenario: str = proposal["value"]
        if scenario:
            from ..devices.simulated import SCENARIOS

            if scenario not in SCENARIOS:
                known = ", ".join(SCENARIOS)
                raise TraitError(f"TfGpu.simulate: {scenario!r} is none of the scenarios {known}.")
        return scenario

    def initialize_settings(self) -> None:
        """Makes the service. Nothing is scanned and NVML is not touched before somebody asks."""
        data_dir, runtime_dir = Path(jupyter_data_dir()), Path(jupyter_runtime_dir())
        simulate = self.simulate or None
        around = Surroundings(
            machine=Machine(root=Path(self.machine_root)),
            simulate=simulate,
            pins=pins_path(data_dir, simulate),
        )
        self.service = Service(
            around,
            data_dir=data_dir,
            runtime_dir=runtime_dir,
            state_file=new_state_path(runtime_dir),
            default_pin=self.default_pin,
            interval=self.interval,
            watch_kernels=self.watch_kernels,
            label=self.label,
            sync=cast(SyncWhen, self.sync),
            share_politely=self.share_politely,
            pin_by_uuid=self.pin_by_uuid,
            log=self.log,
        )
        self.service.sweep()
        set_services(self.service.launches)
        _become_default_provisioner(self.serverapp, self.log)

    def initialize_handlers(self) -> None:
        assert self.serverapp is not None
        sessions = Sessions(self.serverapp)
        self.hub = LiveHub(self.service, sessions, self.log)
        self.service.tasks.follow(self.hub.send_task)
        shared = {"service": self.service, "sessions": sessions, "hub": self.hub}
        self.metrics = add_metrics(self.service.background, self.serverapp)
        follow_renames(self.serverapp, self.service, sessions, self.log)
        self.handlers.extend((route, handler, shared) for route, handler in ROUTES)
        self.handlers.append((r"tfgpu/live", LiveHandler, {"hub": self.hub}))
        self.handlers.append((r"tfgpu/.*", NoSuchRouteHandler, shared))

    async def stop_extension(self) -> None:
        """Ends the sampling; a hung driver does not hold the server up."""
        remove_metrics(self.metrics)
        self.hub.close()
        set_services(None)
        # Waits a moment for a driver that hangs: not on the loop, which has kernels to stop meanwhile.
        await asyncio.get_running_loop().run_in_executor(None, self.service.close)


def _become_default_provisioner(serverapp: Any, log: logging.Logger) -> None:
    """Makes ours the provisioner of kernels that name none, unless somebody configured another."""
    factory = KernelProvisionerFactory.instance(parent=serverapp)
    if factory.default_provisioner_name == JUPYTER_DEFAULT_PROVISIONER:
        factory.default_provisioner_name = PROVISIONER_NAME
    elif factory.default_provisioner_name != PROVISIONER_NAME:
        log.warning(
            "Kernels are started by the provisioner %r, as configured: pins and the notice before training "
            "cells do not reach them.",
            factory.default_provisioner_name,
        )
