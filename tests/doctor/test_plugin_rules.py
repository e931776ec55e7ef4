"""Plug-ins that bring the code for a GPU."""

from __future__ import annotations

import shlex
from typing import Any

import pytest

from jupyter_tfgpu.doctor import Finding, diagnose
from jupyter_tfgpu.doctor.knowledge.wheels import metal_ranges
from tests.doctor.made import NO_GPU, cpu_build, framework, snapshot

MAC: dict[str, Any] = {
    **NO_GPU,
    "host": {"os": "macos", "arch": "arm64", "wsl": None, "nvidia_pci_devices": 0, "device_nodes": None},
    "gpus": [{"index": 0, "name": "Apple M2", "vendor": "apple"}],
}


def findings(**changes: Any) -> dict[str, Finding]:
    return {each.code: each for each in diagnose(snapshot(**changes)).findings}


def on_mac(version: str, metal: str | None = None, python: str = "3.11.7") -> dict[str, Finding]:
    plugin = [{"name": "tensorflow-metal", "version": metal}] if metal else []
    environment = {
        "frameworks": [cpu_build(version)],
        "distributions": [{"name": "tensorflow", "version": version}, *plugin],
        "python": python,
        "python_arch": "arm64",
    }
    return findings(**MAC, environment=environment)


@pytest.mark.parametrize(
    ("version", "wanted"),
    [("2.9.0", "0.5"), ("2.13.0", "1.0"), ("2.15.0", "1.2"), ("2.18.0", "1.2")],
)
def test_a_mac_without_the_plugin_gets_the_one_that_fits(version: str, wanted: str) -> None:
    found = on_mac(version)
    assert list(found) == ["metal-plugin-missing"]
    [fix] = found["metal-plugin-missing"].fixes
    assert shlex.split(fix.commands[0])[-1] == f"tensorflow-metal=={wanted}.*"


def test_a_tensorflow_that_no_plugin_fits_is_replaced() -> None:
    [fix] = on_mac("2.20.0")["metal-plugin-missing"].fixes
    assert shlex.split(fix.commands[0])[-2:] == ["tensorflow==2.19.1", "tensorflow-metal==1.2.0"]
    [fix] = on_mac("2.20.0", python="3.13.1")["metal-plugin-missing"].fixes
    assert fix.commands[0].startswith("python3.12 -m venv")


@pytest.mark.parametrize(
    "changes",
    [
        {"environment": {"frameworks": [cpu_build("2.15.0")], "distributions": None}},
        {"environment": {"frameworks": [cpu_build("2.4.0")], "distributions": []}},
        {"environment": {"frameworks": [cpu_build("2.5.1", "torch")], "distributions": []}},
        {
            "host": {**MAC["host"], "arch": "x86_64"},
            "gpus": [],
            "environment": {"frameworks": [cpu_build("2.12.0")]},
        },
    ],
    ids=["packages-unknown", "before-there-was-one", "torch", "intel-mac"],
)
def test_who_needs_no_plugin_is_not_told_to_take_one(changes: dict[str, Any]) -> None:
    assert "metal-plugin-missing" not in findings(**{**MAC, **changes})


def test_an_intel_mac_with_an_amd_gpu_takes_the_last_plugin_it_can() -> None:
    host = {**MAC["host"], "arch": "x86_64"}
    amd = [{"index": 0, "vendor": "amd", "name": "AMD Radeon Pro 5500M"}]
    environment = {"frameworks": [cpu_build("2.15.0")], "distributions": [], "python_arch": "x86_64"}
    found = findings(**{**MAC, "host": host, "gpus": amd}, environment=environment)
    assert list(found) == ["metal-plugin-missing"]
    assert "tensorflow-metal==1.0.0" in found["metal-plugin-missing"].fixes[0].commands[0]


@pytest.mark.parametrize(
    ("version", "metal"),
    [("2.18.0", "1.1.0"), ("2.20.0", "1.2.0"), ("2.21.0", "1.2.0"), ("2.9.0", "0.4.0"), ("2.8.0", "0.5.1")],
)
def test_a_metal_plugin_of_another_release_breaks_the_import(version: str, metal: str) -> None:
    found = on_mac(version, metal)
    assert list(found) == ["plugin-version-mismatch"]
    assert found["plugin-version-mismatch"].fixes[-1].commands[0].endswith("uninstall -y tensorflow-metal")


@pytest.mark.parametrize(
    ("version", "metal"),
    [("2.5.0", "0.1.2"), ("2.13.1", "1.0.1"), ("2.17.1", "1.1.0"), ("2.16.2", "1.2.0"), ("2.19.0", "1.2.0")],
)
def test_a_metal_plugin_that_fits_is_no_fault(version: str, metal: str) -> None:
    assert on_mac(version, metal) == {}


def test_a_metal_plugin_that_nobody_knows_yet_is_no_fault() -> None:
    assert on_mac("2.22.0", "1.3.0") == {}


def test_every_tensorflow_between_the_first_and_the_last_has_a_metal_plugin() -> None:
    for release in range(5, 20):
        assert any(row.first <= (2, release) <= row.last for row in metal_ranges())


def directml(version: str, **plugin: Any) -> dict[str, Finding]:
    environment = {
        "frameworks": [cpu_build(version)],
        "distributions": [
            {"name": "tensorflow-cpu", "version": version},
            {"name": "tensorflow-directml-plugin", "version": "0.4.0.dev230202", **plugin},
        ],
        "python": "3.10.8",
        "libraries_complete": None,
    }
    return findings(host={"os": "windows"}, environment=environment)


@pytest.mark.parametrize("version", ["2.9.0", "2.11.0", "2.15.0"])
def test_the_directml_plugin_takes_2_10_alone(version: str) -> None:
    found = directml(version)
    assert list(found) == ["plugin-version-mismatch"]
    words = shlex.split(found["plugin-version-mismatch"].fixes[0].commands[-1])
    assert "tensorflow-cpu==2.10.0" in words
    assert directml("2.10.0") == {}


def jax(jaxlib: str, plugin: str, **more: Any) -> dict[str, Finding]:
    environment = {
        "frameworks": [framework(name="jax", version=jaxlib, needs=[], **more)],
        "distributions": [
            {"name": "jax", "version": jaxlib},
            {"name": "jaxlib", "version": jaxlib},
            {"name": "jax-cuda12-plugin", "version": plugin},
        ],
        "python": "3.12.1",
    }
    return findings(environment=environment)


@pytest.mark.parametrize(("jaxlib", "plugin"), [("0.7.1", "0.7.2"), ("0.4.36", "0.4.35"), ("0.7.0", "0.6.2")])
@pytest.mark.parametrize("cuda_build", [True, False])
def test_jax_takes_a_plugin_of_its_own_version_alone(jaxlib: str, plugin: str, cuda_build: bool) -> None:
    found = jax(jaxlib, plugin, cuda_build=cuda_build)
    assert list(found) == ["plugin-version-mismatch"]
    [fix] = found["plugin-version-mismatch"].fixes
    version = jaxlib if jaxlib in ("0.7.1", "0.4.36", "0.7.0") else None
    assert shlex.split(fix.commands[0])[-1] == f"jax[cuda12]=={version}"


@pytest.mark.parametrize(("jaxlib", "plugin"), [("0.7.1", "0.7.1"), ("0.6.1.dev20250901", "0.6.1")])
def test_a_plugin_of_the_same_version_is_no_fault(jaxlib: str, plugin: str) -> None:
    assert "plugin-version-mismatch" not in jax(jaxlib, plugin)


@pytest.mark.parametrize(
    ("jax_version", "jaxlib", "requires", "fits"),
    [
        ("0.4.14", "0.4.20", None, False),
        ("0.4.30", "0.4.23", ["jaxlib (<=0.4.30,>=0.4.27)"], False),
        ("0.4.30", "0.4.30", ["jaxlib (<=0.4.30,>=0.4.27)"], True),
        ("0.4.30", "0.4.28", None, True),
        ("0.2.28", "0.3.0", None, True),
    ],
)
def test_jax_does_not_take_every_jaxlib(
    jax_version: str, jaxlib: str, requires: list[str] | None, fits: bool
) -> None:
    environment = {
        "frameworks": [framework(name="jax", version=jax_version, needs=[])],
        "distributions": [
            {"name": "jax", "version": jax_version, "requires": requires},
            {"name": "jaxlib", "version": jaxlib},
        ],
    }
    found = findings(environment=environment)
    assert ("plugin-version-mismatch" in found) is not fits
    if not fits:
        assert found["plugin-version-mismatch"].title == f"jaxlib {jaxlib} does not fit jax {jax_version}"
        assert found["plugin-version-mismatch"].fixes[0].commands[0].endswith("--upgrade jax jaxlib")


def test_what_the_plugins_metadata_ask_for_counts() -> None:
    environment = {
        "frameworks": [framework(name="torch", version="2.5.1", needs=[])],
        "distributions": [{"name": "torch-directml", "version": "0.2.5", "requires": ["torch (==2.4.1)"]}],
    }
    found = findings(environment=environment)
    assert found["plugin-version-mismatch"].detail.startswith("torch-directml asks for torch==2.4.1.")
    environment["distributions"] = [
        {"name": "torch-directml", "version": "0.2.5", "requires": ["torch (==2.5.1)", "numpy ("]}
    ]
    assert "plugin-version-mismatch" not in findings(environment=environment)


@pytest.mark.parametrize(
    ("package", "python", "host"),
    [
        ("tensorflow-metal", "3.13.1", {"os": "macos", "arch": "arm64"}),
        ("tensorflow-directml-plugin", "3.11.4", {"os": "windows", "arch": "x86_64"}),
    ],
)
def test_a_plugin_without_a_wheel_for_this_python_is_not_supported(
    package: str, python: str, host: dict[str, Any]
) -> None:
    environment = {
        "frameworks": [cpu_build("2.10.0")],
        "distributions": [{"name": "tensorflow", "version": "2.10.0"}],
        "python": python,
        "python_arch": host["arch"],
        "libraries_complete": None,
    }
    requested = {"requirement": package}
    found = findings(**NO_GPU | {"host": host}, environment=environment, requested=requested)
    assert next(iter(found)) == "python-unsupported"
    assert package in found["python-unsupported"].title
    environment["python"] = "3.10.8"
    found = findings(**NO_GPU | {"host": host}, environment=environment, requested=requested)
    assert "python-unsupported" not in found
