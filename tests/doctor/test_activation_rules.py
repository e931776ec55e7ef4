"""Variables that activation or the login shell would set, and that the kernel lacks."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tfgpu.doctor import Finding, diagnose
from tests.doctor.made import CUDA_12, framework, healthy, snapshot

PREFIX = "/home/ada/envs/tf"


def out_of_reach(folder: str | None, *names: str) -> list[dict[str, Any]]:
    return [
        {"file": name, "reachable": False, **({"path": f"{folder}/{name}"} if folder else {})}
        for name in names or CUDA_12
    ]


def findings(**changes: Any) -> list[Finding]:
    environment = {"libraries": out_of_reach("/usr/local/cuda-12.5/lib64"), **changes.pop("environment", {})}
    return list(diagnose(snapshot(environment=environment, **changes)).findings)


def codes(**changes: Any) -> list[str]:
    return [each.code for each in findings(**changes) if each.severity != "info"]


@pytest.mark.parametrize(
    "folder",
    [
        "/usr/local/cuda-12.5/lib64",
        "/usr/local/cuda-12.5/lib64/",
        "/usr/local/cuda/lib64",
        "/usr/local/cuda/lib",
    ],
)
def test_the_login_shell_has_the_folder(folder: str) -> None:
    [found] = findings(shell_variables={"LD_LIBRARY_PATH": f"/opt/x:{folder}"})
    assert (found.code, found.severity) == ("activation-missing", "error")
    assert found.title == "The kernel lacks LD_LIBRARY_PATH, which the login shell sets"
    fix = found.fixes[0]
    assert (fix.automatic, fix.where, fix.sets) == (
        True,
        "kernelspec",
        {"LD_LIBRARY_PATH": f"/opt/x:{folder}"},
    )
    assert "c.Spawner.env_keep" in found.fixes[1].title


def test_what_the_kernel_has_stays() -> None:
    [found] = findings(
        variables={"LD_LIBRARY_PATH": "/opt/mine"},
        shell_variables={"LD_LIBRARY_PATH": "/opt/mine:/usr/local/cuda-12.5/lib64"},
    )
    assert found.fixes[0].sets == {"LD_LIBRARY_PATH": "/usr/local/cuda-12.5/lib64:${LD_LIBRARY_PATH}"}


@pytest.mark.parametrize("value", ["/opt/other/lib", "/usr/local/cuda-11.8/lib64", ""])
def test_another_folder_would_not_help(value: str) -> None:
    assert codes(shell_variables={"LD_LIBRARY_PATH": value}) == ["cuda-not-on-path"]


def test_activation_has_it() -> None:
    activation: dict[str, Any] = {
        "scripts": [f"{PREFIX}/etc/conda/activate.d/env_vars.sh"],
        "variables": {"LD_LIBRARY_PATH": "$CONDA_PREFIX/lib:$LD_LIBRARY_PATH"},
        "applied": False,
    }
    environment: dict[str, Any] = {"libraries": out_of_reach(f"{PREFIX}/lib"), "activation": activation}
    [found] = findings(environment=environment)
    assert found.title == "The kernel lacks LD_LIBRARY_PATH, which the environment's activation sets"
    assert found.fixes[0].sets == {"LD_LIBRARY_PATH": f"{PREFIX}/lib"}
    environment["activation"] = {**activation, "applied": True}
    assert codes(environment=environment) == ["cuda-not-on-path"]


def test_scripts_that_were_not_run_and_whose_variables_are_not_known() -> None:
    activation: dict[str, Any] = {
        "scripts": [f"{PREFIX}/etc/conda/activate.d/env_vars.sh"],
        "applied": False,
    }
    environment: dict[str, Any] = {"libraries": out_of_reach(f"{PREFIX}/lib"), "activation": activation}
    [found] = findings(environment=environment)
    assert (found.code, "may set" in found.detail) == ("activation-missing", True)
    assert codes(environment={"activation": activation}) == ["cuda-not-on-path"]
    other: dict[str, Any] = {**activation, "scripts": [f"{PREFIX}/etc/conda/activate.d/geotiff-activate.sh"]}
    assert codes(environment={**environment, "activation": other}) == ["cuda-not-on-path"]


def test_where_nothing_is_out_of_reach_the_kernel_does_without() -> None:
    libraries = healthy()["environment"]["libraries"]
    activation = {"variables": {"LD_LIBRARY_PATH": f"{PREFIX}/lib"}, "applied": False}
    shell = {"LD_LIBRARY_PATH": "/usr/local/cuda/lib64", "PATH": "/usr/local/cuda/bin"}
    assert codes(environment={"libraries": libraries, "activation": activation}, shell_variables=shell) == []


def test_a_kernel_whose_variables_are_not_known_lacks_none() -> None:
    shell = {"LD_LIBRARY_PATH": "/usr/local/cuda-12.5/lib64"}
    assert codes(variables=None, shell_variables=shell) == ["cuda-not-on-path"]


def test_a_wrong_copy_that_activation_would_put_behind_the_right_one() -> None:
    def cudnn(version: str, folder: str) -> dict[str, Any]:
        return {
            "file": "libcudnn.so.9",
            "version": version,
            "path": f"{folder}/libcudnn.so.9",
            "reachable": True,
        }

    libraries = [
        *({"file": name, "reachable": True} for name in CUDA_12[:-1]),
        cudnn("9.1.0", "/usr/lib"),
        cudnn("9.3.0", f"{PREFIX}/lib"),
    ]
    assert codes(environment={"libraries": libraries}) == ["library-shadowed"]
    activation = {"variables": {"LD_LIBRARY_PATH": f"{PREFIX}/lib"}, "applied": False}
    assert codes(environment={"libraries": libraries, "activation": activation}) == ["activation-missing"]


def test_a_library_without_a_path_and_a_folder_that_is_cudas() -> None:
    environment = {"libraries": out_of_reach(None)}
    shell = {"LD_LIBRARY_PATH": "/usr/local/cuda-12.5/lib64"}
    assert codes(environment=environment, shell_variables=shell) == ["activation-missing"]
    assert codes(environment=environment, shell_variables={"LD_LIBRARY_PATH": "/opt/mpi/l"}) == [
        "cuda-not-on-path"
    ]


@pytest.mark.parametrize(
    "log",
    [
        "libcudart.so.12: cannot open shared object file: No such file or directory",
        "Could not load dynamic library 'libcudart.so.12'; dlerror: …",
        "Cannot dlopen some GPU libraries. Please make sure …",
    ],
)
def test_where_nobody_listed_libraries_a_log_that_lacks_one_is_enough(log: str) -> None:
    environment = {"libraries": None, "libraries_complete": None}
    shell = {"LD_LIBRARY_PATH": "/usr/local/cuda-12.5/lib64"}
    [found] = [
        each for each in findings(environment=environment, shell_variables=shell, log=log) if each.code != "x"
    ]
    assert (found.code, "It probably has" in found.detail) == ("activation-missing", True)
    assert codes(environment=environment, shell_variables=shell) == []


def test_on_windows_it_is_path_and_its_folders_are_compared_without_case() -> None:
    library = r"C:\conda\envs\tf\Library\bin"
    build = framework(version="2.10.1", cuda="11.2", needs=["cudart64_110.dll"])
    there = [{"file": "cudart64_110.dll", "path": rf"{library}\cudart64_110.dll", "reachable": False}]
    there += [{"file": name, "reachable": True} for name in ("msvcp140.dll", "msvcp140_1.dll")]
    activation = {"variables": {"PATH": rf"{library.lower()};C:\Windows"}, "applied": False}
    found = findings(
        host={"os": "windows"},
        driver={"version": "528.33"},
        environment={"frameworks": [build], "libraries": there, "activation": activation},
        variables={"PATH": r"C:\WINDOWS"},
    )
    assert [each.code for each in found] == ["activation-missing"]
    assert found[0].fixes[0].sets == {"PATH": rf"{library.lower()};${{PATH}}"}


# ptxas and libdevice.


def tools(**facts: Any) -> dict[str, Any]:
    return {"libraries": healthy()["environment"]["libraries"], "tools": {"searched": True, **facts}}


LIBDEVICE = {"path": "/x/nvvm/libdevice/libdevice.10.bc", "reachable": True}
FAR_PTXAS = {"path": "/usr/local/cuda-12.5/bin/ptxas", "version": "12.5", "reachable": False}


@pytest.mark.parametrize(("name", "severity"), [("jax", "error"), ("tensorflow", "warning")])
@pytest.mark.parametrize("folder", ["/usr/local/cuda-12.5/bin", "/usr/local/cuda/bin"])
def test_the_shell_has_ptxas_on_its_path(name: str, severity: str, folder: str) -> None:
    environment = {**tools(ptxas=FAR_PTXAS, libdevice=LIBDEVICE), "frameworks": [framework(name=name)]}
    [found] = findings(environment=environment, shell_variables={"PATH": f"{folder}:/usr/bin"})
    assert (found.code, found.severity) == ("activation-missing", severity)
    assert found.fixes[0].sets == {"PATH": f"{folder}:/usr/bin"}


def test_activation_tells_xla_where_libdevice_is() -> None:
    flags = f"--xla_gpu_cuda_data_dir={PREFIX}/lib"
    activation = {"variables": {"XLA_FLAGS": flags}, "applied": False}
    [found] = findings(environment={**tools(ptxas=FAR_PTXAS), "activation": activation})
    assert (found.code, found.severity) == ("activation-missing", "warning")
    assert found.fixes[0].sets == {"XLA_FLAGS": flags}
