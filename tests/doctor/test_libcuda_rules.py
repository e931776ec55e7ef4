"""Which libcuda a kernel's loader takes."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tfgpu.doctor import Finding, diagnose
from tests.doctor.made import healthy, snapshot

OWN = {
    "file": "libcuda.so.1",
    "version": "570.124.06",
    "path": "/usr/lib/x86_64-linux-gnu/libcuda.so.1",
    "origin": "driver",
    "reachable": True,
}


def findings(*libcuda: dict[str, Any], **changes: Any) -> list[Finding]:
    others = [each for each in healthy()["environment"]["libraries"] if "libcuda." not in each["file"]]
    libraries = [*libcuda, *others]
    environment = {"libraries": libraries, **changes.pop("environment", {})}
    return list(diagnose(snapshot(environment=environment, **changes)).findings)


def codes(*libcuda: dict[str, Any], **changes: Any) -> list[str]:
    return [each.code for each in findings(*libcuda, **changes) if each.severity != "info"]


def other(path: str, version: str | None = None, **facts: Any) -> dict[str, Any]:
    return {**OWN, "version": version, "path": path, **facts}


STUB = other("/usr/local/cuda/lib64/stubs/libcuda.so.1", origin="stub")


def test_the_drivers_own_is_right() -> None:
    assert codes(OWN) == codes() == []


def test_a_stub_before_it_goes_out_of_the_variable() -> None:
    variables = {"LD_LIBRARY_PATH": "/usr/local/cuda/lib64/stubs:/usr/local/cuda/lib64"}
    [found] = findings(STUB, OWN, variables=variables)
    assert found.code == "libcuda-shadowed"
    assert found.fixes[0].sets == {"LD_LIBRARY_PATH": "/usr/local/cuda/lib64"}
    assert codes(OWN, STUB) == []
    assert codes({**STUB, "reachable": False}, OWN) == []


COMPAT = "/usr/local/cuda/compat/libcuda.so.1"


@pytest.mark.parametrize(
    ("version", "gpu", "found"),
    [
        ("535.104.05", "Tesla T4", ["libcuda-shadowed"]),
        ("570.124.06", "NVIDIA GeForce RTX 3060", []),
        ("575.51.03", "Tesla T4", []),
        ("575.51.03", "NVIDIA GeForce RTX 3060", ["libcuda-shadowed"]),
        (None, "Tesla T4", []),
    ],
)
def test_cuda_compat_stands_in_for_an_older_driver_on_data_centre_gpus(
    version: str | None, gpu: str, found: list[str]
) -> None:
    gpus = [{**healthy()["gpus"][0], "name": gpu}]
    assert codes(other(COMPAT, version, origin="compat"), OWN, gpus=gpus) == found


def test_another_drivers_libcuda_before_the_running_ones() -> None:
    left = other("/opt/drivers/libcuda.so.1", "535.104.05", origin="ld-library-path")
    assert codes(left, OWN) == ["libcuda-shadowed"]
    assert codes(left) == []


WSL: dict[str, Any] = {
    "host": {"wsl": True, "nvidia_pci_devices": 0, "device_nodes": ["/dev/dxg"]},
    "driver": {"version": "551.61", "kernel_module_version": None, "cuda_version": "12.4"},
}
WINDOWS_OWN = other("/usr/lib/wsl/lib/libcuda.so.1", "551.61")


def test_a_linux_driver_inside_wsl() -> None:
    linux = other("/usr/lib/x86_64-linux-gnu/libcuda.so.1", "535.104.05")
    [found] = findings(linux, WINDOWS_OWN, **WSL)
    assert found.code == "libcuda-shadowed"
    assert "apt-get purge" in found.fixes[0].commands[0]
    assert codes({**linux, "version": None}, WINDOWS_OWN, **WSL) == ["libcuda-shadowed"]
    assert codes(WINDOWS_OWN, linux, **WSL) == []


def test_in_a_container_on_wsl_it_lies_elsewhere() -> None:
    mapped = other("/usr/lib/x86_64-linux-gnu/libcuda.so.1", "551.61")
    wsl = {**WSL, "host": {**WSL["host"], "container": "docker"}}
    assert codes(mapped, **wsl) == []
    assert codes({**mapped, "version": None}, **wsl) == []


def test_out_of_reach_under_wsl() -> None:
    [found] = findings({**WINDOWS_OWN, "reachable": False}, **WSL)
    assert found.code == "libcuda-not-on-path"
    assert found.fixes[0].commands[0] == "echo /usr/lib/wsl/lib | sudo tee /etc/ld.so.conf.d/ld.wsl.conf"
    assert found.fixes[1].sets == {"LD_LIBRARY_PATH": "/usr/lib/wsl/lib"}


def test_only_the_name_that_is_not_opened() -> None:
    log = "Could not load library libcudnn_cnn_infer.so.8. Error: libcuda.so: cannot open shared object file"
    assert codes(WINDOWS_OWN, **WSL) == []
    [found] = findings(WINDOWS_OWN, log=log, **WSL)
    assert found.code == "libcuda-not-on-path"
    assert found.fixes[0].commands[0].startswith("sudo ln -s /usr/lib/wsl/lib/libcuda.so.1 ")
    assert codes(WINDOWS_OWN, {**WINDOWS_OWN, "file": "libcuda.so"}, log=log, **WSL) == []


def test_a_driver_that_does_not_answer_comes_before() -> None:
    driver = {"status": "not-loaded", "kernel_module_version": None}
    assert "libcuda-shadowed" not in codes(STUB, OWN, driver=driver)
    assert "libcuda-not-on-path" not in codes({**OWN, "reachable": False}, driver=driver)


def test_a_linux_driver_inside_wsl_makes_it_seem_that_no_driver_is_loaded() -> None:
    linux = other("/usr/lib/x86_64-linux-gnu/libcuda.so.1", "535.104.05")
    driver = {"status": "not-loaded", "version": "535.104.05", "kernel_module_version": None}
    wsl = {**WSL, "driver": driver, "gpus": None}
    assert codes(linux, WINDOWS_OWN, **wsl) == ["libcuda-shadowed"]
    assert codes(WINDOWS_OWN, **wsl) == ["driver-not-loaded"]
