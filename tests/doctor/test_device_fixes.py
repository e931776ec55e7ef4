"""Builds for a GPU: only what the tables show to serve it, by the environment's own tool."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tfgpu.doctor import Fix, diagnose
from tests.doctor.made import snapshot
from tests.doctor.test_capability_rules import MXNET_101, TF_1, TF_24, TF_217, TORCH_CU102, TORCH_CU128, build


def fixes(
    made: dict[str, Any], capability: str, cuda: str, package: dict[str, Any], **changes: Any
) -> tuple[Fix, ...]:
    environment = {
        "frameworks": [made],
        "distributions": [package],
        "libraries": None,
        "libraries_complete": None,
        **changes.pop("environment", {}),
    }
    gpus = [{"vendor": "nvidia", "name": "NVIDIA GPU", "compute_capability": capability}]
    driver = {"version": None, "kernel_module_version": None, "cuda_version": cuda}
    report = diagnose(
        snapshot(environment=environment, gpus=gpus, driver=driver, framework=made["name"], **changes)
    )
    wanted = {"gpu-too-old", "gpu-too-new", "gpu-needs-jit"}
    [finding] = [each for each in report.findings if each.code in wanted]
    return finding.fixes


def commands(found: tuple[Fix, ...]) -> str:
    return "\n".join(command for fix in found for command in fix.commands)


PIP_TF = {"name": "tensorflow", "version": "2.20.0", "installer": "pip"}
CONDA_TF = {
    "name": "tensorflow-base",
    "version": "1.15.0",
    "installer": "conda",
    "build": "gpu_py37h9dcbed7_0",
}
PIP_TORCH = {"name": "torch", "version": "1.10.1", "installer": "pip"}
CONDA_TORCH = {
    "name": "pytorch",
    "version": "1.5.0",
    "installer": "conda",
    "build": "py3.8_cuda10.2_cudnn7_0",
}


def test_an_older_gpu_gets_the_newest_wheel_with_code_for_it() -> None:
    made = build("tensorflow", "2.20.0", "12.5.1", TF_217)
    assert "tensorflow[and-cuda]==2.16.2" in commands(fixes(made, "5.2", "12.4", PIP_TF))


def test_where_no_wheel_has_code_conda_forge_may_have_a_build() -> None:
    made = build("tensorflow", "2.19.0", "12.5.1", TF_217)
    text = commands(fixes(made, "12.0", "12.8", PIP_TF))
    assert "conda create -n tensorflow-gpu -c conda-forge" in text and "tensorflow=2.19.1=cuda128" in text
    windows = {"os": "windows", "device_nodes": None}
    made = build("tensorflow", "2.10.1", "11.2", TF_24)
    found = fixes(made, "12.0", "12.8", PIP_TF, host=windows)
    assert commands(found) == "" and "WSL2" in found[0].title


def test_condas_build_is_not_exchanged_for_itself() -> None:
    made = build("tensorflow", "1.15.0", "10.0", TF_1)
    text = commands(fixes(made, "8.6", "11.6", CONDA_TF))
    assert "gpu_*" not in text and "conda-forge" in text


@pytest.mark.parametrize(
    ("made", "capability", "cuda", "wanted"),
    [
        (build("torch", "1.10.1+cu102", "10.2", TORCH_CU102), "8.0", "11.7", "torch==1.10.1+cu113"),
        (build("torch", "2.8.0+cu128", "12.8", TORCH_CU128), "6.1", "12.8", "torch==2.8.0+cu126"),
        (build("torch", "2.8.0+cu128", "12.8", TORCH_CU128), "3.0", "12.8", ""),
    ],
)
def test_pytorch_keeps_its_release_where_another_cuda_of_it_serves(
    made: dict[str, Any], capability: str, cuda: str, wanted: str
) -> None:
    python = {"python": "3.9.18" if made["version"].startswith("1.") else "3.11.7"}
    text = commands(fixes(made, capability, cuda, PIP_TORCH, environment=python))
    assert wanted in text if wanted else not text


def test_condas_pytorch_is_exchanged_where_a_newer_one_serves() -> None:
    made = build("torch", "1.5.0", "10.2", TORCH_CU102)
    conda = {"kind": "conda"}
    assert "conda install" in commands(fixes(made, "8.6", "12.4", CONDA_TORCH, environment=conda))
    assert not commands(fixes(made, "3.0", "11.4", CONDA_TORCH, environment=conda))


def test_jax_for_cuda_12_serves_what_13_has_dropped_and_nothing_older() -> None:
    jax = {"name": "jaxlib", "version": "0.8.0", "installer": "pip"}
    assert "jax[cuda12]" in commands(fixes(build("jax", "0.8.0", "13", None), "7.0", "13.0", jax))
    assert not commands(fixes(build("jax", "0.8.0", "13", None), "3.7", "13.0", jax))


def test_mxnet_gets_a_package_of_a_cuda_that_knows_the_gpu() -> None:
    package = {"name": "mxnet-cu101", "version": "1.9.1", "installer": "pip"}
    text = commands(fixes(build("mxnet", "1.9.1", "10.1", MXNET_101), "8.6", "11.4", package))
    assert "uninstall -y mxnet-cu101" in text and "mxnet-cu117==1.9.1" in text
    assert not commands(fixes(build("mxnet", "1.9.1", "10.1", MXNET_101), "12.0", "12.8", package))
