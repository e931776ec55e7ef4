"""ptxas and libdevice, which XLA needs."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tfgpu.doctor import Finding, diagnose
from tests.doctor.made import NO_GPU, framework, healthy, snapshot

SITE = "/home/ada/envs/tf/lib/python3.11/site-packages/nvidia/cuda_nvcc"
PTXAS = {"path": f"{SITE}/bin/ptxas", "version": "12.5.82", "reachable": True}
LIBDEVICE = {"path": f"{SITE}/nvvm/libdevice/libdevice.10.bc", "reachable": True}


def findings(tools: dict[str, Any] | None, **changes: Any) -> list[Finding]:
    environment = {"tools": tools, **changes.pop("environment", {})}
    return list(diagnose(snapshot(environment=environment, **changes)).findings)


def found(tools: dict[str, Any] | None, **changes: Any) -> list[tuple[str, str]]:
    return [(each.code, each.severity) for each in findings(tools, **changes) if each.severity != "info"]


def searched(ptxas: dict[str, Any] | None, libdevice: dict[str, Any] | None) -> dict[str, Any]:
    return {"searched": True, "ptxas": ptxas, "libdevice": libdevice}


def far(tool: dict[str, Any]) -> dict[str, Any]:
    return {**tool, "reachable": False}


MISSING = [("libdevice-missing", "warning")]


@pytest.mark.parametrize(
    ("tools", "what"),
    [
        (searched(PTXAS, LIBDEVICE), []),
        (searched(None, None), MISSING),
        (searched(PTXAS, None), MISSING),
        (searched(PTXAS, far(LIBDEVICE)), MISSING),
        (searched(None, LIBDEVICE), MISSING),
        (searched({**PTXAS, "reachable": None}, {**LIBDEVICE, "reachable": None}), []),
        ({"searched": None}, []),
        (None, []),
    ],
)
def test_what_xla_does_not_find(tools: dict[str, Any] | None, what: list[tuple[str, str]]) -> None:
    assert found(tools) == what


def test_it_says_which() -> None:
    [both] = findings(searched(None, far(LIBDEVICE)))
    assert both.title == "XLA does not find ptxas and libdevice"
    assert both.evidence == ("not found: ptxas", f"out of reach: libdevice at {LIBDEVICE['path']}")


def test_jax_runs_nothing_without_ptxas() -> None:
    environment = {"frameworks": [framework(name="jax", version="0.6.1")]}
    assert found(searched(None, LIBDEVICE), environment=environment) == [("libdevice-missing", "error")]
    assert found(searched(PTXAS, None), environment=environment) == MISSING


@pytest.mark.parametrize("name", ["torch", "mxnet"])
def test_others_do_not_use_xla(name: str) -> None:
    assert found(searched(None, None), environment={"frameworks": [framework(name=name, cudnn=None)]}) == []


def test_before_keras_compiled_of_itself_the_driver_stands_in_for_ptxas() -> None:
    environment = {"frameworks": [framework(version="2.9.1", cuda="11.2", cudnn="9.1", needs=[])]}
    assert found(searched(None, LIBDEVICE), environment=environment) == []
    assert found(searched(None, None), environment=environment) == MISSING


def test_without_a_gpu_or_libraries_it_does_not_matter() -> None:
    assert found(searched(None, None), **NO_GPU) == []
    assert found(searched(None, None), environment={"libraries": []}) == [("cuda-missing", "error")]


def test_nvidias_package_of_the_builds_cuda() -> None:
    [each] = findings(searched(None, None))
    assert each.fixes[0].commands[0].endswith("'nvidia-cuda-nvcc-cu12==12.5.*'")


def test_condas_package_for_condas_build() -> None:
    conda = {
        "kind": "conda",
        "distributions": [{"name": "tensorflow", "version": "2.18.0", "installer": "conda", "build": "cuda"}],
    }
    [each] = findings(searched(None, None), environment=conda)
    assert each.fixes[0].commands[0].endswith("-c conda-forge cuda-nvcc=12.5")


def test_a_release_that_does_not_look_in_the_package_is_told() -> None:
    old = {"frameworks": [framework(version="2.13.1", cuda="11.8", cudnn="9.1", needs=[])]}
    [each] = findings(searched(None, None), environment=old)
    assert f"--xla_gpu_cuda_data_dir={SITE}" in each.fixes[1].commands[0]
    conda = {"name": "cudatoolkit", "version": "11.8.0", "installer": "conda"}
    [each] = findings(searched(None, None), environment={**old, "distributions": [conda]})
    assert "--xla_gpu_cuda_data_dir=/home/ada/envs/tf" in each.fixes[1].commands[0]


def test_condas_cudatoolkit_has_libdevice_where_xla_does_not_look() -> None:
    lies = {"path": "/home/ada/envs/tf/lib/libdevice.10.bc", "reachable": False}
    [each] = findings(searched(PTXAS, lies))
    assert any(
        "cp /home/ada/envs/tf/lib/libdevice.10.bc" in line for fix in each.fixes for line in fix.commands
    )


def test_a_toolkit_that_is_there_is_named_to_xla_beside_its_other_flags() -> None:
    lies = {"path": "/opt/cuda-12.5/nvvm/libdevice/libdevice.10.bc", "reachable": False}
    [each] = findings(searched(PTXAS, lies), variables={"XLA_FLAGS": "--xla_x=1 --xla_gpu_cuda_data_dir=/no"})
    sets = [fix.sets for fix in each.fixes if fix.sets]
    assert sets == [{"XLA_FLAGS": "--xla_x=1 --xla_gpu_cuda_data_dir=/opt/cuda-12.5"}]


@pytest.mark.parametrize(
    ("version", "capability", "old"),
    [
        ("11.0.194", "8.6", True),
        ("11.1", "8.6", False),
        ("11.2", "8.9", True),
        ("11.8.89", "8.9", False),
        ("10.0.145", "6.1", False),
        ("9.2.88", "7.5", True),
        (None, "8.9", False),
    ],
)
def test_a_ptxas_of_before_the_gpu(version: str | None, capability: str, old: bool) -> None:
    gpus = [{**healthy()["gpus"][0], "compute_capability": capability}]
    codes = [code for code, _ in found(searched({**PTXAS, "version": version}, LIBDEVICE), gpus=gpus)]
    assert ("ptxas-too-old" in codes) == old


def test_a_newer_ptxas_on_this_machine_is_put_first() -> None:
    tools = searched({**PTXAS, "version": "11.0"}, LIBDEVICE)
    tools["other_ptxas"] = [
        {"path": "/usr/local/cuda-10.2/bin/ptxas", "version": "10.2"},
        {"path": "/usr/local/cuda-12.5/bin/ptxas", "version": "12.5"},
    ]
    [each] = findings(tools)
    assert each.fixes[0].sets == {"PATH": "/usr/local/cuda-12.5/bin"}
