"""Fixes for the GPU that a framework is given: which ones it sees, the cuDNN for it, its memory."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from .. import machine_code
from ..knowledge.gpus import cudnn_releases
from ..report import Fix
from ..snapshot import Gpu, GpuProcess
from ..subject import Subject
from ..versions import numbers
from ..visibility import VARIABLE
from .automatic import set_variables, unset_variables
from .tool import conda_install, made_by_conda, pip_install, quoted


def older_cudnn(subject: Subject, capabilities: Sequence[str]) -> tuple[Fix, ...]:
    """The newest cuDNN of the same CUDA that still has code for these GPUs and is not older than the
    build's."""
    major, build = subject.stack.cuda_major, subject.framework
    gpus = [found for each in capabilities if (found := machine_code.parsed(each))]
    compiled = numbers(build.cudnn if build else None)
    fits = [
        version
        for version, code in cudnn_releases(major or 0)
        if all(machine_code.runs(machine_code.entries(code), gpu) for gpu in gpus)
        and numbers(version)[:1] == (compiled[:1] or numbers(version)[:1])
        and numbers(version)[: len(compiled[:2])] >= compiled[:2]
    ]
    if not fits:
        return (Fix(title="Install a release of the framework that was built with an older cuDNN"),)
    version = fits[-1]
    need = subject.stack.cudnn
    loaded = subject.stack.loaded(need.file) if need else None
    if loaded is not None and loaded.origin not in ("wheel", "conda", None):
        place = f" in place of {loaded.path}" if loaded.path else ""
        return (Fix(title=f"Install cuDNN {version}, the last with code for this GPU{place}"),)
    if made_by_conda(subject.distribution("cudnn")):
        spec = ".".join(version.split(".")[:3])
        command = conda_install(subject, f"cudnn<={spec}", channel="conda-forge")
    else:
        command = pip_install(subject, f"nvidia-cudnn-cu{major}=={version}")
    return (Fix(title=f"Install cuDNN {version}, the last with code for this GPU", commands=(command,)),)


def larger_cache(subject: Subject) -> tuple[Fix, ...]:
    """The driver's cache of compiled PTX, so that the next start does not compile again."""
    return (
        Fix(
            title=(
                "Let the driver keep up to 4 GiB of compiled code, so that only the first start is slow: set "
                "CUDA_CACHE_MAXSIZE=4294967296 before Jupyter starts"
            ),
            commands=_set_in_shell(subject, "CUDA_CACHE_MAXSIZE", "4294967296"),
        ),
    )


def show_gpus(subject: Subject, variable: str) -> tuple[Fix, ...]:
    """A variable that hides GPUs: out of what we own, and out of where else it may be set."""
    ours = unset_variables(
        subject,
        "gpu-hidden",
        f"Take {variable} out of the kernelspec, or the pin that sets it, and restart the kernel",
        variable,
    )
    shell = Fix(
        title=(
            "Where the server or the shell sets it (a start-up file, a job script, a service's unit), "
            "remove it there and start Jupyter anew"
        ),
        commands=_unset_in_shell(subject, variable),
    )
    job = Fix(
        title=(
            "On a cluster, ask the scheduler for a GPU: it hides all from a job that did not (--gres=gpu:1)"
        ),
        where="terminal",
    )
    scheduled = "nodev" in str((subject.snapshot.variables or {}).get(variable, "")).lower()
    return (job, ours, shell) if scheduled else (ours, shell)


def show_in_program(subject: Subject) -> tuple[Fix, ...]:
    """A program that hides the GPUs itself, after its process began."""
    return (
        Fix(
            title=(
                f"Look in the notebook and the modules it imports for {VARIABLE} (os.environ, %env, "
                "setdefault): take the line out, or set it to 0 before the framework is imported, and "
                "restart the kernel"
            ),
            where="notebook",
        ),
    )


def name_devices(subject: Subject, variable: str, gpus: Sequence[Gpu]) -> tuple[Fix, ...]:
    """A list with entries that name nothing: the list of those that are there."""
    indices = ",".join(str(place) for place, _ in enumerate(gpus))
    return (
        Fix(
            title=(
                f"Name only devices that are there, for example {variable}={indices}, and restart the kernel"
            ),
            commands=_set_in_shell(subject, variable, indices),
        ),
    )


def order_by_bus(subject: Subject) -> tuple[Fix, ...]:
    return (
        Fix(
            title=(
                "Set CUDA_DEVICE_ORDER=PCI_BUS_ID in the kernelspec's env, before the framework is imported: "
                "then CUDA counts as nvidia-smi does. UUIDs in place of indices are right in either case"
            ),
            where="kernelspec",
        ),
    )


def free_memory(subject: Subject, holders: Sequence[GpuProcess], free: Sequence[int]) -> tuple[Fix, ...]:
    """End what holds the memory, or take a GPU that has some. ``free``: indices of GPUs with memory left."""
    kernels = [each for each in holders if each.kernel_id and not each.this_kernel]
    fixes: list[Fix] = []
    if kernels:
        names = ", ".join(each.notebook or each.kernel_id or "" for each in kernels)
        fixes.append(
            Fix(
                title=f"Shut down the kernels that hold it: {names}",
                commands=tuple(
                    f"jupyter tfgpu kernels shutdown {quoted(subject, each.kernel_id or '')}"
                    for each in kernels
                ),
            )
        )
    else:
        fixes.append(
            Fix(
                title=(
                    "See what holds it, and end what is no longer needed (File, Shut Down Kernel in a "
                    "notebook)"
                ),
                commands=("jupyter tfgpu devices", "jupyter tfgpu kernels"),
            )
        )
    if free:
        fixes.append(
            Fix(
                title=(
                    f"Or give the notebook a GPU with free memory: {VARIABLE}={free[0]}, before the kernel "
                    "starts"
                ),
                where="kernelspec",
            )
        )
    if subject.name == "tensorflow":
        fixes.append(let_memory_grow(subject, "gpu-memory-taken", automatic=False))
    return tuple(fixes)


def let_memory_grow(subject: Subject, code: str, *, automatic: bool = True) -> Fix:
    """The framework takes what it needs in place of the whole device."""
    if subject.name == "tensorflow" and (subject.release or (9, 9)) < (1, 13):
        return Fix(
            title=(
                "Let the session grow: config = tf.ConfigProto(); config.gpu_options.allow_growth = True; "
                "tf.Session(config=config)"
            ),
            where="notebook",
        )
    name, value = GROWTH[subject.name or ""]
    title = f"Set {name}={value} in the kernelspec, so that {subject.proper_name} takes only what it needs"
    if automatic:
        return set_variables(subject, code, title, {name: value})
    return Fix(title=title, where="kernelspec")


GROWTH = {
    "tensorflow": ("TF_FORCE_GPU_ALLOW_GROWTH", "true"),
    "jax": ("XLA_PYTHON_CLIENT_PREALLOCATE", "false"),
}
"""Frameworks that take the device's memory at start, and the variable that makes them let it grow
(TensorFlow's guide "Use a GPU"; JAX's "GPU memory allocation")."""


def _set_in_shell(subject: Subject, name: str, value: str) -> tuple[str, ...]:
    return (
        (f"set {name}={value}",) if subject.host.os == "windows" else (f"export {name}={shlex.quote(value)}",)
    )


def _unset_in_shell(subject: Subject, name: str) -> tuple[str, ...]:
    return (f"set {name}=",) if subject.host.os == "windows" else (f"unset {name}",)
