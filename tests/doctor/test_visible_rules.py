"""Which GPUs a kernel sees: the variable read as CUDA reads it, and what is said of it."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from jupyter_tfgpu.doctor import Finding, diagnose
from jupyter_tfgpu.doctor.snapshot import Gpu
from jupyter_tfgpu.doctor.visibility import read
from tests.doctor.made import LIBCUDA, NO_GPU, cpu_build, framework, healthy, snapshot

A = "GPU-8932f937-d72c-4106-c12f-20bd9faed9f6"
B = "GPU-8932f0aa-0000-4106-c12f-20bd9faed9f6"
C = "GPU-1111f0aa-0000-4106-c12f-20bd9faed9f6"
INSTANCE = "MIG-feee0c61-26ec-5616-bb59-b6d777cc4f34"
THREE = tuple(
    Gpu(index=place, uuid=uuid, name=f"GPU {place}", mig=()) for place, uuid in enumerate((A, B, C))
)


@pytest.mark.parametrize(
    ("value", "seen", "reason"),
    [
        ("", (), "empty"),
        ("  ", (), "empty"),
        ("-1", (), "negative"),
        ("0", (0,), None),
        ("2,0", (2, 0), None),
        (" 1 , 2", (1, 2), None),
        ("0,2,-1,1", (0, 2), "negative"),  # the guide's own example
        ("3", (), "no-such-index"),
        ("0,3,1", (0,), "no-such-index"),
        ("bash", (), "no-device"),
        ("NoDevFiles", (), "no-device"),
        ("none", (), "no-device"),
        ("all", (), "no-device"),
        ('"0"', (), "no-device"),
        ("$0", (), "no-device"),
        (",0", (), "no-device"),
        ("0,", (0,), "no-device"),
        ("0;1", (0,), None),
        ("0,0", (), "twice"),
        ("1,0,1", (), "twice"),
        (A, (0,), None),
        (A.upper().replace("GPU", "GPU"), (0,), None),
        ("GPU-8932f9", (0,), None),
        ("GPU-1,GPU-8932f0", (2, 1), None),
        ("GPU-8932f", (), "ambiguous"),
        ("GPU-ffff", (), "no-such-uuid"),
        (f"{C},GPU-ffff,{A}", (2,), "no-such-uuid"),
        (INSTANCE, (), "no-such-mig"),
    ],
)
def test_the_list_is_read_up_to_the_first_entry_that_names_no_device(
    value: str, seen: tuple[int, ...], reason: str | None
) -> None:
    found = read("CUDA_VISIBLE_DEVICES", value, THREE, 3)
    assert found is not None
    assert tuple(gpu.index for gpu in found.gpus) == seen
    assert found.reason == reason
    assert found.hides_all is (not seen)


def test_any_list_keeps_the_valid_entries_before_the_first_invalid_one() -> None:
    for entries in product(("0", "1", "2", "3", "-1", "x"), repeat=3):
        found = read("CUDA_VISIBLE_DEVICES", ",".join(entries), THREE, 3)
        assert found is not None
        valid = []
        for entry in entries:
            if entry not in ("0", "1", "2"):
                break
            valid.append(entry)
        expected = [] if len(set(valid)) < len(valid) else valid
        assert [str(gpu.index) for gpu in found.gpus] == expected, entries


def test_an_index_may_be_one_of_the_bus_that_nobody_listed() -> None:
    found = read("CUDA_VISIBLE_DEVICES", "3", THREE, 4)
    assert found is not None and found.reason is None and found.gpus == ()
    unknown = read("CUDA_VISIBLE_DEVICES", "7", (), None)
    assert unknown is not None and unknown.reason is None
    assert read("CUDA_VISIBLE_DEVICES", "7,-1", (), None) is None


def test_uuids_and_instances_that_nobody_listed_may_be_there() -> None:
    for entry in ("GPU-ffff", INSTANCE, "MIG-GPU-ffff/1/0"):
        found = read("CUDA_VISIBLE_DEVICES", entry, (Gpu(index=0), Gpu(index=1)), 2)
        assert found is not None and found.reason is None, entry


def test_a_mig_instance_is_found_by_both_forms_of_its_name_and_ends_the_list() -> None:
    gpus = (Gpu(index=0, uuid=A, name="A100", mig=(INSTANCE,)),)
    for value in (INSTANCE, f"{INSTANCE},MIG-other", f"MIG-{A}/1/0"):
        found = read("CUDA_VISIBLE_DEVICES", value, gpus, 1)
        assert found is not None and found.gpus == gpus and found.reason is None, value


def findings(**changes: Any) -> dict[str, Finding]:
    return {each.code: each for each in diagnose(snapshot(**changes)).findings}


def given(value: str | None, **changes: Any) -> dict[str, Finding]:
    variables = {} if value is None else {"CUDA_VISIBLE_DEVICES": value}
    return findings(variables=variables, **changes)


@pytest.mark.parametrize("value", ["", "-1", "1", "bash", "GPU-ffff", "0,0", "NoDevFiles"])
def test_a_kernel_that_sees_no_gpu_is_told_by_what(value: str) -> None:
    found = given(value)
    assert list(found) == ["gpu-hidden"]
    assert found["gpu-hidden"].framework == "tensorflow"
    assert found["gpu-hidden"].evidence[0].startswith("CUDA_VISIBLE_DEVICES=")
    automatic = [fix for fix in found["gpu-hidden"].fixes if fix.automatic]
    assert [fix.unsets for fix in automatic] == [("CUDA_VISIBLE_DEVICES",)]


@pytest.mark.parametrize("value", [None, "0", "GPU-8932f937", " 0"])
def test_a_kernel_that_sees_its_gpu_is_left_alone(value: str | None) -> None:
    assert given(value) == {}


def test_of_a_machine_without_a_gpu_or_a_build_without_cuda_it_is_not_said() -> None:
    assert "gpu-hidden" not in given("-1", **NO_GPU)
    build = {"frameworks": [cpu_build()]}
    assert "gpu-hidden" not in given("-1", environment=build)
    mac = {"os": "macos", "nvidia_pci_devices": None, "device_nodes": None}
    assert "gpu-hidden" not in given("-1", host=mac)


def test_the_scheduler_that_hid_them_is_asked_for_one() -> None:
    assert "scheduler" in given("NoDevFiles")["gpu-hidden"].fixes[0].title


def test_in_a_container_the_gpus_are_counted_anew() -> None:
    host = {"container": "docker", "nvidia_pci_devices": 4}
    assert "gpu-hidden" in given("2", host=host)
    assert given("2", host={"nvidia_pci_devices": 4}) == {}


def test_windows_gets_its_own_command() -> None:
    fixes = given("-1", host={"os": "windows", "device_nodes": None})["gpu-hidden"].fixes
    assert ("set CUDA_VISIBLE_DEVICES=",) in [fix.commands for fix in fixes]


def pair(*names: str) -> list[dict[str, Any]]:
    known = {"NVIDIA GeForce RTX 3090": 24, "NVIDIA GeForce GT 1030": 2, "NVIDIA GeForce RTX 3060": 12}
    return [
        {"index": place, "name": name, "vendor": "nvidia", "memory_total": known[name] << 30}
        for place, name in enumerate(names)
    ]


SAME = pair("NVIDIA GeForce RTX 3090", "NVIDIA GeForce RTX 3090")


@pytest.mark.parametrize(("value", "ignored"), [("0,5", "5"), ("0,-1,1", "-1, 1"), ("1,x", "x")])
def test_entries_that_are_ignored_are_named(value: str, ignored: str) -> None:
    found = given(value, gpus=SAME, host={"nvidia_pci_devices": 2})
    assert list(found) == ["gpu-hidden-partly"]
    assert f"ignores {ignored}:" in found["gpu-hidden-partly"].detail
    assert "CUDA_VISIBLE_DEVICES=0,1" in found["gpu-hidden-partly"].fixes[0].title


@pytest.mark.parametrize("value", ["0,1", "1", "0,-1", "0,1,-1"])
def test_a_list_that_is_closed_on_purpose_is_left_alone(value: str) -> None:
    assert given(value, gpus=SAME, host={"nvidia_pci_devices": 2}) == {}


NONE_SEEN = "failed call to cuInit: CUDA_ERROR_NO_DEVICE: no CUDA-capable device is detected"


def test_a_program_that_hides_the_gpu_itself_is_told_by_its_log() -> None:
    found = given(None, log=NONE_SEEN)
    assert list(found) == ["gpu-hidden"]
    assert found["gpu-hidden"].fixes[0].where == "notebook"


@pytest.mark.parametrize(
    "changes",
    [
        {"environment": {"libraries": [{**LIBCUDA, "origin": "stub"}]}},
        {"environment": {"libraries": [{**LIBCUDA, "origin": "compat"}]}},
        {"host": {"device_nodes": ["/dev/nvidia0", "/dev/nvidiactl"]}},
        {"driver": {"status": "not-loaded", "kernel_module_version": None}, "gpus": None},
    ],
    ids=["stub", "compat", "no-uvm", "not-loaded"],
)
def test_where_something_else_keeps_cuda_from_the_gpu_no_program_is_blamed(changes: dict[str, Any]) -> None:
    found = given(None, log=NONE_SEEN, **changes).get("gpu-hidden")
    assert found is None or found.fixes[0].where != "notebook"


def rocm(**variables: str) -> dict[str, Finding]:
    build = {**framework(name="torch", version="2.4.0+rocm6.1"), "cuda_build": False, "rocm_build": True}
    build |= {"compute_capabilities": ["gfx1100"], "needs": [], "cuda": None}
    card = {"index": 0, "vendor": "amd", "name": "AMD Radeon RX 7900 XTX", "gfx": "gfx1100"}
    host = {"nvidia_pci_devices": 0, "device_nodes": ["/dev/kfd", "/dev/dri/renderD128"]}
    return findings(
        host=host,
        driver=NO_GPU["driver"],
        gpus=[card],
        environment={"frameworks": [build]},
        variables=variables,
    )


@pytest.mark.parametrize("name", ["HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES"])
def test_hip_reads_variables_of_its_own_and_cudas(name: str) -> None:
    assert name in rocm(**{name: "-1"})["gpu-hidden"].title
    assert "gpu-hidden" not in rocm(**{name: "0"})


def test_what_one_of_hips_variables_leaves_another_may_hide() -> None:
    assert "HIP_VISIBLE" in rocm(ROCR_VISIBLE_DEVICES="0", HIP_VISIBLE_DEVICES="-1")["gpu-hidden"].title


def jax(**variables: str) -> dict[str, Finding]:
    build = {"name": "jax", "version": "0.6.1", "cuda_build": True, "cuda": "12.8"}
    return findings(framework="jax", environment={"frameworks": [build]}, variables=variables)


@pytest.mark.parametrize(
    ("name", "value", "hidden"),
    [
        ("JAX_PLATFORMS", "cpu", True),
        ("JAX_PLATFORM_NAME", "CPU", True),
        ("JAX_PLATFORMS", "cuda,cpu", False),
        ("JAX_PLATFORMS", "", False),
    ],
)
def test_jax_can_be_told_to_leave_gpus_alone(name: str, value: str, hidden: bool) -> None:
    assert ("gpu-hidden" in jax(**{name: value})) is hidden
    assert findings(variables={name: value}) == {}


def test_cuda_does_not_read_hips() -> None:
    assert findings(variables={"HIP_VISIBLE_DEVICES": "-1"}) == {}


def test_a_kernel_uses_one_mig_instance() -> None:
    gpus = [{**healthy()["gpus"][0], "name": "NVIDIA A100-SXM4-40GB", "mig": [INSTANCE, "MIG-2"]}]
    gpus[0]["compute_capability"] = "8.0"
    found = findings(gpus=gpus)
    assert list(found) == ["mig-one-instance"] and found["mig-one-instance"].severity == "info"
    assert "2 MIG instances" in found["mig-one-instance"].detail
    assert findings(gpus=[{**gpus[0], "mig": []}]) == {}


@pytest.mark.parametrize(
    ("names", "variables", "said"),
    [
        (("NVIDIA GeForce GT 1030", "NVIDIA GeForce RTX 3090"), {}, True),
        (
            ("NVIDIA GeForce RTX 3060", "NVIDIA GeForce RTX 3090"),
            {"CUDA_DEVICE_ORDER": "FASTEST_FIRST"},
            True,
        ),
        (("NVIDIA GeForce RTX 3060", "NVIDIA GeForce RTX 3090"), {"CUDA_DEVICE_ORDER": "PCI_BUS_ID"}, False),
        (("NVIDIA GeForce RTX 3090", "NVIDIA GeForce RTX 3060"), {}, False),
        (("NVIDIA GeForce RTX 3090", "NVIDIA GeForce RTX 3090"), {}, False),
        (("NVIDIA GeForce RTX 3090",), {}, False),
    ],
)
def test_cuda_counts_unlike_gpus_from_the_fastest(
    names: tuple[str, ...], variables: dict[str, str], said: bool
) -> None:
    found = findings(gpus=pair(*names), variables=variables, host={"nvidia_pci_devices": len(names)})
    assert ("device-order" in found) is said
    assert all(each.severity == "info" for each in found.values())
