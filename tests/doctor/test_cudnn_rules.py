"""cuDNN: is it there, does it do for the build, and which of several copies is loaded."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tfgpu.doctor import Finding, diagnose
from tests.doctor.made import CUDA_12, framework, healthy, snapshot

RUNTIME = [{"file": name, "version": "12.5", "reachable": True} for name in CUDA_12[:-1]]
MSVC = [{"file": name, "reachable": True} for name in ("msvcp140.dll", "msvcp140_1.dll")]
SITE = "/home/ada/envs/tf/lib/python3.11/site-packages"


def cudnn(version: str | None, folder: str = "/usr/lib/x86_64-linux-gnu", **facts: Any) -> dict[str, Any]:
    file = f"libcudnn.so.{(version or '9').split('.')[0]}"
    return {
        "file": file,
        "version": version,
        "path": f"{folder}/{file}",
        "origin": "system",
        "reachable": True,
        "cuda_major": 12,
        **facts,
    }


def findings(*libraries: dict[str, Any], **changes: Any) -> list[Finding]:
    environment = {"libraries": [*RUNTIME, *libraries], **changes.pop("environment", {})}
    return list(diagnose(snapshot(environment=environment, **changes)).findings)


def codes(*libraries: dict[str, Any], **changes: Any) -> list[str]:
    return [each.code for each in findings(*libraries, **changes) if each.severity != "info"]


def build(version: str, needs: str = "libcudnn.so.9", **facts: Any) -> dict[str, Any]:
    return {"frameworks": [framework(version=version, needs=[needs], **facts)]}


# The version rule.


@pytest.mark.parametrize(
    ("loaded", "found"),
    [
        ("9.3.0", []),
        ("9.20.1", []),
        ("9.2.9", ["cudnn-too-old"]),
        ("9.1.0", ["cudnn-too-old"]),
        (None, []),
    ],
)
def test_the_minor_release_that_the_build_was_compiled_with_is_the_floor(
    loaded: str | None, found: list[str]
) -> None:
    assert codes(cudnn(loaded)) == found
    assert codes(cudnn(loaded), environment=build("2.20.0", cudnn="9.3.0")) == found


@pytest.mark.parametrize(
    ("release", "file", "older", "compiled"),
    [
        ("2.1.0", "libcudnn.so.7", "7.4.1", "7.6"),
        ("2.4.1", "libcudnn.so.8", None, "8.0"),
        ("2.10.1", "libcudnn.so.8", "8.0.5", "8.1"),
        ("2.12.0", "libcudnn.so.8", "8.5.0", "8.6"),
        ("2.15.1", "libcudnn.so.8", "8.8.1", "8.9"),
    ],
)
def test_what_a_release_was_compiled_with_is_known_where_its_files_do_not_say(
    release: str, file: str, older: str | None, compiled: str
) -> None:
    environment = build(release, file, cudnn=file[-1])
    assert codes(cudnn(f"{compiled}.5"), environment=environment) == []
    if older:
        [found] = findings(cudnn(older), environment=environment)
        assert found.code == "cudnn-too-old"
        assert f"was compiled with cuDNN {compiled}" in found.detail


def test_a_build_that_is_of_no_release_of_the_index_is_not_judged_by_one() -> None:
    old = cudnn("9.1.0")
    assert codes(old, environment=build("2.19.0-dev20250101", cudnn="9")) == []
    conda = {
        **build("2.18.0", cudnn="9"),
        "distributions": [{"name": "tensorflow", "version": "2.18.0", "installer": "conda", "build": "cuda"}],
    }
    assert codes(old, environment=conda) == []
    nvidias = build("1.15.5", "libcudnn.so.8", cuda="12.0", cudnn="8")
    assert codes(cudnn("8.2.0"), environment=nvidias) == []


def test_what_the_framework_printed_comes_before_what_is_known_of_its_release() -> None:
    log = "Loaded runtime CuDNN library: 7.5.0 but source was compiled with: 7.6.0."
    environment = build("2.0.0", "libcudnn.so.7", cuda="10.0", cudnn="7")
    old = cudnn("7.5.0", cuda_major=10)
    assert codes(old, environment=environment) == []
    [found] = findings(old, environment=environment, log=log)
    assert (found.code, found.title) == ("cudnn-too-old", "cuDNN 7.5.0 is older than the 7.6 of this build")


@pytest.mark.parametrize(
    "log",
    [
        "Loaded runtime CuDNN library: 7102 (compatibility version 7100) but source was compiled with 7201",
        "RuntimeError: Found cuDNN version 7102, but JAX was built against version 7201, which is newer.",
        "PyTorch was compiled  against (7, 2, 1) but found runtime version (7, 1, 2)",
    ],
)
def test_each_framework_has_its_own_words_for_it(log: str) -> None:
    environment = build("1.11.0", "libcudnn.so.7", cuda="9.0", cudnn="7")
    assert codes(cudnn("7.1.2", cuda_major=9), environment=environment, log=log) == ["cudnn-too-old"]


@pytest.mark.parametrize(
    ("release", "loaded", "found"),
    [
        ("1.4.1", "7.1.3", ["cudnn-too-new"]),
        ("1.7.0", "7.1.2", ["cudnn-too-new"]),
        ("1.7.0", "7.0.4", []),
        ("1.8.0", "7.1.2", []),
        ("1.13.1", "7.6.5", []),
    ],
)
def test_up_to_1_7_tensorflow_accepts_no_other_minor_release(
    release: str, loaded: str, found: list[str]
) -> None:
    gpu = {**healthy()["gpus"][0], "compute_capability": "6.1", "name": "GeForce GTX 1080"}
    environment = build(release, "libcudnn.so.7", cuda="9.0", cudnn="7.0.5", compute_capabilities=["sm_61"])
    assert codes(cudnn(loaded, cuda_major=9), environment=environment, gpus=[gpu]) == found


@pytest.mark.parametrize("framework_name", ["torch", "jax"])
def test_pytorch_and_jax_have_the_same_rule(framework_name: str) -> None:
    facts = build("2.5.1", name=framework_name, cudnn="9.1.0", cuda="12.4")
    assert codes(cudnn("9.0.0"), environment=facts) == ["cudnn-too-old"]
    assert codes(cudnn("9.5.0"), environment=facts) == []


def test_mxnet_only_warns() -> None:
    facts = build("1.9.1", "libcudnn.so.8", name="mxnet", cudnn="8.2.0", cuda="11.2")
    assert codes(cudnn("8.1.0", cuda_major=11), environment=facts) == []


def test_jaxlibs_version_tells_its_cudnn() -> None:
    facts = {
        **build("0.4.6", "libcudnn.so.8", name="jax", cuda="11", cudnn=None),
        "distributions": [{"name": "jaxlib", "version": "0.4.6+cuda11.cudnn86"}],
    }
    assert codes(cudnn("8.5.0", cuda_major=11), environment=facts) == ["cudnn-too-old"]
    assert codes(cudnn("8.6.0", cuda_major=11), environment=facts) == []


def test_jaxs_plugin_tells_its_cudnn() -> None:
    facts = {
        **build("0.6.0", name="jax", cuda="12", cudnn="9"),
        "distributions": [{"name": "jax-cuda12-plugin", "version": "0.6.0"}],
    }
    assert codes(cudnn("9.5.1"), environment=facts) == ["cudnn-too-old"]
    assert codes(cudnn("9.8.0"), environment=facts) == []


# Missing, too new, for another CUDA.


def test_none_at_all() -> None:
    [found] = findings()
    assert (found.code, found.evidence) == ("cudnn-missing", ("not found: libcudnn.so.9",))
    assert "cuDNN 9.3" in found.detail
    assert "nvidia-cudnn-cu12>=9.3.0.75,<10" in found.fixes[0].commands[0]


def test_only_an_older_major_release_is_none() -> None:
    [found] = findings(cudnn("8.9.7"))
    assert found.code == "cudnn-missing"
    assert "libcudnn.so.8 8.9.7 in /usr/lib/x86_64-linux-gnu is for other builds" in found.detail


def test_only_a_newer_major_release_within_reach_is_too_new() -> None:
    environment = build("2.17.0", "libcudnn.so.8", cuda="12.3", cudnn="8")
    assert codes(cudnn("9.3.0"), environment=environment) == ["cudnn-too-new"]
    assert codes(cudnn("9.3.0", reachable=False), environment=environment) == ["cudnn-missing"]


def test_parts_that_a_build_loads_by_name_may_be_missing_too() -> None:
    needs = ["libcudnn.so.8", "libcudnn_ops_infer.so.8"]
    environment = {
        "frameworks": [framework(name="torch", version="2.2.0", cuda="12.1", cudnn="8.9.2", needs=needs)]
    }
    [found] = findings(cudnn("8.9.2"), environment=environment)
    assert (found.code, found.evidence) == ("cudnn-missing", ("not found: libcudnn_ops_infer.so.8",))


def test_for_another_cuda() -> None:
    [found] = findings(cudnn("9.5.0", cuda_major=13))
    assert (found.code, found.title) == (
        "cudnn-wrong-cuda",
        "cuDNN 9.5.0 was built for CUDA 13, not for CUDA 12",
    )
    assert codes(cudnn("9.5.0", cuda_major=None)) == []


def test_on_windows_too() -> None:
    facts = build("2.10.0", "cudnn64_8.dll", cuda="11.2", cudnn="8")
    dll = {
        "file": "cudnn64_8.dll",
        "version": "8.9.7",
        "cuda_major": 12,
        "reachable": True,
        "origin": "conda",
    }
    windows = {"host": {"os": "windows"}, "driver": {"version": "528.33"}}
    assert codes(dll, *MSVC, environment=facts, **windows) == ["cudnn-wrong-cuda"]
    assert codes({**dll, "cuda_major": 11}, *MSVC, environment=facts, **windows) == []


# Fixes.


def fixes(**changes: Any) -> list[str]:
    [found] = findings(cudnn("9.1.0"), **changes)
    return [command for fix in found.fixes for command in fix.commands]


def test_the_wheel_is_one_with_code_for_this_gpu() -> None:
    gpu = {**healthy()["gpus"][0], "compute_capability": "6.1", "name": "GeForce GTX 1080"}
    assert "nvidia-cudnn-cu12>=9.3.0.75,<10'" in fixes()[0]
    assert "nvidia-cudnn-cu12>=9.3.0.75,<=9.10.2.21'" in fixes(gpus=[gpu])[0]
    blackwell = {**gpu, "compute_capability": "12.0", "name": "NVIDIA GeForce RTX 5090"}
    [command] = [each for each in fixes_of("cudnn-too-old", gpus=[blackwell]) if "cudnn" in each]
    assert "nvidia-cudnn-cu12>=9.7.0.66,<10" in command


def fixes_of(code: str, **changes: Any) -> list[str]:
    found = [each for each in findings(cudnn("9.1.0"), **changes) if each.code == code]
    return [command for each in found for fix in each.fixes for command in fix.commands]


def test_conda_is_asked_for_what_conda_brought() -> None:
    environment = {
        "distributions": [
            {"name": "cudnn", "version": "9.1.0.70", "installer": "conda", "channel": "conda-forge"}
        ],
        "kind": "conda",
    }
    assert fixes(environment=environment) == [
        "conda install -p /home/ada/envs/tf -c conda-forge 'cudnn>=9.3,<10'"
    ]


def test_a_build_of_condas_gets_condas_cudnn_and_not_a_wheel_that_it_does_not_search() -> None:
    conda = {"name": "pytorch", "version": "2.2.0", "installer": "conda", "build": "py3.11_cuda12.1"}
    torch = framework(name="torch", version="2.2.0", cuda="12.1", cudnn="8.9.2", needs=["libcudnn.so.8"])
    [found] = findings(environment={"frameworks": [torch], "distributions": [conda], "kind": "conda"})
    assert [fix.commands for fix in found.fixes] == [
        ("conda install -p /home/ada/envs/tf -c conda-forge 'cudnn>=8.9,<9'",)
    ]


def test_a_wheel_behind_a_folder_of_the_variable_is_put_first() -> None:
    old = cudnn("9.1.0", "/opt/cudnn/lib", origin="ld-library-path")
    [found] = findings(old, variables={"LD_LIBRARY_PATH": "/opt/cudnn/lib"})
    assert f"{SITE}/nvidia/cudnn/lib" in found.fixes[1].commands[0]
    assert found.fixes[2].title.endswith("in place of the one in /opt/cudnn/lib")


def test_a_release_that_does_not_search_wheels_is_led_to_the_wheel() -> None:
    environment = build("2.12.0", "libcudnn.so.8", cuda="11.8", cudnn="8.6")
    [found] = findings(cudnn("8.1.0", cuda_major=11), environment=environment)
    commands = [command for fix in found.fixes for command in fix.commands]
    assert "nvidia-cudnn-cu11>=8.6.0.163,<9" in commands[0]
    assert f"{SITE}/nvidia/cudnn/lib" in commands[1] and commands[1].startswith("export LD_LIBRARY_PATH=")


# zlibwapi.dll.


def on_windows(version: str, *more: dict[str, Any], **facts: Any) -> list[str]:
    dll = {"file": "cudnn64_8.dll", "version": version, "reachable": True, "origin": "system", **facts}
    return codes(
        dll,
        *MSVC,
        *more,
        environment=build("2.10.0", "cudnn64_8.dll", cuda="11.2", cudnn="8.1"),
        host={"os": "windows"},
        driver={"version": "528.33"},
    )


def test_cudnn_8_3_needs_zlibwapi_on_windows() -> None:
    assert on_windows("8.3.2") == ["zlibwapi-missing"]
    assert on_windows("8.2.4") == []
    assert on_windows("8.9.7", {"file": "zlibwapi.dll", "reachable": True}) == []
    assert on_windows("8.9.7", {"file": "zlibwapi.dll", "reachable": False}) == ["zlibwapi-missing"]
    assert on_windows("8.4.1", origin="conda") == []


def test_on_linux_it_does_not() -> None:
    assert codes(cudnn("8.9.7"), environment=build("2.15.1", "libcudnn.so.8", cuda="12.2", cudnn="8.9")) == []


# Copies behind each other.


def test_a_right_copy_behind_a_wrong_one() -> None:
    variables = {"LD_LIBRARY_PATH": "/opt/modules/cudnn/lib:/opt/mine"}
    wrong = cudnn("9.1.0", "/opt/modules/cudnn/lib", origin="ld-library-path")
    right = cudnn("9.3.0", f"{SITE}/nvidia/cudnn/lib", origin="wheel")
    [found] = findings(wrong, right, variables=variables)
    assert found.code == "library-shadowed"
    assert "9.1.0 in /opt/modules/cudnn/lib by LD_LIBRARY_PATH" in found.detail
    assert f"9.3.0 in {SITE}/nvidia/cudnn/lib" in found.detail
    assert (found.fixes[0].automatic, found.fixes[0].sets) == (True, {"LD_LIBRARY_PATH": "/opt/mine"})


def test_a_variable_helps_only_against_what_the_loader_finds_after_it() -> None:
    right = cudnn("9.3.0", "/opt/cudnn/lib")
    [found] = findings(cudnn("9.1.0", "/usr/lib"), right)
    assert found.fixes[0].sets == {"LD_LIBRARY_PATH": "/opt/cudnn/lib"}
    conda = cudnn("9.1.0", "/home/ada/envs/tf/lib", origin="conda")
    package = {"name": "cudnn", "version": "9.1.0.70", "installer": "conda", "channel": "conda-forge"}
    [found] = findings(conda, right, environment={"distributions": [package]})
    assert [fix.sets for fix in found.fixes] == [{}]
    assert found.fixes[0].commands[0].endswith("-c conda-forge 'cudnn=9.3.*'")


def test_the_other_way_round_all_is_well() -> None:
    assert codes(cudnn("9.3.0"), cudnn("9.1.0", "/opt/old")) == []


def test_a_right_copy_out_of_reach_shadows_nothing() -> None:
    assert codes(cudnn("9.1.0"), cudnn("9.3.0", "/opt/new", reachable=False)) == ["cudnn-too-old"]


@pytest.mark.parametrize("wrong", [{"version": "9.1.0"}, {"cuda_major": 13}])
def test_no_copy_does_is_no_shadow(wrong: dict[str, Any]) -> None:
    first, second = {**cudnn("9.5.0"), **wrong}, {**cudnn("9.5.0", "/opt/b"), **wrong}
    assert "library-shadowed" not in codes(first, second)


def part(version: str, folder: str) -> dict[str, Any]:
    return {**cudnn(version, folder), "file": "libcudnn_ops.so.9", "path": f"{folder}/libcudnn_ops.so.9"}


def test_the_parts_of_cudnn_have_to_be_of_one_release() -> None:
    main = cudnn("9.3.0", "/wheel")
    assert codes(main, part("9.1.0", "/old"), part("9.3.0", "/wheel")) == ["library-shadowed"]
    assert codes(main, part("9.3.0", "/wheel"), part("9.1.0", "/old")) == []
    assert codes(main, part("9.1.0", "/old")) == []


def nvjitlink(version: str, folder: str, origin: str) -> dict[str, Any]:
    file = "libnvJitLink.so.12"
    return {"file": file, "version": version, "path": f"{folder}/{file}", "origin": origin, "reachable": True}


def test_cusparse_wants_nvjitlink_of_its_own_release() -> None:
    good = cudnn("9.3.0")
    wheel, module = nvjitlink("12.5", "/wheel", "wheel"), nvjitlink("12.1", "/module", "ld-library-path")
    assert codes(good, module, wheel) == ["library-shadowed"]
    assert codes(good, wheel, module) == []
    assert codes(good, module) == []
    assert codes(good, nvjitlink("12.8", "/module", "ld-library-path"), wheel) == []


def test_pytorch_wants_all_of_its_own_while_tensorflow_runs_with_older_ones() -> None:
    def nccl(version: str, origin: str) -> dict[str, Any]:
        return {"file": "libnccl.so.2", "version": version, "origin": origin, "reachable": True}

    facts = {"needs": ["libcudnn.so.9", "libnccl.so.2"], "cudnn": "9.1.0", "cuda": "12.4"}
    torch = {"frameworks": [framework(name="torch", version="2.5.1", **facts)]}
    good = cudnn("9.1.0")
    assert codes(good, nccl("2.18.3", "system"), nccl("2.21.5", "wheel"), environment=torch) == [
        "library-shadowed"
    ]
    assert codes(good, nccl("2.21.5", "wheel"), nccl("2.18.3", "system"), environment=torch) == []
    cudart = [
        {"file": "libcudart.so.12", "version": version, "origin": origin, "reachable": True}
        for version, origin in (("12.1", "ld-library-path"), ("12.5", "wheel"))
    ]
    rest = [each for each in RUNTIME if each["file"] != "libcudart.so.12"]
    assert codes(environment={"libraries": [*cudart, *rest, cudnn("9.3.0")]}) == []


# Two frameworks in one environment.

BOTH = [framework(), {"name": "torch", "version": "2.5.1+cu124", "cuda_build": True, "cuda": "12.4"}]


def wheels(*pairs: str) -> list[dict[str, Any]]:
    return [dict(zip(("name", "version"), pair.split("=="), strict=True)) for pair in pairs]


def test_pytorchs_pin_is_too_old_for_tensorflow() -> None:
    environment = {
        "frameworks": BOTH,
        "distributions": wheels("tensorflow==2.20.0", "torch==2.5.1", "nvidia-cudnn-cu12==9.1.0.70"),
    }
    loaded = cudnn("9.1.0", f"{SITE}/nvidia/cudnn/lib", origin="wheel")
    [found] = findings(loaded, environment=environment, framework="tensorflow")
    assert (found.code, found.severity) == ("library-conflict", "error")
    assert found.title == "TensorFlow 2.20.0 and PyTorch 2.5.1+cu124 want different versions of cuDNN"
    assert "nvidia-cudnn-cu12>=9.3.0.75,<10" in found.fixes[0].commands[0]


def test_a_cudnn_that_does_for_both_is_no_conflict() -> None:
    environment = {
        "frameworks": BOTH,
        "distributions": wheels("tensorflow==2.20.0", "torch==2.5.1", "nvidia-cudnn-cu12==9.3.0.75"),
    }
    loaded = cudnn("9.3.0", f"{SITE}/nvidia/cudnn/lib", origin="wheel")
    assert codes(loaded, environment=environment, framework="tensorflow") == []


def test_pytorch_brings_cudnn_9_where_tensorflow_wants_8() -> None:
    environment = {
        "frameworks": [framework(version="2.16.2", cuda="12.3", cudnn="8", needs=["libcudnn.so.8"]), BOTH[1]],
        "distributions": wheels("torch==2.5.1", "nvidia-cudnn-cu12==9.1.0.70"),
    }
    loaded = cudnn("9.1.0", f"{SITE}/nvidia/cudnn/lib", origin="wheel")
    assert codes(loaded, environment=environment, framework="tensorflow") == ["library-conflict"]


def test_wheels_for_two_cudas_overwrite_each_other() -> None:
    pair = wheels("nvidia-cudnn-cu12==9.10.2.21", "nvidia-cudnn-cu13==9.19.0.56")
    environment = {"distributions": pair}
    [warning] = findings(cudnn("9.10.2", origin="wheel"), environment=environment)
    assert (warning.code, warning.severity) == ("library-conflict", "warning")
    [error] = findings(cudnn("9.19.0", origin="wheel", cuda_major=13), environment=environment)
    assert (error.code, error.severity) == ("library-conflict", "error")
    commands = [command for fix in error.fixes for command in fix.commands]
    assert "uninstall -y nvidia-cudnn-cu13" in commands[0]
    assert commands[1].endswith("--force-reinstall --no-deps nvidia-cudnn-cu12==9.10.2.21")


def test_wheels_whose_files_differ_do_not() -> None:
    pair = wheels("nvidia-cudnn-cu12==9.3.0.75", "nvidia-cudnn-cu11==8.9.6.50")
    assert codes(cudnn("9.3.0", origin="wheel"), environment={"distributions": pair}) == []
    pair = wheels("nvidia-cublas-cu12==12.5.3.2", "nvidia-cublas-cu11==11.11.3.6")
    assert codes(cudnn("9.3.0", origin="wheel"), environment={"distributions": pair}) == []


def test_another_frameworks_own_copy_is_no_matter_unless_the_log_says_that_it_was_loaded() -> None:
    bundled = cudnn("9.1.0", f"{SITE}/torch/lib", origin="bundled", reachable=False)
    environment = {"frameworks": BOTH}
    log = "Loaded runtime CuDNN library: 9.1.0 but source was compiled with: 9.3.0."
    assert codes(cudnn("9.3.0"), bundled, environment=environment, framework="tensorflow") == []
    [found] = findings(cudnn("9.3.0"), bundled, environment=environment, framework="tensorflow", log=log)
    assert found.code == "library-conflict"
    assert found.fixes[0].title == (
        "Import TensorFlow before PyTorch 2.5.1+cu124 in the notebook, then restart the kernel"
    )
    cupy = {**bundled, "path": f"{SITE}/cupy/_lib/libcudnn.so.9"}
    [found] = findings(cudnn("9.3.0"), cupy, framework="tensorflow", log=log)
    assert found.code == "library-shadowed"
    assert found.fixes[0].title == "Import TensorFlow before cupy in the notebook, then restart the kernel"


def test_where_nothing_is_said_of_what_is_within_reach_the_first_copy_counts() -> None:
    assert codes(cudnn("9.1.0", reachable=None)) == ["cudnn-too-old"]
    assert codes(cudnn("9.3.0", reachable=None), cudnn("9.1.0", "/old", reachable=None)) == []


def test_what_is_said_of_one_framework_is_not_said_of_another() -> None:
    torch = framework(name="torch", version="2.5.1", cudnn="9.8.0", needs=["libcudnn.so.9"])
    environment = {"frameworks": [framework(), torch]}
    assert codes(cudnn("9.3.0", origin="wheel"), environment=environment) == []
    assert codes(cudnn("9.3.0", origin="wheel"), environment=environment, framework="torch") == [
        "cudnn-too-old"
    ]


def test_a_wheels_release_is_that_of_its_package_where_the_file_does_not_say() -> None:
    environment = {"distributions": wheels("nvidia-cudnn-cu12==9.1.0.70")}
    nameless = cudnn("9.1.0", origin="wheel", cuda_major=None)
    assert codes({**nameless, "version": None}, environment=environment) == ["cudnn-too-old"]
    two = {"distributions": wheels("nvidia-cudnn-cu12==9.1.0.70", "nvidia-cudnn-cu11==9.1.0.70")}
    assert "cudnn-too-old" not in codes({**nameless, "version": None}, environment=two)


def test_what_a_framework_brings_for_itself_does_for_it() -> None:
    """PyTorch's wheels for Windows hold an older cuDNN than those for Linux."""
    torch = framework(name="torch", version="2.1.0", cuda="12.1", cudnn="9.8", needs=["libcudnn.so.9"])
    own = cudnn("9.7.0", f"{SITE}/torch/lib", origin="bundled")
    assert codes(own, environment={"frameworks": [torch]}) == []


def test_a_folder_that_nothing_needs_goes_out_of_the_variable() -> None:
    names = ("libcudart.so.12", "libcudnn.so.9")
    jax = framework(name="jax", version="0.4.35", cuda="12", cudnn="9.1", needs=list(names))
    module = [
        {
            "file": name,
            "version": version,
            "path": f"/module/{name}",
            "origin": "ld-library-path",
            "reachable": True,
        }
        for name, version in zip(names, ("12.0", "9.0.0"), strict=True)
    ]
    wheel = [
        {"file": name, "version": version, "path": f"{SITE}/{name}", "origin": "wheel", "reachable": True}
        for name, version in zip(names, ("12.6", "9.5.0"), strict=True)
    ]
    variables = {"LD_LIBRARY_PATH": "/module:/opt/mine"}
    environment = {"frameworks": [jax], "libraries": [*module, *wheel]}
    [found] = findings(environment=environment, variables=variables)
    assert found.fixes[0].sets == {"LD_LIBRARY_PATH": "/opt/mine"}
    environment["libraries"] = [*module, wheel[1]]
    [found] = findings(environment=environment, variables=variables)
    assert found.fixes[0].sets == {"LD_LIBRARY_PATH": f"{SITE}:/module:/opt/mine"}
