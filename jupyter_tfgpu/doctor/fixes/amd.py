"""AMD's GPUs: a build with ROCm code, the override, and the permission to open the GPU."""

from __future__ import annotations

from ..report import Fix
from ..subject import Subject
from . import automatic

_CODE = "rocm-mismatch"


def amd_build(subject: Subject) -> tuple[Fix, ...]:
    """Where a build for AMD's GPUs is to be had. Which ROCm serves a GPU is in AMD's own tables, so there is
    no command here that would be right for each."""
    if subject.host.os == "windows":
        title = "Run Jupyter in WSL2 with AMD's ROCm for WSL, or use the DirectML plug-in"
        return (Fix(title=title),)
    if subject.name == "torch":
        title = (
            'Install the ROCm build from PyTorch\'s own index: pytorch.org ("Get started") has the command'
        )
    elif subject.name == "tensorflow":
        title = (
            "Install AMD's tensorflow-rocm in place of tensorflow, of a release for this GPU: AMD's ROCm "
            "documentation lists which serves which"
        )
    else:
        title = f"Install AMD's ROCm build of {subject.proper_name} of a release for this GPU"
    other = Fix(
        title="Or start AMD's own container with ROCm and the framework (rocm/tensorflow, rocm/pytorch)"
    )
    return (Fix(title=title), other) if subject.name in ("tensorflow", "torch") else (Fix(title=title),)


def amd_override(subject: Subject, target: str | None) -> tuple[Fix, ...]:
    """Without the override, or with one that makes the GPU pass for a target of its own generation."""
    name = "HSA_OVERRIDE_GFX_VERSION"
    if target is None:
        return (automatic.unset_variables(subject, _CODE, f"Start the kernel without {name}", name),)
    version = override_version(target)
    title = f"Let the GPU pass for {target}, of the same generation: that often works, and is not supported"
    return (automatic.set_variables(subject, _CODE, title, {name: version}),)


def override_version(target: str) -> str:
    """``10.3.0`` for ``gfx1030``: the last two digits are minor and stepping, in hexadecimal."""
    digits = target.removeprefix("gfx")
    return f"{int(digits[:-2])}.{int(digits[-2], 16)}.{int(digits[-1], 16)}"


def amd_access(subject: Subject) -> tuple[Fix, ...]:
    """The groups that own the device nodes, or the container's options."""
    if subject.host.container:
        title = "Start the container with the GPU's devices and groups (on the host)"
        options = "--device=/dev/kfd --device=/dev/dri --group-add video --group-add render"
        return (Fix(title=f"{title}: {options}", where="host"),)
    if "/dev/kfd" not in (subject.host.device_nodes or ("/dev/kfd",)):
        return (Fix(title="Install AMD's driver for ROCm (amdgpu) and restart the machine", where="host"),)
    return (
        Fix(
            title="Join the groups render and video, then log in again (restart the Jupyter server)",
            commands=("sudo usermod -a -G render,video $LOGNAME",),
            where="host",
        ),
    )
