"""Is the driver new enough for CUDA, and old enough for the GPU?"""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tfgpu.doctor import Finding, diagnose
from jupyter_tfgpu.doctor.knowledge import driver_floors
from tests.doctor.made import framework, snapshot


def findings(**changes: Any) -> dict[str, Finding]:
    return {each.code: each for each in diagnose(snapshot(**changes)).findings}


@pytest.mark.parametrize(
    ("system", "cuda", "driver", "old"),
    [
        ("linux", "12.5.1", "525.60.12", True),
        ("linux", "12.5.1", "525.60.13", False),
        ("linux", "12.5.1", "525.85", False),
        ("linux", "11.8", "450.51.06", True),
        ("linux", "11.8", "450.80.02", False),
        ("linux", "13.0", "575.57.08", True),
        ("linux", "13.0", "580.65.06", False),
        ("linux", "10.1", "410.104", True),
        ("linux", "10.1", "418.39", False),
        ("linux", "10", "410.48", False),
        ("windows", "11.2", "452.38", True),
        ("windows", "11.2", "452.39", False),
        ("windows", "12.0", "526.98", True),
        ("windows", "12.0", "527.41", False),
        ("wsl", "12.5.1", "525.60.13", True),
        ("wsl", "12.5.1", "528.33", False),
        ("linux", "7.5", "352.63", False),
        ("linux", None, "352.63", True),  # by the table of releases
    ],
)
def test_the_floor_is_that_of_the_cuda_major_release(system: str, cuda: str, driver: str, old: bool) -> None:
    host = {"os": "windows"} if system == "windows" else {"os": "linux", "wsl": system == "wsl"}
    build = framework(cuda=cuda, needs=None)
    found = findings(host=host, driver={"version": driver}, environment={"frameworks": [build]})
    assert ("driver-too-old" in found) is old


def test_the_runtimes_file_name_tells_the_minor_release_that_the_build_does_not_state() -> None:
    build = framework(version="2.0.0", cuda="10", needs=["libcudart.so.10.1"])
    found = findings(driver={"version": "410.104"}, environment={"frameworks": [build]})
    assert "CUDA 10.1" in found["driver-too-old"].title


@pytest.mark.parametrize("change", [{"jetson": "R36.4.0"}, {"os": "linux"}])
def test_the_driver_of_a_jetson_counts_otherwise(change: dict[str, Any]) -> None:
    found = findings(host=change, driver={"version": "36.4.0"})
    assert ("driver-too-old" in found) is ("jetson" not in change)


def test_a_compat_libcuda_may_lift_the_floor_so_nothing_is_said() -> None:
    compat = {"file": "libcuda.so.1", "origin": "compat", "reachable": True}
    driver = {"version": "470.57.02"}
    assert "driver-too-old" in findings(driver=driver, environment={"libraries": None})
    assert "driver-too-old" not in findings(driver=driver, environment={"libraries": [compat]})


def test_a_gpu_that_new_drivers_left_behind_is_not_sent_to_update() -> None:
    kepler = [{"index": 0, "name": "Tesla K80", "vendor": "nvidia", "compute_capability": "3.7"}]
    found = findings(driver={"version": "470.57.02"}, gpus=kepler)["driver-too-old"]
    assert "R470" in found.fixes[0].title and found.fixes[0].commands == ()


@pytest.mark.parametrize("system", ["linux", "windows"])
def test_no_driver_that_a_release_of_cuda_ships_with_is_too_old_for_it(system: str) -> None:
    for row in driver_floors():
        if not row.toolkit[system]:
            continue
        cuda = ".".join(str(part) for part in row.cuda)
        found = findings(
            host={"os": system},
            driver={"version": row.toolkit[system]},
            environment={"frameworks": [framework(cuda=cuda, needs=None)]},
        )
        assert "driver-too-old" not in found, (cuda, row.toolkit[system])


@pytest.mark.parametrize(
    ("build", "driver", "old"),
    [
        ({"name": "torch", "version": "2.1.0+cu118"}, "450.51.06", "11.8"),
        ({"name": "torch", "version": "2.1.0+cu121"}, "515.65.01", "12.1"),
        ({"name": "torch", "version": "1.8.0+cu92"}, "390.116", "9.2"),
        ({"name": "torch", "version": "2.1.0+cu118"}, "520.61.05", None),
        ({"name": "torch", "version": "2.1.0"}, "450.51.06", None),
    ],
)
def test_a_builds_own_version_names_its_cuda(build: dict[str, Any], driver: str, old: str | None) -> None:
    made = {"cuda_build": True, "cuda": None, "needs": None, "cudnn": None, "compute_capabilities": None}
    found = findings(
        driver={"version": driver},
        environment={"frameworks": [{**made, **build}], "distributions": [], "libraries": None},
    ).get("driver-too-old")
    assert (f"CUDA {old}" in found.title) if found and old else (found is None and old is None)


@pytest.mark.parametrize(
    ("name", "distribution", "driver"),
    [
        ("mxnet", {"name": "mxnet-cu102", "version": "1.9.1"}, "418.39"),
        ("torch", {"name": "pytorch", "version": "1.11.0", "build": "py3.8_cuda11.3_cudnn8_0"}, "440.33"),
        ("jax", {"name": "jaxlib", "version": "0.4.13+cuda12.cudnn89"}, "515.65.01"),
        ("jax", {"name": "nvidia-cuda-runtime-cu12", "version": "12.6.77"}, "515.65.01"),
        ("torch", {"name": "nvidia-cuda-runtime", "version": "13.0.96"}, "570.124.06"),
    ],
)
def test_a_packages_name_or_build_names_its_cuda(
    name: str, distribution: dict[str, Any], driver: str
) -> None:
    build = {"name": name, "version": "1.0", "cuda_build": True}
    found = findings(
        framework=name,
        driver={"version": driver},
        environment={"frameworks": [build], "distributions": [distribution], "libraries": None},
    )
    assert "driver-too-old" in found


@pytest.mark.parametrize(
    ("cuda", "supports", "old"),
    [("12.5.1", "11.8", True), ("12.5.1", "12.0", False), ("10.1", "10.0", True), ("11.8", "11.0", False)],
)
def test_the_cuda_that_the_driver_supports_tells_where_its_version_is_not_known(
    cuda: str, supports: str, old: bool
) -> None:
    build = framework(cuda=cuda, needs=None)
    driver = {"version": None, "cuda_version": supports}
    found = findings(driver=driver, environment={"frameworks": [build]})
    assert ("driver-too-old" in found) is old


@pytest.mark.parametrize(
    ("gpu", "driver", "system", "ended"),
    [
        ({"name": "NVIDIA GeForce GTX 1050"}, "595.71.05", "linux", 580),
        ({"name": "GeForce GT 710", "compute_capability": "3.5"}, "535.129.03", "linux", 470),
        ({"compute_capability": "2.0"}, "396.26", "linux", 390),
        ({"compute_capability": "7.0"}, "590.44.01", "linux", 580),
        ({"compute_capability": "7.0"}, "580.95.05", "linux", None),
        ({"compute_capability": "7.5"}, "610.10", "linux", None),
        ({"compute_capability": "3.7"}, "470.256.02", "linux", None),
        ({"compute_capability": "3.5"}, "475.14", "windows", None),
        ({"compute_capability": "3.5"}, "496.13", "windows", 470),
        ({"compute_capability": "6.1"}, "582.28", "windows", None),
        ({"name": "a card of tomorrow"}, "999.99", "linux", None),
        ({"compute_capability": "3.5"}, None, "linux", None),
    ],
)
def test_a_generations_last_branch_is_the_newest_driver_for_it(
    gpu: dict[str, Any], driver: str | None, system: str, ended: int | None
) -> None:
    host = {"os": system, "device_nodes": None}
    facts = {"version": driver, "kernel_module_version": None}
    found = findings(host=host, driver=facts, gpus=[{"vendor": "nvidia", **gpu}]).get("driver-too-new")
    assert (found is None) is (ended is None)
    assert found is None or f"R{ended}" in found.fixes[0].title


def test_a_module_that_passes_the_gpu_over_does_not_load_and_that_is_not_its_cause() -> None:
    gpus = [{"name": "NVIDIA GeForce GTX 1050", "vendor": "nvidia"}]
    driver = {"status": "not-loaded", "version": "595.71.05", "kernel_module_version": None}
    found = findings(driver=driver, gpus=gpus)
    assert list(found) == ["driver-too-new"]
    assert found["driver-too-new"].fixes[0].commands[0] == "sudo ubuntu-drivers install nvidia:580"


def test_beside_a_gpu_that_the_driver_serves_an_old_one_does_not_matter() -> None:
    gpus = [
        {"name": "NVIDIA GeForce RTX 4090", "vendor": "nvidia"},
        {"name": "Quadro K600", "vendor": "nvidia", "compute_capability": "3.0"},
    ]
    assert findings(driver={"version": "570.124.06"}, gpus=gpus) == {}


LEGACY = """NVRM: The NVIDIA GeForce GT 710 GPU installed in this system is
NVRM:  supported through the NVIDIA 470.xx Legacy drivers. Please
NVRM:  visit http://www.nvidia.com/object/unix.html for more
NVRM:  information.  The 535.129.03 NVIDIA driver will ignore
NVRM:  this GPU.  Continuing probe..."""


@pytest.mark.parametrize(
    ("driver", "gpus"),
    [
        ({"status": "not-loaded", "version": "535.129.03", "kernel_module_version": None}, None),
        ({"status": "ok", "version": "535.129.03"}, []),
        ({"status": None, "version": None, "kernel_module_version": None}, None),
    ],
)
def test_the_kernels_log_names_a_gpu_that_the_driver_left_behind(
    driver: dict[str, Any], gpus: list[dict[str, Any]] | None
) -> None:
    found = findings(driver=driver, gpus=gpus, log=LEGACY)
    assert list(found) == ["driver-too-new"]
    assert "R470" in found["driver-too-new"].fixes[0].title


def test_a_log_that_names_a_second_card_says_nothing_of_one_that_works() -> None:
    assert findings(log=LEGACY) == {}
