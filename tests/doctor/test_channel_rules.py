"""Packages of one conda environment from channels that do not fit together."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tfgpu.doctor import Finding, diagnose
from tests.doctor.made import NO_GPU, cpu_build, framework, snapshot


def found(*packages: tuple[str, str], **changes: Any) -> Finding | None:
    """``packages``: name and channel; of pip where the channel is empty."""
    listed = [
        {
            "name": name,
            "version": "2.15.0",
            "installer": "conda" if channel else "pip",
            "channel": channel or None,
        }
        for name, channel in packages
    ]
    frameworks = changes.pop("frameworks", [framework(version="2.15.0")])
    environment = {"kind": "conda", "frameworks": frameworks, "distributions": listed}
    report = diagnose(snapshot(environment=environment, **changes))
    return next((each for each in report.findings if each.code == "mixed-channels"), None)


CPU = [cpu_build("2.15.0")]
SYMBOL = "ImportError: libtensorflow_framework.so.2: undefined symbol: _ZTIN6snappy4SinkE"


def test_a_metapackage_of_another_channel_chose_no_gpu_build() -> None:
    finding = found(("tensorflow", "conda-forge"), ("tensorflow-gpu", "defaults"), frameworks=CPU)
    assert finding is not None and finding.severity == "error" and "has no say" in finding.detail
    [command] = finding.fixes[0].commands
    assert command.startswith("conda install -p /home/ada/envs/tf -c defaults --override-channels tensorflow")


@pytest.mark.parametrize("library", ["snappy", "libprotobuf", "libabseil"])
def test_a_library_with_a_c_plus_plus_interface_has_to_be_of_the_same_builders(library: str) -> None:
    packages = ("tensorflow", "conda-forge"), (library, "pkgs/main")
    may = found(*packages)
    assert may is not None and may.severity == "warning" and "may fail" in may.detail
    does = found(*packages, log=SYMBOL)
    assert does is not None and does.severity == "error" and "the import fails" in does.detail


def test_in_the_other_direction_only_the_missing_function_tells() -> None:
    packages = ("tensorflow", "defaults"), ("snappy", "conda-forge")
    assert found(*packages) is None
    assert found(*packages, log=SYMBOL) is not None


@pytest.mark.parametrize(
    "packages",
    [
        [
            ("tensorflow", "conda-forge"),
            ("python", "defaults"),
            ("numpy", "defaults"),
            ("openssl", "defaults"),
        ],
        [("tensorflow", "conda-forge"), ("cudnn", "nvidia"), ("cudatoolkit", "defaults")],
        [("tensorflow", "conda-forge"), ("snappy", "")],
        [("tensorflow", ""), ("snappy", "defaults"), ("libprotobuf", "conda-forge")],
        [("tensorflow", "conda-forge"), ("tensorflow-gpu", "conda-forge"), ("snappy", "conda-forge")],
        [("tensorflow", "https://conda.anaconda.org/conda-forge/linux-64"), ("snappy", "conda-forge")],
        [("tensorflow", "conda-forge"), ("tensorflow-gpu", "defaults")],
        [("tensorflow", "some-lab"), ("snappy", "defaults")],
        [("tensorflow", "conda-forge"), ("tensorflow", ""), ("snappy", "defaults")],
    ],
)
def test_channels_that_get_on_together_are_no_fault(packages: list[tuple[str, str]]) -> None:
    assert found(*packages) is None


def test_pytorch_s_extensions_have_to_be_of_the_same_builders() -> None:
    torch = [{**cpu_build("2.2.0", "torch"), "cuda_build": True}]
    assert found(("pytorch", "conda-forge"), ("torchvision", "pytorch"), frameworks=torch) is not None
    assert found(("pytorch", "pytorch"), ("torchvision", "pytorch-nightly"), frameworks=torch) is None
    dependent = ("mkl", "defaults"), ("cuda-cudart", "nvidia"), ("plantseg", "conda-forge")
    assert found(("pytorch", "pytorch"), ("pytorch-cuda", "pytorch"), *dependent, frameworks=torch) is None


def test_a_selector_of_another_channel_counts_where_a_gpu_build_was_wanted() -> None:
    packages = ("pytorch", "conda-forge"), ("pytorch-cuda", "pytorch")
    without = [cpu_build("2.2.0", "torch")]
    assert found(*packages, frameworks=without) is not None
    assert found(*packages, frameworks=without, **NO_GPU) is None
    assert found(*packages, frameworks=[{**without[0], "cuda_build": True}]) is None


def test_an_older_compiler_s_library_counts_where_the_log_shows_that_it_lacks_something() -> None:
    packages = ("tensorflow", "conda-forge"), ("libstdcxx-ng", "defaults")
    assert found(*packages) is None
    said = "ImportError: libstdc++.so.6: version `GLIBCXX_3.4.30' not found"
    assert found(*packages, log=said) is not None
