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
        {"environment": {"frameworks": None}},
        {
            "environment": {"frameworks": [cpu_build()], "libraries": None},
            "host": None,
            "gpus": None,
            "driver": None,
        },
        {
            "environment": {"frameworks": [cpu_build("2.10.0")], "libraries": []},
            "driver": NO_GPU["driver"],
            "host": {"nvidia_pci_devices": 0, "device_nodes": []},
            "gpus": [{"index": 0, "vendor": "intel"}],
        },
        {
            "environment": {
                "frameworks": [cpu_build("2.10.0")],
                "distributions": [{"name": "tensorflow-directml-plugin", "version": "0.4.0"}],
            }
        },
    ],
    ids=["build-unknown", "frameworks-unknown", "gpu-unknown", "intel", "plugin"],
)
def test_it_is_silent_where_a_fact_is_missing_or_another_way_to_the_gpu_is_there(
    changes: dict[str, Any],
) -> None:
    assert "cpu-only-build" not in findings(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"driver": {"status": None, "version": "566.14"}},
        {"environment": {"libraries": [{"file": "nvcuda.dll", "origin": "driver"}]}},
        {"environment": {"libraries": [{"file": "libcudart.so.12", "origin": "system"}]}},
    ],
    ids=["driver", "driver's-library", "toolkit"],
)
def test_what_is_there_only_for_a_gpu_is_enough_to_expect_one(changes: dict[str, Any]) -> None:
    unknown: dict[str, Any] = {"host": None, "gpus": None, "driver": None, **changes}
    unknown["environment"] = {
        "libraries": None,
        **unknown.get("environment", {}),
        "frameworks": [cpu_build()],
    }
    assert "cpu-only-build" in findings(**unknown)


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


AMD: dict[str, Any] = {
    "host": {"nvidia_pci_devices": 0, "device_nodes": ["/dev/kfd"]},
    "driver": NO_GPU["driver"],
    "gpus": [{"index": 0, "name": "AMD Radeon RX 6800", "vendor": "amd", "gfx": "gfx1030"}],
}


def test_a_build_for_amd_is_no_build_for_nvidia() -> None:
    rocm = framework(cuda_build=False, rocm_build=True)
    assert "for AMD GPUs" in findings(environment={"frameworks": [rocm]})["cpu-only-build"].title


def test_a_cpu_build_beside_an_amd_gpu_is_named_with_that_gpu() -> None:
    found = findings(**AMD, environment={"frameworks": [cpu_build("2.5.1+cpu", "torch")]})
    assert list(found) == ["cpu-only-build"]
    assert "AMD Radeon RX 6800" in found["cpu-only-build"].detail
    assert "ROCm" in found["cpu-only-build"].fixes[0].title


def test_macos_with_an_nvidia_gpu_has_no_build_for_it() -> None:
    host = {"os": "macos", "arch": "x86_64", "nvidia_pci_devices": 1}
    found = findings(host=host, environment={"frameworks": [cpu_build("1.15.0")]})
    assert "No build for macOS has CUDA code" in found["cpu-only-build"].detail


def unread(name: str, version: str, **package: Any) -> dict[str, Any]:
    """An environment whose files were not read: only names and versions are known."""
    return {
        "frameworks": [framework(name=name, version=version, cuda_build=None, rocm_build=None)],
        "distributions": [{"name": name, "version": version, **package}],
    }


@pytest.mark.parametrize(
    ("facts", "is_cpu"),
    [
        (unread("torch", "2.1.0+cpu"), True),
        (unread("torch", "2.1.0+cu118"), False),
        (unread("torch", "2.1.0", build="cpu_generic_py310h1_0"), True),
        (unread("torch", "1.9.0", build="py3.8_cpu_0"), True),
        (unread("torch", "2.5.1", build="cuda126_mkl_py312h1_300"), False),
        (unread("tensorflow", "2.10.0", build="mkl_py39ha510bab_0"), True),
        (unread("tensorflow", "2.10.0", build="eigen_py39h1_0"), True),
        (unread("tensorflow", "2.4.1", build="gpu_py39h8236f22_0"), False),
        (unread("tensorflow", "2.10.0"), False),
        (unread("tensorflow", "2.0.0"), True),
        (unread("tensorflow", "2.99.0"), False),
        (unread("mxnet", "1.9.1"), True),
    ],
)
def test_names_tell_where_the_files_were_not_read(facts: dict[str, Any], is_cpu: bool) -> None:
    assert ("cpu-only-build" in findings(environment=facts)) is is_cpu


@pytest.mark.parametrize(
    ("packages", "is_cpu"),
    [
        ([("jaxlib", "0.4.6")], True),
        ([("jaxlib", "0.4.6+cuda11.cudnn86")], False),
        ([("jaxlib", "0.6.1"), ("jax-cuda12-plugin", "0.6.1")], False),
        ([], False),
    ],
)
def test_jax_has_cuda_by_a_plugin_or_by_jaxlibs_version(
    packages: list[tuple[str, str]], is_cpu: bool
) -> None:
    facts = unread("jax", "0.4.6")
    facts["distributions"] = [{"name": name, "version": version} for name, version in packages]
    assert ("cpu-only-build" in findings(environment=facts)) is is_cpu


def test_a_cpu_package_of_tensorflow_tells_by_its_name() -> None:
    facts = unread("tensorflow", "2.10.0")
    facts["distributions"] = [{"name": "tensorflow-cpu", "version": "2.10.0"}]
    found = findings(environment=facts)["cpu-only-build"]
    assert found.evidence[0] == "its version and packages say: built without CUDA"


def test_a_build_named_after_cuda_whose_files_have_none_is_told_of() -> None:
    package = {"name": "tensorflow-base", "version": "2.15.0", "build": "cuda120py311h1_200"}
    found = findings(environment={"frameworks": [cpu_build("2.15.0")], "distributions": [package]})
    assert "its files say otherwise" in found["cpu-only-build"].detail


@pytest.mark.parametrize("version", ["2.11.0", "2.18.0", "2.21.0"])
def test_after_2_10_native_windows_has_no_gpu(version: str) -> None:
    facts = {"frameworks": [cpu_build(version)], "libraries_complete": None}
    assert list(findings(host={"os": "windows"}, environment=facts)) == ["windows-native"]


@pytest.mark.parametrize(
    "changes",
    [
        {"host": {"os": "windows"}, "environment": {"frameworks": [cpu_build("2.10.0")]}},
        {"host": {"os": "linux", "wsl": True}, "environment": {"frameworks": [cpu_build("2.15.0")]}},
        {"host": {"os": "windows"}, "environment": {"frameworks": [framework(version="2.12.0")]}},
        {
            "host": {"os": "windows", "nvidia_pci_devices": 0, "device_nodes": []},
            "gpus": [],
            "driver": NO_GPU["driver"],
            "environment": {"frameworks": [cpu_build("2.15.0")]},
        },
        {"host": {"os": "windows"}, "environment": {"frameworks": [cpu_build("2.5.1+cpu", "torch")]}},
    ],
    ids=["2.10", "wsl", "own-build", "no-gpu", "torch"],
)
def test_what_is_not_a_later_tensorflow_on_native_windows_is_not_called_so(changes: dict[str, Any]) -> None:
    assert "windows-native" not in findings(**changes)


def jetson(release: str = "R35.4.1", **build: Any) -> dict[str, Any]:
    capability = build.pop("capability", "8.7")
    return {
        "host": {"arch": "aarch64", "jetson": release, "nvidia_pci_devices": 0},
        "gpus": [{"index": 0, "name": "Orin", "vendor": "nvidia", "compute_capability": capability}],
        "environment": {"python_arch": "aarch64", "frameworks": [{**framework(), **build}]},
    }


@pytest.mark.parametrize(
    "facts",
    [
        jetson(cuda_build=False, compute_capabilities=[]),
        jetson(compute_capabilities=["sm_80", "sm_86", "sm_90", "compute_90"]),
        jetson("R32.7.1", capability="5.3", compute_capabilities=["sm_50", "sm_60", "sm_70"]),
    ],
    ids=["cpu", "no-code-for-it", "nano"],
)
def test_a_generic_build_on_a_jetson_is_not_for_it(facts: dict[str, Any]) -> None:
    found = findings(**facts)
    assert next(iter(found)) == "platform-unsupported"
    assert "JetPack" in found["platform-unsupported"].fixes[0].title


@pytest.mark.parametrize(
    "facts",
    [
        jetson(version="2.16.1+nv24.8", compute_capabilities=["sm_72", "sm_87"]),
        jetson(compute_capabilities=["sm_72", "compute_72"]),
        jetson(compute_capabilities=None),
        jetson("R38.2.0", compute_capabilities=["sm_80", "sm_90", "compute_90"]),
    ],
    ids=["nvidias", "older-ptx", "not-known", "jetpack-7"],
)
def test_a_build_with_code_for_the_board_is(facts: dict[str, Any]) -> None:
    assert "platform-unsupported" not in findings(**facts)


def test_a_framework_that_is_missing_on_a_jetson_is_not_in_the_index_either() -> None:
    facts = jetson()
    facts["environment"] |= {"frameworks": [], "distributions": []}
    assert list(findings(**facts, framework="tensorflow")) == ["platform-unsupported"]


MAC: dict[str, Any] = {**NO_GPU, "host": {"os": "macos", "arch": "arm64", "wsl": None}, "gpus": None}


def test_an_interpreter_under_rosetta_is_for_another_processor() -> None:
    environment = {"frameworks": [cpu_build("2.12.0")], "python_arch": "x86_64", "kind": "conda"}
    found = findings(**MAC, environment=environment)
    assert list(found) == ["platform-unsupported"]
    assert "Rosetta" in found["platform-unsupported"].detail
    commands = found["platform-unsupported"].fixes[0].commands
    assert commands[0].startswith("CONDA_SUBDIR=osx-arm64 conda create ")


def test_jax_on_native_windows_has_no_gpu() -> None:
    facts = {"frameworks": [cpu_build("0.4.30", "jax")], "libraries_complete": None}
    assert list(findings(host={"os": "windows"}, environment=facts)) == ["platform-unsupported"]
