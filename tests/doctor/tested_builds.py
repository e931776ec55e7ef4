"""The configurations that TensorFlow's own documentation lists as tested, as snapshots of a whole machine.

``tf_tested_builds.csv``: the rows with GPU from 2.0 on. What a row does not say (file names, compiled
capabilities, driver floors, the packages beside) comes from the tables of the wheels.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from jupyter_tfgpu.doctor import Snapshot
from jupyter_tfgpu.doctor.knowledge import GpuWheel, driver_floors, gpu_wheels, tensorflow_libraries
from jupyter_tfgpu.doctor.knowledge.libraries import searched_folders
from jupyter_tfgpu.doctor.versions import numbers

Facts = dict[str, Any]

V100 = {"name": "Tesla V100-SXM2-16GB", "compute_capability": "7.0"}
"""A GPU that every one of these builds has machine code for."""

NUMPY = {
    (2, 7): "1.19.5",
    (2, 12): "1.21.6",
    (2, 13): "1.23.5",
    (2, 14): "1.24.3",
    (2, 18): "1.26.4",
    (9, 9): "2.0.2",
}
PROTOBUF = {(2, 12): "3.19.6", (2, 18): "4.25.3", (2, 21): "5.29.5", (9, 9): "6.33.0"}
"""By the first release that the version is not for: what METADATA of the wheels allow."""


class Configuration(NamedTuple):
    """A row of the table. ``python``: one of those that it names and that there is a wheel for."""

    os: str
    version: str
    python: str
    cuda: str
    cudnn: str
    wheel: GpuWheel

    @property
    def id(self) -> str:
        return f"{self.os}-{self.version}-py{self.python}"

    @property
    def release(self) -> tuple[int, int]:
        found = numbers(self.version)
        return found[0], found[1]

    @property
    def needs(self) -> dict[str, str]:
        """Role to file name, the driver's own left out."""
        platform = "win_amd64" if self.os == "windows" else "linux_x86_64"
        named = tensorflow_libraries(self.release, platform)
        return {role: file for role, file in named.items() if role != "driver"}

    @property
    def floor(self) -> str:
        """The oldest driver for its CUDA release."""
        [row] = [
            each for each in driver_floors() if each.cuda == numbers(self.cuda)[:2] and _plain(each.release)
        ]
        return row.compatible[self.os] or row.toolkit[self.os]


def _plain(release: str) -> bool:
    return "Update" not in release and not release.startswith("U")


@cache
def tested() -> tuple[Configuration, ...]:
    """Every row, with its oldest and its newest Python."""
    with (Path(__file__).parent / "tf_tested_builds.csv").open(encoding="utf-8", newline="") as file:
        return tuple(each for row in csv.DictReader(file) for each in _of_row(row))


def _of_row(row: dict[str, str]) -> Iterator[Configuration]:
    platform = {"Linux": "linux_x86_64", "Windows": "win_amd64"}[row["os"]]
    wheels = [each for each in gpu_wheels() if (each.version, each.platform) == (row["version"], platform)]
    wheel = next((each for each in wheels if each.package == "tensorflow"), wheels[0])
    minors = sorted(
        minor for minor in range(5, 15) if _named(row["python"], minor) and f"cp3{minor}" in wheel.python_tags
    )
    cuda = row["cuda"] if "." in row["cuda"] else f"{row['cuda']}.0"
    for minor in dict.fromkeys((minors[0], minors[-1])):
        yield Configuration(row["os"].lower(), row["version"], f"3.{minor}", cuda, row["cudnn"], wheel)


def _named(text: str, minor: int) -> bool:
    """Whether ``2.7, 3.5-3.7`` names Python 3.<minor>."""
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        if numbers(first) <= (3, minor) <= numbers(last or first):
            return True
    return False


def facts(build: Configuration) -> Facts:
    """A machine with this configuration: the oldest driver that fits, the libraries of a CUDA toolkit on the
    loader's path, the packages that the wheel asks for."""
    windows = build.os == "windows"
    driver = build.floor
    return {
        "schema": "tfgpu.snapshot/1",
        "host": {
            "os": build.os,
            "os_version": "Windows 10 (19045)" if windows else "Ubuntu 20.04",
            "arch": "x86_64",
            "wsl": False,
            "glibc": None if windows else "2.31",
            "cpu_flags": ["sse4_1", "sse4_2", "avx", "avx2", "fma", "f16c"],
            "nvidia_pci_devices": 1,
            "device_nodes": None if windows else ["/dev/nvidia0", "/dev/nvidiactl", "/dev/nvidia-uvm"],
            "device_nodes_denied": None if windows else [],
        },
        "driver": {"status": "ok", "version": driver, "kernel_module_version": None if windows else driver},
        "gpus": [
            {"index": 0, "uuid": "GPU-8932f937-d72c-4106-c12f-20bd9faed9f6", "vendor": "nvidia", **V100}
        ],
        "environment": {
            "name": "tf",
            "kind": "venv",
            "prefix": r"C:\Users\ada\tf" if windows else "/home/ada/tf",
            "python": f"{build.python}.9",
            "bits": 64,
            "python_arch": "x86_64",
            "distributions": packages(build),
            "frameworks": [
                {
                    "name": "tensorflow",
                    "version": build.version,
                    "cuda_build": True,
                    "rocm_build": False,
                    "cuda": build.wheel.cuda,
                    "cudnn": build.wheel.cudnn,
                    "compute_capabilities": list(build.wheel.compute_capabilities),
                    "needs": list(build.needs.values()),
                }
            ],
            "libraries": [*toolkit(build), driver_library(build), *runtime(build)],
            "libraries_complete": True,
            "ipykernel": "6.29.5",
            "ipykernel_checked": True,
        },
        "variables": {},
    }


def packages(build: Configuration) -> list[Facts]:
    """TensorFlow and what its METADATA asks for, each in a version that it allows."""
    found = {
        build.wheel.package: build.version,
        "numpy": _before(NUMPY, build.release),
        "protobuf": _before(PROTOBUF, build.release),
    }
    if build.release >= (2, 6):
        found["keras"] = f"{build.release[0]}.{build.release[1]}.0" if build.release < (2, 16) else "3.10.0"
    return [
        {"name": name, "version": version, "installer": "pip", "location": "site"}
        for name, version in found.items()
    ]


def _before(versions: dict[tuple[int, int], str], release: tuple[int, int]) -> str:
    return next(version for limit, version in versions.items() if release < limit)


def toolkit(build: Configuration) -> list[Facts]:
    """The libraries of the toolkit and cuDNN, in a folder that the loader searches."""
    return [_library(build, role, file) for role, file in build.needs.items()]


def _library(build: Configuration, role: str, file: str) -> Facts:
    folder = (
        rf"C:\Program Files\NVIDIA GPU Computing Toolkit\CUDA\v{build.cuda}\bin"
        if build.os == "windows"
        else f"/usr/local/cuda-{build.cuda}/lib64"
    )
    return {
        "file": file,
        "version": f"{build.cudnn}.0" if role == "cudnn" else build.cuda,
        "path": f"{folder}\\{file}" if build.os == "windows" else f"{folder}/{file}",
        "origin": "system",
        "reachable": True,
        "cuda_major": numbers(build.cuda)[0],
    }


FOLDERS = {"cudart": "cuda_runtime", "cublasLt": "cublas"}
"""Role to the folder of NVIDIA's wheel, where it is another word."""


def wheels(build: Configuration) -> list[Facts]:
    """The same libraries from the wheels that ``[and-cuda]`` brings: within reach where this release's own
    search path leads to them."""
    site = f"/home/ada/tf/lib/python{build.python}/site-packages"
    searched = searched_folders(numbers(build.version)) or frozenset()
    found = []
    for role, file in build.needs.items():
        folder = f"nvidia/{FOLDERS.get(role, role)}/lib"
        found.append(
            {
                **_library(build, role, file),
                "path": f"{site}/{folder}/{file}",
                "origin": "wheel",
                "reachable": folder in searched,
            }
        )
    return sorted(found, key=lambda one: not one["reachable"])


def nvidia_packages(build: Configuration) -> list[Facts]:
    """Those wheels as distributions."""
    major = numbers(build.cuda)[0]
    names = dict.fromkeys(FOLDERS.get(role, role).replace("_", "-") for role in build.needs)
    return [
        {
            "name": f"nvidia-{name}-cu{major}",
            "version": f"{build.cudnn}.0.75" if name == "cudnn" else f"{build.cuda}.1",
            "installer": "pip",
            "location": "site",
        }
        for name in names
    ]


def driver_library(build: Configuration) -> Facts:
    file, folder = (
        ("nvcuda.dll", "C:\\Windows\\System32\\")
        if build.os == "windows"
        else ("libcuda.so.1", "/usr/lib/x86_64-linux-gnu/")
    )
    return {
        "file": file,
        "version": build.floor,
        "path": folder + file,
        "origin": "driver",
        "reachable": True,
    }


def runtime(build: Configuration) -> list[Facts]:
    """Microsoft's runtime, on Windows."""
    names = ("msvcp140.dll", "msvcp140_1.dll", "vcruntime140.dll") if build.os == "windows" else ()
    return [
        {"file": name, "path": rf"C:\Windows\System32\{name}", "origin": "system", "reachable": True}
        for name in names
    ]


def snapshot(whole: Facts) -> Snapshot:
    return msgspec.convert(whole, Snapshot)
