"""Every configuration that TensorFlow's documentation lists as tested is fit; with one fact broken the doctor
names that one first."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from jupyter_tfgpu.doctor import diagnose
from jupyter_tfgpu.doctor.knowledge import last_driver_branch
from jupyter_tfgpu.doctor.versions import numbers
from tests.doctor.tested_builds import (
    Configuration,
    Facts,
    driver_library,
    facts,
    nvidia_packages,
    snapshot,
    tested,
    wheels,
)

BUILDS = [pytest.param(build, id=build.id) for build in tested()]


def serious(whole: Facts) -> list[str]:
    return [each.code for each in diagnose(snapshot(whole)).findings if each.severity != "info"]


def test_every_release_from_2_0_on_is_there() -> None:
    rows = {(build.os, build.version) for build in tested()}
    assert len(rows) == 33
    assert len(tested()) >= 60


@pytest.mark.parametrize("build", BUILDS)
def test_a_tested_configuration_has_no_error_and_no_warning(build: Configuration) -> None:
    assert serious(facts(build)) == []


@pytest.mark.parametrize("build", BUILDS)
def test_so_has_it_with_a_newer_driver_and_a_newer_cudnn_of_the_same_major(build: Configuration) -> None:
    whole = facts(build)
    whole["driver"].update(version="575.57.08", kernel_module_version=None)
    major = numbers(build.cudnn)[0]
    # On Windows cuDNN needs a library more from 8.3 on, which no toolkit brings.
    newer = f"{major}.2.4" if build.os == "windows" and major == 8 else f"{major}.9.7"
    for library in whole["environment"]["libraries"]:
        if "cudnn" in library["file"]:
            library["version"] = newer
    assert serious(whole) == []


WITH_EXTRA = [pytest.param(each, id=each.id) for each in tested() if each.release >= (2, 14)]
BROKEN_AS_SHIPPED = ("2.16.1", "2.21.0")
"""Their own search path leaves out folders of the wheels that their extra brings (read from the wheels; tried
on 2.21.0)."""


@pytest.mark.parametrize("build", WITH_EXTRA)
def test_with_the_libraries_that_its_extra_brings_it_is_fit_unless_it_is_broken_as_shipped(
    build: Configuration,
) -> None:
    whole = facts(build)
    environment = whole["environment"]
    environment["libraries"] = [*wheels(build), driver_library(build)]
    environment["distributions"] += nvidia_packages(build)
    assert serious(whole) == (["known-bug"] if build.version in BROKEN_AS_SHIPPED else [])


Break = Callable[[Configuration, Facts], bool | None]
"""Breaks one fact; False: this build has no such fact to break."""


def _libraries(whole: Facts) -> list[Facts]:
    found: list[Facts] = whole["environment"]["libraries"]
    return found


def cudnn_a_minor_too_old(build: Configuration, whole: Facts) -> bool:
    major, minor = numbers(build.cudnn)[:2]
    for library in _libraries(whole):
        if "cudnn" in library["file"]:
            library["version"] = f"{major}.{minor - 1}.9"
    return minor > 0


def no_cudnn(build: Configuration, whole: Facts) -> None:
    whole["environment"]["libraries"] = [one for one in _libraries(whole) if "cudnn" not in one["file"]]


def without(role: str) -> Break:
    def broken(build: Configuration, whole: Facts) -> bool:
        file = build.needs.get(role)
        whole["environment"]["libraries"] = [one for one in _libraries(whole) if one["file"] != file]
        return file is not None

    return broken


def no_libraries(build: Configuration, whole: Facts) -> None:
    names = set(build.needs.values())
    whole["environment"]["libraries"] = [one for one in _libraries(whole) if one["file"] not in names]


def libraries_out_of_reach(build: Configuration, whole: Facts) -> None:
    for library in _libraries(whole):
        library["reachable"] = library["file"] not in build.needs.values()


def libraries_of_another_cuda(build: Configuration, whole: Facts) -> None:
    other = next(each for each in tested() if each.os == build.os and each.cuda[:2] != build.cuda[:2])
    no_libraries(build, whole)
    _libraries(whole).extend(
        one for one in facts(other)["environment"]["libraries"] if one["file"] in other.needs.values()
    )


def driver_below_the_floor(build: Configuration, whole: Facts) -> None:
    first, *rest = build.floor.split(".")
    older = ".".join([str(int(first) - 1), *rest])
    whole["driver"].update(version=older, kernel_module_version=older if build.os == "linux" else None)
    for library in _libraries(whole):
        if library["origin"] == "driver":
            library["version"] = older


def no_driver(build: Configuration, whole: Facts) -> bool:
    whole["driver"] = {"status": "absent"}
    whole["environment"]["libraries"] = [one for one in _libraries(whole) if one["origin"] != "driver"]
    whole["gpus"] = []
    if build.os == "linux":
        whole["host"]["device_nodes"] = []
    return True


def driver_not_loaded(build: Configuration, whole: Facts) -> bool:
    whole["driver"].update(status="not-loaded", kernel_module_version=None)
    whole["gpus"] = []
    whole["host"]["device_nodes"] = []
    return build.os == "linux"


def driver_half_updated(build: Configuration, whole: Facts) -> bool:
    whole["driver"].update(status="library-mismatch", kernel_module_version="390.48")
    whole["gpus"] = None
    return build.os == "linux"


def gpu_below_the_list(build: Configuration, whole: Facts) -> bool:
    compiled = [each for each in build.wheel.compute_capabilities if each.startswith("sm_")]
    lowest = min(numbers(f"{each[3:-1]}.{each[-1]}") for each in compiled)
    older = max(each for each in [(3, 0), (3, 7), (5, 2)] if each < lowest)
    names = {(3, 0): "GeForce GTX 680", (3, 7): "Tesla K80", (5, 2): "GeForce GTX TITAN X"}
    capability = f"{older[0]}.{older[1]}"
    whole["gpus"][0].update(name=names[older], compute_capability=capability)
    # A driver that is new enough for the build may no longer serve such a GPU: then it is not even listed.
    branch = last_driver_branch(capability)
    return branch is None or numbers(build.floor)[0] <= branch


def gpu_hidden(build: Configuration, whole: Facts) -> None:
    whole["variables"] = {"CUDA_VISIBLE_DEVICES": "-1"}


def _package(whole: Facts, name: str, version: str) -> bool:
    found = [each for each in whole["environment"]["distributions"] if each["name"] == name]
    for each in found:
        each["version"] = version
    return bool(found)


def numpy_2(build: Configuration, whole: Facts) -> bool:
    return _package(whole, "numpy", "2.0.2") and build.release < (2, 18)


def protobuf_4(build: Configuration, whole: Facts) -> bool:
    return _package(whole, "protobuf", "4.21.12") and build.release < (2, 12)


def keras_of_the_minor_before(build: Configuration, whole: Facts) -> bool:
    major, minor = build.release
    return _package(whole, "keras", f"{major}.{minor - 1}.0") and (2, 7) <= build.release < (2, 16)


def python_without_a_wheel(build: Configuration, whole: Facts) -> bool:
    pythons = sorted(numbers(f"{tag[2]}.{tag[3:]}") for tag in build.wheel.python_tags)
    whole["environment"].update(
        python=f"3.{pythons[-1][1] + 1}.1", frameworks=[], distributions=[], libraries=None
    )
    whole["framework"] = "tensorflow"
    whole["requested"] = {"requirement": f"{build.wheel.package}=={build.version}"}
    return True


def python_of_32_bits(build: Configuration, whole: Facts) -> bool:
    python_without_a_wheel(build, whole)
    whole["environment"].update(python=f"{build.python}.9", bits=32, python_arch="i686")
    whole["requested"] = {"requirement": build.wheel.package}
    return build.os == "windows"


def processor_without_avx(build: Configuration, whole: Facts) -> None:
    whole["host"]["cpu_flags"] = ["sse", "sse2", "ssse3", "sse4_1"]


def build_without_cuda(build: Configuration, whole: Facts) -> None:
    [framework] = whole["environment"]["frameworks"]
    framework.update(cuda_build=False, cuda=None, cudnn=None, compute_capabilities=None, needs=[])
    whole["environment"]["distributions"][0]["name"] = "tensorflow-cpu"


BREAKS: list[tuple[Break, str]] = [
    (cudnn_a_minor_too_old, "cudnn-too-old"),
    (no_cudnn, "cudnn-missing"),
    (no_libraries, "cuda-missing"),
    (libraries_out_of_reach, "cuda-not-on-path"),
    (libraries_of_another_cuda, "cuda-version-mismatch"),
    (driver_below_the_floor, "driver-too-old"),
    (no_driver, "driver-missing"),
    (driver_not_loaded, "driver-not-loaded"),
    (driver_half_updated, "driver-library-mismatch"),
    (gpu_below_the_list, "gpu-too-old"),
    (gpu_hidden, "gpu-hidden"),
    (numpy_2, "numpy-incompatible"),
    (protobuf_4, "protobuf-incompatible"),
    (keras_of_the_minor_before, "keras-incompatible"),
    (python_without_a_wheel, "python-unsupported"),
    (python_of_32_bits, "python-unsupported"),
    (processor_without_avx, "cpu-instructions-missing"),
    (build_without_cuda, "cpu-only-build"),
]


@pytest.mark.parametrize(("breaks", "code"), BREAKS, ids=[f"{b.__name__}" for b, _ in BREAKS])
def test_with_one_fact_broken_it_is_named_first(breaks: Break, code: str) -> None:
    tried, wrong = 0, {}
    for build in tested():
        whole = deepcopy(facts(build))
        if breaks(build, whole) is False:
            continue
        tried += 1
        found = serious(whole)
        if found[:1] != [code]:
            wrong[build.id] = found
    assert wrong == {}
    assert tried


ROLES = sorted({role for build in tested() for role in build.needs} - {"cudnn"})


@pytest.mark.parametrize("role", ROLES)
def test_with_one_library_missing_that_is_named_first(role: str) -> None:
    wrong: dict[str, Any] = {}
    for build in tested():
        whole = facts(build)
        if without(role)(build, whole) and serious(whole)[:1] != ["cuda-missing"]:
            wrong[build.id] = serious(whole)
    assert wrong == {}
