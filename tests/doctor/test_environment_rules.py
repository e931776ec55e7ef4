"""The kernel, its environment, and another one that holds what is wanted."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tfgpu.doctor import Finding, diagnose
from tests.doctor.made import NO_GPU, cpu_build, snapshot

HERE = "/home/ada/envs/tf"


def findings(**changes: Any) -> dict[str, Finding]:
    return {each.code: each for each in diagnose(snapshot(**changes)).findings}


def spec(**changes: Any) -> dict[str, Any]:
    return {
        "name": "python3",
        "display_name": "Python 3",
        "executable": f"{HERE}/bin/python",
        "executable_exists": True,
        "prefix": HERE,
        **changes,
    }


def other(**changes: Any) -> dict[str, Any]:
    facts = {"name": "gpu", "prefix": "/opt/conda/envs/gpu", "frameworks": ["tensorflow 2.10.0"]}
    return {**facts, **changes}


EMPTY = {"frameworks": [], "distributions": [], "libraries": []}


def test_an_interpreter_that_is_gone_explains_all_else() -> None:
    found = findings(
        kernelspec=spec(executable_exists=False, executable="/old/bin/python", name="old"),
        environment={"frameworks": [cpu_build()]},
    )
    assert list(found) == ["stale-kernelspec"]
    fixes = found["stale-kernelspec"].fixes
    assert fixes[0].commands == ("jupyter tfgpu specs repair old",)
    assert (fixes[0].automatic, fixes[0].repairs) == (True, "kernelspec")
    assert fixes[1].commands == ("jupyter kernelspec remove old",)


@pytest.mark.parametrize("exists", [True, None])
def test_an_interpreter_that_is_there_or_was_not_looked_for_is_not_stale(exists: bool | None) -> None:
    assert "stale-kernelspec" not in findings(kernelspec=spec(executable_exists=exists))


def test_a_kernel_without_ipykernel_is_named() -> None:
    found = findings(
        kernelspec=spec(), environment={"ipykernel": None, "ipykernel_checked": True, "kind": "uv"}
    )
    [fix] = found["ipykernel-missing"].fixes
    assert fix.commands == (f"uv pip install --python {HERE}/bin/python ipykernel",)
    assert fix.automatic and fix.repairs == "ipykernel"


def test_conda_installs_ipykernel_from_the_environments_own_channel() -> None:
    package = {"name": "numpy", "version": "1.26.4", "installer": "conda", "channel": "conda-forge"}
    facts = {"ipykernel": None, "ipykernel_checked": True, "kind": "conda", "distributions": [package]}
    [fix] = findings(kernelspec=spec(), environment=facts)["ipykernel-missing"].fixes
    assert fix.commands == (f"conda install -p {HERE} -c conda-forge ipykernel",)


@pytest.mark.parametrize(
    "facts",
    [
        {"ipykernel": None, "ipykernel_checked": None},
        {"ipykernel": "6.29.5", "ipykernel_checked": True},
        {
            "ipykernel": None,
            "ipykernel_checked": True,
            "distributions": [{"name": "ipykernel", "version": "6.29.5"}],
        },
    ],
    ids=["not-looked", "there", "listed"],
)
def test_an_ipykernel_that_is_there_or_was_not_looked_for_is_not_missing(facts: dict[str, Any]) -> None:
    assert "ipykernel-missing" not in findings(kernelspec=spec(), environment=facts)


def test_an_environment_that_no_notebook_uses_needs_no_ipykernel() -> None:
    facts = {"ipykernel": None, "ipykernel_checked": True}
    assert "ipykernel-missing" not in findings(environment=facts)


def test_a_framework_in_an_environment_without_a_kernel_asks_for_one() -> None:
    found = findings(
        framework="tensorflow",
        environment=EMPTY,
        kernelspec=spec(),
        other_environments=[other(has_kernelspec=False)],
    )
    assert list(found) == ["ipykernel-missing"]
    [fix] = found["ipykernel-missing"].fixes
    assert fix.commands == ("jupyter tfgpu specs add /opt/conda/envs/gpu",)


@pytest.mark.parametrize(
    ("has_kernelspec", "kernel"),
    [
        (True, spec()),
        (None, spec()),
        (False, spec(display_name="Python (gpu)")),
        (False, spec(name="conda-env-gpu-py")),
        (False, spec(display_name="Python [conda env:gpu]")),
    ],
)
def test_a_kernel_of_that_name_that_runs_elsewhere_is_the_wrong_environment(
    has_kernelspec: bool | None, kernel: dict[str, Any]
) -> None:
    others = [other(has_kernelspec=has_kernelspec)]
    found = findings(framework="tensorflow", environment=EMPTY, kernelspec=kernel, other_environments=others)
    assert list(found) == ["wrong-environment"]
    fix = found["wrong-environment"].fixes[0]
    assert fix.where == ("notebook" if has_kernelspec else "terminal")


def test_windows_own_jupyter_does_not_reach_into_wsl() -> None:
    facts = {**EMPTY, "prefix": r"C:\conda", "libraries_complete": None}
    others = [other(prefix="/home/ada/tf")]
    found = findings(
        framework="tensorflow", host={"os": "windows"}, environment=facts, other_environments=others
    )
    [fix] = found["wrong-environment"].fixes
    assert "inside WSL2" in fix.title and fix.commands == ()


def test_a_gpu_build_elsewhere_comes_before_the_cpu_build_here() -> None:
    here = {"frameworks": [cpu_build("2.10.0")]}
    others = [other(), other(name="second", prefix="/second", gpu_build=True)]
    found = findings(framework="tensorflow", environment=here, other_environments=others)
    assert list(found) == ["wrong-environment"]
    assert found["wrong-environment"].title.startswith("The GPU build of TensorFlow is in")
    assert "second" in found["wrong-environment"].title
    assert list(findings(framework="tensorflow", environment=here, other_environments=others[:1])) == [
        "cpu-only-build"
    ]


def test_without_a_gpu_the_cpu_build_here_will_do() -> None:
    here = {"frameworks": [cpu_build("2.10.0")], "libraries": []}
    others = [other(gpu_build=True)]
    found = findings(**NO_GPU, framework="tensorflow", environment=here, other_environments=others)
    assert list(found) == ["no-gpu"]


def test_a_good_build_here_is_not_the_wrong_one() -> None:
    others = [other(gpu_build=True, has_kernelspec=False)]
    assert findings(framework="tensorflow", other_environments=others) == {}


def test_the_name_of_a_kernel_tells_which_environment_is_meant() -> None:
    others = [other(gpu_build=True)]
    kernel = spec(display_name="TF (gpu)")
    assert "wrong-environment" in findings(
        framework="tensorflow", other_environments=others, kernelspec=kernel
    )
    for name, kernel in (
        ("base", spec(display_name="Python (base)")),
        ("gpu", spec(display_name="TF on gpu 2")),
        ("gpu", spec(name="my-gpu-kernel")),
        ("gpu", spec(name="gpu", executable="/opt/conda/envs/gpu/bin/python", prefix=None)),
    ):
        by_chance = [other(name=name)]
        assert findings(framework="tensorflow", other_environments=by_chance, kernelspec=kernel) == {}


def test_libraries_that_only_another_environment_has_tell_which_one_is_meant() -> None:
    away = [
        {"file": name, "reachable": False, "path": f"/opt/conda/envs/gpu/lib/{name}"}
        for name in ("libcudart.so.12", "libcudnn.so.9")
    ]
    changes: dict[str, Any] = {"framework": "tensorflow", "environment": {"libraries": away}}
    found = findings(**changes, other_environments=[other()])
    assert next(iter(found)) == "wrong-environment"
    assert "wrong-environment" not in findings(**changes, other_environments=[other(prefix="/opt/else")])


def test_an_activated_environment_that_the_kernel_does_not_run_in_is_named() -> None:
    variables = {"VIRTUAL_ENV": "/home/ada/deep"}
    found = findings(framework="torch", variables=variables)
    assert list(found) == ["wrong-environment"]
    assert "If PyTorch is there" in found["wrong-environment"].detail


@pytest.mark.parametrize(
    "changes",
    [
        {"variables": {"VIRTUAL_ENV": HERE, "CONDA_PREFIX": "/opt/conda"}},
        {"variables": {"CONDA_PREFIX": "/opt/conda"}},
        {"variables": {}},
        {
            "variables": {"CONDA_PREFIX": "/opt/conda/envs/gpu"},
            "other_environments": [other()],
        },
    ],
    ids=["its-own", "condas-base", "none", "known-not-to-hold-it"],
)
def test_what_is_activated_as_a_matter_of_course_is_not_the_cause(changes: dict[str, Any]) -> None:
    assert list(findings(framework="torch", **changes)) == ["framework-missing"]


def test_a_package_without_its_folder_is_not_called_missing() -> None:
    facts = {**EMPTY, "distributions": [{"name": "tensorflow", "version": "2.16.1", "installer": "pip"}]}
    assert "framework-missing" not in findings(framework="tensorflow", environment=facts)
    facts["distributions"] = [{"name": "tensorflow-gpu", "version": "2.4.1", "build": "h30adc30_0"}]
    assert "framework-missing" in findings(framework="tensorflow", environment=facts)


def test_pythons_own_words_tell_that_the_framework_is_absent() -> None:
    facts = {"frameworks": None, "distributions": None}
    log = "ModuleNotFoundError: No module named 'tensorflow'"
    others = [other(has_kernelspec=True)]
    changes: dict[str, Any] = {"framework": "tensorflow", "environment": facts, "other_environments": others}
    assert "wrong-environment" in findings(**changes, log=log)
    assert "wrong-environment" not in findings(**changes)
    assert "wrong-environment" not in findings(**changes, log=log.replace("tensorflow", "keras"))
