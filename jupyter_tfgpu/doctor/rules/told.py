"""Which cause a message stands for, with the facts at hand.

A fact always wins: a log may be old, or of another environment. A message of the weight ``conclusive`` is
enough where no fact speaks against it. A ``hint`` is used only where nothing else was found, and only by the
choices below.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ..messages import Match
from ..subject import Subject
from ..versions import numbers
from .refuted import refuted

Choice = Callable[[Subject, Match], str | None]

CUDA_FAMILY = re.compile(
    r"(?:lib)?(?:cudart|cublas|cublaslt|cufft|curand|cusolver|cusparse|cudnn|nccl|nvrtc|nvjitlink|cupti)"
)
"""How the names of the libraries begin that CUDA's packages bring."""

NUMPY_2_FROM = {"tensorflow": (2, 18), "torch": (2, 3), "jax": (0, 4)}
"""The first releases whose own code runs with NumPy 2 (METADATA of the wheels; PyTorch's release notes)."""


def cause(subject: Subject, match: Match, *, sure: bool) -> str | None:
    """The code that a message tells. None: it does not tell one, or the facts speak against it.

    ``sure``: only what a message tells alone; else also what it makes likely.
    """
    conclusive = match.weight == "conclusive"
    if match.weight == "harmless" or (sure and not conclusive):
        return None
    choose = CHOICES.get(match.id)
    if choose is None and not conclusive:
        return None
    code = choose(subject, match) if choose else match.codes[0]
    return None if code is None or refuted(code, subject, match) else code


def release_of(text: str) -> tuple[int, ...]:
    """``7.2.1``; ``(8, 3, 2)`` as PyTorch writes it; ``7201`` and ``90100`` as cuDNN counts."""
    parts = tuple(int(part) for part in re.findall(r"\d+", text))
    if len(parts) != 1 or parts[0] < 1000:
        return parts
    whole = parts[0]
    thousands = 1000 if whole < 10_000 else 10_000
    return (whole // thousands, whole % thousands // 100, whole % 100)


def _cudnn(subject: Subject, match: Match) -> str | None:
    loaded, compiled = release_of(match.groups["loaded"]), release_of(match.groups["compiled"])
    if "torch" in match.frameworks:
        return "library-shadowed"  # PyTorch brings its own, so another copy comes before it
    if loaded[:1] > compiled[:1]:
        return "cudnn-too-new"
    return "cudnn-too-old" if loaded < compiled else "cudnn-too-new"


def _outdated(subject: Subject, match: Match) -> str | None:
    if match.groups["library"].lower() == "cudnn":
        return "cudnn-too-old"
    return "library-shadowed" if _path_is_set(subject) else "cuda-version-mismatch"


def _other_libcuda(subject: Subject, match: Match) -> str | None:
    """A libcuda of another release: a package of its own in images, left by an update elsewhere."""
    packaged = any(each.origin == "compat" for each in subject.libraries) or "compat" in _path(subject)
    return "libcuda-shadowed" if packaged or subject.host.container else "driver-library-mismatch"


def _container_host(subject: Subject, match: Match) -> str | None:
    return "driver-missing" if "load library failed" in match.groups["error"].lower() else "driver-not-loaded"


def _by_capability(subject: Subject, match: Match) -> str | None:
    """Newer than all that the build holds, or older. In a gap of it, PyTorch's list of exact targets means
    that nothing runs; its list of ranges (from 2.9 on) leaves out boards that work all the same."""
    said, supported = match.groups.get("capability"), match.groups.get("supported", "")
    build = subject.framework
    if not supported and build is not None:
        supported = " ".join(build.compute_capabilities or ())
    have = _capability(said or next(iter(subject.compute_capabilities), ""))
    held = [found for each in _TARGET.findall(supported) if (found := _capability(each)) is not None]
    if have is None or not held:
        return None
    if have > max(held):
        return "gpu-too-new"
    return "gpu-too-old" if have < min(held) or "which supports" not in supported else None


_TARGET = re.compile(r"(?:sm|compute)_(\d+)|(\d+\.\d+)(?: which supports|\))")
"""``sm_90``, ``9.0 which supports …``, ``(9.0)``."""


def _capability(text: str | tuple[str, ...]) -> int | None:
    """``120`` and ``12.0`` to 120, ``8.6`` to 86."""
    digits = "".join(re.findall(r"\d+", "".join(text)))
    return int(digits) if digits else None


def _python_or_platform(subject: Subject, match: Match) -> str | None:
    host, facts = subject.host, subject.environment
    if subject.framework is not None:
        return None  # it was installed since
    other = host.jetson or (facts.python_arch or host.arch) in ("aarch64",)
    return "platform-unsupported" if other else "python-unsupported"


def _no_version(subject: Subject, match: Match) -> str | None:
    """Where the Python is known, the tables of wheels say more than the installer does."""
    package = match.groups.get("package", "").lower().replace("_", "-")
    own = {"tensorflow": ("tensorflow", "tensorflow-gpu"), "torch": ("torch",), "jax": ("jax", "jaxlib")}
    of_mxnet = package.startswith("mxnet") and subject.name == "mxnet"
    mine = package in own.get(subject.name or "", ()) or of_mxnet
    if subject.environment.python or not mine:
        return None
    return _python_or_platform(subject, match)


def _library(subject: Subject, match: Match) -> str | None:
    name = match.groups.get("library", "").lower().rpartition("/")[2]
    if subject.said("gpu-registered") or refused_by_needs(subject, name):
        return None
    if name.startswith(("libcuda.", "nvcuda.")):
        return _no_libcuda(subject, match)
    if not CUDA_FAMILY.match(name) or not (subject.nvidia_gpu or import_failed(match)):
        return None  # without a GPU TensorFlow prints the same
    missing = {
        each.groups.get("library", "").lower()
        for each in subject.messages
        if each.id == "library-not-found" and CUDA_FAMILY.match(each.groups.get("library", "").lower())
    }
    if all("cudnn" in each for each in missing):
        return "cudnn-missing"
    if any("cudart" in each for each in missing) or not subject.said("library-opened"):
        return "cuda-missing"
    return "cuda-version-mismatch"


def import_failed(match: Match) -> bool:
    """Whether what the message tells kept Python from an import."""
    return "ImportError" in match.line or "OSError" in match.line


def refused_by_needs(subject: Subject, name: str) -> bool:
    """Whether the log speaks of another build than this one, or of a file that is found by now."""
    needs = {each.lower() for each in (subject.framework.needs if subject.framework else None) or ()}
    if needs and name not in needs:
        return True
    return any(each.file.lower() == name and each.reachable for each in subject.libraries)


def _no_libcuda(subject: Subject, match: Match) -> str | None:
    """No libcuda was found: no driver, or not within reach, or not handed to the container."""
    if any(each.file.lower().startswith(("libcuda.", "nvcuda.")) for each in subject.libraries):
        return None
    status, machine = subject.driver.status, subject.host
    if status == "ok":
        return "container-capabilities" if machine.container else "libcuda-not-on-path"
    if status is not None or not (subject.nvidia_gpu or machine.container):
        return None
    return "container-without-gpu" if machine.container else "driver-missing"


def _no_module(subject: Subject, match: Match) -> str | None:
    """Nobody looked into the environment, and what is missing is the framework itself."""
    own = {"jaxlib": "jax", "keras": "tensorflow"}
    name = own.get(match.groups["module"].lower(), match.groups["module"].lower())
    looked = subject.environment.frameworks is not None or subject.environment.distributions is not None
    return None if looked or name != subject.name else "framework-missing"


def _driver_asleep(subject: Subject, match: Match) -> str | None:
    if subject.driver.status is not None or subject.nvidia_gpu is False:
        return None
    return "container-without-gpu" if subject.host.container else "driver-not-loaded"


def _illegal(subject: Subject, match: Match) -> str | None:
    known = subject.host.cpu_flags is not None or (subject.host.arch not in ("x86_64", None))
    return None if known else "cpu-instructions-missing"


def _dll(subject: Subject, match: Match) -> str | None:
    """TensorFlow is linked against CUDA up to 1.14; later builds, and PyTorch's, bring or open it and need
    Microsoft's runtime to be imported (the wheels' own imports)."""
    release, build = subject.release, subject.framework
    if subject.host.os not in ("windows", None) or release is None or build is None:
        return None
    if subject.name == "mxnet" or (subject.name == "tensorflow" and release <= (1, 14)):
        complete = subject.environment.libraries_complete
        return "cuda-missing" if build.cuda_build and not complete else None
    found = {each.file.lower() for each in subject.libraries if each.reachable is not False}
    return None if {"msvcp140.dll", "msvcp140_1.dll"} <= found else "msvc-runtime-missing"


def _dll_start(subject: Subject, match: Match) -> str | None:
    flags = subject.host.cpu_flags
    if flags is None and subject.name == "tensorflow":
        return "cpu-instructions-missing"
    return _dll(subject, match)


def _bits(subject: Subject, match: Match) -> str | None:
    return "python-unsupported" if subject.environment.bits == 32 else None


def _symbol(subject: Subject, match: Match) -> str | None:
    provider = match.groups.get("provider", "").lower()
    asking = match.groups.get("library", "").lower()
    if CUDA_FAMILY.match(provider) or CUDA_FAMILY.match(asking.rpartition("/")[2]):
        return "library-shadowed"
    return "mixed-channels" if "tensorflow" in asking and subject.environment.kind == "conda" else None


def _libstdcxx(subject: Subject, match: Match) -> str | None:
    if subject.environment.kind in ("conda", "pixi"):
        return "library-shadowed"
    return "glibc-too-old"


def _part_of_cudnn(subject: Subject, match: Match) -> str | None:
    name, error = match.groups["library"].lower(), match.groups.get("error", "")
    if "undefined symbol" in error:
        return "library-shadowed"
    build = subject.framework
    wanted, built = re.search(r"\.so\.(\d+)|64_(\d+)", name), numbers(build.cuda if build else None)[:1]
    major = numbers(next((part for part in wanted.groups() if part), "") if wanted else "")
    if "cudnn" not in name:
        return "cudnn-wrong-cuda" if built and major and major != built else None
    if subject.host.os == "windows" and match.groups.get("number") == "126":
        found = any(each.file.lower() == "zlibwapi.dll" and each.reachable for each in subject.libraries)
        return None if found else "zlibwapi-missing"
    return None if refused_by_needs(subject, name) else "cudnn-missing"


def _jax_library(subject: Subject, match: Match) -> str | None:
    if _path_is_set(subject) and any(each.name.startswith("nvidia-") for each in subject.distributions):
        return "library-shadowed"
    if subject.environment.libraries is not None:
        return None
    return "cudnn-missing" if match.groups["library"].lower() == "cudnn" else "cuda-missing"


def _skipped(subject: Subject, match: Match) -> str | None:
    """Where nobody listed the libraries and the log does not name one, all that is known is that some are
    missing."""
    known = subject.environment.libraries is not None or not subject.nvidia_gpu
    named = subject.said("library-not-found", "gpu-registered") is not None
    return None if known or named else "cuda-missing"


def _nvml(subject: Subject, match: Match) -> str | None:
    return "device-nodes-missing" if "permission" in match.groups["error"].lower() else None


def _numpy(subject: Subject, match: Match) -> str | None:
    """A framework that runs with NumPy 2 is not the package that fails with it."""
    first, release = NUMPY_2_FROM.get(subject.name or ""), subject.release
    runs = first is not None and release is not None and release >= first
    return None if runs else "numpy-incompatible"


def _path(subject: Subject) -> str:
    return str((subject.snapshot.variables or {}).get("LD_LIBRARY_PATH") or "")


def _path_is_set(subject: Subject) -> bool:
    return bool(_path(subject))


CHOICES: dict[str, Choice] = {
    "cudnn-version": _cudnn,
    "jax-cudnn-outdated": _outdated,
    "forward-compatibility": _other_libcuda,
    "system-driver-mismatch": _other_libcuda,
    "container-nvml": _container_host,
    "capability-unsupported-torch": _by_capability,
    "wheel-not-supported": _python_or_platform,
    "different-python": _python_or_platform,
    "uv-no-wheel": _python_or_platform,
    "numpy-abi": _numpy,
    "numpy-array-api": _numpy,
    # hints
    "numpy-too-old": lambda subject, match: "numpy-incompatible",
    "numpy-conversion": lambda subject, match: "numpy-incompatible",
    "no-version": _no_version,
    "no-matching-distribution": _no_version,
    "library-not-found": _library,
    "skipped-gpus": _skipped,
    "no-cudart": _skipped,
    "cuinit-303": _no_libcuda,
    "kernel-driver-not-running": _driver_asleep,
    "smi-failed": _driver_asleep,
    "no-driver-torch": _driver_asleep,
    "no-module": _no_module,
    "illegal-instruction": _illegal,
    "windows-error-126": _dll,
    "windows-load-failed": _dll,
    "windows-error-1114": _dll_start,
    "windows-error-193": _bits,
    "symbol-missing": _symbol,
    "libstdcxx-version": _libstdcxx,
    "cudnn-sublibrary": _part_of_cudnn,
    "jax-library-missing": _jax_library,
    "nvml-blocked": _nvml,
}
"""By message: which of its codes it is. Without a choice it is the first one, where it is conclusive."""
