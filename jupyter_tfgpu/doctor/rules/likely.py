"""What a message makes likely that has several causes: a code where the facts leave one, else None.

Asked only where no rule found an error or a warning.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ..messages import Match
from ..subject import Subject
from ..versions import numbers

Choice = Callable[[Subject, Match], str | None]

CUDA_FAMILY = re.compile(
    r"(?:lib)?(?:cudart|cublas|cublaslt|cufft|curand|cusolver|cusparse|cudnn|nccl|nvrtc|nvjitlink|cupti)"
)
"""How the names of the libraries begin that CUDA's packages bring."""


def python_or_platform(subject: Subject, match: Match) -> str | None:
    """No wheel fits, and the framework is not there: for want of the Python, or of the machine."""
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
    return python_or_platform(subject, match)


def _library(subject: Subject, match: Match) -> str | None:
    """A library of CUDA's that was not found: where it lies, or which others were not found either."""
    name = match.groups.get("library", "").lower().rpartition("/")[2]
    if subject.said("gpu-registered") or refused_by_needs(subject, name):
        return None
    if name.startswith(("libcuda.", "nvcuda.")):
        return _no_libcuda(subject, match)
    if not CUDA_FAMILY.match(name) or not (subject.nvidia_gpu or import_failed(match)):
        return None  # without a GPU TensorFlow prints the same
    if any(each.file.lower() == name for each in subject.libraries) or _installed(subject):
        return "cuda-not-on-path"
    missing = {
        each.groups.get("library", "").lower() for each in subject.messages if each.id == "library-not-found"
    }
    if all("cudnn" in each for each in missing if CUDA_FAMILY.match(each)):
        return "cudnn-missing"
    # TensorFlow opens the runtime first and goes on to name the others: with the runtime there, a release of
    # CUDA is, and not the one that was asked for.
    whole = import_failed(match) or any("cudart" in each for each in missing)
    return "cuda-missing" if whole else "cuda-version-mismatch"


def _installed(subject: Subject) -> bool:
    """Whether packages with CUDA's libraries are in the environment, whatever of them is within reach."""
    return any(
        each.name.startswith(("nvidia-cuda-runtime", "nvidia-cudnn")) or each.name in ("cudatoolkit", "cudnn")
        for each in subject.distributions
    )


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
    """Without a GPU frameworks print the same; nvidia-smi is there only where a driver was installed."""
    machine = subject.nvidia_gpu or subject.host.container or match.id == "smi-failed"
    if subject.driver.status is not None or subject.nvidia_gpu is False or not machine:
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
    if library_path(subject) and any(each.name.startswith("nvidia-") for each in subject.distributions):
        return "library-shadowed"
    if subject.environment.libraries is not None:
        return None
    return "cudnn-missing" if match.groups["library"].lower() == "cudnn" else "cuda-missing"


def _skipped(subject: Subject, match: Match) -> str | None:
    """Where nobody listed the libraries and the log does not name one, all that is known is that some are
    missing."""
    known = subject.environment.libraries is not None or not subject.nvidia_gpu
    named = subject.said("library-not-found", "gpu-registered") is not None
    if known or named:
        return None
    return "cuda-not-on-path" if _installed(subject) else "cuda-missing"


def _nvml(subject: Subject, match: Match) -> str | None:
    return "device-nodes-missing" if "permission" in match.groups["error"].lower() else None


def library_path(subject: Subject) -> str:
    """LD_LIBRARY_PATH as the kernel has it; empty where it is not set, or not known."""
    return str((subject.snapshot.variables or {}).get("LD_LIBRARY_PATH") or "")


LIKELY: dict[str, Choice] = {
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
"""By message. One that is not here has too many causes for a guess."""
