"""Builds the stand-in driver, writes its scenarios, and lays out machine trees that fit them.

For tests in Python: ``build()``, ``Scenario``, ``environment()``, ``write_machine_tree()``. For browser
tests and for people, from the project's folder::

    python -m tests.standin.driver FOLDER --devices 2

which lays everything out under FOLDER and prints the variables to start a program with, as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import struct
import tempfile
import uuid
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from tests.standin.library import (
    BEFORE_450,
    BEFORE_450_66,
    BEFORE_510,
    DRIVER_535_43,
    LIBRARY,
    NoCompiler,
    build,
)
from tests.standin.tree import GIB, pci_bus_id, write_machine_tree, write_open_devices

__all__ = [
    "BEFORE_450",
    "BEFORE_450_66",
    "BEFORE_510",
    "DRIVER_535_43",
    "GIB",
    "Device",
    "NoCompiler",
    "Process",
    "Scenario",
    "build",
    "count_calls",
    "device",
    "device_uuid",
    "environment",
    "environment_without_driver",
    "mig_uuid",
    "pci_bus_id",
    "seen_in_a_container",
    "with_instances",
    "write_machine_tree",
    "write_open_devices",
    "write_scenario",
]


def device_uuid(index: int) -> str:
    """The UUID of a stand-in device: the same in every run, and no two share a prefix."""
    return f"GPU-{uuid.uuid5(uuid.NAMESPACE_OID, f'stand-in device {index}')}"


def mig_uuid(index: int, instance: int) -> str:
    return f"MIG-{uuid.uuid5(uuid.NAMESPACE_OID, f'stand-in device {index} instance {instance}')}"


@dataclass
class Process:
    """A process on a stand-in device. ``memory`` None: not available (WSL2). Kinds joined by ``+``.

    ``use``: percent of the multiprocessors that it is sampled with; None: no sample.
    """

    pid: int
    memory: int | None = GIB
    kinds: str = "compute"
    use: int | None = None

    def text(self) -> str:
        return f"{self.pid} {'null' if self.memory is None else self.memory} {self.kinds}"


@dataclass
class Device:
    """A stand-in device. ``values``: keys of the scenario's lines (README.md); None: not supported."""

    uuid: str
    name: str
    pci: str | None = None
    values: dict[str, float | str | None] = field(default_factory=dict)
    processes: list[Process] = field(default_factory=list)
    instances: list[Device] = field(default_factory=list)

    def lines(self, which: str) -> list[str]:
        said: dict[str, float | str | None] = {"uuid": self.uuid, "name": self.name}
        said |= {"pci": self.pci} if self.pci else {}
        said |= self.values
        lines = [f"device {which} {key} {'null' if value is None else value}" for key, value in said.items()]
        lines += [f"device {which} process {process.text()}" for process in self.processes]
        lines += [
            f"device {which} sample {process.pid} {process.use}"
            for process in self.processes
            if process.use is not None
        ]
        for number, instance in enumerate(self.instances):
            lines += instance.lines(f"{which}.{number}")
        return lines


def device(index: int, *, processes: Iterable[Process] = (), **values: float | str | None) -> Device:
    """A plausible A100. Keywords overrule: ``uuid``, ``name``, ``pci``, and any key with ``_`` for ``.``
    (``memory_total=…``, ``clock_sm=None``). Memory in bytes, power in mW, utilization and fan in percent.
    """
    figures: dict[str, float | str | None] = {
        "cc.major": 8,
        "cc.minor": 0,
        "memory.total": 40 * GIB,
        "memory.used": (4 + index) * GIB,
        "memory.reserved": GIB // 2,
        "utilization.gpu": 30 + index,
        "utilization.memory": 10 + index,
        "temperature": 50 + index,
        "power": 120_000 + 1000 * index,
        "power.limit": 400_000,
        "clock.graphics": 1410,
        "clock.sm": 1410,
        "clock.memory": 1215,
        "clock.max.sm": 1980,
        "clock.max.memory": 2619,
        "throttle": 0,
        "fan": None,
        "performance": 0,
        "compute": 0,
        "ecc.corrected": 0,
        "ecc.uncorrected": 0,
        "pcie.tx": "1000 2000000",
        "pcie.rx": "1000 3000000",
        "pcie.generation": 4,
        "pcie.width": 16,
        "energy": "1000000 120000",
        "mig.mode": 0,
        "mig.max": 7,
    }
    identity = {"uuid": device_uuid(index), "name": "NVIDIA A100-SXM4-40GB", "pci": pci_bus_id(index)}
    for key, value in values.items():
        if key in identity:
            identity[key] = str(value)
        else:
            figures[key.replace("_", ".")] = value
    return Device(
        uuid=identity["uuid"],
        name=identity["name"],
        pci=identity["pci"],
        values=figures,
        processes=list(processes),
    )


def with_instances(gpu: Device, index: int, count: int = 2, *, processes: Iterable[Process] = ()) -> Device:
    """The GPU with MIG on and ``count`` instances; the first instance has the processes."""
    gpu.values |= {"mig.mode": 1, "utilization.gpu": None, "utilization.memory": None}
    gpu.instances = [
        Device(
            uuid=mig_uuid(index, number),
            name=f"{gpu.name} MIG 1g.5gb",
            values={"memory.total": 5 * GIB, "memory.used": GIB // 4 * (number + 1), "memory.reserved": 0},
            processes=list(processes) if number == 0 else [],
        )
        for number in range(count)
    ]
    return gpu


Regime = Literal["every-process", "this-container", "without-memory", "foreign-ids"]
HOSTS_IDS = 3_000_000
"""How far the ids that the host gives to processes are from those of a container."""


def seen_in_a_container(processes: Iterable[Process], here: Container[int], regime: Regime) -> list[Process]:
    """What drivers list in a container. ``here``: which of the pids are of this container.

    ``foreign-ids``: up to 515, every process, by the host's id. ``without-memory``: between these and 570,
    those of the container. ``this-container``: from 570 on, with what they hold; one comes twice, as the
    kernel module looks for doubles among the host's ids. ``every-process``: where the host's ids are those
    of the container too (``--pid=host``).
    """
    if regime == "every-process":
        return list(processes)
    if regime == "foreign-ids":
        return [replace(each, pid=each.pid + HOSTS_IDS) for each in processes]
    ours = [each for each in processes if each.pid in here]
    if regime == "without-memory":
        return [replace(each, memory=None) for each in ours]
    return [*ours, *ours[:1]]


@dataclass
class Scenario:
    """What the driver answers. ``lines``: further lines of the file, such as ``error`` and ``hang``."""

    driver: str = "550.54.14"
    cuda: int = 12040
    devices: list[Device] = field(default_factory=lambda: [device(0), device(1)])
    lines: list[str] = field(default_factory=list)

    def text(self) -> str:
        lines = [f"driver {self.driver}", f"cuda {self.cuda}"]
        for index, each in enumerate(self.devices):
            lines += each.lines(str(index))
        return "\n".join([*lines, *self.lines]) + "\n"

    def write(self, path: Path) -> Path:
        """Renamed into place, so that no reader sees half a scenario."""
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=".scenario-")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(self.text())
        Path(scratch).replace(path)
        return path


def write_scenario(
    path: Path,
    *,
    devices: Iterable[Device] | None = None,
    lines: Iterable[str] = (),
    driver: str = "550.54.14",
    cuda: int = 12040,
) -> Path:
    """Writes a scenario (two devices unless told) and returns its path. May be called again while in use."""
    chosen = [device(0), device(1)] if devices is None else list(devices)
    return Scenario(driver=driver, cuda=cuda, devices=chosen, lines=list(lines)).write(path)


def environment(
    scenario: Path,
    *,
    missing: Iterable[str] = (),
    calls: Path | None = None,
    base: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The variables with which a program finds the stand-in: those of ``base`` (this process's) and ours.

    ``calls``: a file in which the NVML calls of all such programs are counted (:func:`count_calls`).
    """
    variables = dict(os.environ if base is None else base)
    search = [str(build(missing).parent), variables.get("LD_LIBRARY_PATH", "")]
    variables["LD_LIBRARY_PATH"] = os.pathsep.join(part for part in search if part)
    variables["TFGPU_STANDIN_SCENARIO"] = str(scenario)
    if calls is not None:
        variables["TFGPU_STANDIN_CALLS"] = str(calls)
    return variables


def environment_without_driver(folder: Path, *, base: Mapping[str, str] | None = None) -> dict[str, str]:
    """Variables with which no program finds a management library, on a machine that has one too.

    The loader gives up at the first file of the name in LD_LIBRARY_PATH that is no library.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / LIBRARY).write_text("no library\n")
    variables = dict(os.environ if base is None else base)
    search = [str(folder), variables.get("LD_LIBRARY_PATH", "")]
    variables["LD_LIBRARY_PATH"] = os.pathsep.join(part for part in search if part)
    return variables


def count_calls(calls: Path) -> int:
    """NVML calls so far of the programs that share this file; 0 before the first."""
    try:
        data = calls.read_bytes()
    except FileNotFoundError:
        return 0
    return int(struct.unpack("=Q", data)[0]) if len(data) == 8 else 0


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.standin.driver", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the scenario and the machine tree are laid out")
    parser.add_argument("--devices", type=int, default=2)
    parser.add_argument("--driver", default="550.54.14", help="the driver's version")
    parser.add_argument("--line", action="append", default=[], help="a further line of the scenario")
    options = parser.parse_args(arguments)
    folder: Path = options.folder.absolute()
    scenario = write_scenario(
        folder / "scenario.txt",
        devices=[device(index) for index in range(options.devices)],
        lines=options.line,
        driver=options.driver,
    )
    tree = write_machine_tree(folder / "machine", driver=options.driver, pci_devices=options.devices)
    given = environment(scenario, calls=folder / "calls", base={})
    print(json.dumps({"environment": given, "machine": str(tree), "scenario": str(scenario)}, indent=1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
