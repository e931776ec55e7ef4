"""What facts say against a log: one function a code. A log may be of another day, machine or environment."""

from __future__ import annotations

from collections.abc import Callable

from ..messages import Match
from ..subject import Subject
from ..versions import numbers

Against = Callable[[Subject, Match], bool]


def refuted(code: str, subject: Subject, match: Match) -> bool:
    """Whether a fact of the snapshot speaks against this cause."""
    against = AGAINST.get(code)
    return against is not None and against(subject, match)


def _not_on(*systems: str) -> Against:
    def against(subject: Subject, match: Match) -> bool:
        return subject.host.os is not None and subject.host.os not in systems

    return against


def _found(*names: str) -> Against:
    """One of these files is within reach."""

    def against(subject: Subject, match: Match) -> bool:
        return any(each.file.lower() in names and each.reachable for each in subject.libraries)

    return against


def _either(*reasons: Against) -> Against:
    return lambda subject, match: any(reason(subject, match) for reason in reasons)


def _is_gpu_build(subject: Subject, match: Match) -> bool:
    build = subject.framework
    return build is not None and bool(build.cuda_build or build.rocm_build)


def _glibc(subject: Subject, match: Match) -> bool:
    have, wanted = numbers(subject.host.glibc), numbers(match.groups.get("version"))
    return match.id == "glibc-version" and bool(have) and have >= wanted


def _instructions(subject: Subject, match: Match) -> bool:
    flags = {each.lower().replace("_", ".") for each in subject.host.cpu_flags or ()}
    return match.groups.get("instructions", "?").lower().replace("_", ".") in flags


def _one_driver(subject: Subject, match: Match) -> bool:
    """Library and kernel module are of one version: there was a mismatch, and it is over."""
    driver = subject.driver
    return (
        driver.status == "ok"
        and driver.version is not None
        and driver.version == driver.kernel_module_version
    )


def _driver_answers(subject: Subject, match: Match) -> bool:
    return subject.driver.status == "ok"


def _all_gpus_answer(subject: Subject, match: Match) -> bool:
    listed, there = subject.snapshot.gpus, subject.host.nvidia_pci_devices
    return subject.driver.status == "ok" and bool(listed) and there is not None and len(listed or ()) >= there


def _driver_is_new_enough(subject: Subject, match: Match) -> bool:
    """It supports the CUDA that the message, or else the build, asks for."""
    have = numbers(subject.driver.cuda_version)[:2]
    wanted = numbers(match.groups.get("cuda") or (subject.framework.cuda if subject.framework else None))[:2]
    if "found" in match.groups and have and match.groups["found"].isdigit():
        said = int(match.groups["found"])
        return have > (said // 1000, said % 1000 // 10)
    return bool(have and wanted) and have >= wanted


def _given_to_container(subject: Subject, match: Match) -> bool:
    return bool(subject.host.container and subject.driver.status == "ok" and subject.snapshot.gpus)


def _other_gpu(subject: Subject, match: Match) -> bool:
    """There is a GPU in this machine that the message is not about: it may be the one that is used."""
    said = "".join(filter(str.isdigit, match.groups.get("capability", "")))
    have = {each.replace(".", "") for each in subject.compute_capabilities}
    return bool(said and have) and have != {said}


def _no_amd_gpu(subject: Subject, match: Match) -> bool:
    gpus = subject.snapshot.gpus
    return bool(gpus) and all(gpu.vendor == "nvidia" for gpu in gpus or ())


def _tool_is_there(subject: Subject, match: Match) -> bool:
    tools = subject.environment.tools
    if tools is None:
        return False
    tool = tools.ptxas if match.id.startswith("ptxas") else tools.libdevice
    return tool is not None and bool(tool.reachable)


def _numpy(subject: Subject, match: Match) -> bool:
    found = subject.distribution("numpy")
    have = numbers(found.version if found else None)
    if match.id in ("numpy-abi", "numpy-array-api"):
        return bool(have) and have < (2,)
    return False


def _protobuf(subject: Subject, match: Match) -> bool:
    found = subject.distribution("protobuf")
    have = numbers(found.version if found else None)
    if match.id == "protobuf-descriptors":
        return bool(have) and have < (4,)
    runtime = numbers(match.groups.get("runtime"))
    return bool(have and runtime) and have != runtime


def _keras(subject: Subject, match: Match) -> bool:
    found = subject.distribution("keras")
    have = numbers(found.version if found else None)
    return match.id == "keras-3-old-code" and bool(have) and have < (3,)


def _plugin(subject: Subject, match: Match) -> bool:
    """The releases that the message names are not those that are installed."""
    for name in ("jax", "jaxlib"):
        found, said = subject.distribution(name), numbers(match.groups.get(name))
        if found is not None and said and numbers(found.version)[: len(said)] != said:
            return True
    return match.id == "metal-symbol" and _not_on("macos")(subject, match)


def _windows_native(subject: Subject, match: Match) -> bool:
    release = subject.release
    return _not_on("windows")(subject, match) or (release is not None and release <= (2, 10))


def _interpreter(subject: Subject, match: Match) -> bool:
    spec = subject.snapshot.kernelspec
    return spec is not None and bool(spec.executable_exists)


def _cudnn(subject: Subject, match: Match) -> bool:
    """The message is about a build with another cuDNN than this one's."""
    said = numbers(match.groups.get("compiled"))[:2]
    have = numbers(subject.framework.cudnn if subject.framework else None)[:2]
    exact = len(said) == 2 and len(have) == 2
    return exact and said != have


AGAINST: dict[str, Against] = {
    "stale-kernelspec": _interpreter,
    "ipykernel-missing": lambda subject, match: bool(subject.environment.ipykernel),
    "gpu-package-removed": _is_gpu_build,
    "framework-missing": lambda subject, match: subject.framework is not None,
    "python-unsupported": lambda subject, match: (
        subject.framework is not None and subject.environment.bits != 32
    ),
    "windows-native": _windows_native,
    "cpu-only-build": _is_gpu_build,
    "plugin-version-mismatch": _plugin,
    "cpu-instructions-missing": _instructions,
    "glibc-too-old": _glibc,
    "msvc-runtime-missing": _not_on("windows"),
    "zlibwapi-missing": _either(_not_on("windows"), _found("zlibwapi.dll")),
    "numpy-incompatible": _numpy,
    "protobuf-incompatible": _protobuf,
    "keras-incompatible": _keras,
    "container-without-gpu": _either(_given_to_container, lambda subject, match: (
        match.id == "container-no-driver" and subject.driver.status == "ok"
    )),
    "driver-missing": _driver_answers,
    "driver-not-loaded": _driver_answers,
    "driver-library-mismatch": _one_driver,
    "driver-too-old": _driver_is_new_enough,
    "gpu-lost": _all_gpus_answer,
    "rocm-mismatch": _no_amd_gpu,
    "libcuda-not-on-path": _found("libcuda.so"),
    "gpu-too-old": _other_gpu,
    "gpu-too-new": _other_gpu,
    "cudnn-too-old": _cudnn,
    "cudnn-too-new": _cudnn,
    "libdevice-missing": _tool_is_there,
}  # fmt: skip
