"""Releases that are broken as published."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tfgpu.doctor import Finding, diagnose
from jupyter_tfgpu.doctor.knowledge.known_bugs import known_bugs
from tests.doctor.made import CUDA_12, NO_GPU, cpu_build, framework, healthy, snapshot

WHEELS = ("cublas", "cuda-runtime", "cudnn", "cufft", "cusolver", "cusparse")
FOLDERS = {
    "libcudart.so.12": "cuda_runtime",
    "libcublas.so.12": "cublas",
    "libcublasLt.so.12": "cublas",
    "libcufft.so.11": "cufft",
    "libcusolver.so.11": "cusolver",
    "libcusparse.so.12": "cusparse",
    "libcudnn.so.8": "cudnn",
    "libcudnn.so.9": "cudnn",
}
SITE = "/home/ada/envs/tf/lib/python3.11/site-packages/nvidia"


def known_bug(**changes: Any) -> Finding | None:
    found = diagnose(snapshot(**changes)).findings
    return next((each for each in found if each.code == "known-bug"), None)


def with_extra(version: str, out_of_reach: set[str], **facts: Any) -> dict[str, Any]:
    """TensorFlow with its extra; ``out_of_reach``: the libraries that its loader does not find."""
    cudnn = "libcudnn.so.8" if version < "2.18" else "libcudnn.so.9"
    needs = [cudnn if name.startswith("libcudnn") else name for name in CUDA_12]
    names = [{"name": f"nvidia-{each}-cu12", "version": "12.0", "installer": "pip"} for each in WHEELS]
    return {
        "frameworks": [framework(version=version, needs=needs)],
        "distributions": [{"name": "tensorflow", "version": version, "installer": "pip"}, *names],
        "libraries": [
            {
                "file": name,
                "origin": "wheel",
                "reachable": name not in out_of_reach,
                "path": f"{SITE}/{FOLDERS[name]}/lib/{name}",
            }
            for name in needs
        ],
        **facts,
    }


def test_a_wheel_that_does_not_look_into_a_folder_of_its_own_extra_is_named() -> None:
    found = known_bug(environment=with_extra("2.21.0", {"libcusolver.so.11"}))
    assert found is not None and "nvidia/cusolver/lib" in found.detail
    assert "'tensorflow[and-cuda]==2.20.0'" in found.fixes[0].commands[0]
    assert found.fixes[1].automatic
    assert found.fixes[1].sets == {"LD_LIBRARY_PATH": f"{SITE}/cusolver/lib"}


def test_it_explains_that_they_are_out_of_reach() -> None:
    lost = set(FOLDERS) - {"libcudart.so.12"}
    found = {each.code for each in diagnose(snapshot(environment=with_extra("2.16.1", lost))).findings}
    assert "known-bug" in found and "cuda-not-on-path" not in found


@pytest.mark.parametrize(
    ("version", "lost"),
    [
        ("2.21.0", set()),
        ("2.20.0", {"libcusolver.so.11"}),
        ("2.16.2", set(FOLDERS)),
        ("2.18.0", set(FOLDERS)),
        ("2.13.1", set(FOLDERS)),
        ("2.21.0", {"libcublas.so.12"}),
    ],
)
def test_what_another_release_does_not_reach_has_another_cause(version: str, lost: set[str]) -> None:
    assert known_bug(environment=with_extra(version, lost)) is None


def test_without_a_list_of_libraries_the_variable_tells() -> None:
    facts = with_extra("2.16.1", set(), libraries=None, libraries_complete=None)
    assert known_bug(environment=facts, variables={}) is not None
    folders = ":".join(f"{SITE}/{folder}/lib" for folder in sorted(set(FOLDERS.values())))
    assert known_bug(environment=facts, variables={"LD_LIBRARY_PATH": folders}) is None
    assert known_bug(environment=facts, variables=None) is None


def test_builds_that_are_not_the_index_s_are_not_concerned() -> None:
    facts = with_extra("2.16.1", set(FOLDERS))
    facts["distributions"][0]["installer"] = "conda"
    assert known_bug(environment=facts) is None
    facts = with_extra("2.16.1", set(FOLDERS))
    facts["distributions"] = facts["distributions"][:1]
    assert known_bug(environment=facts) is None


def torch(version: str, **facts: Any) -> dict[str, Any]:
    build = {**cpu_build(version, "torch"), "cuda_build": True}
    own = {"name": "torch", "version": version, "installer": "pip"}
    return {"frameworks": [build], "distributions": [own], "libraries": None, **facts}


@pytest.mark.parametrize(
    ("version", "visible", "named"),
    [
        ("1.13.1", "MIG-feee0c61-26ec-5616-bb59-b6d777cc4f34", True),
        ("1.13.0+cu117", "GPU-8932f937-d72c-4106-c12f-20bd9faed9f6", True),
        ("1.13.1", "0", False),
        ("1.13.1", None, False),
        ("1.12.1", "MIG-feee0c61-26ec-5616-bb59-b6d777cc4f34", False),
        ("2.0.1", "MIG-feee0c61-26ec-5616-bb59-b6d777cc4f34", False),
    ],
)
def test_pytorch_1_13_does_not_count_devices_by_uuid(version: str, visible: str | None, named: bool) -> None:
    variables = {} if visible is None else {"CUDA_VISIBLE_DEVICES": visible}
    assert (known_bug(environment=torch(version), variables=variables) is not None) == named


AMD: dict[str, Any] = {
    **NO_GPU,
    "host": {"nvidia_pci_devices": 0, "device_nodes": ["/dev/kfd", "/dev/dri/renderD128"]},
    "variables": {},
}


@pytest.mark.parametrize(
    ("gfx", "version", "named"),
    [
        ("gfx1100", "2.14.0.600", True),
        ("gfx1030", "2.14.0.600", True),
        ("gfx90a", "2.14.0.600", False),
        ("gfx1100", "2.15.0.600", False),
    ],
)
def test_tensorflow_rocm_2_14_reads_two_names_as_one(gfx: str, version: str, named: bool) -> None:
    build = {**cpu_build(version), "rocm_build": True}
    own = [{"name": "tensorflow-rocm", "version": version, "installer": "pip"}]
    packages = {"frameworks": [build], "distributions": own, "libraries": None}
    gpus = [{"index": 0, "vendor": "amd", "gfx": gfx}]
    assert (known_bug(**{**AMD, "environment": packages, "gpus": gpus}) is not None) == named


@pytest.mark.parametrize(("mkl", "named"), [("2024.1.0", True), ("2023.1.0", False), (None, False)])
def test_conda_s_pytorch_and_a_newer_mkl(mkl: str | None, named: bool) -> None:
    own = {"name": "pytorch", "version": "2.0.1", "installer": "conda", "channel": "pytorch"}
    beside = [{"name": "mkl", "version": mkl, "installer": "conda"}] if mkl else []
    found = known_bug(environment=torch("2.0.1", distributions=[own, *beside], kind="conda"))
    assert (found is not None) == named
    if found is not None:
        assert found.fixes[0].commands == ("conda install -p /home/ada/envs/tf 'mkl<2024.1'",)


def test_the_windows_wheels_of_pytorch_2_4_0_lack_a_dll() -> None:
    said = r'OSError: [WinError 126] Das Modul fehlt. Error loading "C:\x\torch\lib\fbgemm.dll"'
    windows = {**healthy()["host"], "os": "windows", "glibc": None}
    assert known_bug(environment=torch("2.4.0"), host=windows, log=said) is not None
    assert known_bug(environment=torch("2.4.1"), host=windows, log=said) is None
    assert known_bug(environment=torch("2.4.0"), host=windows) is None


@pytest.mark.parametrize(("version", "named"), [("0.6.2", True), ("0.5.1", True), ("0.5.0", False)])
def test_jax_metal_ended_with_jax_0_5_0(version: str, named: bool) -> None:
    packages = {"jax": version, "jaxlib": version, "jax-metal": "0.1.1"}
    own = [{"name": name, "version": each, "installer": "pip"} for name, each in packages.items()]
    facts: dict[str, Any] = {"frameworks": [cpu_build(version, "jax")], "distributions": own}
    facts |= {"libraries": None, "python_arch": "arm64"}
    mac = {"os": "macos", "arch": "arm64", "nvidia_pci_devices": None, "device_nodes": None, "glibc": None}
    gpus = [{"index": 0, "vendor": "apple", "name": "Apple M2"}]
    found = known_bug(environment=facts, host=mac, gpus=gpus, driver={"status": None, "version": None})
    assert (found is not None) == named


def test_every_bug_has_something_to_be_met_by_and_a_way_out() -> None:
    for bug in known_bugs():
        assert bug.beside or bug.variable or bug.gfx or bug.log
        assert bug.versions.first and bug.requirement
        assert bug.versions.last or bug.beside  # open only where what stands beside it is what ended
        assert bug.consequence.endswith(".")
