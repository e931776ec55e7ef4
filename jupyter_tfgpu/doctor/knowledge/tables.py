"""Each table as typed rows. The files lie beside this module; the column ``source`` stays in them."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ..versions import numbers

FOLDER = Path(__file__).parent


def table(name: str) -> list[dict[str, str]]:
    """The rows of ``<name>.csv`` as text, with all columns."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class DriverFloor(NamedTuple):
    """The oldest driver for a CUDA release: of the toolkit itself, and by minor-version compatibility
    (from CUDA 11 on; None before). Source: NVIDIA's CUDA compatibility guide and release notes."""

    cuda: tuple[int, ...]
    release: str
    toolkit: dict[str, str]
    compatible: dict[str, str]


@cache
def driver_floors() -> tuple[DriverFloor, ...]:
    """Floors by CUDA release, newest first. The inner keys are ``linux`` and ``windows``."""
    return tuple(
        DriverFloor(
            cuda=numbers(row["cuda"]),
            release=row["release"],
            toolkit={system: row[f"toolkit_{system}"] for system in ("linux", "windows")},
            compatible={system: row[f"compatible_{system}"] for system in ("linux", "windows")},
        )
        for row in table("cuda_driver")
    )


@cache
def last_driver_branch(compute_capability: str) -> int | None:
    """The last driver branch (470 for R470) that serves such GPUs. None: it goes on, or is not known."""
    for row in table("gpu_arch_support"):
        if row["compute_capability"] == compute_capability:
            branch = row["last_driver_branch"].removeprefix("R")
            return int(branch) if branch.isdigit() else None
    return None


@cache
def tensorflow_libraries(version: tuple[int, int], platform: str) -> dict[str, str]:
    """Role to file name of what this TensorFlow release must load to register a GPU.

    ``platform``: ``linux_x86_64`` or ``win_amd64``. Empty: the table does not hold this release.
    """
    found: dict[str, str] = {}
    for row in table("tf_libraries"):
        first, last = numbers(row["first"]), numbers(row["last"]) or (9999,)
        needed = row["needed"] in ("register", "import") and row["role"] != "msvc runtime"
        if needed and row["platform"] == platform and first <= version <= last:
            found[row["role"]] = row["file"]
    return found


class GpuWheel(NamedTuple):
    """A TensorFlow wheel with CUDA code. ``and_cuda``: it has the extra that brings the CUDA libraries."""

    package: str
    version: str
    platform: str
    python_tags: frozenset[str]
    cuda: str
    cudnn: str
    compute_capabilities: tuple[str, ...]
    and_cuda: bool


@cache
def gpu_wheels() -> tuple[GpuWheel, ...]:
    """TensorFlow's GPU wheels on the package index, oldest first within a package and platform."""
    return tuple(
        GpuWheel(
            package=row["package"],
            version=row["version"],
            platform=row["platform"],
            python_tags=frozenset(row["python_tags"].split()),
            cuda=row["cuda"],
            cudnn=row["cudnn"],
            compute_capabilities=tuple(row["compute_capabilities"].split()),
            and_cuda=row["and_cuda"] == "yes",
        )
        for row in table("tf_gpu_wheels")
    )


@cache
def unfit_releases() -> dict[str, frozenset[str]]:
    """TensorFlow releases whose ``[and-cuda]`` extra does not work as shipped: for these Python tags, empty
    for all."""
    return {row["version"]: frozenset(row["python_tags"].split()) for row in table("tf_unfit_releases")}


class CondaBuild(NamedTuple):
    """A CUDA build of TensorFlow on conda-forge (Linux x86_64 only)."""

    version: str
    cuda: str
    pythons: frozenset[str]
    compute_capabilities: tuple[str, ...]


@cache
def conda_builds() -> tuple[CondaBuild, ...]:
    """conda-forge's CUDA builds of TensorFlow, newest first."""
    return tuple(
        CondaBuild(
            version=row["version"],
            cuda=row["cuda"],
            pythons=frozenset(row["python"].split()),
            compute_capabilities=tuple(row["compute_capabilities"].replace(",", " ").split()),
        )
        for row in table("tf_conda_forge")
    )


class TorchBuild(NamedTuple):
    """A PyTorch release on one platform. ``cuda``: of the package index's own wheel, empty for a CPU
    wheel. ``variants``: the CUDA releases for which PyTorch's own index has wheels, as far as known."""

    version: str
    platform: str
    python_tags: frozenset[str]
    cuda: str
    variants: tuple[str, ...]


@cache
def torch_builds() -> tuple[TorchBuild, ...]:
    """PyTorch's releases, oldest first."""
    return tuple(
        TorchBuild(
            version=row["version"],
            platform=row["platform"],
            python_tags=frozenset(row["python_tags"].split()),
            cuda=row["cuda"],
            variants=tuple(row["variants"].split()),
        )
        for row in table("torch_builds")
    )


@cache
def mxnet_packages() -> dict[str, tuple[str, frozenset[str], frozenset[str]]]:
    """MXNet's packages with CUDA: name to (CUDA release, versions, platforms of the latest)."""
    return {
        row["package"]: (
            row["cuda"],
            frozenset(row["versions"].split()),
            frozenset(row["latest_platforms"].split()),
        )
        for row in table("mxnet_builds")
        if row["cuda"] != "CPU"
    }
