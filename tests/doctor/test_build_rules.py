"""A build without GPU code on a machine with a GPU, and a framework that is not there."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tfgpu.doctor import Finding, diagnose
from tests.doctor.made import NO_GPU, cpu_build, framework, snapshot


def findings(**changes: Any) -> dict[str, Finding]:
    return {each.code: each for each in diagnose(snapshot(**changes)).findings}


def test_a_cpu_build_on_a_machine_with_a_gpu_is_named_with_what_is_installed() -> None:
    environment = {
        "frameworks": [cpu_build()],
        "distributions": [{"name": "tensorflow-cpu", "version": "2.21.0", "installer": "pip"}],
    }
    found = findings(environment=environment)["cpu-only-build"]
    assert found.severity == "error" and found.framework == "tensorflow"
    assert "NVIDIA GeForce RTX 3060" in found.detail and "tensorflow-cpu never has any" in found.detail
    assert "installed: tensorflow-cpu 2.21.0" in found.evidence


def test_the_pci_bus_is_enough_to_know_of_a_gpu() -> None:
    changes = {"gpus": None, "driver": None, "environment": {"frameworks": [cpu_build()]}}
    assert "cpu-only-build" in findings(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"environment": {"frameworks": [framework(cuda_build=None)]}},
        {"environment": {"frameworks": [framework(cuda_build=False, rocm_build=True)]}},
        {"environment": {"frameworks": None}},
        {"environment": {"frameworks": [cpu_build()]}, "host": None, "gpus": None, "driver": None},
        {"environment": {"frameworks": [cpu_build()]}, "host": {"os": "macos", "nvidia_pci_devices": 1}},
        {
            "environment": {"frameworks": [cpu_build("2.10.0")]},
            "host": {"os": "windows", "nvidia_pci_devices": 0},
            "gpus": [{"index": 0, "vendor": "amd"}],
        },
        {
            "environment": {
                "frameworks": [cpu_build("2.10.0")],
                "distributions": [{"name": "tensorflow-directml-plugin", "version": "0.4.0"}],
            }
        },
    ],
    ids=["build-unknown", "rocm", "frameworks-unknown", "gpu-unknown", "macos", "amd", "plugin"],
)
def test_it_is_silent_where_a_fact_is_missing_or_another_way_to_the_gpu_is_there(
    changes: dict[str, Any],
) -> None:
    assert "cpu-only-build" not in findings(**changes)


def test_the_first_copy_on_the_path_is_the_one_that_counts() -> None:
    copies = [framework(location="user"), cpu_build("2.20.0")]
    assert "cpu-only-build" not in findings(environment={"frameworks": copies})
    assert "cpu-only-build" in findings(environment={"frameworks": copies[::-1]})


def test_a_framework_that_was_asked_for_and_is_nowhere_is_missing() -> None:
    found = findings(framework="torch")["framework-missing"]
    assert found.title == "PyTorch is not installed here"
    assert found.evidence == ("frameworks in this environment: tensorflow 2.20.0",)


def test_a_framework_in_another_environment_is_not_missing() -> None:
    others = [{"name": "t", "prefix": "/t", "frameworks": ["torch 2.5.1"]}]
    found = findings(framework="torch", other_environments=others)
    assert "framework-missing" not in found
    assert "not in this one" in found["wrong-environment"].title
    others = [{"name": "t", "prefix": "/t", "frameworks": ["torchvision 0.20"]}]
    assert "framework-missing" in findings(framework="torch", other_environments=others)


@pytest.mark.parametrize("frameworks", [None, [framework()]])
def test_what_was_not_asked_for_or_not_looked_for_is_not_missing(frameworks: Any) -> None:
    assert "framework-missing" not in findings(environment={"frameworks": frameworks})


def test_without_a_gpu_the_missing_framework_stays() -> None:
    found = findings(**NO_GPU, framework="torch")
    assert list(found) == ["framework-missing", "no-gpu"]
