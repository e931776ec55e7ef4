"""Containers: without the GPU, or without all of the driver; and what is done about it on each host."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tfgpu.doctor import Finding, diagnose
from tests.doctor.made import CUDA_12, LIBCUDA, NO_GPU, snapshot

OUTSIDE = {"status": "absent", "version": None, "kernel_module_version": "550.54.14", "cuda_version": None}
NO_GPU_LISTED = {"driver": NO_GPU["driver"], "gpus": []}
ALL = {"NVIDIA_VISIBLE_DEVICES": "all", "NVIDIA_DRIVER_CAPABILITIES": "compute,utility"}
WITHOUT_LIBCUDA = [{"file": name, "origin": "wheel", "reachable": True} for name in CUDA_12]


def findings(**changes: Any) -> dict[str, Finding]:
    return {each.code: each for each in diagnose(snapshot(**changes)).findings}


def inside(kind: str | None, nodes: list[str] | None, **host: Any) -> dict[str, Any]:
    environment = {"libraries": WITHOUT_LIBCUDA}
    facts = {"container": kind, "device_nodes": nodes, **host}
    return {"host": facts, "driver": OUTSIDE, "gpus": None, "environment": environment}


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("docker", "docker run --gpus all"),
        ("podman", "podman run --device nvidia.com/gpu=all"),
        ("kubernetes", "kubectl describe nodes"),
        ("apptainer", "apptainer exec --nv"),
        ("singularity", "singularity exec --nv"),
        ("lxc", ""),
    ],
)
def test_a_container_without_the_gpu_is_started_otherwise_by_what_runs_it(kind: str, words: str) -> None:
    found = findings(**inside(kind, []))
    assert list(found) == ["container-without-gpu"]
    fixes = found["container-without-gpu"].fixes
    assert all(fix.where == "host" for fix in fixes)
    assert words in " ".join(command for fix in fixes for command in fix.commands)


@pytest.mark.parametrize("status", ["absent", "not-loaded", "error"])
def test_without_nodes_it_has_no_gpu_whatever_its_libraries_say(status: str) -> None:
    changes = inside("docker", [])
    found = findings(**{**changes, "driver": {**OUTSIDE, "status": status}})
    assert list(found) == ["container-without-gpu"]


def test_a_module_without_nodes_and_libraries_is_the_mark_of_a_container() -> None:
    assert list(findings(**inside(None, []))) == ["container-without-gpu"]


def test_the_driver_of_the_host_may_be_what_does_not_run() -> None:
    driver = {**OUTSIDE, "status": "not-loaded", "kernel_module_version": None}
    found = findings(**{**inside("docker", []), "driver": driver})
    assert list(found) == ["driver-not-loaded"]


@pytest.mark.parametrize(
    "changes",
    [
        {"host": {"container": "docker"}},
        {"host": {"container": "docker", **NO_GPU["host"]}, "driver": NO_GPU["driver"], "gpus": []},
        {"host": {"container": "docker", "wsl": True, **NO_GPU["host"]}, **NO_GPU_LISTED},
    ],
    ids=["with-gpu", "no-gpu", "wsl-without"],
)
def test_a_container_that_has_what_there_is_is_left_alone(changes: dict[str, Any]) -> None:
    assert not {"container-without-gpu", "container-capabilities"} & set(findings(**changes))


def test_under_wsl2_an_image_that_was_made_for_gpus_tells_that_one_is_wanted() -> None:
    host = {"wsl": True, "nvidia_pci_devices": 0, "nvidia_container_variables": ALL}
    changes = {**inside("docker", [], **host), "driver": NO_GPU["driver"]}
    fixes = findings(**changes)["container-without-gpu"].fixes
    assert any("Docker Desktop" in fix.title for fix in fixes)


@pytest.mark.parametrize("kind", ["docker", "podman", "kubernetes"])
def test_a_device_without_the_drivers_libraries_is_half_a_gpu(kind: str) -> None:
    found = findings(**inside(kind, ["/dev/nvidia0", "/dev/nvidiactl", "/dev/nvidia-uvm"]))
    assert list(found) == ["container-capabilities"]
    told = [text for fix in found["container-capabilities"].fixes for text in (fix.title, *fix.commands)]
    assert any("NVIDIA_DRIVER_CAPABILITIES" in text for text in told)


def test_apptainer_has_the_hosts_nodes_and_wants_nv() -> None:
    found = findings(**inside("apptainer", ["/dev/nvidia0", "/dev/nvidiactl", "/dev/nvidia-uvm"]))
    assert list(found) == ["container-without-gpu"]


def test_a_container_for_management_alone_has_no_libcuda() -> None:
    host = {
        "container": "docker",
        "nvidia_container_variables": {**ALL, "NVIDIA_DRIVER_CAPABILITIES": "utility"},
    }
    found = findings(host=host, environment={"libraries": WITHOUT_LIBCUDA, "libraries_complete": None})
    assert list(found) == ["container-capabilities"]
    assert "NVIDIA_DRIVER_CAPABILITIES is utility" in found["container-capabilities"].detail


def test_a_container_whose_list_has_no_libcuda_lacks_it() -> None:
    found = findings(host={"container": "docker"}, environment={"libraries": WITHOUT_LIBCUDA})
    assert "container-capabilities" in found


@pytest.mark.parametrize("capabilities", ["compute,utility", "all", "graphics,compute", "", None])
def test_capabilities_that_hold_compute_are_right(capabilities: str | None) -> None:
    variables = {"NVIDIA_DRIVER_CAPABILITIES": capabilities} if capabilities is not None else {}
    host = {"container": "docker", "nvidia_container_variables": variables}
    unlisted = {"libraries": None, "libraries_complete": None}
    assert "container-capabilities" not in findings(host=host, environment=unlisted)


WSL = {"container": "docker", "wsl": True, "device_nodes": ["/dev/dxg"], "nvidia_pci_devices": 0}
NOT_FOUND = "failed call to cuInit: CUDA_ERROR_NOT_FOUND: named symbol not found"


def of_wsl(driver: str, names: list[str], log: str | None = None) -> dict[str, Finding]:
    of_driver = [{"file": name, "origin": "driver", "reachable": True} for name in names]
    libraries = [LIBCUDA, *of_driver, *WITHOUT_LIBCUDA]
    facts = {"version": driver, "kernel_module_version": None}
    return findings(host=WSL, driver=facts, environment={"libraries": libraries}, log=log)


@pytest.mark.parametrize(
    ("driver", "names", "log", "said"),
    [
        ("555.85", ["libdxcore.so"], None, True),
        ("572.16", [], NOT_FOUND, True),
        ("555.85", ["libdxcore.so", "libnvdxgdmal.so.1"], NOT_FOUND, False),
        ("551.86", ["libdxcore.so"], None, False),
        ("555.85", [], None, False),
    ],
)
def test_newer_windows_drivers_need_a_library_that_older_toolkits_do_not_know(
    driver: str, names: list[str], log: str | None, said: bool
) -> None:
    found = of_wsl(driver, names, log).get("container-capabilities")
    assert (found is not None) is said
    if found:
        assert "4.31.0" in found.fixes[0].title and "1.14.4" in found.fixes[1].title


@pytest.mark.parametrize("status", ["ok", "not-loaded"])
def test_a_container_that_was_given_the_driver_and_no_gpu_is_without_one(status: str) -> None:
    variables = {**ALL, "NVIDIA_VISIBLE_DEVICES": "none"}
    nodes = ["/dev/nvidiactl", "/dev/nvidia-uvm"]
    host = {"container": "docker", "device_nodes": nodes, "nvidia_container_variables": variables}
    found = findings(host=host, driver={"status": status}, gpus=[])
    assert list(found) == ["container-without-gpu"]
    assert "NVIDIA_VISIBLE_DEVICES=none" in found["container-without-gpu"].evidence
