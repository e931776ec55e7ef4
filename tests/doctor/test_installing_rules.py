"""What can be installed: for this Python, for this platform, under this name."""

from __future__ import annotations

import shlex
from typing import Any

import pytest
from packaging.version import Version

from jupyter_tfgpu.doctor import Finding, diagnose
from jupyter_tfgpu.doctor.knowledge.wheels import wheels
from tests.doctor.made import NO_GPU, cpu_build, snapshot

NONE = "ERROR: Could not find a version that satisfies the requirement {} (from versions: none)"


def findings(name: str = "tensorflow", **changes: Any) -> dict[str, Finding]:
    environment = {"frameworks": [], "distributions": [], "libraries": [], **changes.pop("environment", {})}
    facts = snapshot(framework=name, environment=environment, **changes)
    return {each.code: each for each in diagnose(facts).findings}


@pytest.mark.parametrize(
    ("name", "python", "wheels_for"),
    [
        ("tensorflow", "3.14.3", "Python 2.7 to 3.13"),
        ("tensorflow", "2.6.6", "Python 2.7 to 3.13"),
        ("torch", "3.20.0", "Python 3.6 to 3."),
        ("jax", "3.20.0", "Python 3.9 to 3."),
    ],
)
def test_a_python_without_a_wheel_is_not_supported(name: str, python: str, wheels_for: str) -> None:
    found = findings(name, environment={"python": python})
    assert list(found) == ["python-unsupported"]
    assert wheels_for in found["python-unsupported"].detail


@pytest.mark.parametrize(("name", "python"), [("torch", "3.5.2"), ("jax", "3.7.9"), ("mxnet", "3.20.0")])
def test_a_python_before_the_table_began_is_not_at_fault(name: str, python: str) -> None:
    assert list(findings(name, environment={"python": python})) == ["framework-missing"]


@pytest.mark.parametrize("bits", [{"bits": 32}, {"bits": None, "python_arch": "i686"}])
def test_a_32_bit_python_is_not_supported(bits: dict[str, Any]) -> None:
    found = findings(environment=bits)
    assert "32-bit" in found["python-unsupported"].title
    assert "64-bit Python 3.12" in found["python-unsupported"].fixes[0].title


@pytest.mark.parametrize("python", ["3.10.8", "3.13.0", None, "unknown"])
def test_a_python_with_wheels_or_one_that_is_not_known_is_not_at_fault(python: str | None) -> None:
    assert list(findings(environment={"python": python})) == ["framework-missing"]


@pytest.mark.parametrize(
    ("python", "text"),
    [("3.11.4", "tensorflow==2.10.0"), ("3.8.10", "tensorflow==1.15"), ("3.7.9", "tensorflow==1.4.0")],
)
def test_the_version_asked_for_has_to_be_there_for_this_python(python: str, text: str) -> None:
    found = findings(environment={"python": python}, requested={"requirement": text})
    assert list(found) == ["python-unsupported"]
    assert text in found["python-unsupported"].title
    words = [
        word
        for fix in found["python-unsupported"].fixes
        for line in fix.commands
        for word in shlex.split(line)
    ]
    assert text in words


def test_a_version_that_is_there_for_this_python_is_not_at_fault() -> None:
    request = {"requirement": "tensorflow==2.10.0"}
    assert list(findings(environment={"python": "3.10.8"}, requested=request)) == ["framework-missing"]


def test_a_version_that_nobody_knows_is_not_put_on_the_python() -> None:
    assert list(findings(requested={"requirement": "tensorflow==9.9"})) == ["framework-missing"]


def test_an_index_without_any_build_tells_of_the_python() -> None:
    found = findings(environment={"python": "3.13.0"}, log=NONE.format("tensorflow"))
    assert "python-unsupported" in found
    offline = "Retrying (Retry(total=0)) after connection broken by NewConnectionError\n"
    assert "python-unsupported" not in findings(log=offline + NONE.format("tensorflow"))


@pytest.mark.parametrize("host", [{"arch": None}, {"arch": None, "os": "windows"}])
def test_a_python_that_no_processor_has_wheels_for_needs_no_processor(host: dict[str, Any]) -> None:
    environment = {"python": "3.14.0", "python_arch": None, "libraries_complete": None}
    assert next(iter(findings(host=host, environment=environment))) == "python-unsupported"
    environment["python"] = "3.12.0"
    assert "python-unsupported" not in findings(host=host, environment=environment)
    environment["python"] = "3.14.0"
    assert "python-unsupported" not in findings(host={"arch": None, "os": None}, environment=environment)


def test_a_package_whose_wheels_are_not_known_is_judged_by_the_index() -> None:
    environment = {"python": "3.9.9"}
    found = findings(environment=environment, log=NONE.format("tensorflow-directml"))
    assert "tensorflow-directml" in found["python-unsupported"].title
    [fix] = found["python-unsupported"].fixes
    assert "tensorflow-directml" in fix.title and fix.commands == ()


def test_a_release_older_than_all_that_are_offered_is_not_for_this_python() -> None:
    request = {"requirement": "torch==1.4.0", "available": ["1.7.1", "1.8.0"]}
    found = findings("torch", environment={"python": "3.9.9"}, requested=request)
    assert "1.7.1" in found["python-unsupported"].detail
    request = {"requirement": "torch==99.0", "available": ["1.7.1", "1.8.0"]}
    assert "python-unsupported" not in findings("torch", requested=request)


def test_a_newer_release_asked_for_beside_an_installed_one_is_judged_too() -> None:
    installed = {"frameworks": [cpu_build("2.15.0")], "python": "3.11.4"}
    found = findings(environment=installed, requested={"requirement": "tensorflow==2.10.0"})
    assert next(iter(found)) == "python-unsupported"
    found = findings(environment=installed, requested={"requirement": "tensorflow==2.15.0"})
    assert "python-unsupported" not in found


@pytest.mark.parametrize(
    "changes",
    [
        {"requested": {"requirement": "tensorflow-gpu"}},
        {"requested": {"requirement": "tensorflow-gpu>=2.4"}},
        {"requested": {"requirement": "tensorflow-gpu", "available": ["2.11.0", "2.12.0"]}},
        {"log": 'The "tensorflow-gpu" package has been removed!'},
        {"environment": {"distributions": [{"name": "tensorflow-gpu", "version": "2.12.0"}]}},
    ],
    ids=["unpinned", "open", "offered", "said", "installed"],
)
def test_tensorflow_gpu_is_no_more(changes: dict[str, Any]) -> None:
    found = findings(**changes)
    assert list(found) == ["gpu-package-removed"]
    commands = found["gpu-package-removed"].fixes[0].commands
    assert shlex.split(commands[-1])[-1] == "tensorflow[and-cuda]==2.20.0"


@pytest.mark.parametrize(
    "changes",
    [
        {"requested": {"requirement": "tensorflow-gpu==2.10.0"}},
        {"requested": {"requirement": "tensorflow-gpu", "available": ["2.0.0", "2.1.0"]}},
        {"requested": {"requirement": "tensorflow-gpu"}, "taken_at": "2021-05-01T00:00:00Z"},
        {"requested": {"requirement": "tensorflow"}},
        {
            "environment": {
                "distributions": [
                    {"name": "tensorflow-gpu", "version": "2.17.0", "build": "cuda120py310_203"}
                ]
            }
        },
    ],
    ids=["pinned", "in-its-time", "before", "another", "condas"],
)
def test_a_tensorflow_gpu_that_exists_is_not_called_removed(changes: dict[str, Any]) -> None:
    assert "gpu-package-removed" not in findings(**changes)


def test_the_stub_does_not_matter_beside_a_build_that_works() -> None:
    facts = snapshot(requested={"requirement": "tensorflow-gpu"})
    assert diagnose(facts).findings == ()


@pytest.mark.parametrize(
    ("host", "text"),
    [
        ({"os": "macos", "arch": "x86_64"}, "tensorflow-gpu==2.4.1"),
        ({"os": "linux", "arch": "aarch64"}, "tensorflow-gpu==2.10.0"),
        ({"os": "linux", "arch": "aarch64"}, "tensorflow==1.15.0"),
    ],
)
def test_a_package_for_other_platforms_only_is_named(host: dict[str, Any], text: str) -> None:
    environment = {"python": "3.9.9", "python_arch": host["arch"]}
    found = findings(host=host, environment=environment, requested={"requirement": text})
    assert list(found) == ["platform-unsupported"]
    assert "linux_x86_64" in found["platform-unsupported"].detail


@pytest.mark.parametrize(
    ("system", "arch", "python", "code"),
    [
        ("macos", "arm64", "3.8.9", "platform-unsupported"),
        ("linux", "aarch64", "3.8.10", "platform-unsupported"),
        ("linux", "aarch64", "3.6.9", "platform-unsupported"),
        ("linux", "aarch64", "3.14.0", "python-unsupported"),
        ("linux", "x86_64", "3.8.0", "python-unsupported"),
    ],
)
def test_an_index_without_a_build_tells_of_the_platform_where_wheels_came_late(
    system: str, arch: str, python: str, code: str
) -> None:
    host = {**NO_GPU["host"], "os": system, "arch": arch}
    environment = {"python": python, "python_arch": arch}
    found = findings(**NO_GPU | {"host": host}, environment=environment, log=NONE.format("tensorflow"))
    assert next(iter(found)) == code


@pytest.mark.parametrize("kind", ["conda", "uv", "venv"])
def test_a_new_environment_is_made_by_the_tool_that_made_this_one(kind: str) -> None:
    [fix] = findings(environment={"python": "3.14.0", "kind": kind})["python-unsupported"].fixes
    assert "Python 3.12" in fix.title
    first = {"conda": "conda create", "uv": "uv venv", "venv": "python3.12 -m venv"}[kind]
    assert fix.commands[0].startswith(first)
    assert any("tensorflow[and-cuda]==2.20.0" in shlex.split(line) for line in fix.commands)
    assert fix.commands[-1].startswith("jupyter tfgpu specs add")


def test_windows_gets_the_last_release_with_gpu_code_and_its_python() -> None:
    environment = {"python": "3.14.0", "prefix": r"C:\Python314", "kind": "system"}
    wsl, native = findings(host={"os": "windows"}, environment=environment)["python-unsupported"].fixes
    assert "WSL2" in wsl.title
    assert native.commands[0] == "py -3.10 -m venv tensorflow-py310"
    assert any("tensorflow==2.10.1" in line for line in native.commands)


def test_a_driver_that_is_missing_or_a_cuda_is_no_matter_where_nothing_can_be_installed() -> None:
    found = findings(environment={"python": "3.14.0"}, driver=NO_GPU["driver"])
    assert next(iter(found)) == "python-unsupported"


@pytest.mark.parametrize("name", ["tensorflow", "torch", "jax"])
def test_each_row_of_wheels_is_in_order_and_has_real_versions(name: str) -> None:
    assert wheels(name)
    for row in wheels(name):
        versions = [Version(each) for each in row.versions]
        only_previews = row.package == "tensorflow-directml-plugin"  # there never was another
        assert versions == sorted(versions)
        assert only_previews or not any(each.is_prerelease for each in versions)
        assert row.python_tag.startswith("cp") and row.python_tag[2:].isdigit()


@pytest.mark.parametrize(
    ("python", "first", "last"),
    [
        ("cp311", "2.12.0", None),
        ("cp312", "2.16.1", None),
        ("cp313", "2.20.0", None),
        ("cp36", "1.0.0", "2.6.2"),
    ],
)
def test_the_wheels_are_those_of_the_releases_notes(python: str, first: str, last: str | None) -> None:
    """Where a Python's support began and ended: TensorFlow's release notes and wheels."""
    [*rows] = [
        row
        for row in wheels("tensorflow")
        if (row.package, row.platform, row.python_tag) == ("tensorflow", "linux_x86_64", python)
    ]
    versions = sorted((each for row in rows for each in row.versions), key=Version)
    assert versions[0] == first
    assert last is None or versions[-1] == last
