"""Builds for AMD's GPUs, the override, and the permission to open the GPU."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tfgpu.doctor import Finding, diagnose
from jupyter_tfgpu.doctor.fixes.amd import override_version
from jupyter_tfgpu.doctor.rules.rocm import override_target
from tests.doctor.made import NO_GPU, framework, snapshot


def findings(**changes: Any) -> dict[str, Finding]:
    return {each.code: each for each in diagnose(snapshot(**changes)).findings}


def amd(build: dict[str, Any], gfx: str | None = "gfx1031", **changes: Any) -> dict[str, Finding]:
    host = {
        "nvidia_pci_devices": 0,
        "device_nodes": ["/dev/kfd", "/dev/dri/renderD128"],
        **changes.pop("host", {}),
    }
    return findings(
        host=host,
        driver=NO_GPU["driver"],
        gpus=[{"index": 0, "name": "AMD Radeon", "vendor": "amd", "gfx": gfx}],
        environment={"frameworks": [build], "distributions": [], "libraries": []},
        **changes,
    )


def rocm(*targets: str) -> dict[str, Any]:
    facts = framework(name="torch", version="2.3.0+rocm6.0", cuda_build=False, rocm_build=True, needs=[])
    return {**facts, "compute_capabilities": list(targets) or None}


def test_a_cuda_build_does_not_serve_an_amd_gpu() -> None:
    found = amd(framework())
    assert list(found) == ["rocm-mismatch"]
    assert "built for NVIDIA GPUs" in found["rocm-mismatch"].title


@pytest.mark.parametrize(
    ("gfx", "targets", "override"),
    [
        ("gfx1031", ("gfx1030", "gfx1100"), None),
        ("gfx906", ("gfx906", "gfx1030"), "10.3.0"),
        ("gfx1100", ("gfx1100",), "10.3.0"),
        ("gfx1031", ("gfx900", "gfx906"), "10.3.0"),
        ("gfx803", ("gfx900:xnack-", "gfx90a:sramecc+"), None),
    ],
)
def test_a_gpu_or_override_that_the_build_has_no_code_for_is_named(
    gfx: str, targets: tuple[str, ...], override: str | None
) -> None:
    variables = {"HSA_OVERRIDE_GFX_VERSION": override} if override else {}
    assert list(amd(rocm(*targets), gfx, variables=variables)) == ["rocm-mismatch"]


@pytest.mark.parametrize(
    ("gfx", "targets", "override"),
    [
        ("gfx1031", ("gfx1030", "gfx1100"), "10.3.0"),
        ("gfx906", ("gfx906:sramecc-:xnack-",), None),
        ("gfx90a", ("gfx90a",), "9.0.10"),
        ("gfx1031", (), None),
        (None, ("gfx1030",), None),
    ],
)
def test_a_gpu_that_is_served_or_not_known_is_no_fault(
    gfx: str | None, targets: tuple[str, ...], override: str | None
) -> None:
    variables = {"HSA_OVERRIDE_GFX_VERSION": override} if override else {}
    assert amd(rocm(*targets), gfx, variables=variables) == {}


@pytest.mark.parametrize(
    ("gfx", "targets", "wanted"),
    [
        ("gfx1032", ("gfx1010", "gfx1030", "gfx1100"), "10.3.0"),
        ("gfx1103", ("gfx1100", "gfx1101", "gfx1030"), "11.0.0"),
        ("gfx90c", ("gfx900", "gfx906"), None),
        ("gfx803", ("gfx900", "gfx1030"), None),
    ],
)
def test_the_nearest_target_of_the_same_generation_may_do(
    gfx: str, targets: tuple[str, ...], wanted: str | None
) -> None:
    first, *_ = amd(rocm(*targets), gfx)["rocm-mismatch"].fixes
    assert first.sets.get("HSA_OVERRIDE_GFX_VERSION") == wanted


def test_an_override_that_harms_is_taken_away_and_one_that_helps_is_set() -> None:
    variables = {"HSA_OVERRIDE_GFX_VERSION": "10.3.0"}
    [fix] = amd(rocm("gfx906"), "gfx906", variables=variables)["rocm-mismatch"].fixes
    assert fix.unsets == ("HSA_OVERRIDE_GFX_VERSION",) and fix.automatic
    first, *_ = amd(rocm("gfx1030"), "gfx1031")["rocm-mismatch"].fixes
    assert first.sets == {"HSA_OVERRIDE_GFX_VERSION": "10.3.0"} and first.automatic


@pytest.mark.parametrize(
    ("override", "target"), [("10.3.0", "gfx1030"), ("9.0.10", "gfx90a"), ("11.0.0", "gfx1100")]
)
def test_an_override_and_its_target_are_one(override: str, target: str) -> None:
    assert override_target(override) == target
    assert override_version(target) == override


@pytest.mark.parametrize("nonsense", ["", "10.3", "abc"])
def test_an_override_that_cannot_be_read_is_none(nonsense: str) -> None:
    assert override_target(nonsense) is None


def test_nodes_that_may_not_be_opened_are_named_with_the_groups() -> None:
    host = {"device_nodes_denied": ["/dev/kfd"], "groups": ["ada"]}
    found = amd(rocm("gfx1030"), "gfx1030", host=host)["rocm-mismatch"]
    assert "/dev/kfd" in found.detail and "groups of the user: ada" in found.evidence
    assert "render,video" in found.fixes[0].commands[0]


@pytest.mark.parametrize(
    ("container", "words"), [(None, "amdgpu"), ("docker", "the container was not given")]
)
def test_without_the_kernels_side_there_is_no_rocm(container: str | None, words: str) -> None:
    host = {"device_nodes": [], "container": container}
    found = amd(rocm("gfx1030"), "gfx1030", host=host)["rocm-mismatch"]
    assert words in found.detail and found.fixes[0].where == "host"


def test_beside_an_nvidia_gpu_amds_is_not_the_subject() -> None:
    both = [{"index": 0, "vendor": "nvidia"}, {"index": 1, "vendor": "amd", "gfx": "gfx1036"}]
    assert "rocm-mismatch" not in findings(gpus=both)


def test_one_gpu_of_several_that_is_served_is_enough() -> None:
    two = [{"index": index, "vendor": "amd", "gfx": gfx} for index, gfx in enumerate(("gfx1036", "gfx1030"))]
    host = {"nvidia_pci_devices": 0, "device_nodes": ["/dev/kfd"]}
    environment = {"frameworks": [rocm("gfx1030")], "distributions": []}
    found = findings(host=host, driver=NO_GPU["driver"], gpus=two, environment=environment)
    assert "rocm-mismatch" not in found
