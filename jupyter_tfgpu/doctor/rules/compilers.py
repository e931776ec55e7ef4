"""Does XLA find libdevice and ptxas, and does that ptxas know this GPU?"""

from __future__ import annotations

from ..fixes import compilers as fixes
from ..knowledge.gpus import generation
from ..report import Finding, Severity
from ..subject import Subject
from ..versions import numbers
from .rule import Found, Rule

_PTXAS_FROM = (2, 11)
"""From this TensorFlow on Keras' optimizers are compiled by XLA of themselves (``jit_compile``); before, a
missing ptxas only means that the driver compiles instead."""


def libdevice_missing(subject: Subject) -> Found | None:
    """XLA needs libdevice to compile for a GPU, and ptxas. JAX compiles everything, so without ptxas it does
    not run; TensorFlow compiles what asks for it.

    Silent for PyTorch, which brings its own, and where nobody looked for them.
    """
    tools = subject.environment.tools
    if tools is None or not tools.searched or not _compiles(subject):
        return None
    no_libdevice = tools.libdevice is None or tools.libdevice.reachable is False
    no_ptxas = tools.ptxas is None or tools.ptxas.reachable is False
    jax = subject.name == "jax"
    matters = no_libdevice or (no_ptxas and (jax or (subject.release or (0, 0)) >= _PTXAS_FROM))
    if not matters or ((subject.release or (9, 9)) < (2, 0) and not jax):
        return None
    missing = [
        (name, tool.path if tool else None)
        for name, tool, lacks in (
            ("ptxas", tools.ptxas, no_ptxas),
            ("libdevice", tools.libdevice, no_libdevice),
        )
        if lacks
    ]
    names = " and ".join(name for name, _ in missing)
    severity: Severity = "error" if jax and no_ptxas else "warning"
    consequence = (
        "JAX compiles every computation with it, so none runs on the GPU."
        if severity == "error"
        else "What is compiled by XLA fails (jit_compile=True, which Keras' optimizers use from TensorFlow "
        "2.11 on); the rest works."
    )
    return Found(
        Finding(
            code="libdevice-missing",
            severity=severity,
            framework=subject.name,
            title=f"XLA does not find {names}",
            detail=(f"{subject.title} needs {names} to compile for the GPU. {_where(missing)} {consequence}"),
            evidence=tuple(
                f"out of reach: {name} at {path}" if path else f"not found: {name}" for name, path in missing
            ),
            fixes=fixes.cuda_compiler(subject, dict(missing)),
        )
    )


def _where(missing: list[tuple[str, str | None]]) -> str:
    lying = [f"{name} lies at {path}" for name, path in missing if path]
    if not lying:
        none = "It is not" if len(missing) == 1 else "Neither is"
        return f"{none} where XLA looks: NVIDIA's nvcc package, a CUDA toolkit, PATH."
    return f"On this machine {' and '.join(lying)}, where XLA does not look."


def ptxas_too_old(subject: Subject) -> Found | None:
    """The ptxas that XLA takes first is of a CUDA release before the one that knows this GPU."""
    tools = subject.environment.tools
    if tools is None or tools.ptxas is None or tools.ptxas.reachable is False or not _compiles(subject):
        return None
    have = numbers(tools.ptxas.version)[:2]
    needed = [
        (known.first_cuda, capability)
        for capability in subject.compute_capabilities
        if (known := generation(capability)) is not None and have and have < known.first_cuda
    ]
    if not needed:
        return None
    first, capability = max(needed)
    release = ".".join(str(part) for part in first)
    others = [
        str(each.get("path"))
        for each in tools.other_ptxas or ()
        if numbers(str(each.get("version") or ""))[:2] >= first and each.get("path")
    ]
    return Found(
        Finding(
            code="ptxas-too-old",
            severity="warning",
            framework=subject.name,
            title=f"ptxas {tools.ptxas.version} does not know this GPU",
            detail=(
                f"XLA takes {tools.ptxas.path or 'a ptxas'} of CUDA {tools.ptxas.version}, and compute "
                f"capability {capability} is known from CUDA {release} on. What is compiled for the GPU "
                "fails or is left to the driver."
            ),
            evidence=(
                f"ptxas {tools.ptxas.version}" + (f" at {tools.ptxas.path}" if tools.ptxas.path else ""),
                f"compute capability {capability}: CUDA {release} at least",
            ),
            fixes=fixes.newer_compiler(subject, release, others),
        )
    )


def _compiles(subject: Subject) -> bool:
    build = subject.framework
    return (
        build is not None
        and build.name in ("tensorflow", "jax")
        and build.cuda_build is not False
        and subject.driver.status in ("ok", None)
        and subject.nvidia_gpu is not False
    )


RULES = (
    Rule("libdevice-missing", "framework", libdevice_missing),
    Rule("ptxas-too-old", "framework", ptxas_too_old),
)
