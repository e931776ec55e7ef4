"""GPUs: what each is called, which CUDA releases and drivers serve it, and for which GPUs code was built."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from ..versions import numbers
from .tables import driver_floors, table

_TRADEMARKS = re.compile(r"\((?:r|tm|c)\)", re.IGNORECASE)
_FORM = re.compile(r"(?:sxm\d?|pcie|nvl|hbm\d\w*|\d+gb?|with|max|q|design|laptop|notebook|gpu)$")
"""Words at the end of a name that tell how the same chip is mounted: it has the same capability."""

TEGRA = frozenset({(3, 2), (5, 3), (6, 2), (7, 2), (8, 7), (10, 1), (11, 0)})
"""Capabilities of Jetson boards. Machine code is not exchangeable between these and other GPUs, nor among
them (CUDA C++ Programming Guide, "Binary Compatibility")."""


@cache
def _capabilities() -> dict[str, str]:
    return {row["name"]: row["compute_capability"] for row in table("gpus")}


@cache
def capability_of(name: str) -> str | None:
    """The compute capability of a GPU by the name that NVML or pci.ids print. None: not known, or the name
    stands for several chips."""
    words = _TRADEMARKS.sub(" ", name).lower().replace("-", " ").split()
    if words[:1] == ["nvidia"]:
        words = words[1:]
    known = _capabilities()
    while words:
        found = known.get(" ".join(words))
        if found or not _FORM.match(words[-1]):
            return found
        words = words[:-1]
    return None


class Generation(NamedTuple):
    """GPUs of one compute capability.

    ``first_cuda``: the first toolkit that can compile for them; ``family``: the first that can for the
    oldest GPUs whose machine code these run, so no older toolkit's code runs here but by its PTX.
    ``last_cuda``: the major release of the last toolkit that serves them, None while it goes on.
    ``last_branch``: of the driver, 470 for R470; None while it goes on.
    """

    first_cuda: tuple[int, ...]
    family: tuple[int, ...]
    last_cuda: int | None
    last_branch: int | None


@cache
def generation(capability: str) -> Generation | None:
    """None: not known. Source: NVIDIA's toolkit, driver and architecture matrix."""
    rows = table("gpu_arch_support")
    wanted = numbers(capability)
    alike = [each for each in rows if len(wanted) == 2 and _runs_code_of(wanted, each)]
    exact = [each for each in rows if each["compute_capability"] == capability]
    if not exact and (wanted in TEGRA or not alike):
        return None
    row = exact[0] if exact else max(alike, key=lambda each: numbers(each["compute_capability"]))
    family = [row] if wanted in TEGRA else alike
    last, branch = numbers(row["last_cuda"]), row["last_driver_branch"].removeprefix("R")
    return Generation(
        first_cuda=numbers(row["first_cuda"])[:2],
        family=min(numbers(each["first_cuda"])[:2] for each in family),
        last_cuda=last[0] if last else None,
        last_branch=int(branch) if branch.isdigit() else None,
    )


def _runs_code_of(wanted: tuple[int, ...], row: dict[str, str]) -> bool:
    other = numbers(row["compute_capability"])
    return other[0] == wanted[0] and other <= wanted and other not in TEGRA


@cache
def first_branch_after(branch: int) -> int | None:
    """The first driver branch after this one with which a CUDA release came: 495 after 470. On Windows a
    branch's versions go on past its number (R470 to 475.14), never up to the next one."""
    known = (numbers(row.toolkit["linux"]) for row in driver_floors())
    return min((each[0] for each in known if each and each[0] > branch), default=None)


@cache
def _cudnn_rows() -> tuple[tuple[int, tuple[int, ...], tuple[str, ...]], ...]:
    return tuple(
        (int(row["cuda_major"]), numbers(row["version"]), tuple(row["code"].split()))
        for row in table("cudnn_code")
    )


def cudnn_code(version: str, cuda_major: int) -> tuple[str, ...]:
    """For which GPUs this cuDNN holds code. Empty: not known. Read from NVIDIA's wheels for Linux."""
    wanted = numbers(version)[:3]
    return next(
        (
            code
            for major, known, code in _cudnn_rows()
            if major == cuda_major and len(wanted) == 3 and known[:3] == wanted
        ),
        (),
    )


def cudnn_releases(cuda_major: int) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """cuDNN's releases for this CUDA with the GPUs that each holds code for, oldest first."""
    found = sorted((known, code) for major, known, code in _cudnn_rows() if major == cuda_major)
    return tuple((".".join(map(str, known)), code) for known, code in found)


@cache
def torch_code(version: str, platform: str, cuda: str) -> tuple[str, ...]:
    """For which GPUs PyTorch's wheel of this release and CUDA holds code. Empty: not known."""
    return next(
        (
            tuple(row["code"].split())
            for row in table("torch_code")
            if (row["version"], row["platform"], row["cuda"]) == (version, platform, cuda)
        ),
        (),
    )


class Failure(NamedTuple):
    """A framework whose PTX does not work on newer GPUs, as reports show: in releases before ``before``, on
    GPUs of these major capabilities."""

    framework: str
    before: str
    majors: frozenset[int]
    what: str
    source: str


@cache
def failures() -> tuple[Failure, ...]:
    return tuple(
        Failure(
            framework=row["framework"],
            before=row["before"],
            majors=frozenset(int(each) for each in row["majors"].split()),
            what=row["what"],
            source=row["source"],
        )
        for row in table("gpu_failures")
    )
