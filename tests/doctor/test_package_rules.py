"""Copies of a framework over each other, and installations that are not whole."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tfgpu.doctor import Finding, diagnose
from tests.doctor.made import NO_GPU, cpu_build, framework, snapshot

PIP = {"installer": "pip"}
CONDA = {"installer": "conda", "channel": "conda-forge"}


def findings(*packages: dict[str, Any], **changes: Any) -> dict[str, Finding]:
    frameworks = changes.pop("frameworks", [framework()])
    kind = changes.pop("environment", {})
    environment = {"frameworks": frameworks, "distributions": list(packages), **kind}
    return {each.code: each for each in diagnose(snapshot(environment=environment, **changes)).findings}


def package(name: str, version: str, **facts: Any) -> dict[str, Any]:
    return {"name": name, "version": version, **PIP, **facts}


def test_a_cpu_build_over_a_gpu_build_is_named_before_the_lack_of_gpu_code() -> None:
    both = package("tensorflow", "1.14.0"), package("tensorflow-gpu", "1.14.0")
    found = findings(*both, frameworks=[cpu_build("1.14.0")])
    assert found["duplicate-framework"].severity == "error" and "cpu-only-build" not in found
    [fix] = found["duplicate-framework"].fixes
    assert fix.commands == (
        "/home/ada/envs/tf/bin/python -m pip uninstall -y tensorflow tensorflow-gpu",
        "/home/ada/envs/tf/bin/python -m pip install --force-reinstall --no-deps tensorflow-gpu==1.14.0",
    )


def test_two_releases_in_one_folder_are_mixed_even_with_gpu_code() -> None:
    both = package("tensorflow", "2.10.0"), package("tensorflow-gpu", "2.8.0")
    found = findings(*both, frameworks=[framework(version="2.10.0")])["duplicate-framework"]
    assert found.severity == "warning" and "different releases" in found.detail


@pytest.mark.parametrize(
    ("frameworks", "machine"),
    [([framework(version="2.4.1")], {}), (None, {}), ([cpu_build("2.4.1")], NO_GPU)],
    ids=["gpu-code-won", "both-have-gpu-code", "no-gpu"],
)
def test_one_release_twice_is_nothing_where_nothing_is_lost(frameworks: Any, machine: Any) -> None:
    both = package("tensorflow", "2.4.1"), package("tensorflow-gpu", "2.4.1")
    found = findings(*both, frameworks=frameworks, framework="tensorflow", **machine)
    assert "duplicate-framework" not in found


@pytest.mark.parametrize(
    "packages",
    [
        [package("tensorflow", "2.12.0"), package("tensorflow-intel", "2.12.0")],
        [package("tensorflow-cpu", "2.11.0"), package("tensorflow-intel", "2.11.0")],
        [package("tensorflow", "2.13.0"), package("tensorflow-macos", "2.13.0")],
        [package("tensorflow", "2.15.0"), package("tensorflow-cpu-aws", "2.15.0")],
        [package("tensorflow", "2.4.1", **CONDA), package("tensorflow-gpu", "2.4.1", **CONDA)],
        [
            package("tensorflow", "2.17.0", **CONDA),
            package("tensorflow-base", "2.17.0", **CONDA),
            package("tensorflow-gpu", "2.17.0", **CONDA),
        ],
        [package("tensorflow-gpu", "2.1.0", **CONDA), package("tensorflow", "2.1.0", installer=None)],
        [
            package("tensorflow", "2.20.0", location="site"),
            package("tensorflow-cpu", "2.9.0", location="user"),
        ],
        [package("tensorflow-cpu", "2.10.0"), package("tensorflow-directml-plugin", "0.4.0")],
        [package("tensorflow", "2.20.0"), package("tensorflow-estimator", "2.15.0")],
    ],
)
def test_shims_and_conda_s_packages_of_one_recipe_are_one(packages: list[dict[str, Any]]) -> None:
    build = cpu_build(packages[0]["version"])
    assert "duplicate-framework" not in findings(*packages, frameworks=[{**build, "location": "site"}])


def test_a_shim_and_another_release_s_build_are_two() -> None:
    both = package("tensorflow", "2.12.0"), package("tensorflow-intel", "2.10.0")
    assert "duplicate-framework" in findings(*both, frameworks=[cpu_build("2.12.0")])


def test_pip_over_conda_is_two_and_conda_removes_its_own() -> None:
    both = package("pytorch", "2.2.0", build="py3.11_cuda12.1_0", **CONDA), package("torch", "2.3.0")
    found = findings(*both, frameworks=[cpu_build("2.3.0", "torch")], environment={"kind": "conda"})
    assert found["duplicate-framework"].severity == "error"
    assert found["duplicate-framework"].fixes[0].commands[:2] == (
        "conda remove -p /home/ada/envs/tf pytorch",
        "/home/ada/envs/tf/bin/python -m pip uninstall -y torch",
    )


def test_what_pip_put_in_the_place_of_conda_s_is_one_unless_the_gpu_code_went() -> None:
    conda = package("tensorflow-base", "2.4.1", build="gpu_py39h29c2da4_0", **CONDA)
    both = conda, package("tensorflow", "2.10.0")
    assert "duplicate-framework" not in findings(*both, frameworks=[framework(version="2.10.0")])
    assert "duplicate-framework" in findings(*both, frameworks=[cpu_build("2.10.0")])
    other = conda, package("tensorflow-gpu", "2.10.0")
    assert "duplicate-framework" in findings(*other, frameworks=[framework(version="2.10.0")])


def test_mxnet_s_packages_share_a_folder_too() -> None:
    both = package("mxnet", "1.8.0"), package("mxnet-cu112", "1.8.0")
    found = findings(*both, frameworks=[cpu_build("1.8.0", "mxnet")])
    assert "mxnet-cu112==1.8.0" in found["duplicate-framework"].fixes[0].title
    other = package("mxnet-model-server", "1.0.8")
    assert "duplicate-framework" not in findings(both[1], other, frameworks=[cpu_build("1.8.0", "mxnet")])


@pytest.mark.parametrize("name", ["tensorflow", "numpy", "protobuf", "keras", "nvidia-cudnn-cu12"])
def test_missing_files_of_what_the_import_needs_are_named(name: str) -> None:
    said = "3 of its files are missing: a.py, b.py, c.py"
    packages = [package("tensorflow", "2.20.0"), package(name, "2.20.0", problem=said)]
    found = findings(*packages, **NO_GPU)["corrupt-install"]
    assert found.severity == "error" and said in found.detail and found.evidence[0].endswith(said)
    assert f"{name}==2.20.0" in found.fixes[0].commands[1]


def test_a_folder_that_pip_moved_aside_is_a_warning_and_only_for_the_framework() -> None:
    said = "the leftover folder ~ensorflow of an earlier copy lies beside it"
    found = findings(package("tensorflow", "2.20.0", problem=said))["corrupt-install"]
    assert found.severity == "warning" and "cut short" in found.title
    other = package("numpy", "2.0.2", problem="the leftover folder ~umpy of an earlier copy lies beside it")
    assert "corrupt-install" not in findings(package("tensorflow", "2.20.0"), other)
    worse = f"2 of its files are missing: x.py, y.py; {said}"
    assert findings(package("tensorflow", "2.20.0", problem=worse))["corrupt-install"].severity == "error"


@pytest.mark.parametrize("name", ["-ensorflow", "~ensorflow"])
def test_what_pip_calls_an_invalid_distribution_is_such_a_folder(name: str) -> None:
    found = findings(package("tensorflow", "2.20.0"), package(name, "2.8.0"))["corrupt-install"]
    assert found.severity == "warning" and found.title == "An installation of tensorflow 2.8.0 was cut short"
    assert "begin with ~" in found.fixes[0].title and "tensorflow==2.20.0" in found.fixes[0].commands[1]
    assert "corrupt-install" not in findings(package("tensorflow", "2.20.0"), package("-andas", "2.0.0"))


def test_packages_that_the_framework_does_not_need_are_none_of_its_business() -> None:
    other = package("pandas", "2.0.0", problem="1 of its files is missing: x.py")
    assert "corrupt-install" not in findings(package("tensorflow", "2.20.0"), other)


def test_two_nvidia_packages_of_one_library_overwrite_each_other_which_is_another_cause() -> None:
    said = "1 of its files does not match RECORD: libcudnn.so.9"
    both = package("nvidia-cudnn-cu12", "9.3.0.75", problem=said), package("nvidia-cudnn-cu13", "9.14.0.64")
    assert "corrupt-install" not in findings(package("tensorflow", "2.20.0"), *both)


def test_copies_over_each_other_explain_what_does_not_match() -> None:
    broken = package("tensorflow-gpu", "1.10.0", problem="1 of its files does not match RECORD: x.so")
    found = findings(package("tensorflow", "1.10.0"), broken, frameworks=[cpu_build("1.10.0")])
    assert "duplicate-framework" in found and "corrupt-install" not in found


def test_a_framework_that_is_listed_and_whose_folder_is_gone_is_broken_not_missing() -> None:
    found = findings(package("tensorflow", "2.4.1"), frameworks=[], framework="tensorflow")
    assert "its files are gone" in found["corrupt-install"].title and "framework-missing" not in found
    unasked = findings(package("tensorflow", "2.4.1"), frameworks=[])
    assert "corrupt-install" not in unasked
    meta = package("tensorflow-gpu", "2.4.1", **CONDA)
    assert "corrupt-install" not in findings(meta, frameworks=[], framework="tensorflow")
