"""What a build needs, and what its loader makes of each: from files, else from packages and tables."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tfgpu.doctor.stack import Stack, named, needs_of
from jupyter_tfgpu.doctor.subject import Subject
from tests.doctor.made import CUDA_12, framework, snapshot


@pytest.mark.parametrize(
    ("file", "role", "version"),
    [
        ("libcusolver.so.11", "cusolver", (11,)),
        ("libcudart.so.10.1", "cudart", (10, 1)),
        ("libcudart-d0da41ae.so.11.0", "cudart", (11, 0)),
        ("libcudnn_ops_infer.so.8", "cudnn_ops_infer", (8,)),
        ("libcudnn.so", "cudnn", ()),
        ("libnvJitLink.so.12", "nvjitlink", (12,)),
        ("cudart64_110.dll", "cudart", (11, 0)),
        ("cudart64_101.dll", "cudart", (10, 1)),
        ("cudart64_90.dll", "cudart", (9, 0)),
        ("cudart64_12.dll", "cudart", (12,)),
        ("cublasLt64_11.dll", "cublaslt", (11,)),
        ("cudnn64_8.dll", "cudnn", (8,)),
        ("cudnn_ops_infer64_8.dll", "cudnn_ops_infer", (8,)),
        ("nvrtc64_112_0.dll", "nvrtc", (11, 2)),
        ("nvJitLink_120_0.dll", "nvjitlink", (12, 0)),
        ("zlibwapi.dll", "zlibwapi", ()),
        ("no library at all", "no library at all", ()),
    ],
)
def test_names(file: str, role: str, version: tuple[int, ...]) -> None:
    assert named(file) == (role, version)


def test_the_drivers_and_the_systems_own_are_not_cudas() -> None:
    files = ["libcuda.so.1", "libnvidia-ml.so.1", "nvcuda.dll", "msvcp140_1.dll", "libnvinfer.so.7"]
    assert needs_of([*files, "libcudart.so.12", "libcudart.so.12"]) == needs_of(["libcudart.so.12"])


def stack(environment: dict[str, Any], name: str = "tensorflow", **changes: Any) -> Stack:
    return Subject(snapshot(environment=environment, **changes), name).stack


def states(environment: dict[str, Any], **changes: Any) -> dict[str, str]:
    found = stack({"frameworks": [framework()], **environment}, **changes)
    return {need.file: state for need, state in found.states.items()}


def library(file: str, reachable: bool | None) -> dict[str, Any]:
    return {"file": file, "reachable": reachable}


def test_each_state() -> None:
    libraries = [
        library("libcudart.so.12", True),
        library("libcublas.so.12", False),
        library("libcublasLt.so.11", True),
        library("libcufft.so.11", None),
        {"file": "libcusolver.so.11", "origin": "bundled", "reachable": False},
    ]
    assert states({"libraries": libraries}) == {
        "libcudart.so.12": "reached",
        "libcublas.so.12": "out-of-reach",
        "libcublasLt.so.12": "other-version",
        "libcufft.so.11": "unknown",
        "libcusolver.so.11": "nowhere",
        "libcusparse.so.12": "nowhere",
        "libcudnn.so.9": "nowhere",
    }
    partly = states({"libraries": libraries, "libraries_complete": None})
    assert partly["libcusolver.so.11"] == partly["libcublasLt.so.12"] == "unknown"
    assert partly["libcublas.so.12"] == "out-of-reach"


def test_what_a_log_says_makes_a_part_of_the_list_enough() -> None:
    environment = {"libraries": [library("libcublasLt.so.11", True)], "libraries_complete": None}
    log = "Could not load dynamic library 'libcublasLt.so.12'; dlerror: libcublasLt.so.12: cannot open"
    assert states(environment, log=log)["libcublasLt.so.12"] == "other-version"
    assert states(environment, log=log.replace("Lt", ""))["libcublas.so.12"] == "unknown"


@pytest.mark.parametrize("facts", [{"cuda_build": False}, {"cuda_build": None, "cuda": None, "needs": None}])
def test_a_build_without_cuda_needs_nothing(facts: dict[str, Any]) -> None:
    assert stack({"frameworks": [framework(**facts)]}).needs == ()


def test_the_table_of_releases_stands_in_for_the_files() -> None:
    found = stack({"frameworks": [framework(needs=None)]})
    assert tuple(need.file for need in found.needs) == CUDA_12
    windows = stack({"frameworks": [framework(version="2.10.1", needs=None)]}, host={"os": "windows"})
    assert "cudart64_110.dll" in {need.file for need in windows.needs}
    jax = stack({"frameworks": [framework(name="jax", version="0.6.1", cuda="12", needs=None)]}, "jax")
    assert "libcusparse.so.12" in {need.file for need in jax.needs}


# Where nobody listed the libraries: from the packages that bring them.


def from_packages(version: str, *names: str, variables: dict[str, str] | None = None) -> dict[str, str]:
    distributions = [dict(zip(("name", "version"), name.split("=="), strict=True)) for name in names]
    environment = {
        "frameworks": [framework(version=version)],
        "distributions": distributions,
        "libraries": None,
        "libraries_complete": None,
    }
    return states(environment, variables=variables if variables is not None else {})


WHEELS = (
    "nvidia-cuda-runtime-cu12==12.5.82",
    "nvidia-cusolver-cu12==11.6.3.83",
    "nvidia-cudnn-cu12==9.3.0.75",
)
THEIRS = ("libcudart.so.12", "libcusolver.so.11", "libcudnn.so.9")


@pytest.mark.parametrize(
    ("release", "lost"),
    [
        ("2.13.1", set(THEIRS)),
        ("2.15.1", set()),
        ("2.16.1", {"libcusolver.so.11", "libcudnn.so.9"}),
        ("2.20.0", set()),
        ("2.21.0", {"libcusolver.so.11"}),
    ],
)
def test_a_release_finds_the_wheels_that_its_runpath_names(release: str, lost: set[str]) -> None:
    found = from_packages(release, *WHEELS)
    assert {file for file, state in found.items() if state == "out-of-reach"} == lost
    assert {file for file, state in found.items() if state == "reached"} == set(THEIRS) - lost
    assert set(found.values()) <= {"out-of-reach", "reached", "unknown"}


def test_the_variable_leads_there_too() -> None:
    variables = {"LD_LIBRARY_PATH": "/env/lib/python3.11/site-packages/nvidia/cusolver/lib"}
    assert from_packages("2.21.0", *WHEELS, variables=variables)["libcusolver.so.11"] == "reached"


def test_condas_toolkit_of_the_same_names() -> None:
    def found(cuda: str, toolkit: str, **variables: str) -> str:
        environment = {
            "kind": "conda",
            "prefix": "/c/envs/tf",
            "frameworks": [framework(version="2.10.0", cuda=cuda, needs=["libcudart.so.11.0"])],
            "distributions": [
                {"name": "tensorflow", "version": "2.10.0", "installer": "pip"},
                {"name": "cudatoolkit", "version": toolkit, "installer": "conda"},
            ],
            "libraries": None,
            "libraries_complete": None,
        }
        return states(environment, variables=variables)["libcudart.so.11.0"]

    assert found("11.2", "11.8.0") == "out-of-reach"
    assert found("11.2", "11.8.0", LD_LIBRARY_PATH="/c/envs/tf/lib") == "reached"
    assert found("11.2", "10.1.243") == found("11.0", "11.2.2") == "unknown"


def test_a_complete_list_is_not_added_to() -> None:
    environment = {
        "frameworks": [framework()],
        "distributions": [{"name": "nvidia-cudnn-cu12", "version": "9.3.0.75"}],
        "libraries": [],
    }
    assert set(states(environment).values()) == {"nowhere"}


def test_a_runtime_with_a_hash_in_its_name_is_the_builds_own_wherever_it_lies() -> None:
    file = "libcudart-e409450e.so.11.0"
    build = {"name": "torch", "version": "1.13.1+cu117", "cuda_build": True, "needs": [file]}
    places = {"nvidia/cuda_runtime/lib": True, "torch/lib": True, "mxnet": False}
    for place, reached in places.items():
        path = f"/home/ada/envs/tf/lib/python3.10/site-packages/{place}/{file}"
        one = {"file": file, "origin": "bundled", "reachable": True, "path": path}
        made = stack({"frameworks": [build], "libraries": [one]}, "torch")
        assert (made.loaded(file) is not None) == reached
