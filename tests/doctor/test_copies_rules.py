"""Copies from elsewhere that come before the environment's own."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tfgpu.doctor import Finding, diagnose
from tests.doctor.made import NO_GPU, cpu_build, framework, snapshot

HERE = "/home/ada/envs/tf"


def findings(**changes: Any) -> dict[str, Finding]:
    return {each.code: each for each in diagnose(snapshot(**changes)).findings}


def copies(place: str = "user", version: str = "2.17.0") -> dict[str, Any]:
    return {
        "frameworks": [framework(version=version, location=place), framework(location="site")],
        "distributions": [
            {"name": "tensorflow", "version": version, "location": place},
            {"name": "tensorflow", "version": "2.20.0", "location": "site"},
        ],
    }


@pytest.mark.parametrize(
    ("place", "words"), [("user", "the user site"), ("pythonpath", "PYTHONPATH"), ("system", "the system's")]
)
def test_another_copy_of_the_framework_that_comes_first_is_an_error(place: str, words: str) -> None:
    found = findings(environment=copies(place))["shadowed-packages"]
    assert found.severity == "error" and words in found.title


def test_the_user_site_is_left_out_by_a_variable() -> None:
    first, second = findings(environment=copies())["shadowed-packages"].fixes
    assert first.sets == {"PYTHONNOUSERSITE": "1"} and first.automatic
    assert second.commands == (f"{HERE}/bin/python -m pip uninstall -y tensorflow",)


def test_a_kernel_from_the_user_site_is_not_cut_off_from_it() -> None:
    facts = copies()
    facts["distributions"].append({"name": "ipykernel", "version": "6.29.5", "location": "user"})
    first, *_ = findings(environment=facts)["shadowed-packages"].fixes
    assert not first.automatic and "ipykernel" in first.commands[0]


def test_pythonpath_is_taken_away() -> None:
    [fix] = findings(environment=copies("pythonpath"))["shadowed-packages"].fixes
    assert fix.unsets == ("PYTHONPATH",) and fix.automatic


def dependency(name: str, first: str, own: str, place: str = "user") -> dict[str, Any]:
    return {
        "distributions": [
            {"name": name, "version": first, "location": place},
            {"name": "tensorflow", "version": "2.20.0", "location": "site"},
            {"name": name, "version": own, "location": "site"},
        ]
    }


def test_another_version_of_what_the_framework_depends_on_is_a_warning() -> None:
    found = findings(environment=dependency("h5py", "3.1.0", "2.10.0"))["shadowed-packages"]
    assert found.severity == "warning" and found.title.startswith("h5py from the user site comes")


@pytest.mark.parametrize(
    "facts",
    [
        dependency("h5py", "3.1.0", "3.1.0"),
        dependency("numpy", "1.26.4", "1.24.3"),
        dependency("jupyterlab", "3.0.0", "4.0.0"),
        dependency("h5py", "3.1.0", "2.10.0", place="site"),
        {"distributions": [{"name": "h5py", "version": "3.1.0", "location": "user"}]},
        {"frameworks": [framework(location="user")]},
    ],
    ids=["same", "near", "not-its-own", "both-site", "only-one", "only-in-the-user-site"],
)
def test_a_copy_that_changes_nothing_is_no_fault(facts: dict[str, Any]) -> None:
    assert findings(environment=facts) == {}


@pytest.mark.parametrize(
    ("name", "first", "own"), [("keras", "3.5.0", "3.10.0"), ("protobuf", "3.20.3", "5.29.1")]
)
def test_what_is_made_for_one_release_may_not_be_of_another(name: str, first: str, own: str) -> None:
    assert "shadowed-packages" in findings(environment=dependency(name, first, own))


def test_a_shadowing_copy_explains_what_is_wrong_with_it() -> None:
    facts = copies()
    facts["frameworks"][0] = {**cpu_build("2.17.0"), "location": "user"}
    assert list(findings(environment=facts)) == ["shadowed-packages"]


def test_a_package_that_may_be_wrong_explains_no_error() -> None:
    facts = {**dependency("h5py", "3.1.0", "2.10.0"), "frameworks": [cpu_build("2.20.0")]}
    assert set(findings(environment=facts)) == {"shadowed-packages", "cpu-only-build"}


def test_copies_are_told_of_without_a_gpu_too() -> None:
    found = findings(**NO_GPU, environment=dependency("h5py", "3.1.0", "2.10.0"))
    assert list(found) == ["shadowed-packages", "no-gpu"]
