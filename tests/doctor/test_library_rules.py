"""CUDA libraries that the build asks for, and that are nowhere."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tfgpu.doctor import Finding, diagnose
from tests.doctor.made import CUDA_12, NO_GPU, framework, healthy, snapshot


def findings(**changes: Any) -> dict[str, Finding]:
    return {each.code: each for each in diagnose(snapshot(**changes)).findings}


def libraries(*names: str) -> list[dict[str, Any]]:
    return [{"file": name, "reachable": True} for name in names]


def test_all_that_are_missing_are_named() -> None:
    found = findings(environment={"libraries": []})["cuda-missing"]
    assert found.severity == "error"
    assert found.evidence == tuple(f"not found: {name}" for name in CUDA_12)


@pytest.mark.parametrize("gone", CUDA_12[:-1])
def test_one_that_is_missing_is_enough(gone: str) -> None:
    rest = libraries(*(name for name in CUDA_12 if name != gone))
    assert findings(environment={"libraries": rest})["cuda-missing"].evidence == (f"not found: {gone}",)


def test_cudnn_alone_is_another_cause() -> None:
    assert findings(environment={"libraries": libraries(*CUDA_12[:-1])}) == {}


def test_another_version_on_the_machine_is_another_cause() -> None:
    assert findings(environment={"libraries": libraries("libcudart.so.13", "libcublas.so.13")}) == {}


def test_out_of_reach_is_not_missing() -> None:
    unreached = [{**each, "reachable": False} for each in healthy()["environment"]["libraries"]]
    assert findings(environment={"libraries": unreached}) == {}


@pytest.mark.parametrize("complete", [None, False])
def test_a_list_that_may_lack_some_proves_nothing(complete: bool | None) -> None:
    assert findings(environment={"libraries": [], "libraries_complete": complete}) == {}


def test_what_the_build_needs_has_to_be_known() -> None:
    assert findings(environment={"libraries": [], "frameworks": [framework(needs=None)]}) == {}


def test_the_drivers_own_libraries_are_not_cudas() -> None:
    build = framework(needs=["libcuda.so.1", "libnvidia-ml.so.1"])
    assert findings(environment={"libraries": [], "frameworks": [build]}) == {}


def test_windows_names_are_compared_without_their_version_too() -> None:
    build = framework(
        version="2.10.1", cuda="11.2", needs=["nvcuda.dll", "cudart64_110.dll", "cudnn64_8.dll"]
    )
    host = {"os": "windows"}
    environment = {"frameworks": [build], "libraries": libraries("msvcp140.dll")}
    assert "cuda-missing" in findings(host=host, driver={"version": "528.33"}, environment=environment)
    environment["libraries"] = libraries("cudart64_101.dll")
    assert findings(host=host, driver={"version": "528.33"}, environment=environment) == {}


def test_without_a_gpu_missing_libraries_matter_only_where_the_import_fails() -> None:
    linked = framework(version="1.14.0", cuda="10.0", needs=["libcudart.so.10.0"])
    opened = framework(version="1.15.0", cuda="10.0", needs=["libcudart.so.10.0"])
    assert list(findings(**NO_GPU, environment={"libraries": [], "frameworks": [linked]})) == [
        "cuda-missing",
        "no-gpu",
    ]
    assert list(findings(**NO_GPU, environment={"libraries": [], "frameworks": [opened]})) == ["no-gpu"]


def test_mxnet_of_a_cuda_package_cannot_be_imported_without_cuda() -> None:
    environment = {
        "libraries": [],
        "frameworks": [framework(name="mxnet", version="1.9.1", needs=["libcudart.so.11.0"])],
        "distributions": [{"name": "mxnet-cu112", "version": "1.9.1"}],
    }
    report = diagnose(snapshot(**NO_GPU, environment=environment))
    assert report.verdict == "broken"
    assert "its import fails" in report.findings[0].detail
