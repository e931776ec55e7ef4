"""What frameworks need of the packages beside them, of the processor and of the system: as typed rows."""

from __future__ import annotations

from functools import cache
from typing import Literal, NamedTuple

from ..versions import numbers
from .tables import table

Version = tuple[int, ...]


class Range(NamedTuple):
    """Versions from ``first`` to ``last``, both of them within, compared as far as they go: ``2.15`` as last
    holds 2.15.1. An empty ``last``: no end."""

    first: Version
    last: Version

    def holds(self, version: Version) -> bool:
        """Whether the range holds this version, which must be known as precisely as the range's ends."""
        return version >= self.first and (not self.last or version[: len(self.last)] <= self.last)


def _range(row: dict[str, str], first: str = "first", last: str = "last") -> Range:
    return Range(numbers(row[first]), numbers(row[last]))


class Limit(NamedTuple):
    """Which versions of another package a build works with: ``at_least`` and ``below``, None for no limit.

    ``framework``: the framework, or the distribution whose version counts (``jaxlib``). ``conda``: ``yes``,
    it holds for conda's builds too; a channel, for those of that channel; empty, for none. ``effect``: the
    import fails; arrays cannot be exchanged; or tensors of a graph are taken for arrays, which ends only in
    some layers. ``why``: how a sentence that begins with the framework goes on.
    """

    framework: str
    versions: Range
    platform: str
    conda: str
    at_least: str | None
    below: str | None
    effect: Literal["import", "arrays", "symbolic"]
    why: str


@cache
def numpy_limits(framework: str) -> tuple[Limit, ...]:
    """Of a framework or distribution, the limit that matters most first."""
    return tuple(
        Limit(
            framework=row["framework"],
            versions=_range(row),
            platform=row["platform"],
            conda=row["conda"],
            at_least=row["at_least"] or None,
            below=row["below"] or None,
            effect=row["effect"],  # type: ignore[arg-type]
            why=row["why"],
        )
        for row in table("numpy_limits")
        if row["framework"] == framework
    )


class Companion(NamedTuple):
    """A package that a framework imports, built for NumPy 2 from ``fixed`` on."""

    package: str
    fixed: str


@cache
def numpy1_companions(framework: str) -> tuple[Companion, ...]:
    """Packages that this framework imports and whose older wheels were compiled against NumPy 1."""
    return tuple(
        Companion(row["package"], row["fixed"])
        for row in table("numpy1_companions")
        if framework in row["frameworks"].split()
    )


@cache
def protobuf_limits() -> tuple[Limit, ...]:
    """Of TensorFlow, by release."""
    return tuple(
        Limit(
            framework="tensorflow",
            versions=_range(row),
            platform="",
            conda="",
            at_least=row["at_least"] or None,
            below=row["below"] or None,
            effect="import",
            why=row["why"],
        )
        for row in table("protobuf_limits")
    )


class Partners(NamedTuple):
    """Releases of the package keras, and the TensorFlow releases that they work with. ``requirement``: what
    to ask an installer for."""

    keras: Range
    tensorflow: Range
    requirement: str


@cache
def keras_partners() -> tuple[Partners, ...]:
    """All that are known, oldest first."""
    return tuple(
        Partners(
            keras=_range(row, "keras_first", "keras_last"),
            tensorflow=_range(row, "tf_first", "tf_last"),
            requirement=row["requirement"],
        )
        for row in table("keras_partners")
    )


@cache
def keras2_libraries() -> dict[str, Range]:
    """Libraries whose TensorFlow code needs Keras 2, with the releases of which that is true."""
    return {row["package"]: _range(row) for row in table("keras2_libraries")}


class CpuNeed(NamedTuple):
    """``instructions``: the flag as /proc/cpuinfo has it. ``framework``: or the distribution that counts."""

    framework: str
    versions: Range
    instructions: str


@cache
def cpu_needs() -> tuple[CpuNeed, ...]:
    """Instructions that wheels were compiled to use without asking whether they are there."""
    return tuple(CpuNeed(row["framework"], _range(row), row["instructions"]) for row in table("cpu_needs"))


class GlibcNeed(NamedTuple):
    """``python_tags``: the wheels for these Pythons only, empty for all."""

    package: str
    versions: Range
    python_tags: frozenset[str]
    glibc: str


@cache
def glibc_needs() -> tuple[GlibcNeed, ...]:
    """The glibc that wheels need whatever their tag says, or where the tag is not known."""
    return tuple(
        GlibcNeed(row["package"], _range(row), frozenset(row["python_tags"].split()), row["glibc"])
        for row in table("glibc_needs")
    )


@cache
def framework_packages(framework: str) -> dict[str, Literal["files", "platform", "conda"]]:
    """Distributions that hold a framework's import package: ``files`` each on its own, ``platform`` as what a
    shim of the same version stands for, ``conda`` as a part of conda's recipe."""
    return {
        row["package"]: row["kind"]  # type: ignore[misc]
        for row in table("framework_packages")
        if row["framework"] == framework
    }


@cache
def linked_packages(framework: str) -> frozenset[str]:
    """Packages that share a C++ interface with the framework: both have to be built by one and the same."""
    return frozenset(row["package"] for row in table("linked_packages") if row["linked_by"] == framework)
