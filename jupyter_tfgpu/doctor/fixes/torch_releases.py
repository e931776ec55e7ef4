"""Which release of PyTorch to install, and built for which CUDA: one that this driver and these GPUs take."""

from __future__ import annotations

from .. import machine_code
from ..knowledge import torch_builds
from ..knowledge.gpus import torch_code
from ..subject import Subject
from ..versions import numbers
from .cuda import driver_takes, toolkit_serves
from .releases import version_of
from .tool import python_tag, wheel_platform


def torch_wheel(subject: Subject) -> tuple[str, str] | None:
    """Release and CUDA variant on PyTorch's own index: the installed release where one of its variants
    serves driver and GPUs, else the newest that does. None: none is known."""
    tag, platform = python_tag(subject), wheel_platform(subject)
    installed = str(subject.framework.version if subject.framework else "").split("+")[0]
    rows = [
        row for row in torch_builds() if row.platform == platform and (tag is None or tag in row.python_tags)
    ]
    newest, gpus = numbers(subject.driver.cuda_version), dict.fromkeys(subject.compute_capabilities)
    ordered = sorted(rows, key=lambda row: (row.version == installed, version_of(row.version)), reverse=True)
    for row in ordered:
        fits = [
            cuda
            for cuda in row.variants
            if (not newest or driver_takes(newest, numbers(cuda)))
            and all(_torch_serves(row.version, row.platform, cuda, each) for each in gpus)
        ]
        if fits:
            return row.version, max(fits, key=numbers)
    return None


def torch_pypi_release(subject: Subject) -> str | None:
    """The newest release whose wheel on the package index itself has CUDA code for this platform and driver.
    None: none is known."""
    tag, newest = python_tag(subject), numbers(subject.driver.cuda_version)
    fits = [
        row.version
        for row in torch_builds()
        if row.platform == wheel_platform(subject)
        and (tag is None or tag in row.python_tags)
        and row.cuda
        and (not newest or numbers(row.cuda)[:1] <= newest[:1])
    ]
    return max(fits, key=version_of, default=None)


def _torch_serves(version: str, platform: str, cuda: str, capability: str) -> bool:
    gpu = machine_code.parsed(capability)
    code = machine_code.entries(torch_code(version, platform, cuda))
    if gpu is None or code:
        return gpu is not None and machine_code.runs(code, gpu)
    oldest = machine_code.oldest(_nearest(version, platform, cuda))
    return toolkit_serves(cuda, capability) and (oldest is None or gpu >= oldest)


def _nearest(version: str, platform: str, cuda: str) -> tuple[machine_code.Entry, ...]:
    """What the same release was compiled for with the next older CUDA of the same major that is known:
    with a newer one it has code for no older GPUs."""
    wanted = numbers(cuda)
    for minor in range(wanted[1] if len(wanted) > 1 else 0, -1, -1):
        code = machine_code.entries(torch_code(version, platform, f"{wanted[0]}.{minor}"))
        if code:
            return code
    return ()
