"""Is the driver new enough for the CUDA runtime in use, and old enough for the GPU?"""

from __future__ import annotations

import re
from functools import cache

from ..cuda_release import cuda_in_use
from ..fixes import host
from ..knowledge import driver_floors, last_driver_branch
from ..knowledge.gpus import first_branch_after, generation
from ..report import Finding, Fix
from ..subject import Subject, capability
from ..versions import numbers
from .rule import Found, Rule

_LEGACY = re.compile(r"supported\s+through\s+the\s+NVIDIA\s+(?P<branch>\d{3})\.xx\s+Legacy", re.IGNORECASE)
"""What the driver's kernel module says of a GPU that it leaves aside (NVRM, in the kernel's log)."""


def driver_too_old(subject: Subject) -> Found | None:
    """The driver is below the floor of the CUDA runtime that this build loads.

    The floor is that of the CUDA major release (minor-version compatibility) from CUDA 11 on, and the
    toolkit's own before (NVIDIA's CUDA compatibility guide). Silent on Jetson, whose versions count
    otherwise, and where a cuda-compat libcuda stands in for the driver's.
    """
    driver, build = subject.driver, subject.framework
    if build is None or build.cuda_build is False or driver.status not in ("ok", None) or subject.host.jetson:
        return None
    if any(each.origin == "compat" and each.reachable for each in subject.libraries):
        return None
    cuda = cuda_in_use(subject)
    floor = _floor(cuda, subject.system)
    if floor is None or not _below(subject, cuda, floor):
        return None
    release = ".".join(str(part) for part in cuda)
    have = driver.version or f"one for CUDA {driver.cuda_version} at most"
    supports = f", up to CUDA {driver.cuda_version}" if driver.version and driver.cuda_version else ""
    return Found(
        Finding(
            code="driver-too-old",
            severity="error",
            framework=subject.name,
            title=f"The NVIDIA driver is too old for CUDA {release}",
            detail=(
                f"{subject.title} runs on CUDA {release}, which needs the driver {floor} or newer; this "
                f"machine has {have}. The CUDA version that nvidia-smi prints is the newest that "
                "the driver supports, not one that is installed."
            ),
            evidence=(
                f"driver {have}{supports}",
                f"CUDA {release} of {subject.title}: driver {floor} at least",
            ),
            fixes=_newer_driver(subject, floor, release),
        )
    )


def _below(subject: Subject, cuda: tuple[int, ...], floor: str) -> bool:
    """Whether the driver is older than the floor. Where only the CUDA release that it supports is known, a
    major release below the runtime's is too old; up to CUDA 10 each minor release counts."""
    have, supports = numbers(subject.driver.version), numbers(subject.driver.cuda_version)
    if have:
        return have < numbers(floor)[: len(have)]
    parts = 1 if cuda[0] >= 11 else 2
    return bool(supports) and supports[:parts] < cuda[:parts]


@cache
def _floor(cuda: tuple[int, ...], system: str) -> str | None:
    """The oldest driver for this CUDA release, the lowest of what is meant where the minor is not known. The
    drivers that 11.0 itself came with lie below the floor of 11.x."""
    floors = [
        floor
        for row in driver_floors()
        for floor in (row.compatible[system], row.toolkit[system])
        if cuda and row.cuda[: len(cuda)] == cuda
    ]
    return min((floor for floor in floors if floor), key=numbers, default=None)


def _newer_driver(subject: Subject, floor: str, release: str) -> tuple[Fix, ...]:
    """An update, unless drivers that new no longer serve this GPU."""
    branches = [last_driver_branch(each) for each in subject.compute_capabilities]
    ends = [branch for branch in branches if branch is not None and branch < numbers(floor)[0]]
    if ends:
        return (
            Fix(
                title=(
                    f"No driver that new serves {subject.gpu_names}: R{min(ends)} is its last. Install "
                    f"a release of {subject.proper_name} that was built with an older CUDA than {release}"
                ),
            ),
        )
    return host.update_driver(subject, floor)


def driver_too_new(subject: Subject) -> Found | None:
    """The driver's branch is newer than the last one that serves this generation of GPUs: its kernel module
    passes the GPU over, or does not load. Silent where another GPU is there that it serves.

    Such a GPU is listed by nobody, so the kernel's log is often what names it.
    """
    version = subject.driver.version or subject.driver.kernel_module_version
    said = _LEGACY.search(f"{subject.snapshot.log or ''}\n{subject.driver.message or ''}")
    if said and subject.driver.status != "absent" and not subject.snapshot.gpus:
        return _left_behind(subject, version, int(said["branch"]))
    if not version or subject.host.jetson or subject.host.os == "macos":
        return None
    last = [_last_branch(capability(gpu), numbers(version)[0]) for gpu in subject.nvidia_gpus]
    ended = [each for each in last if each is not None]
    if not ended or len(ended) < len(last):
        return None
    return _left_behind(subject, version, max(ended))


def _left_behind(subject: Subject, version: str | None, branch: int) -> Found:
    driver = f"The driver {version}" if version else "The driver"
    capabilities = ", ".join(dict.fromkeys(subject.compute_capabilities))
    known = f"{subject.gpu_names}: compute capability {capabilities}" if capabilities else "the kernel's log"
    return Found(
        Finding(
            code="driver-too-new",
            severity="error",
            title="The NVIDIA driver no longer supports this GPU",
            detail=(
                f"{driver} does not serve the GPU of this machine ({subject.gpu_names}) any more: "
                f"R{branch} was the last branch with support for GPUs of its generation. To the driver it is "
                "not there."
            ),
            evidence=(
                *((f"driver {version}",) if version else ()),
                f"{known}, last driver branch R{branch}",
            ),
            fixes=host.older_driver(subject, branch),
        )
    )


def _last_branch(known: str | None, branch: int) -> int | None:
    """The last branch for GPUs of this capability, where this one is newer. Drivers of a branch may be
    counted on past its number, up to the next branch that a CUDA release came with."""
    facts = generation(known) if known else None
    if facts is None or facts.last_branch is None:
        return None
    after = first_branch_after(facts.last_branch)
    return facts.last_branch if after is not None and branch >= after else None


RULES = (
    Rule("driver-too-new", "machine", driver_too_new),
    Rule("driver-too-old", "framework", driver_too_old),
)
