"""CUDA libraries that the build asks for, and that are nowhere."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tfgpu.doctor import Finding, diagnose
from jupyter_tfgpu.doctor.knowledge import tensorflow_libraries
from jupyter_tfgpu.doctor.versions import numbers
from tests.doctor.made import CUDA_12, NO_GPU, framework, healthy, snapshot


def findings(**changes: Any) -> dict[str, Finding]:
    return {each.code: each for each in diagnose(snapshot(**changes)).findings}


def libraries(*names: str) -> list[dict[str, Any]]:
    return [{"file": name, "reachable": True} for name in names]


def test_all_that_are_missing_are_named() -> None:
    found = findings(environment={"libraries": []})["cuda-missing"]
    assert found.severity == "error"
    assert found.evidence == tuple(f"not found: {name}" for name in CUDA_12)


@pytest.mark.parametrize("gone", CUDA_12[:-1])
def test_one_that_is_missing_is_enough(gone: str) -> None:
    rest = libraries(*(name for name in CUDA_12 if name != gone))
    assert findings(environment={"libraries": rest})["cuda-missing"].evidence == (f"not found: {gone}",)


def test_cudnn_alone_is_another_cause() -> None:
    assert list(findings(environment={"libraries": libraries(*CUDA_12[:-1])})) == ["cudnn-missing"]


def test_another_release_on_the_machine_is_another_cause() -> None:
    there = [
        {
            "file": "libcudart.so.13",
            "version": "13.2",
            "reachable": True,
            "path": "/usr/local/cuda-13.2/lib64/x",
        },
        {"file": "libcublas.so.13", "version": "13.2", "reachable": True},
    ]
    [found] = findings(environment={"libraries": there}).values()
    assert found.code == "cuda-version-mismatch"
    assert found.title == "TensorFlow 2.20.0 needs CUDA 12.5.1; what is there is CUDA 13.2"
    assert "not found: libcudart.so.12" in found.evidence
    assert "found: libcudart.so.13 13.2 in /usr/local/cuda-13.2/lib64" in found.evidence


def test_a_part_that_is_missing_beside_the_right_rest_is_missing_whatever_lies_out_of_reach() -> None:
    rest = libraries(*(name for name in CUDA_12 if name != "libcublas.so.12"))
    old = {"file": "libcublas.so.11", "version": "11.8", "reachable": False}
    assert list(findings(environment={"libraries": [*rest, old]})) == ["cuda-missing"]
    assert list(findings(environment={"libraries": [*rest, {**old, "reachable": True}]})) == [
        "cuda-version-mismatch"
    ]


def test_what_another_package_brings_for_itself_is_not_there_for_this_one() -> None:
    bundled = [
        {
            "file": name,
            "origin": "bundled",
            "reachable": False,
            "path": f"/env/site-packages/torch/lib/{name}",
        }
        for name in ("libcudart.so.12", "libcublas.so.11", "libcudnn.so.9")
    ]
    assert list(findings(environment={"libraries": bundled})) == ["cuda-missing"]


def test_a_toolkit_of_another_release_beside_the_right_one_is_no_matter() -> None:
    right = healthy()["environment"]["libraries"]
    other = [{"file": "libcudart.so.11.0", "version": "11.8", "reachable": reach} for reach in (True, False)]
    assert findings(environment={"libraries": [*right, *other]}) == {}
    assert findings(environment={"libraries": [*other, *right]}) == {}


def out_of_reach(folder: str, *names: str, **facts: Any) -> list[dict[str, Any]]:
    return [{"file": name, "path": f"{folder}/{name}", "reachable": False, **facts} for name in names]


def test_out_of_reach_is_not_missing_and_the_kernelspec_leads_there() -> None:
    there = out_of_reach("/usr/local/cuda-12.5/lib64", *CUDA_12, origin="system")
    [found] = findings(environment={"libraries": there}).values()
    assert found.code == "cuda-not-on-path"
    assert "LD_LIBRARY_PATH is not set in the kernel" in found.evidence
    fix = found.fixes[0]
    assert (fix.where, fix.automatic) == ("kernelspec", True)
    assert fix.sets == {"LD_LIBRARY_PATH": "/usr/local/cuda-12.5/lib64"}


def test_what_the_variable_holds_stays_behind_the_new_folders() -> None:
    there = out_of_reach("/opt/cuda/lib64", *CUDA_12)
    [found] = findings(environment={"libraries": there}, variables={"LD_LIBRARY_PATH": "/opt/mine"}).values()
    assert found.fixes[0].sets == {"LD_LIBRARY_PATH": "/opt/cuda/lib64:${LD_LIBRARY_PATH}"}


def test_of_several_copies_that_of_the_builds_own_release_and_environment_is_taken() -> None:
    there = [
        *out_of_reach("/usr/local/cuda-12.9/lib64", *CUDA_12[:-1], version="12.9", origin="system"),
        *out_of_reach("/env/nvidia/all/lib", *CUDA_12[:-1], version="12.5", origin="wheel"),
        *out_of_reach("/usr/lib/old", CUDA_12[-1], version="9.1.0", cuda_major=12),
        *out_of_reach("/env/nvidia/cudnn/lib", CUDA_12[-1], version="9.3.0", cuda_major=12),
    ]
    [found] = findings(environment={"libraries": there}).values()
    assert found.fixes[0].sets == {"LD_LIBRARY_PATH": "/env/nvidia/cudnn/lib:/env/nvidia/all/lib"}


def test_only_cudnn_out_of_reach_is_the_same_cause() -> None:
    there = [*libraries(*CUDA_12[:-1]), *out_of_reach("/env/nvidia/cudnn/lib", CUDA_12[-1], version="9.3.0")]
    [found] = findings(environment={"libraries": there}).values()
    assert found.code == "cuda-not-on-path" and "out of reach: libcudnn.so.9" in found.evidence[0]


@pytest.mark.parametrize(
    ("facts", "code"),
    [({"version": "9.1.0"}, "cudnn-too-old"), ({"version": "9.3.0", "cuda_major": 13}, "cudnn-wrong-cuda")],
)
def test_no_way_is_shown_to_a_cudnn_that_would_not_do(facts: dict[str, Any], code: str) -> None:
    there = [*libraries(*CUDA_12[:-1]), *out_of_reach("/opt/cudnn/lib", CUDA_12[-1], **facts)]
    assert list(findings(environment={"libraries": there})) == [code]


def test_where_it_is_not_known_what_is_within_reach_nothing_is_said() -> None:
    there = [{**each, "reachable": None} for each in out_of_reach("/opt", *CUDA_12)]
    assert findings(environment={"libraries": there}) == {}


def test_libraries_of_a_cuda_that_is_not_whole_are_not_led_to() -> None:
    """NVIDIA's wheels for CUDA 12 hold a libcusolver.so.11, too: that is not CUDA 11 out of reach."""
    build = framework(version="2.13.1", cuda="11.8", needs=["libcudart.so.11.0", "libcusolver.so.11"])
    there = out_of_reach("/env/nvidia/x/lib", "libcudart.so.12", "libcusolver.so.11", origin="wheel")
    assert list(findings(environment={"frameworks": [build], "libraries": there})) == [
        "cuda-version-mismatch"
    ]


def test_on_windows_it_is_path() -> None:
    build = framework(version="2.10.1", cuda="11.2", needs=["cudart64_110.dll"])
    there = [
        {"file": "cudart64_110.dll", "path": "C:\\CUDA\\v11.2\\bin\\cudart64_110.dll", "reachable": False}
    ]
    there += libraries("msvcp140.dll", "msvcp140_1.dll")
    [found] = findings(
        host={"os": "windows"},
        driver={"version": "528.33"},
        environment={"frameworks": [build], "libraries": there},
    ).values()
    assert "PATH has to be set" in found.detail
    assert [fix.automatic for fix in found.fixes] == [False]
    assert found.fixes[0].commands[0] == (
        "powershell -Command \"[Environment]::SetEnvironmentVariable('Path', 'C:\\CUDA\\v11.2\\bin;' + "
        "[Environment]::GetEnvironmentVariable('Path', 'User'), 'User')\""
    )


def test_a_release_for_the_cuda_that_is_there_is_named_with_its_limits() -> None:
    build = framework(version="2.4.1", cuda="11.0", cudnn="9", needs=["libcusolver.so.10"])
    there = {"file": "libcusolver.so.11", "version": "11.2", "reachable": True}
    environment = {"frameworks": [build], "libraries": [there], "python": "3.9.7"}
    [found] = findings(environment=environment).values()
    assert found.fixes[-1].title.startswith("Or take the TensorFlow that is built for the CUDA 11.2")
    assert found.fixes[-1].commands[0].endswith("tensorflow==2.11.1 'numpy<2' 'protobuf<3.21'")


@pytest.mark.parametrize("complete", [None, False])
def test_a_list_that_may_lack_some_proves_nothing(complete: bool | None) -> None:
    assert findings(environment={"libraries": [], "libraries_complete": complete}) == {}


def test_what_a_release_of_tensorflow_needs_is_known_where_its_files_do_not_say() -> None:
    found = findings(environment={"libraries": [], "frameworks": [framework(needs=None)]})["cuda-missing"]
    assert found.evidence == tuple(f"not found: {name}" for name in CUDA_12)
    unknown = framework(name="torch", version="2.5.1", needs=None)
    assert findings(environment={"libraries": [], "frameworks": [unknown]}) == {}


def test_the_drivers_own_libraries_are_not_cudas() -> None:
    build = framework(needs=["libcuda.so.1", "libnvidia-ml.so.1"])
    assert findings(environment={"libraries": [], "frameworks": [build]}) == {}


def test_windows_names_are_compared_without_their_version_too() -> None:
    build = framework(
        version="2.10.1", cuda="11.2", needs=["nvcuda.dll", "cudart64_110.dll", "cudnn64_8.dll"]
    )
    host = {"os": "windows"}
    environment = {"frameworks": [build], "libraries": libraries("msvcp140.dll")}
    assert "cuda-missing" in findings(host=host, driver={"version": "528.33"}, environment=environment)
    environment["libraries"] = libraries("cudart64_101.dll")
    found = findings(host=host, driver={"version": "528.33"}, environment=environment)
    assert "cuda-version-mismatch" in found


def test_without_a_gpu_missing_libraries_matter_only_where_the_import_fails() -> None:
    linked = framework(version="1.14.0", cuda="10.0", needs=["libcudart.so.10.0"])
    opened = framework(version="1.15.0", cuda="10.0", needs=["libcudart.so.10.0"])
    assert list(findings(**NO_GPU, environment={"libraries": [], "frameworks": [linked]})) == [
        "cuda-missing",
        "no-gpu",
    ]
    assert list(findings(**NO_GPU, environment={"libraries": [], "frameworks": [opened]})) == ["no-gpu"]


def test_mxnet_of_a_cuda_package_cannot_be_imported_without_cuda() -> None:
    environment = {
        "libraries": [],
        "frameworks": [framework(name="mxnet", version="1.9.1", needs=["libcudart.so.11.0"])],
        "distributions": [{"name": "mxnet-cu112", "version": "1.9.1"}],
    }
    report = diagnose(snapshot(**NO_GPU, environment=environment))
    assert report.verdict == "broken"
    assert "its import fails" in report.findings[0].detail


@pytest.mark.parametrize(
    ("there", "code"),
    [
        (
            {"path": "/usr/local/cuda-10.2/lib64/libcusolver.so.10", "version": "10.2"},
            "cuda-version-mismatch",
        ),
        ({"version": "10.2", "origin": "system"}, "cuda-version-mismatch"),
        ({"path": "/usr/local/cuda-11.0/lib64/libcusolver.so.10", "version": "11.0"}, "cuda-not-on-path"),
        ({"path": "/opt/libs/libcusolver.so.10", "version": "10.6.0"}, "cuda-not-on-path"),
    ],
)
def test_a_library_of_the_right_name_may_be_another_cudas(there: dict[str, Any], code: str) -> None:
    """libcusolver.so.10 is CUDA 10's and 11.0's."""
    build = framework(
        version="2.4.1", cuda="11.0", cudnn="9", needs=["libcudart.so.11.0", "libcusolver.so.10"]
    )
    reached = {"file": "libcudart.so.11.0", "version": "11.2", "reachable": True}
    lies = {"file": "libcusolver.so.10", "reachable": False, **there}
    assert list(findings(environment={"frameworks": [build], "libraries": [reached, lies]})) == [code]


# Every release that the tables know, each library in turn.

RELEASES = [
    ("2.1.0", "10.1"),
    ("2.4.1", "11.0"),
    ("2.5.0", "11.2"),
    ("2.11.0", "11.2"),
    ("2.12.0", "11.8"),
    ("2.14.0", "11.8"),
    ("2.15.1", "12.2"),
    ("2.17.0", "12.3"),
    ("2.18.0", "12.5.1"),
    ("2.20.0", "12.5.1"),
]


def whole(release: str, cuda: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    names = tensorflow_libraries(numbers(release)[:2], "linux_x86_64").values()
    build = framework(version=release, cuda=cuda, cudnn=None, needs=None, compute_capabilities=["sm_80"])
    return build, [{"file": name, "reachable": True} for name in names if not name.startswith("libcuda.")]


def library_codes(build: dict[str, Any], there: list[dict[str, Any]]) -> set[str]:
    environment = {"frameworks": [build], "libraries": there}
    about = ("cuda-", "cudnn-", "library-")
    return {code for code in findings(environment=environment) if code.startswith(about)}


@pytest.mark.parametrize(("release", "cuda"), RELEASES)
def test_each_library_of_each_release(release: str, cuda: str) -> None:
    build, there = whole(release, cuda)
    assert library_codes(build, there) == set()
    for at, each in enumerate(there):
        rest, cudnn = [*there[:at], *there[at + 1 :]], "cudnn" in each["file"]
        assert library_codes(build, rest) == {"cudnn-missing" if cudnn else "cuda-missing"}
        far = {**each, "reachable": False, "path": f"/far/{each['file']}"}
        assert library_codes(build, [*rest, far]) == {"cuda-not-on-path"}
        stem, _, version = each["file"].partition(".so.")
        newer = f"{stem}.so.{int(version.split('.')[0]) + 7}"
        other = {"file": newer, "reachable": True}
        expected = "cudnn-too-new" if cudnn else "cuda-version-mismatch"
        assert library_codes(build, [*rest, other]) == {expected}
        assert library_codes(build, [*there, other, far]) == set()
