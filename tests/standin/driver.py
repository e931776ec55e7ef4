"""Builds the stand-in driver, writes its scenarios, and lays out machine trees that fit them.

For tests in Python: ``build()``, ``Scenario``, ``environment()``, ``write_machine_tree()``. For browser
tests and for people, from the project's folder::

    python -m tests.standin.driver FOLDER --devices 2

which lays everything out under FOLDER and prints the variables to start a program with, as JSON.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import struct
import subprocess
import tempfile
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
SOURCE = HERE / "nvml.c"
BUILD = HERE / "build"
LIBRARY = "libnvidia-ml.so.1"

GIB = 1 << 30

BEFORE_510 = (
    "nvmlDeviceGetMemoryInfo_v2",
    "nvmlDeviceGetComputeRunningProcesses_v3",
    "nvmlDeviceGetGraphicsRunningProcesses_v3",
    "nvmlDeviceGetMPSComputeRunningProcesses_v3",
    "nvmlDeviceGetTemperatureV",
    "nvmlDeviceGetCurrentClocksEventReasons",
    "nvmlDeviceGetConfComputeMemSizeInfo",
    "nvmlDeviceGetRunningProcessDetailList",
)
"""What a driver before 510.39 does not export. For ``build(missing=…)``."""

BEFORE_450_66 = (
    *BEFORE_510,
    "nvmlDeviceGetComputeRunningProcesses_v2",
    "nvmlDeviceGetGraphicsRunningProcesses_v2",
    "nvmlDeviceGetMPSComputeRunningProcesses_v2",
)
"""What a driver before 450.66 does not export: its process lists are of the first version."""

DRIVER_535_43 = ("nvmlDeviceGetRunningProcessDetailList",)
"""Drivers 535.43 to 535.86 wrote 32-byte process entries (``process-struct 32``) and lacked this."""


class NoCompiler(RuntimeError):
    """gcc is missing or failed; the text says which."""


def build(missing: Iterable[str] = ()) -> Path:
    """The library, built where need be. ``missing``: symbols that it shall not export.

    Each source and list of symbols has a folder of its own under ``build/``, and the library is renamed
    into place, so any number of processes may call this at once.
    """
    names = sorted(set(missing))
    key = hashlib.sha256(SOURCE.read_bytes() + "\n".join(names).encode()).hexdigest()[:16]
    library = BUILD / key / LIBRARY
    if library.exists():
        return library
    library.parent.mkdir(parents=True, exist_ok=True)
    gcc = shutil.which("gcc") or shutil.which("cc")
    if gcc is None:
        raise NoCompiler("the stand-in driver needs a C compiler: apt-get install gcc libc6-dev")
    with tempfile.TemporaryDirectory(dir=library.parent) as scratch:
        script, made = Path(scratch, "symbols"), Path(scratch, LIBRARY)
        script.write_text("{ local: " + "".join(f"{name}; " for name in names) + "};\n")
        command = [gcc, "-O2", "-Wall", "-Wextra", "-Werror", "-Wno-format-truncation", "-shared", "-fPIC"]
        command += ["-fvisibility=hidden", f"-Wl,-soname,{LIBRARY}"]
        command += [f"-Wl,--version-script={script}"] if names else []
        command += ["-o", str(made), str(SOURCE), "-lpthread"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise NoCompiler(f"the stand-in driver did not compile:\n{done.stderr}")
        made.replace(library)
    return library


# ---------------------------------------------------------------------- scenarios


def device_uuid(index: int) -> str:
    """The UUID of a stand-in device: the same in every run, and no two share a prefix."""
    return f"GPU-{uuid.uuid5(uuid.NAMESPACE_OID, f'stand-in device {index}')}"


def mig_uuid(index: int, instance: int) -> str:
    return f"MIG-{uuid.uuid5(uuid.NAMESPACE_OID, f'stand-in device {index} instance {instance}')}"


def pci_bus_id(index: int) -> str:
    return f"00000000:{index * 0x10 + 1:02X}:00.0"


@dataclass
class Process:
    """A process on a stand-in device. ``memory`` None: not available (WSL2). Kinds joined by ``+``."""

    pid: int
    memory: int | None = GIB
    kinds: str = "compute"

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
        "throttle": 0,
        "fan": None,
        "performance": 0,
        "ecc.corrected": 0,
        "ecc.uncorrected": 0,
        "pcie.tx": "1000 2000000",
        "pcie.rx": "1000 3000000",
        "energy": "1000000 120000",
        "mig.mode": 0,
        "mig.max": 7,
    }
    identity = {
        "uuid": device_uuid(index),
        "name": "NVIDIA A100-SXM4-40GB",
        "pci": pci_bus_id(index),
    }
    for key, value in values.items():
        if key in identity:
            identity[key] = str(value)
        else:
            figures[key.replace("_", ".")] = value
    return Device(values=figures, processes=list(processes), **identity)


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


# ---------------------------------------------------------------------- machine trees

_CPU = """processor\t: 0
vendor_id\t: GenuineIntel
model name\t: Intel(R) Xeon(R) Platinum 8358 CPU @ 2.60GHz
flags\t\t: fpu sse sse2 ssse3 sse4_1 sse4_2 fma avx avx2 avx512f
"""
_OS_RELEASE = """PRETTY_NAME="Ubuntu 22.04.4 LTS"
NAME="Ubuntu"
VERSION_ID="22.04"
ID=ubuntu
ID_LIKE=debian
"""


def write_machine_tree(
    folder: Path,
    *,
    driver: str | None = "550.54.14",
    kernel_module: str | None = "same",
    pci_devices: int = 2,
    container: str | None = None,
    wsl: bool = False,
    device_nodes: bool | None = None,
    os_release: str = _OS_RELEASE,
    memory: int = 64 * GIB,
) -> Path:
    """A folder for ``Machine(root=…)`` that fits a scenario of so many devices.

    ``driver``: version of the driver's libraries on disk, None: not installed. ``kernel_module``: version
    of the loaded module, None: none is loaded, ``"same"``: as the libraries. ``container``: ``docker``,
    ``podman`` or ``kubernetes``. ``device_nodes``: whether /dev/nvidia* are there (None: with the module).
    """
    module = driver if kernel_module == "same" else kernel_module
    nodes = (module is not None and not wsl) if device_nodes is None else device_nodes
    release = "5.15.153.1-microsoft-standard-WSL2" if wsl else "5.15.0-105-generic"
    files = {
        "proc/sys/kernel/osrelease": f"{release}\n",
        "proc/version": f"Linux version {release} (buildd@host) (gcc 11.4.0)\n",
        "proc/cpuinfo": _CPU,
        "proc/meminfo": f"MemTotal: {memory >> 10} kB\nMemFree: {memory >> 12} kB\n"
        f"MemAvailable: {memory >> 11} kB\n",
        "proc/1/cgroup": "0::/\n" if container else "0::/init.scope\n",
        "etc/os-release": os_release,
        "etc/machine-id": "5ca1ab1e00004000800000000000face\n",
    }
    files |= _module_files(module) if module and not wsl else {}
    files |= _pci_files(0 if wsl else pci_devices)
    files |= {f"dev/{name}": "" for name in _nodes(pci_devices)} if nodes else {}
    files |= {"dev/dxg": ""} if wsl else {}
    if container == "docker":
        files[".dockerenv"] = ""
    elif container == "podman":
        files["run/.containerenv"] = 'engine="podman-4.9.3"\n'
    elif container == "kubernetes":
        files["var/run/secrets/kubernetes.io/serviceaccount/namespace"] = "default\n"
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    if driver:
        _driver_libraries(folder / ("usr/lib/wsl/lib" if wsl else "usr/lib/x86_64-linux-gnu"), driver)
    return folder


def _module_files(version: str) -> dict[str, str]:
    line = f"NVRM version: NVIDIA UNIX x86_64 Kernel Module  {version}  Thu Feb 22 01:44:30 UTC 2024\n"
    return {
        "proc/driver/nvidia/version": f"{line}GCC version:  gcc version 11.4.0\n",
        "sys/module/nvidia/version": f"{version}\n",
        "proc/modules": "nvidia_uvm 1 0 - Live 0x0\nnvidia 2 1 nvidia_uvm, Live 0x0\n",
    }


def _pci_files(count: int) -> dict[str, str]:
    files = {
        "sys/bus/pci/devices/0000:00:00.0/vendor": "0x8086\n",
        "sys/bus/pci/devices/0000:00:00.0/class": "0x060000\n",
    }
    for index in range(count):
        at = "sys/bus/pci/devices/" + pci_bus_id(index).lower().removeprefix("0000")
        files |= {f"{at}/vendor": "0x10de\n", f"{at}/class": "0x030200\n", f"{at}/device": "0x20b0\n"}
    return files


def _nodes(count: int) -> list[str]:
    return ["nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", *(f"nvidia{index}" for index in range(count))]


def _driver_libraries(folder: Path, version: str) -> None:
    """libcuda and libnvidia-ml as a driver's package lays them out; WSL2's have no version in their names."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("libcuda.so", "libnvidia-ml.so"):
        if "wsl" in folder.parts:
            (folder / f"{name}.1").touch()
            continue
        (folder / f"{name}.{version}").touch()
        for link, to in ((f"{name}.1", f"{name}.{version}"), (name, f"{name}.1")):
            if not (folder / link).is_symlink():
                (folder / link).symlink_to(to)


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
