"""What enters a snapshot beside the scan: what only kernels, kernelspecs and activations tell."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from ..doctor import OtherEnvironment, Snapshot, that_matter
from ..doctor.snapshot import Activation as ActivationFacts
from ..doctor.snapshot import Gpu, GpuProcess
from ..environments import Environment
from ..environments.activation import Activation, activated
from ..kernels import DeviceHolders, Holder, InstalledSpec, StartedKernel, born
from ..machine import Machine

_LISTS = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONPATH")
"""Variables that hold folders, to which others are added."""


def activation_facts(
    activation: Activation, scripts: Sequence[str], machine: Machine, has: Mapping[str, Any] | None
) -> ActivationFacts:
    """What activating sets, of that the variables that matter, and whether the kernel has it.

    ``has``: the kernel's variables; None: not known. What only running a script could tell is left out,
    and while there is such a thing it is not known whether the kernel has it all.
    """
    after = activated(activation, machine.environ)
    path = {"PATH": after["PATH"]} if activation.path else {}
    wanted = that_matter({**activation.variables, **path})
    asked = {**wanted, "PATH": os.pathsep.join(activation.path)} if path else wanted
    applied = None if has is None else all(_has(has, name, value) for name, value in asked.items())
    if applied and that_matter(dict.fromkeys(activation.unknown, "")):
        applied = None
    return ActivationFacts(scripts=tuple(scripts), variables=wanted, applied=applied)


def _has(has: Mapping[str, Any], name: str, value: str) -> bool:
    """Whether a kernel has this value, of a list of folders all of it, whatever was added."""
    if name not in _LISTS:
        return has.get(name) == value
    present = str(has.get(name, "")).split(os.pathsep)
    return all(folder in present for folder in value.split(os.pathsep) if folder)


def other_environments(
    environments: Iterable[Environment], specs: Iterable[InstalledSpec], without: str | None
) -> tuple[OtherEnvironment, ...]:
    """Those that hold a framework, but the one of this id."""
    with_kernel = {spec.environment for spec in specs if spec.interpreter_exists is not False}
    return tuple(
        OtherEnvironment(
            name=each.name,
            prefix=each.prefix,
            python=each.python,
            frameworks=tuple(f"{f.name} {f.version}" if f.version else f.name for f in each.frameworks),
            has_kernelspec=each.id in with_kernel,
            gpu_build=_gpu_build(each),
        )
        for each in environments
        if each.frameworks and each.id != without
    )


def _gpu_build(environment: Environment) -> bool | None:
    builds = {each.build for each in environment.frameworks}
    if "gpu" in builds:
        return True
    return False if builds == {"cpu"} else None


def started_with(start: StartedKernel) -> dict[str, str] | None:
    """The variables that a running kernel was started with: as its start noted them here, else, for a kernel
    of another program, as the system has them of its process. None: not known."""
    if start.variables:
        return dict(start.variables)
    if start.pid is None or start.born is None or born(start.pid) != start.born:
        return None  # the process has ended, and another may have its number
    import psutil

    try:
        return psutil.Process(start.pid).environ() or None
    except (psutil.Error, OSError):
        return None


_READ_ONCE = "LD_LIBRARY_PATH"
"""What the loader goes by is its value at the process's start, see ld.so(8)."""


def running_with(pid: int, now: Mapping[str, str]) -> dict[str, str]:
    """The variables by which a running process has to be judged. ``now``: those that it has handed on."""
    import psutil

    variables = dict(now)
    try:
        begun = psutil.Process(pid).environ()
    except (psutil.Error, OSError):
        return variables
    variables.pop(_READ_ONCE, None)
    if _READ_ONCE in begun:
        variables[_READ_ONCE] = begun[_READ_ONCE]
    return variables


class Whom(msgspec.Struct, frozen=True, kw_only=True):
    """The kernel, or the process, that a snapshot is about; neither: one that is not running."""

    kernel_id: str | None = None
    pid: int | None = None

    def holds(self, holder: Holder) -> bool:
        """Whether it is this holder."""
        if holder.kernel_id is not None and holder.kernel_id == self.kernel_id:
            return True
        return holder.pid == self.pid


NOBODY = Whom()


def with_holders(snapshot: Snapshot, held: Mapping[str, DeviceHolders], whom: Whom) -> Snapshot:
    """With the kernel and the notebook of each process on a device."""
    gpus = tuple(_with_holders(gpu, held.get(gpu.uuid or ""), whom) for gpu in snapshot.gpus or ())
    return msgspec.structs.replace(snapshot, gpus=gpus) if gpus else snapshot


def _with_holders(gpu: Gpu, held: DeviceHolders | None, whom: Whom) -> Gpu:
    if held is None or gpu.processes is None:
        return gpu
    return msgspec.structs.replace(
        gpu,
        processes=tuple(
            GpuProcess(
                pid=each.pid,
                memory=each.memory,
                kernel_id=each.kernel_id,
                notebook=each.notebook,
                this_kernel=whom.holds(each),
            )
            for each in held.holders
        ),
    )
