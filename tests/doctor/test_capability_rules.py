"""Does a build serve a GPU: by its list, by its CUDA, by the cuDNN beside it."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tfgpu.doctor import Finding, diagnose
from jupyter_tfgpu.doctor.capability import judge
from jupyter_tfgpu.doctor.fixes.releases import serves
from jupyter_tfgpu.doctor.knowledge import gpu_wheels, table
from jupyter_tfgpu.doctor.knowledge.gpus import TEGRA
from jupyter_tfgpu.doctor.subject import Subject
from jupyter_tfgpu.doctor.versions import numbers
from tests.doctor.made import LIBCUDA, framework, snapshot

CAPABILITY = {"gpu-too-old", "gpu-too-new", "gpu-needs-jit"}

TF_1 = ["sm_35", "sm_37", "sm_52", "sm_60", "sm_61", "sm_70", "compute_70"]
TF_23 = TF_1
TF_24 = ["sm_35", "sm_50", "sm_60", "sm_70", "sm_75", "sm_80", "compute_80"]
TF_217 = ["sm_60", "sm_70", "sm_80", "sm_89", "sm_90", "compute_90"]
TORCH_CU102 = ["sm_37", "sm_50", "sm_60", "sm_70"]
TORCH_CU117 = ["sm_37", "sm_50", "sm_60", "sm_70", "sm_75", "sm_80", "sm_86"]
TORCH_CU124 = ["sm_50", "sm_60", "sm_70", "sm_75", "sm_80", "sm_86", "sm_90"]
TORCH_CU128 = ["sm_70", "sm_75", "sm_80", "sm_86", "sm_90", "sm_100", "sm_120"]
JAX_12 = ["sm_50", "sm_60", "sm_70", "sm_80", "sm_90", "sm_100", "sm_120", "compute_120"]
MXNET_101 = ["sm_30", "sm_35", "sm_50", "sm_52", "sm_60", "sm_61", "sm_70", "sm_75", "compute_75"]


def build(name: str, version: str, cuda: str | None, code: list[str] | None, **more: Any) -> dict[str, Any]:
    facts = {"name": name, "version": version, "cuda_build": True, "cuda": cuda, "compute_capabilities": code}
    return {**facts, **more}


def gpu(capability: str | None, name: str | None = None) -> dict[str, Any]:
    return {"vendor": "nvidia", "name": name or "NVIDIA GPU", "compute_capability": capability}


def findings(made: dict[str, Any], *gpus: dict[str, Any], **changes: Any) -> dict[str, Finding]:
    driver = {"version": None, "kernel_module_version": None, "cuda_version": None}
    environment = {
        "frameworks": [made],
        "distributions": [],
        "libraries": None,
        "libraries_complete": None,
        **changes.pop("environment", {}),
    }
    facts = {"driver": driver, "gpus": list(gpus), "framework": made["name"], **changes}
    report = diagnose(snapshot(environment=environment, **facts))
    return {each.code: each for each in report.findings}


@pytest.mark.parametrize(
    ("made", "capability", "code"),
    [
        # TensorFlow: by its list
        (build("tensorflow", "2.20.0", "12.5.1", TF_217), "5.2", "gpu-too-old"),
        (build("tensorflow", "2.20.0", "12.5.1", TF_217), "6.1", None),
        (build("tensorflow", "2.20.0", "12.5.1", TF_217), "8.6", None),
        (build("tensorflow", "2.20.0", "12.5.1", TF_217), "9.0", None),
        (build("tensorflow", "2.20.0", "12.5.1", TF_217), "12.0", "gpu-too-new"),
        (build("tensorflow", "2.21.0.dev20250722", "12.5.1", TF_217), "12.0", "gpu-too-new"),
        (build("tensorflow", "2.21.0", "12.5.1", TF_217), "12.0", "gpu-needs-jit"),
        (build("tensorflow", "2.21.0", "12.5.1", TF_217), "10.3", "gpu-needs-jit"),
        (build("tensorflow", "2.14.0", "11.8", TF_24), "9.0", "gpu-needs-jit"),
        (build("tensorflow", "2.10.1", "11.2", TF_24), "9.0", "gpu-needs-jit"),
        (build("tensorflow", "2.10.1", "11.2", TF_24), "8.9", None),
        (build("tensorflow", "2.10.1", "11.2", TF_24), "12.0", "gpu-too-new"),
        (build("tensorflow", "2.10.1", "11.2", TF_24), "3.0", "gpu-too-old"),
        (build("tensorflow", "2.3.0", "10.1", TF_23), "5.0", "gpu-too-old"),
        (build("tensorflow", "2.3.0", "10.1", TF_23), "8.6", "gpu-too-new"),
        (build("tensorflow", "2.3.0", "10.1", TF_23), "7.5", None),
        # before 2.3 there was PTX for each entry, which fills the gap
        (build("tensorflow", "2.1.0", "10.1", TF_1), "5.0", None),
        (build("tensorflow", "1.15.0", "10.0", TF_1), "8.0", "gpu-too-new"),
        (build("tensorflow", "1.15.0", "10.0", TF_1), "3.0", "gpu-too-old"),
        # a build from source, for one GPU
        (build("tensorflow", "2.4.0", "11.0", ["sm_70", "compute_70"]), "6.1", "gpu-too-old"),
        (build("tensorflow", "1.12.0", "10.0", ["sm_61", "compute_61"]), "6.1", None),
        # by its release, where nobody read a list
        (build("tensorflow", "2.17.0", "12.3", None), "5.2", "gpu-too-old"),
        (build("tensorflow", "2.17.0", "12.3", None), "8.9", None),
        (build("tensorflow", "1.4.0", "8.0", None), "3.0", "gpu-too-old"),
        (build("tensorflow", "1.4.0", "8.0", None), "7.0", "gpu-too-new"),
        (build("tensorflow", "1.12.0", "9.0", None), "7.5", None),
        (build("tensorflow", "1.12.0", "9.0", None), "6.1", None),
        # a toolkit that has dropped the GPU
        (build("tensorflow", "2.15.0", "12.2", None), "3.7", "gpu-too-old"),
        # PyTorch: machine code alone
        (build("torch", "1.10.1+cu102", "10.2", TORCH_CU102), "8.0", "gpu-too-new"),
        (build("torch", "1.10.1+cu102", "10.2", TORCH_CU102), "7.5", None),
        (build("torch", "1.10.1+cu102", "10.2", TORCH_CU102), "3.5", "gpu-too-old"),
        (build("torch", "1.13.1+cu117", "11.7", TORCH_CU117), "8.9", None),
        (build("torch", "1.13.1+cu117", "11.7", TORCH_CU117), "9.0", "gpu-too-new"),
        (build("torch", "2.6.0+cu124", "12.4", TORCH_CU124), "12.0", "gpu-too-new"),
        (build("torch", "2.6.0+cu124", "12.4", TORCH_CU124), "3.7", "gpu-too-old"),
        (build("torch", "2.8.0+cu128", "12.8", TORCH_CU128), "12.1", None),
        (build("torch", "2.8.0+cu128", "12.8", TORCH_CU128), "6.1", "gpu-too-old"),
        (build("torch", "2.8.0", "12.8", None), "6.1", "gpu-too-old"),
        (build("torch", "2.8.0+cu126", "12.6", None), "6.1", None),
        (build("torch", "2.11.0", "13.0", None), "7.0", "gpu-too-old"),
        (build("torch", "9.9.9+cu118", None, None), "12.0", "gpu-too-new"),
        (build("torch", "9.9.9+cu130", None, None), "7.0", "gpu-too-old"),
        (build("torch", "9.9.9+cu118", None, None), "8.6", None),
        (build("torch", "2.5.1", "12.6", [*TORCH_CU124, "compute_90"]), "12.0", "gpu-needs-jit"),
        # JAX: XLA compiles for the GPU at hand
        (build("jax", "0.6.1", "12.8", JAX_12), "12.1", None),
        (
            build("jax", "0.4.30", "12.3", ["sm_50", "sm_60", "sm_70", "sm_80", "compute_90"]),
            "12.0",
            "gpu-too-new",
        ),
        (build("jax", "0.4.30", "12", None), "10.0", "gpu-too-new"),
        (build("jax", "0.4.38", "12.3", ["sm_50", "sm_60", "sm_70", "sm_80", "compute_90"]), "12.0", None),
        (build("jax", "0.4.30", "12.3", ["sm_60", "sm_70", "compute_80"]), "5.2", "gpu-too-old"),
        (build("jax", "0.3.14", "11", None), "12.0", "gpu-too-new"),
        (build("jax", "0.3.14", "11", None), "8.6", None),
        (build("jax", "0.4.30", "12", None), "3.7", "gpu-too-old"),
        (build("jax", "0.8.0", "13", None), "7.0", "gpu-too-old"),
        # MXNet: PTX of the last entry, on CUDA's libraries of its time
        (build("mxnet", "1.6.0", "10.1", MXNET_101), "8.6", "gpu-too-new"),
        (build("mxnet", "1.6.0", "10.1", MXNET_101), "7.5", None),
        (build("mxnet", "1.6.0", "10.1", None), "8.0", "gpu-too-new"),
    ],
)
def test_a_build_serves_a_gpu_or_not(made: dict[str, Any], capability: str, code: str | None) -> None:
    found = findings(made, gpu(capability))
    assert set(found) & CAPABILITY == ({code} if code else set())
    if code:
        assert capability in " ".join(found[code].evidence) and found[code].fixes


def test_a_gpus_name_does_where_its_capability_is_not_known() -> None:
    made = build("torch", "1.10.1+cu102", "10.2", TORCH_CU102)
    assert "gpu-too-new" in findings(made, gpu(None, "NVIDIA GeForce RTX 3090"))
    assert not findings(made, gpu(None, "a card of tomorrow"))


def test_the_indexs_own_pytorch_has_one_cuda_a_release() -> None:
    made = build("torch", "1.10.1", None, None)
    package = {"distributions": [{"name": "torch", "version": "1.10.1", "installer": "pip"}]}
    assert "gpu-too-new" in findings(made, gpu("8.6"), environment=package)
    assert not findings(made, gpu("7.5"), environment=package)
    assert not set(findings(made, gpu("8.6"))) & CAPABILITY


def test_beside_a_gpu_that_it_serves_another_does_not_matter() -> None:
    made = build("tensorflow", "2.20.0", "12.5.1", TF_217)
    assert not findings(made, gpu("8.6", "NVIDIA GeForce RTX 3090"), gpu("3.5", "GeForce GT 710"))
    assert "gpu-too-old" in findings(made, gpu("5.2"), gpu("3.5"))


def test_only_the_gpus_that_the_kernel_is_given_are_judged() -> None:
    made = build("tensorflow", "2.20.0", "12.5.1", TF_217)
    pair = (gpu("8.6", "NVIDIA GeForce RTX 3090"), gpu("5.2", "GeForce GTX TITAN X"))
    given = {"variables": {"CUDA_VISIBLE_DEVICES": "1", "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}}
    assert set(findings(made, *pair, **given)) & CAPABILITY == {"gpu-too-old"}


@pytest.mark.parametrize(
    "changes",
    [{"cuda_build": False}, {"cuda_build": False, "rocm_build": True}, {"version": None, "cuda": None}],
)
def test_a_build_without_cuda_or_of_which_nothing_is_known_is_not_judged(changes: dict[str, Any]) -> None:
    made = {**build("tensorflow", "2.20.0", "12.5.1", None), **changes}
    assert not set(findings(made, gpu("5.2"))) & CAPABILITY


def test_a_driver_that_is_told_to_use_ptx_alone_cannot_serve_older_gpus() -> None:
    made = build("tensorflow", "2.20.0", "12.5.1", TF_217)
    found = findings(made, gpu("8.6"), variables={"CUDA_FORCE_PTX_JIT": "1"})
    assert "gpu-too-old" in found
    assert "gpu-too-old" not in findings(made, gpu("8.6"), variables={"CUDA_FORCE_PTX_JIT": "0"})


def test_a_driver_that_is_told_to_use_no_ptx_cannot_serve_newer_gpus() -> None:
    made = build("tensorflow", "2.14.0", "11.8", TF_24)
    found = findings(made, gpu("9.0"), variables={"CUDA_DISABLE_PTX_JIT": "1"})
    assert "gpu-too-new" in found and "gpu-needs-jit" not in found


def test_a_board_needs_code_of_its_own() -> None:
    made = build("torch", "2.5.1", "12.6", [*TORCH_CU124, "compute_90"])
    board = {"os": "linux", "arch": "aarch64", "jetson": "R36.4.0", "device_nodes": None}
    found = findings(made, gpu("8.7", "Orin (nvgpu)"), host=board)
    assert set(found) & {*CAPABILITY, "platform-unsupported"}
    own = build("torch", "2.5.0", "12.6", ["sm_87"])
    assert not set(findings(own, gpu("8.7"), host=board)) & CAPABILITY


CUDNN_WITHOUT = {
    "file": "libcudnn.so.9",
    "version": "9.11.0",
    "origin": "wheel",
    "reachable": True,
    "cuda_major": 12,
}


@pytest.mark.parametrize(
    ("capability", "version", "said"),
    [
        ("7.0", "9.11.0", True),
        ("6.1", "9.28.0", True),
        ("7.0", "9.10.2", False),
        ("7.5", "9.28.0", False),
        ("9.0", "9.11.0", False),
        ("6.1", "9.99.0", False),
        ("6.1", None, False),
    ],
)
def test_the_cudnn_that_is_loaded_needs_code_for_the_gpu_too(
    capability: str, version: str | None, said: bool
) -> None:
    made = framework(version="2.20.0", cudnn="9.3", needs=["libcudnn.so.9"])
    cudnn = {**CUDNN_WITHOUT, "version": version}
    found = findings(made, gpu(capability), environment={"libraries": [LIBCUDA, cudnn]}).get("gpu-too-old")
    assert (found is not None) is said
    if found:
        assert "nvidia-cudnn-cu12==9.10.2.21" in found.fixes[0].commands[0]


def test_a_cudnn_of_the_system_is_not_replaced_by_a_wheel() -> None:
    made = framework(version="2.20.0", cudnn="9.3", needs=["libcudnn.so.9"])
    library = {**CUDNN_WITHOUT, "origin": "system", "path": "/usr/lib/x86_64-linux-gnu/libcudnn.so.9"}
    [fix] = findings(made, gpu("7.0"), environment={"libraries": [library]})["gpu-too-old"].fixes
    assert fix.commands == () and "9.10.2.21" in fix.title and library["path"] in fix.title


def test_of_condas_cudnn_conda_installs_an_older_one() -> None:
    made = framework(version="2.19.1", cudnn="9.3", needs=["libcudnn.so.9"])
    package = {"name": "cudnn", "version": "9.11.0.98", "installer": "conda", "build": "h3f5a7f4_0"}
    environment = {
        "libraries": [{**CUDNN_WITHOUT, "origin": "conda"}],
        "distributions": [package],
        "kind": "conda",
    }
    [command] = findings(made, gpu("7.0"), environment=environment)["gpu-too-old"].fixes[0].commands
    assert "conda install" in command and "cudnn<=9.10.2" in command


def test_the_first_start_of_a_newer_gpu_is_kept_for_the_next() -> None:
    made = build("tensorflow", "2.14.0", "11.8", TF_24)
    fixes = findings(made, gpu("9.0"))["gpu-needs-jit"].fixes
    assert any("CUDA_CACHE_MAXSIZE" in command for fix in fixes for command in fix.commands)


def test_a_build_with_another_cuda_than_the_index_wheel_of_its_version_is_another_build() -> None:
    own = build("tensorflow", "1.15.5", "11.8", None)
    package = [{"name": "nvidia-tensorflow", "version": "1.15.5+nv22.11"}]
    found = findings(own, gpu("8.6"), environment={"distributions": package})
    assert not set(found) & CAPABILITY


FAMILIES = [row["compute_capability"] for row in table("gpu_arch_support")]


@pytest.mark.parametrize("version", ["2.3.4", "2.10.1", "2.15.1", "2.17.0", "2.20.0", "2.21.0"])
def test_of_an_index_wheel_every_gpu_is_judged_as_its_list_and_cuda_say(version: str) -> None:
    [wheel] = [
        each
        for each in gpu_wheels()
        if (each.package, each.version, each.platform) == ("tensorflow", version, "linux_x86_64")
    ]
    made = build("tensorflow", version, wheel.cuda, list(wheel.compute_capabilities))
    fits = {
        each: judge(Subject(snapshot(environment={"frameworks": [made]}), "tensorflow"), each).fit
        for each in FAMILIES
    }
    newest = max(numbers(each.split("_")[1][:-1] + "." + each[-1]) for each in wheel.compute_capabilities)
    for each, fit in fits.items():
        if numbers(each) in TEGRA:
            continue
        served = serves(wheel.compute_capabilities, each)
        assert (fit == "native") is served, each
        if not served:
            assert (fit == "too-old") is (numbers(each) < newest), each


def test_tensorflow_2_21_registers_newer_gpus_after_compiling_and_cannot_use_older_ones() -> None:
    """As the unmodified wheel did with a stand-in driver; that it cannot compute on the older ones is told by
    its only PTX being for 9.0."""
    made = build("tensorflow", "2.21.0", "12.5.1", TF_217)
    subject = Subject(snapshot(environment={"frameworks": [made]}), "tensorflow")
    for each in ("6.0", "6.1", "7.0", "7.5", "8.0", "8.6", "8.9", "9.0"):
        assert judge(subject, each).fit == "native"
    for each in ("10.0", "10.3", "12.0", "12.1"):
        assert judge(subject, each).fit == "compiled"
    for each in ("3.7", "5.2"):
        assert judge(subject, each).fit == "too-old"
