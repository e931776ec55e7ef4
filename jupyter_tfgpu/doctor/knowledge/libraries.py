"""CUDA's libraries as typed rows: which cuDNN a build was compiled with, what NVIDIA's wheels hold, and where
a TensorFlow release looks for them."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from ..versions import numbers
from .tables import table


class CompiledCudnn(NamedTuple):
    """``exact_minor``: that generation refuses a newer minor version too (TensorFlow up to 1.7)."""

    version: tuple[int, ...]
    exact_minor: bool


@cache
def tensorflow_cudnn(release: tuple[int, int]) -> CompiledCudnn | None:
    """The cuDNN (major, minor) that this TensorFlow release was compiled with. None: not known."""
    for row in table("tf_cudnn"):
        if numbers(row["first"]) <= release <= numbers(row["last"])[:2]:
            return CompiledCudnn(numbers(row["cudnn"]), row["same"] == "minor")
    return None


@cache
def torch_cudnn(version: str) -> tuple[int, tuple[int, ...]] | None:
    """CUDA major and cuDNN release that PyTorch's wheel on the package index pins. None: not known.

    ``version``: without the local part (``2.5.1``).
    """
    for row in table("torch_cudnn"):
        if row["version"] == version:
            return int(row["cuda_major"]), numbers(row["cudnn"])
    return None


@cache
def jax_cudnn(plugin: str, version: str) -> tuple[int, ...] | None:
    """The oldest cuDNN that this release of JAX's CUDA plug-in accepts. None: not known."""
    for row in table("jax_cudnn"):
        if (row["package"], row["version"]) == (plugin, version):
            return numbers(row["cudnn"])
    return None


class WheelLibrary(NamedTuple):
    """A library in an NVIDIA wheel. ``folder``: below site-packages."""

    file: str
    folder: str


@cache
def wheel_libraries(platform: str) -> dict[str, tuple[WheelLibrary, ...]]:
    """NVIDIA's wheels (without cuDNN's) to the libraries they hold. ``platform``: ``linux_x86_64``, …"""
    found: dict[str, tuple[WheelLibrary, ...]] = {}
    for row in table("nvidia_wheels"):
        if row["platform"] == platform:
            found[row["package"]] = (
                *found.get(row["package"], ()),
                WheelLibrary(row["file"], row["folder"]),
            )
    return found


@cache
def searched_folders(release: tuple[int, ...]) -> frozenset[str] | None:
    """The folders of NVIDIA's wheels that this TensorFlow looks in by itself (its RUNPATH), below
    site-packages. That of the same release, else of the newest one before it. None: older than the table."""
    rows = [(numbers(row["version"]), row["folders"]) for row in table("tf_runpath")]
    before = [(version, folders) for version, folders in rows if version <= release]
    return frozenset(max(before)[1].split()) if before else None
