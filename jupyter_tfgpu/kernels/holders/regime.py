"""How far the driver says which process holds what. In containers that depends on the driver's release.

Up to 515 drivers list every process by the host's ids. Later ones translate the ids of this container's
and leave the others out, at first without finding what these hold, which 570 does
(https://github.com/NVIDIA/open-gpu-kernel-modules, ``gpu_rmapi.c`` of 515.43.04 and 570.86.15, and pull
request 614). At which release which of it began is not known, so it is decided from what is seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

import msgspec

from ...devices.reading import Device, Reading
from .holders import DeviceHolders

Regime = Literal["every-process", "this-container", "without-memory", "foreign-ids"]

HIDDEN_SHARE, HIDDEN_BYTES = 0.05, 1 << 30
"""Of a device's memory, and bytes: less than either that belongs to nobody is what the driver itself uses."""


class Attribution(msgspec.Struct, frozen=True, kw_only=True):
    """What the process list of the driver is worth here.

    ``every-process``: all processes are listed, with ids that are known here. ``this-container``: those of
    this container alone; memory of others belongs to nobody who can be seen. ``without-memory``: processes
    are listed, what they hold is not. ``foreign-ids``: the ids are those of the host, which mean nothing
    here. ``message``: what that means for a person; None where there is nothing to say.
    """

    regime: Regime
    message: str | None = None


class Place(NamedTuple):
    """Where this program runs. ``windows``: not in WSL2's Linux but on Windows itself."""

    container: bool = False
    wsl: bool = False
    windows: bool = False


def are_foreign(pids: Iterable[int], seen: Mapping[int, bool | None]) -> bool:
    """Whether pids that the driver lists in a container are those of the host. Pure.

    ``seen``: the pids that processes here have as well, and whether these have a device open; None where
    that cannot be looked at. One that has not has its pid by accident. One that has shows that the driver
    knows the ids of here: what else is listed has ended since, or is hidden.
    """
    pids = set(pids)
    if any(seen.get(pid) for pid in pids):
        return False
    return any(seen.get(pid, False) is False for pid in pids)


def attribution(
    reading: Reading, place: Place, foreign: bool, held: Mapping[str, DeviceHolders]
) -> Attribution | None:
    """What the process lists of this reading are worth; None where no device works. Pure.

    ``foreign``: :func:`are_foreign`. ``held``: the holders of each device and what belongs to nobody.
    """
    working = [device for device in reading.devices if device.state == "ok"] if reading.answered else []
    if not working:
        return None
    listed = [process for device in working for process in device.processes or ()]
    unlisted = all(device.processes is None for device in working)
    unsaid = unlisted or all(one.memory is None for one in listed)
    # Under WSL2 the list may be empty too, and a container there is none of a driver's doing.
    if foreign and not (place.wsl and unsaid):
        return Attribution(regime="foreign-ids", message=_FOREIGN)
    if unsaid and (unlisted or place.wsl or listed):
        return Attribution(regime="without-memory", message=_without_memory(place, unlisted))
    if place.container and any(_hides(device, held.get(device.uuid)) for device in working):
        return Attribution(regime="this-container", message=_OUTSIDE)
    return Attribution(regime="every-process")


def _hides(device: Device, held: DeviceHolders | None) -> bool:
    total = device.memory.total if device.memory else None
    if not total or held is None or held.unattributed is None:
        return False
    return held.unattributed >= min(total * HIDDEN_SHARE, HIDDEN_BYTES)


_OUTSIDE = (
    "Only the processes of this container can be seen. Memory in use beyond theirs is held outside it, and "
    "whose it is cannot be told from here: choose a device by what is free, as the pin “auto” does, or ask "
    "whoever runs this machine."
)
_INSTEAD = (
    "Kernels are shown on the devices that they have open, without their memory. In a notebook the framework "
    "says how much it holds: torch.cuda.memory_reserved(), or "
    "tf.config.experimental.get_memory_info('GPU:0')."
)
_FOREIGN = (
    "The driver lists processes by their ids outside this container, so which of them belong to notebooks "
    "cannot be told, nor how much each notebook holds. A newer driver on the host (570 is one) lists them by "
    f"the ids of here: ask whoever runs this machine. {_INSTEAD}"
)
_MIDDLE = (
    "The driver says which processes of this container use a device, but not how much memory they hold. A "
    "newer driver on the host (570 is one) says that too: ask whoever runs this machine. In a notebook the "
    "framework says it: torch.cuda.memory_reserved(), or "
    "tf.config.experimental.get_memory_info('GPU:0')."
)
_WSL = (
    "Under WSL2 Windows manages the GPU's memory, and the driver does not say which process holds how much; "
    f"programs on Windows use it too. {_INSTEAD}"
)
_WDDM = (
    "Windows manages this GPU's memory (WDDM), and the driver does not say which process holds how much. In "
    "a notebook the framework says it: torch.cuda.memory_reserved(), or "
    "tf.config.experimental.get_memory_info('GPU:0')."
)
_UNLISTED = (
    "The driver does not list the processes on its devices here, so whose memory it is cannot be told. "
    f"{_INSTEAD}"
)
_UNSAID = f"The driver does not say how much memory each process holds. {_INSTEAD}"


def _without_memory(place: Place, unlisted: bool) -> str:
    if place.wsl:
        return _WSL
    if place.windows:
        return _WDDM
    if unlisted:
        return _UNLISTED
    return _MIDDLE if place.container else _UNSAID
