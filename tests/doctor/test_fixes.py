"""Fixes: commands for the environment's own tool, with releases that exist and work here."""

from __future__ import annotations

import shlex
from typing import Any

import pytest

from jupyter_tfgpu.doctor import Fix, diagnose
from jupyter_tfgpu.doctor.fixes import gpu_build
from jupyter_tfgpu.doctor.subject import Subject
from tests.doctor.made import NO_GPU, cpu_build, framework, healthy, snapshot


def fixes(code: str, **changes: Any) -> tuple[Fix, ...]:
    found = {each.code: each for each in diagnose(snapshot(**changes)).findings}
    return found[code].fixes


def environment(version: str = "2.21.0", **changes: Any) -> dict[str, Any]:
    """A pip environment with ``tensorflow-cpu`` of this version."""
    return {
        "frameworks": [cpu_build(version)],
        "distributions": [{"name": "tensorflow-cpu", "version": version, "installer": "pip"}],
        **changes,
    }


def pip_commands(**changes: Any) -> tuple[str, ...]:
    return fixes("cpu-only-build", environment=environment(**changes))[0].commands


def test_the_cpu_package_goes_and_a_release_that_works_as_shipped_comes() -> None:
    python = "/home/ada/envs/tf/bin/python"
    assert pip_commands() == (
        f"{python} -m pip uninstall -y tensorflow-cpu",
        f"{python} -m pip install 'tensorflow[and-cuda]==2.20.0'",
    )


def test_the_change_of_release_is_said() -> None:
    [fix] = fixes("cpu-only-build", environment=environment("2.21.0"))
    assert "2.20.0" in fix.title and "in place of 2.21.0" in fix.title
    [fix] = fixes("cpu-only-build", environment=environment("2.18.1"))
    assert "2.18.1" in fix.title and "in place of" not in fix.title


@pytest.mark.parametrize(
    ("version", "python", "wanted"),
    [
        ("2.18.0", "3.11.7", "tensorflow[and-cuda]==2.18.0"),
        ("2.16.1", "3.11.7", "tensorflow[and-cuda]==2.20.0"),
        ("2.15.0", "3.10.13", "tensorflow[and-cuda]==2.20.0"),
        ("2.14.1", "3.10.13", "tensorflow[and-cuda]==2.14.1"),
        ("2.14.1", "3.11.7", "tensorflow[and-cuda]==2.20.0"),
        ("2.21.0", "3.13.1", "tensorflow[and-cuda]==2.20.0"),
        ("2.13.0", "3.8.18", "tensorflow==2.13.0"),
        ("2.11.0", "3.7.16", "tensorflow==2.11.0"),
    ],
)
def test_the_release_exists_for_this_python_and_works_as_shipped(
    version: str, python: str, wanted: str
) -> None:
    installed = shlex.split(pip_commands(version=version, python=python)[-1])
    assert wanted in installed


@pytest.mark.parametrize(
    ("version", "wanted"), [("1.15.0", "1.15.0"), ("1.14.0", "1.14.0"), ("1.12.0", "1.15.5")]
)
def test_tensorflow_1_stays_tensorflow_1_where_the_gpu_is_old_enough(version: str, wanted: str) -> None:
    pascal = [{"index": 0, "vendor": "nvidia", "compute_capability": "6.1"}]
    facts = environment(version, python="3.7.16")
    commands = fixes("cpu-only-build", gpus=pascal, environment=facts)[0].commands
    assert f"tensorflow-gpu=={wanted}" in shlex.split(commands[-1])
    [fix] = fixes("cpu-only-build", environment=facts)  # Ampere
    assert fix.commands == () and "TensorFlow 1" in fix.title


def test_a_python_without_any_gpu_wheel_gets_no_install_command() -> None:
    [fix] = fixes("cpu-only-build", environment=environment(python="3.14.0"))
    assert fix.commands == () and "Python 3.12" in fix.title


def test_a_gpu_that_no_wheel_has_code_for_is_not_sent_to_a_wheel() -> None:
    blackwell = [{"index": 0, "vendor": "nvidia", "compute_capability": "12.0"}]
    container, conda = fixes("cpu-only-build", gpus=blackwell, environment=environment())
    assert container.commands == () and "12.0" in container.title
    assert "'tensorflow=2.19.1=cuda128*'" in conda.commands[0]
    windows = {"prefix": r"C:\tf", "libraries_complete": None}
    [wsl, *_] = fixes(
        "windows-native", gpus=blackwell, host={"os": "windows"}, environment=environment(**windows)
    )
    assert "conda-forge's TensorFlow 2.19.1" in wsl.title


def test_an_older_gpu_gets_the_newest_release_that_still_has_code_for_it() -> None:
    maxwell = [{"index": 0, "vendor": "nvidia", "compute_capability": "5.2"}]
    commands = fixes("cpu-only-build", gpus=maxwell, environment=environment())[0].commands
    assert "tensorflow[and-cuda]==2.16.2" in shlex.split(commands[-1])


def test_every_owner_of_the_folder_goes_first() -> None:
    two = [{"name": "tensorflow", "version": "2.10.0"}, {"name": "tensorflow-gpu", "version": "2.10.0"}]
    facts = environment("2.10.0", distributions=two)
    [first, *_] = gpu_build(Subject(snapshot(environment=facts), "tensorflow"))
    assert first.commands[0].endswith("-m pip uninstall -y tensorflow tensorflow-gpu")


def test_limits_that_an_old_wheel_lacks_are_added() -> None:
    words = shlex.split(pip_commands(version="2.9.0", python="3.7.16")[-1])
    assert {"numpy<2", "protobuf<3.21"} <= set(words)


def test_a_prefix_with_a_space_is_one_word() -> None:
    commands = pip_commands(prefix="/home/ada/my envs/tf")
    assert shlex.split(commands[0])[0] == "/home/ada/my envs/tf/bin/python"


def test_uv_changes_what_uv_made() -> None:
    commands = pip_commands(kind="uv")
    assert commands[1].startswith("uv pip install --python /home/ada/envs/tf/bin/python ")


def conda_environment(channel: str, build: str, version: str, python: str) -> dict[str, Any]:
    package = {
        "name": "tensorflow",
        "version": version,
        "installer": "conda",
        "build": build,
        "channel": channel,
    }
    return environment(
        version, kind="conda", prefix="/opt/conda/envs/tf", python=python, distributions=[package]
    )


def test_conda_gets_a_build_of_the_installed_release_that_the_driver_serves() -> None:
    facts = conda_environment("conda-forge", "cpu_py39h4655687_0", "2.7.0", "3.9.9")
    driver = {"version": "470.57.02", "cuda_version": "11.4"}
    first, second = fixes("cpu-only-build", driver=driver, environment=facts)
    assert first.commands == (
        "conda install -p /opt/conda/envs/tf -c conda-forge 'tensorflow=2.7.0=cuda112*'",
    )
    assert second.commands[0].startswith("CONDA_OVERRIDE_CUDA=11.2 conda install ")


def test_what_pip_installed_stays_pips_in_condas_list() -> None:
    package = {"name": "tensorflow", "version": "2.15.0", "build": "pypi_0", "channel": "pypi"}
    facts = environment("2.15.0", kind="conda", prefix="/opt/conda/envs/tf", distributions=[package])
    [fix] = fixes("cpu-only-build", environment=facts)
    assert fix.commands[0] == "/opt/conda/envs/tf/bin/python -m pip uninstall -y tensorflow"


def test_condas_own_channel_gets_its_gpu_build() -> None:
    facts = conda_environment("defaults", "mkl_py39ha510bab_0", "2.10.0", "3.9.16")
    [fix] = fixes("cpu-only-build", environment=facts)
    assert fix.commands == ("conda install -p /opt/conda/envs/tf -c defaults 'tensorflow=*=gpu_*'",)


def test_arm_gets_no_wheel_from_the_index() -> None:
    facts = environment(python_arch="aarch64")
    [fix] = fixes("cpu-only-build", host={"arch": "aarch64"}, environment=facts)
    assert fix.commands == () and "NGC" in fix.title


@pytest.mark.parametrize("name", ["tensorflow", "torch", "jax", "mxnet"])
def test_a_jetson_gets_nvidias_own_builds(name: str) -> None:
    facts = environment(python_arch="aarch64", frameworks=[cpu_build("1.0", name)])
    host = {"arch": "aarch64", "jetson": "R35.4.1"}
    first, second = fixes("platform-unsupported", host=host, environment=facts)
    assert "JetPack" in first.title and "container" in second.title
    assert first.commands == second.commands == ()


def test_windows_is_sent_to_wsl_first_and_to_2_10_where_python_has_it() -> None:
    facts = environment(prefix=r"C:\Users\ada\tf", python="3.10.8", kind="venv")
    first, second, *_ = fixes("windows-native", host={"os": "windows"}, environment=facts)
    assert "WSL2" in first.title and first.commands == ()
    python = r'"C:\Users\ada\tf\Scripts\python.exe"'
    assert second.commands[-1] == f'{python} -m pip install "tensorflow==2.10.1" "numpy<2"'
    newer = environment(prefix=r"C:\tf", python="3.12.1")
    assert len(fixes("windows-native", host={"os": "windows"}, environment=newer)) == 1


@pytest.mark.parametrize(
    ("cuda", "capability", "wanted"),
    [("12.8", "8.6", "cu124"), ("11.8", "8.6", "cu118"), ("13.0", "7.0", "cu124")],
)
def test_torch_comes_from_its_own_index_for_the_cuda_that_the_driver_takes(
    cuda: str, capability: str, wanted: str
) -> None:
    facts = {
        "frameworks": [cpu_build("2.5.1+cpu", "torch")],
        "distributions": [{"name": "torch", "version": "2.5.1+cpu"}],
    }
    gpus = [{"index": 0, "vendor": "nvidia", "compute_capability": capability}]
    [fix] = fixes("cpu-only-build", driver={"cuda_version": cuda}, gpus=gpus, environment=facts)
    assert fix.commands[0].endswith(f"/{wanted} torch==2.5.1+{wanted}")


def test_what_was_built_for_the_same_cuda_comes_along() -> None:
    facts = {
        "frameworks": [cpu_build("2.5.1+cpu", "torch")],
        "distributions": [{"name": "torchvision", "version": "0.20.1+cpu"}],
    }
    [fix] = fixes("cpu-only-build", environment=facts)
    assert shlex.split(fix.commands[0])[-2:] == ["torch==2.5.1+cu124", "torchvision"]


@pytest.mark.parametrize(("kind", "python"), [("pyenv", r"\python.exe"), ("venv", r"\Scripts\python.exe")])
def test_windows_keeps_the_interpreter_where_the_kind_puts_it(kind: str, python: str) -> None:
    facts = environment("2.10.0", prefix=r"C:\tf", python="3.10.8", kind=kind, libraries_complete=None)
    [native, *_] = fixes("cpu-only-build", host={"os": "windows"}, environment=facts)
    assert native.commands[0].startswith(rf'"C:\tf{python}" ')


def test_jax_gets_the_plugin_of_its_release() -> None:
    facts = {
        "frameworks": [cpu_build("0.6.1", "jax")],
        "distributions": [{"name": "jax", "version": "0.6.1"}],
    }
    [fix] = fixes("cpu-only-build", environment=facts)
    assert "jax[cuda12]==0.6.1" in shlex.split(fix.commands[0])


def test_missing_libraries_come_with_the_extra_of_the_same_release() -> None:
    facts = {"libraries": [], "frameworks": [framework(version="2.18.0")]}
    [fix] = fixes("cuda-missing", environment=facts)
    assert shlex.split(fix.commands[0])[-1] == "tensorflow[and-cuda]==2.18.0"


def test_a_release_without_the_extra_is_left_the_choice() -> None:
    needs = ["libcudart.so.11.0"]
    facts = {"libraries": [], "frameworks": [framework(version="2.10.1", cuda="11.2", needs=needs)]}
    newer, same = fixes("cuda-missing", environment={**facts, "python": "3.10.8"})
    assert "2.20.0" in newer.commands[0] and "CUDA 11.2" in same.title


def test_apple_silicon_gets_the_plugin_with_it() -> None:
    host = {"os": "macos", "arch": "arm64"}
    facts = {"frameworks": [], "distributions": [], "python_arch": "arm64"}
    log = "Could not find a version that satisfies the requirement tensorflow (from versions: none)"
    changes: dict[str, Any] = {**NO_GPU, "host": host, "framework": "tensorflow", "log": log}
    [fix] = fixes("platform-unsupported", **changes, environment=facts)
    assert "tensorflow-metal==1.2.0" in fix.commands[0]


def test_a_missing_framework_is_installed_for_the_gpu_that_is_there() -> None:
    facts: dict[str, Any] = {"frameworks": [], "distributions": []}
    [fix] = fixes("framework-missing", environment=facts, framework="tensorflow")
    assert "tensorflow[and-cuda]==2.20.0" in shlex.split(fix.commands[-1])
    [fix] = fixes("framework-missing", **NO_GPU, environment=facts, framework="tensorflow")
    assert shlex.split(fix.commands[-1])[-1] == "tensorflow"


def test_conda_goes_before_pip_installs_over_it_on_windows() -> None:
    facts = conda_environment("defaults", "mkl_py310h1_0", "2.10.0", "3.10.8")
    facts["prefix"] = r"C:\conda\envs\tf"
    [native, *_] = fixes("cpu-only-build", host={"os": "windows"}, environment=facts)
    assert native.commands[0] == r"conda remove -p C:\conda\envs\tf tensorflow tensorflow-base"
    assert '"tensorflow==2.10.0"' in native.commands[1]


@pytest.mark.parametrize("version", ["1.3.0", "1.9.1"])
def test_mxnet_gets_the_package_that_is_named_after_a_cuda(version: str) -> None:
    facts = {
        "frameworks": [cpu_build(version, "mxnet")],
        "distributions": [{"name": "mxnet", "version": version}],
    }
    [fix] = fixes("cpu-only-build", environment=facts)
    assert fix.commands[0].endswith("pip uninstall -y mxnet")
    package, _, release = shlex.split(fix.commands[1])[-1].partition("==")
    assert package.startswith("mxnet-cu")
    assert release == version


@pytest.mark.parametrize(("cuda", "has_command"), [("13.0", True), ("12.8", False)])
def test_torch_for_arm_comes_from_the_package_index(cuda: str, has_command: bool) -> None:
    facts = {"frameworks": [cpu_build("2.5.1", "torch")], "python_arch": "aarch64"}
    host = {"arch": "aarch64"}
    [fix] = fixes("cpu-only-build", host=host, driver={"cuda_version": cuda}, environment=facts)
    assert bool(fix.commands) is has_command
    assert all("--index-url" not in line for line in fix.commands)


def test_condas_jaxlib_is_replaced_by_conda() -> None:
    package = {"name": "jaxlib", "version": "0.4.30", "build": "cpu_py311h1_0", "channel": "conda-forge"}
    facts = {"frameworks": [cpu_build("0.4.30", "jax")], "distributions": [package], "kind": "conda"}
    [fix] = fixes("cpu-only-build", environment=facts)
    assert fix.commands[0].startswith("conda install -p /home/ada/envs/tf -c conda-forge 'jaxlib=*=*cuda*'")


@pytest.mark.parametrize("code", ["driver-too-old"])
def test_in_a_container_the_driver_is_the_hosts(code: str) -> None:
    [fix] = fixes(code, host={"container": "docker"}, driver={"version": "470.57.02"})
    assert "on the host" in fix.title and fix.commands == () and fix.where == "host"


def test_the_healthy_environment_of_these_tests_needs_no_fix() -> None:
    assert diagnose(snapshot()).findings == () and healthy()["driver"]["status"] == "ok"
