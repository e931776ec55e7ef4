"""What a build needs of the processor, of glibc and of Windows, so that it can be imported."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tfgpu.doctor import Finding, diagnose
from tests.doctor.made import NO_GPU, cpu_build, framework, snapshot

OLD = ["sse", "sse2", "ssse3", "sse4_1", "sse4_2", "popcnt"]
SANDY = [*OLD, "avx"]


def findings(
    version: str, host: dict[str, Any], name: str = "tensorflow", **facts: Any
) -> dict[str, Finding]:
    changes = facts.pop("changes", {})
    build = framework(version=version) if name == "tensorflow" else cpu_build(version, name)
    package = "jaxlib" if name == "jax" else name
    own = {"name": package, "version": version, "installer": "pip", **facts.pop("own", {})}
    environment = {"frameworks": [build], "distributions": [own], **facts}
    changes = {**changes, "host": {**changes.get("host", {}), **host}}
    report = diagnose(snapshot(environment=environment, **changes), name)
    return {each.code: each for each in report.findings}


@pytest.mark.parametrize(
    ("name", "version", "flags", "lacking"),
    [
        ("tensorflow", "1.6.0", OLD, "AVX"),
        ("tensorflow", "1.5.1", OLD, "AVX"),
        ("tensorflow", "2.21.0", OLD, "AVX"),
        ("tensorflow", "2.4.0", SANDY, "AVX2"),
        ("tensorflow", "2.4.0", OLD, "AVX"),
        ("tensorflow", "1.4.0", ["sse2", "sse4a"], "SSE4.1"),
        ("jax", "0.6.1", OLD, "AVX"),
    ],
)
def test_instructions_that_the_processor_lacks_are_named(
    name: str, version: str, flags: list[str], lacking: str
) -> None:
    found = findings(version, {"cpu_flags": flags}, name, changes=NO_GPU)["cpu-instructions-missing"]
    assert found.title.endswith(f"needs a processor with {lacking}") and found.fixes


@pytest.mark.parametrize(
    ("name", "version", "flags"),
    [
        ("tensorflow", "1.5.0", OLD),
        ("tensorflow", "2.4.1", SANDY),
        ("tensorflow", "2.20.0", ["SSE4.1", "SSE4.2", "AVX1.0"]),
        ("tensorflow", "2.20.0", ["avx512f"]),
        ("tensorflow", "2.20.0", None),
        ("tensorflow", "2.20.0", []),
        ("torch", "2.5.1", OLD),
        ("jax", "0.1.61", OLD),
    ],
)
def test_instructions_that_are_there_or_not_known_are_no_fault(name: str, version: str, flags: Any) -> None:
    assert "cpu-instructions-missing" not in findings(version, {"cpu_flags": flags}, name)


@pytest.mark.parametrize(
    "own",
    [{"installer": "conda", "channel": "conda-forge"}, {"wheel_tag": "cp38-cp38-linux_x86_64"}],
    ids=["conda", "built-here"],
)
def test_other_builds_are_made_for_other_processors(own: dict[str, str]) -> None:
    assert "cpu-instructions-missing" not in findings("2.4.1", {"cpu_flags": OLD}, own=own)


def test_an_arm_processor_has_other_instructions() -> None:
    host = {"cpu_flags": ["asimd", "fp"], "arch": "aarch64"}
    assert "cpu-instructions-missing" not in findings("2.20.0", host, python_arch="aarch64")


def test_the_release_that_was_compiled_by_mistake_has_a_next_one() -> None:
    found = findings("2.4.0", {"cpu_flags": SANDY})["cpu-instructions-missing"]
    assert found.fixes[0].commands[0].endswith("tensorflow==2.4.1")


@pytest.mark.parametrize(
    ("version", "glibc", "own", "python", "needed"),
    [
        ("2.21.0", "2.17", {"wheel_tag": "cp311-cp311-manylinux_2_27_x86_64"}, "3.11.7", "2.27"),
        ("2.21.0", "2.17", {}, "3.11.7", "2.27"),
        (
            "2.13.0",
            "2.12",
            {"wheel_tag": "cp38-cp38-manylinux_2_17_x86_64.manylinux2014_x86_64"},
            "3.8",
            "2.17",
        ),
        ("2.15.0", "2.12", {}, "3.10.2", "2.17"),
        ("1.12.0", "2.12", {"wheel_tag": "cp36-cp36m-manylinux1_x86_64"}, "3.6.8", "2.17"),
        ("1.14.0", "2.17", {"wheel_tag": "cp37-cp37m-manylinux1_x86_64"}, "3.7.4", "2.23"),
    ],
)
def test_a_system_that_is_older_than_the_wheel_is_named(
    version: str, glibc: str, own: dict[str, str], python: str, needed: str
) -> None:
    found = findings(version, {"glibc": glibc}, own=own, python=python)["glibc-too-old"]
    assert f"needs glibc {needed}" in found.title and glibc in found.title


@pytest.mark.parametrize(
    ("version", "glibc", "own", "python"),
    [
        ("2.21.0", "2.28", {"wheel_tag": "cp311-cp311-manylinux_2_27_x86_64"}, "3.11.7"),
        ("1.14.0", "2.17", {"wheel_tag": "cp36-cp36m-manylinux1_x86_64"}, "3.6.8"),
        ("2.13.0", "2.17", {"wheel_tag": "cp38-cp38-manylinux_2_17_x86_64.manylinux2014_x86_64"}, "3.8.1"),
        ("2.21.0", "2.17", {"installer": "conda"}, "3.11.7"),
        ("1.12.0", "2.12", {"wheel_tag": "cp36-cp36m-linux_x86_64"}, "3.6.8"),
        ("2.21.0", None, {}, "3.11.7"),
    ],
)
def test_a_system_that_is_new_enough_or_not_known_is_no_fault(
    version: str, glibc: str | None, own: dict[str, str], python: str
) -> None:
    assert "glibc-too-old" not in findings(version, {"glibc": glibc}, own=own, python=python)


def test_an_older_release_that_this_glibc_loads_is_offered() -> None:
    found = findings("2.21.0", {"glibc": "2.17"}, python="3.11.7")["glibc-too-old"]
    assert "'tensorflow[and-cuda]==2.20.0'" in found.fixes[0].commands[0]


WINDOWS = {"os": "windows", "glibc": None}


def dlls(*names: str, complete: bool | None = True) -> dict[str, Any]:
    return {
        "libraries": [{"file": each, "reachable": True} for each in names],
        "libraries_complete": complete,
    }


@pytest.mark.parametrize(
    ("name", "version", "present", "missing"),
    [
        ("tensorflow", "2.3.0", ["vcruntime140.dll"], ["msvcp140.dll", "msvcp140_1.dll"]),
        ("tensorflow", "2.10.1", ["msvcp140.dll"], ["msvcp140_1.dll"]),
        ("tensorflow", "1.15.0", [], ["msvcp140.dll"]),
        ("torch", "1.8.0", [], ["msvcp140.dll"]),
    ],
)
def test_microsoft_s_runtime_is_named_where_it_is_missing(
    name: str, version: str, present: list[str], missing: list[str]
) -> None:
    found = findings(version, WINDOWS, name, **dlls(*present), changes=NO_GPU)["msvc-runtime-missing"]
    assert list(found.evidence) == [f"not found: {each}" for each in missing]
    assert found.fixes[0].where == "host"


@pytest.mark.parametrize(
    ("version", "facts", "host"),
    [
        ("2.10.1", dlls("MSVCP140.dll", "msvcp140_1.dll"), WINDOWS),
        ("2.0.0", dlls("msvcp140.dll"), WINDOWS),
        ("2.10.1", dlls(complete=None), WINDOWS),
        ("2.10.1", {"libraries": None, "libraries_complete": True}, WINDOWS),
        ("2.10.1", dlls(), {}),
    ],
)
def test_it_is_not_named_where_it_is_there_or_not_looked_for(version: str, facts: Any, host: Any) -> None:
    assert "msvc-runtime-missing" not in findings(version, host, **facts)
