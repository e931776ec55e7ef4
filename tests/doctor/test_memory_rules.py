"""Who holds the GPU's memory, and frameworks that take all of it."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tfgpu.doctor import Finding, diagnose
from tests.doctor.made import cpu_build, framework, healthy, snapshot

GIB = 1 << 30


def card(free: float | None, *processes: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A GPU with 16 GiB, of which ``free`` are free."""
    left = None if free is None else int(free * GIB)
    facts = {**healthy()["gpus"][0], "memory_total": 16 * GIB, "memory_free": left}
    return {**facts, "processes": list(processes) or None, **changes}


def holder(gib: float | None, **changes: Any) -> dict[str, Any]:
    return {"pid": 4211, "memory": None if gib is None else int(gib * GIB), "this_kernel": False, **changes}


def findings(*gpus: dict[str, Any], **changes: Any) -> dict[str, Finding]:
    host = {"nvidia_pci_devices": len(gpus)}
    report = diagnose(snapshot(gpus=list(gpus), host=host, **changes))
    return {each.code: each for each in report.findings}


NOTEBOOK = {"kernel_id": "6f1c2f0e", "notebook": "first.ipynb"}


def test_the_notebook_that_holds_the_memory_is_named_and_can_be_shut_down() -> None:
    found = findings(card(0.3, holder(15.2, **NOTEBOOK)))["gpu-memory-taken"]
    assert found.severity == "warning"
    assert "first.ipynb holds most of the memory" in found.detail
    assert found.fixes[0].commands == ("jupyter tfgpu kernels shutdown 6f1c2f0e",)


def test_two_that_share_it_are_both_named() -> None:
    second = {"kernel_id": "b2f7", "notebook": "second.ipynb"}
    found = findings(card(0.3, holder(7.5, **NOTEBOOK), holder(7.5, **second)))["gpu-memory-taken"]
    assert "first.ipynb and second.ipynb hold most" in found.detail
    assert len(found.fixes[0].commands) == 2


def test_a_process_of_nobody_knows_whom_is_no_notebook() -> None:
    found = findings(card(1, holder(14)))["gpu-memory-taken"]
    assert "Another process holds" in found.detail and "process 4211: 14.0 GiB" in found.evidence
    assert "jupyter tfgpu devices" in found.fixes[0].commands


def test_where_processes_are_not_told_nearly_all_has_to_be_gone() -> None:
    assert "gpu-memory-taken" in findings(card(1))
    assert "gpu-memory-taken" not in findings(card(4))


@pytest.mark.parametrize(
    "gpu",
    [
        card(15),
        card(9, holder(6)),
        card(None),
        card(0.2, holder(15.5, this_kernel=True)),
        card(0.2, holder(None, this_kernel=True)),
        card(0.2, holder(None, this_kernel=True), holder(0.1)),
        card(12, holder(None)),
        card(0.2, holder(15), mig=["MIG-1"]),
        {**card(1), "memory_total": None},
    ],
    ids=[
        "free",
        "less-than-half",
        "unknown",
        "own",
        "own-unknown",
        "own-beside-another",
        "windows",
        "mig",
        "no-total",
    ],
)
def test_memory_that_is_there_or_ones_own_is_no_matter(gpu: dict[str, Any]) -> None:
    assert "gpu-memory-taken" not in findings(gpu)


def test_another_gpu_with_room_is_offered() -> None:
    found = findings(card(0.3, holder(15)), card(15, uuid="GPU-2", index=1))["gpu-memory-taken"]
    assert any("CUDA_VISIBLE_DEVICES=1" in fix.title for fix in found.fixes)


def test_the_gpu_that_comes_first_counts() -> None:
    assert "gpu-memory-taken" not in findings(card(15), card(0.3, holder(15), uuid="GPU-2", index=1))


@pytest.mark.parametrize("build", [cpu_build(), None])
def test_without_a_build_that_uses_a_gpu_it_is_not_said(build: dict[str, Any] | None) -> None:
    frameworks = {"frameworks": [build] if build else []}
    assert "gpu-memory-taken" not in findings(card(0.3, holder(15)), environment=frameworks)


CUDNN = "Could not create cudnn handle: CUDNN_STATUS_NOT_INITIALIZED"


def test_a_framework_that_takes_all_can_be_told_to_let_it_grow() -> None:
    found = findings(card(15), log=CUDNN)
    assert found["memory-growth"].severity == "info"
    [fix] = found["memory-growth"].fixes
    assert fix.automatic and fix.sets == {"TF_FORCE_GPU_ALLOW_GROWTH": "true"}


def test_before_1_13_tensorflow_has_no_variable_for_it() -> None:
    environment = {"frameworks": [framework(version="1.6.0", cuda="9.0", compute_capabilities=None)]}
    [fix] = findings(card(15, compute_capability="6.1"), log=CUDNN, environment=environment)[
        "memory-growth"
    ].fixes
    assert not fix.automatic and "allow_growth" in fix.title and fix.where == "notebook"


def test_jax_has_a_variable_of_its_own() -> None:
    environment = {"frameworks": [framework(name="jax", version="0.6.1")]}
    found = findings(card(0.3, holder(15)), environment=environment)
    assert found["memory-growth"].fixes[0].sets == {"XLA_PYTHON_CLIENT_PREALLOCATE": "false"}


@pytest.mark.parametrize(
    "changes",
    [
        {"log": None},
        {"log": CUDNN, "variables": {"TF_FORCE_GPU_ALLOW_GROWTH": "true"}},
        {"log": CUDNN, "variables": None},
        {"log": CUDNN, "environment": {"frameworks": [framework(name="torch", version="2.4.0")]}},
        {"log": CUDNN, "environment": {"frameworks": [cpu_build()]}},
    ],
    ids=["no-reason", "set", "unknown", "torch", "cpu"],
)
def test_memory_growth_is_not_mentioned_without_a_reason(changes: dict[str, Any]) -> None:
    assert "memory-growth" not in findings(card(15), **changes)


def test_a_healthy_gpu_gets_no_finding() -> None:
    assert findings(card(15)) == {}
