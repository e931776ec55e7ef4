"""Readings joined with the running kernels, one after the other: who holds what, and how far it is known."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from ...devices import container_of, is_wsl
from ...devices.reading import Reading
from ...machine import Machine
from ..pins.allotment import allotted
from ..running.processes import ProcessFacts, ProcessTable
from ..running.started import StartedKernel
from .holders import DeviceHolders, Holder, attribute
from .inherited import Inherited
from .open_devices import OpenDevices, devices_open
from .regime import Attribution, Place, are_foreign, attribution


class Joined(NamedTuple):
    """The holders of each device by UUID, and what the driver's process lists are worth (None: not asked)."""

    held: Mapping[str, DeviceHolders]
    attribution: Attribution | None = None


class Joiner:
    """Keeps what it found out of processes from one Reading to the next. Thread-safe.

    ``given``: this program's own CUDA_VISIBLE_DEVICES. Asks the operating system: not for the event loop.
    """

    def __init__(self, machine: Machine, given: str | None = None) -> None:
        self._machine = machine
        self._given = given
        self._lock = threading.Lock()
        self._table = ProcessTable()
        self._open = OpenDevices(machine)
        self._inherited = Inherited()
        self._place: Place | None = None
        self._certain: frozenset[int] = frozenset()

    def join(self, reading: Reading, kernels: Iterable[StartedKernel]) -> Joined:
        """Who holds what in this Reading."""
        kernels = tuple(kernels)
        if reading.simulated:
            return _simulated(reading, kernels)
        with self._lock:
            place = self._where()
            pids = {process.pid for device in reading.devices for process in device.processes or ()}
            facts = self._table.read(pids) if reading.devices else {}
            foreign = False
            if place.container:
                seen = self._seen(pids, facts)
                foreign = are_foreign(pids, seen)
                facts = {pid: one for pid, one in facts.items() if not foreign and seen[pid] is not False}
            held = attribute(reading, kernels, self._inherited.joined(facts, kernels))
            worth = attribution(reading, place, foreign, held)
            if worth is not None and worth.regime in ("without-memory", "foreign-ids"):
                held = self._with_open(reading, kernels, held, forget=not foreign)
            return Joined(held, worth)

    def _where(self) -> Place:
        if self._place is None:
            machine = self._machine
            self._place = Place(
                container_of(machine) is not None, is_wsl(machine), machine.platform == "win32"
            )
        return self._place

    def _seen(self, pids: set[int], facts: Mapping[int, ProcessFacts]) -> dict[int, bool | None]:
        """Which of the pids are of processes here, and whether these use a GPU, see :func:`.are_foreign`.

        One that did is still certain while the driver lists it, though it has ended.
        """
        looked = self._open.used_by({pid: one.born for pid, one in facts.items()})
        ended = {pid: True for pid in self._certain & pids if pid not in looked}
        seen: dict[int, bool | None] = {**looked, **ended}
        self._certain = frozenset(pid for pid, used in seen.items() if used)
        return seen

    def _with_open(
        self,
        reading: Reading,
        kernels: tuple[StartedKernel, ...],
        held: dict[str, DeviceHolders],
        *,
        forget: bool,
    ) -> dict[str, DeviceHolders]:
        """With the kernels of which the driver lists no process, where they have a device open.

        One holder a kernel and device: its children have open what it had when it forked. ``forget``: what
        belongs to nobody may then be theirs.
        """
        listed = {holder.kernel_id for each in held.values() for holder in each.holders}
        unlisted = [kernel for kernel in kernels if kernel.kernel_id not in listed]
        opened = self._open.of_kernels(kernels) if unlisted else {}
        found = dict(held)
        for kernel in unlisted:
            given = self._had(kernel, reading)
            taken: set[str] = set()
            for pid, nodes in opened.get(kernel.kernel_id, ()):
                for device in devices_open(nodes, reading.devices, given):
                    if device.uuid not in taken:
                        taken.add(device.uuid)
                        found[device.uuid] = _added(found[device.uuid], _holder(pid, kernel), forget)
        return found

    def _had(self, kernel: StartedKernel, reading: Reading) -> Sequence[str]:
        """The UUIDs that the kernel may use; where nothing was set, what its variables or ours leave."""
        if kernel.allocation.uuids is not None:
            return kernel.allocation.uuids
        visible = kernel.variables.get("CUDA_VISIBLE_DEVICES", self._given)
        return [device.uuid for device in allotted(reading.devices, visible)]


def _holder(pid: int, kernel: StartedKernel) -> Holder:
    return Holder(pid=pid, kernel_id=kernel.kernel_id, notebook=kernel.notebook, user="me")


def _added(held: DeviceHolders, holder: Holder, forget: bool) -> DeviceHolders:
    return msgspec.structs.replace(
        held, holders=(*held.holders, holder), unattributed=None if forget else held.unattributed
    )


def _simulated(reading: Reading, kernels: tuple[StartedKernel, ...]) -> Joined:
    """Its pids are not of this machine, but for those of our kernels."""
    facts = {
        kernel.pid: ProcessFacts(pid=kernel.pid, born=kernel.born, user="me")
        for kernel in kernels
        if kernel.pid is not None
    }
    held = attribute(reading, kernels, facts)
    # Of the simulated drivers only that of WSL2 does not say how much a process holds.
    silent = any(one.memory is None for device in reading.devices for one in device.processes or ())
    return Joined(held, attribution(reading, Place(wsl=silent), False, held))
