"""Running kernels for a program without a server: by their launch files, with what their servers know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

import msgspec

from ..environments import NotAnEnvironment, describe, environment_id
from ..kernels import (
    JupyterServer,
    LaunchFile,
    LaunchServices,
    Patience,
    StartedKernel,
    kernel_runs,
    read_launch_files,
    starting_server,
)
from ..machine import Machine
from .errors import BadInput, NotFound
from .wire import KernelAnswer, KernelsAnswer


def find_launch(launches: LaunchServices, beginning: str) -> LaunchFile:
    """The running kernel with this id, or with the only id that begins so.

    Raises NotFound, and BadInput where it may be several.
    """
    ids = {launch.kernel_id: launch for launch in _running(launches)}
    if not beginning:
        raise BadInput("Name a kernel by its id, or by the beginning of it.", reason="no-id", detail=_ID)
    found = [beginning] if beginning in ids else [each for each in ids if each.startswith(beginning)]
    if len(found) > 1:
        raise BadInput(
            f"“{beginning[:60]}” may be any of {', '.join(found)}: type more of the id.",
            reason="ambiguous-kernel",
            detail=_ID,
        )
    if not found:
        raise NotFound(f"No kernel {beginning[:60]} is running here.", reason="no-such-kernel")
    return ids[found[0]]


_ID = {"field": "id"}


def starters(launches: LaunchServices) -> tuple[JupyterServer, ...]:
    """The servers that started the running kernels, each once."""
    found = (starting_server(launches.runtime_dir, launch) for launch in _running(launches))
    return tuple({server.pid: server for server in found if server is not None}.values())


def informed(answer: KernelsAnswer, told: Mapping[str, KernelAnswer]) -> KernelsAnswer:
    """With what one look cannot tell, from those who were there. ``told``: by id, what its server answers."""
    kernels = (_informed(one, told[one.id]) if one.id in told else one for one in answer.kernels)
    return msgspec.structs.replace(answer, kernels=tuple(kernels))


def environment_names(machine: Machine, starts: Iterable[StartedKernel]) -> dict[str, str]:
    """By id the names of the environments that these kernels run in."""
    names: dict[str, str] = {}
    for prefix in {start.prefix for start in starts if start.prefix is not None}:
        # The disk that it lies on may have gone while its kernel runs.
        names[environment_id(prefix)] = Patience(partial(_name, machine, prefix), prefix.name).answer()
    return names


def _name(machine: Machine, prefix: Path) -> str:
    try:
        return describe(machine, prefix).name
    except (NotAnEnvironment, OSError):
        return prefix.name  # removed


def _running(launches: LaunchServices) -> list[LaunchFile]:
    files = read_launch_files(launches.runtime_dir, launches.pins.machine)
    return [launch for launch in files if kernel_runs(launch)]


def _informed(kernel: KernelAnswer, told: KernelAnswer) -> KernelAnswer:
    unused = {device.uuid: device.unused_since for device in told.devices}
    devices = (
        msgspec.structs.replace(device, unused_since=unused.get(device.uuid)) for device in kernel.devices
    )
    return msgspec.structs.replace(
        kernel,
        state=told.state,
        last_used=told.last_used,
        verdict=told.verdict,
        pin=told.pin,
        pin_from=told.pin_from,
        restart_needed=told.restart_needed,
        warnings=told.warnings or kernel.warnings,  # without an open page it has no reading of now
        devices=tuple(devices),
    )
