"""The order of root causes, and what explains what. The only place that holds either.

A new rule needs a place in ``ORDER``, and a place in ``EXPLAINS`` where its cause makes others follow.
"""

from __future__ import annotations

WRONG_PLACE = ("stale-kernelspec", "ipykernel-missing", "wrong-environment")
"""The notebook does not run where the framework is."""

NOT_THERE = ("python-unsupported", "gpu-package-removed", "framework-missing")
"""Nothing is installed that could be imported, or nothing can be."""

MIXED_UP = ("shadowed-packages", "duplicate-framework", "corrupt-install", "mixed-channels")
"""What is imported is not what was installed."""

IMPOSSIBLE = (
    "plugin-version-mismatch",
    "windows-native",
    "platform-unsupported",
    "metal-plugin-missing",
    "cpu-only-build",
)
"""The build that is installed cannot use a GPU, whatever else is mended."""

IMPORT = (
    "cpu-instructions-missing",
    "glibc-too-old",
    "msvc-runtime-missing",
    "numpy-incompatible",
    "protobuf-incompatible",
    "keras-incompatible",
)
"""The framework does not import."""

NO_DRIVER = ("container-without-gpu", "container-capabilities", "driver-missing", "driver-too-new")

SHADOWED = ("libcuda-shadowed",)
"""Before a driver that does not answer: inside WSL2 a Linux driver's libraries make it seem so."""

SILENT_DRIVER = (
    "driver-not-loaded",
    "driver-library-mismatch",
    "device-nodes-missing",
    "gpu-lost",
    "driver-state",
)

DRIVER = (*NO_DRIVER, *SILENT_DRIVER)
"""No program on this machine can use its GPU."""

BUILD_AND_DRIVER = (
    "rocm-mismatch",
    "driver-too-old",
    "libcuda-not-on-path",
    "gpu-hidden",
    "gpu-too-old",
    "gpu-too-new",
)
"""This build does not reach the driver, or cannot run on the GPU that it is given."""

LIBRARIES = (
    "known-bug",
    "activation-missing",
    "library-conflict",
    "cuda-version-mismatch",
    "library-shadowed",
    "cuda-not-on-path",
    "cuda-missing",
    "cudnn-wrong-cuda",
    "cudnn-missing",
    "cudnn-too-new",
    "cudnn-too-old",
    "zlibwapi-missing",
)
"""What the build has to load."""

LESSER = (
    "libdevice-missing",
    "ptxas-too-old",
    "gpu-hidden-partly",
    "gpu-needs-jit",
    "gpu-memory-taken",
)
"""It works, but slowly, partly, or not always."""

NOTES = ("memory-growth", "mig-one-instance", "device-order", "harmless-message")
"""Worth knowing: nothing is wrong."""

ORDER: tuple[str, ...] = (
    *WRONG_PLACE,
    *NOT_THERE,
    *MIXED_UP,
    *IMPOSSIBLE,
    *IMPORT,
    "no-gpu",
    *NO_DRIVER,
    *SHADOWED,
    *SILENT_DRIVER,
    *BUILD_AND_DRIVER,
    *LIBRARIES,
    *LESSER,
    *NOTES,
)
"""Codes, root cause first: the fix of an earlier one has to come first."""

_CUDA = frozenset({*LIBRARIES, "libcuda-shadowed", "libcuda-not-on-path", "driver-too-old", "rocm-mismatch"})
_CAPABILITY = frozenset({"gpu-too-old", "gpu-too-new", "gpu-needs-jit"})
_DEVICES = frozenset({*_CAPABILITY, "gpu-hidden", "gpu-hidden-partly", "gpu-memory-taken", *NOTES[:3]})
_CUDNN = frozenset({"cudnn-wrong-cuda", "cudnn-missing", "cudnn-too-new", "cudnn-too-old"})
_TOOLS = frozenset({"libdevice-missing", "ptxas-too-old"})
_USE = _CUDA | _DEVICES | _TOOLS
"""All about how a build uses a GPU."""


def _later(codes: tuple[str, ...], effects: frozenset[str]) -> dict[str, frozenset[str]]:
    """Each of the codes to those of the effects that come after it."""
    return {code: effects & frozenset(ORDER[ORDER.index(code) + 1 :]) for code in codes}


_INSTALLED = frozenset({*NOT_THERE, *MIXED_UP, *IMPOSSIBLE, *IMPORT})

EXPLAINS: dict[str, frozenset[str]] = {
    **_later(WRONG_PLACE, frozenset(WRONG_PLACE) | _INSTALLED | _USE),
    **_later(NOT_THERE, _INSTALLED | _USE),
    "shadowed-packages": frozenset({"duplicate-framework", "cpu-only-build", *IMPORT}) | _CUDA,
    "duplicate-framework": frozenset({"corrupt-install", "cpu-only-build"}),
    "mixed-channels": frozenset({"cpu-only-build"}),
    **_later(IMPOSSIBLE, frozenset(IMPOSSIBLE) | _CUDA | _DEVICES | _TOOLS),
    "no-gpu": frozenset({*IMPOSSIBLE, *DRIVER}) | _USE,
    **_later(DRIVER, frozenset(DRIVER) | _USE),
    **_later(SHADOWED, frozenset(SILENT_DRIVER[:2]) | {"driver-state"} | _CUDA | _TOOLS),
    **_later(BUILD_AND_DRIVER[:3], _CUDA | _TOOLS),
    "gpu-too-old": frozenset({"gpu-needs-jit"}),
    "gpu-too-new": frozenset({"gpu-needs-jit", "ptxas-too-old"}),
    "known-bug": frozenset({"cuda-not-on-path"}),
    "activation-missing": frozenset({"cuda-not-on-path", "library-shadowed", "cuda-missing"}) | _TOOLS,
    "library-conflict": _CUDNN | {"library-shadowed"},
    "cuda-version-mismatch": _CUDNN | _TOOLS | {"cuda-missing", "library-shadowed", "zlibwapi-missing"},
    "library-shadowed": _CUDNN,
    "cuda-not-on-path": _TOOLS,
    "cuda-missing": _CUDNN | _TOOLS,
    "cudnn-wrong-cuda": frozenset({"zlibwapi-missing"}),
    "cudnn-missing": frozenset({"cudnn-too-new", "cudnn-too-old"}),
}
"""A code to the codes that are not reported beside it, for the same framework."""

KEEPS_BROKEN_IMPORTS = frozenset({"no-gpu", *IMPOSSIBLE, *DRIVER})
"""Codes that do not explain a finding without whose fix the framework cannot even be imported."""
