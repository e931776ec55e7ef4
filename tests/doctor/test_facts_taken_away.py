"""A fact that is not known silences rules; it never makes one speak of a machine where all is well."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from jupyter_tfgpu.doctor import Snapshot, diagnose
from tests.doctor.made import healthy
from tests.doctor.scoring import all_cases

WSL = {"wsl": True, "nvidia_pci_devices": 0, "device_nodes": ["/dev/dxg"]}
CONTAINER = {
    "container": "docker",
    "nvidia_container_variables": {
        "NVIDIA_VISIBLE_DEVICES": "all",
        "NVIDIA_DRIVER_CAPABILITIES": "compute,utility",
    },
}
MACHINES = {
    "plain": {},
    "container": {"host": CONTAINER},
    "wsl": {"host": WSL, "driver": {"version": "572.16", "kernel_module_version": None}},
    "wsl-container": {
        "host": {**WSL, **CONTAINER},
        "driver": {"version": "572.16", "kernel_module_version": None},
    },
    "mig": {"gpus": [{**healthy()["gpus"][0], "mig": ["MIG-1", "MIG-2"]}]},
    "given-by-uuid": {"variables": {"CUDA_VISIBLE_DEVICES": healthy()["gpus"][0]["uuid"]}},
}


def without_one(facts: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The snapshot with one fact after another not known: a part, a field of one, of a GPU, of a build."""
    for name in ("host", "driver", "gpus", "environment", "variables"):
        yield name, {**facts, name: None}
    for part in ("host", "driver", "environment"):
        for name in facts[part]:
            yield f"{part}.{name}", {**facts, part: {**facts[part], name: None}}
    for name in facts["gpus"][0]:
        gpu = {**facts["gpus"][0], name: None}
        yield f"gpus.{name}", {**facts, "gpus": [gpu, *facts["gpus"][1:]]}
    environment = facts["environment"]
    for name in environment["frameworks"][0]:
        if name != "name":
            build = {**environment["frameworks"][0], name: None}
            yield f"frameworks.{name}", {**facts, "environment": {**environment, "frameworks": [build]}}


@pytest.mark.parametrize("machine", MACHINES)
def test_a_healthy_machine_stays_healthy_whatever_is_not_known(machine: str) -> None:
    wrong = {}
    for name, facts in without_one(healthy(**MACHINES[machine])):
        serious = [
            each.code
            for each in diagnose(msgspec.convert(facts, Snapshot)).findings
            if each.severity != "info"
        ]
        if serious:
            wrong[name] = serious
    assert wrong == {}


DRIVER_AND_GPU = frozenset(
    {
        "driver-missing",
        "driver-library-mismatch",
        "driver-too-old",
        "driver-too-new",
        "device-nodes-missing",
        "gpu-lost",
        "container-without-gpu",
        "container-capabilities",
        "driver-state",
        "gpu-hidden",
        "gpu-hidden-partly",
        "gpu-too-old",
        "gpu-too-new",
        "gpu-memory-taken",
    }
)


@pytest.mark.parametrize("part", ["host", "driver", "gpus", "environment", "variables", "log"])
def test_of_no_case_another_driver_or_gpu_is_blamed_for_what_is_not_known(part: str) -> None:
    wrong = {}
    for case in all_cases():
        taken = msgspec.structs.replace(case.snapshot, **{part: None})
        codes = {each.code for each in diagnose(taken).findings} & DRIVER_AND_GPU
        if codes - case.primary - case.allowed:
            wrong[case.id] = codes
    assert wrong == {}
